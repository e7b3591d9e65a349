# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done to a guest while it is still in its initramfs, where no agent answers."""
import re
import time

from .errors import HarnessError

KEYS = {"console", "seconds", "qmp", "args", "type"}


def wait_for_console(guest, pattern):
    """Until the console shows `pattern`; a list of one failure if it never does."""
    while not re.search(pattern, guest.console.read_text(errors="replace") if guest.console.exists() else ""):
        if not guest.alive() or time.monotonic() > guest.deadline:
            return [f"'{pattern}' did not come on the console:\n{guest.console_tail()}"]
        time.sleep(0.1)
    return []


def do(steps, guest):
    """Do the steps in order; returns the list of failures."""
    for step in steps:
        if failures := wait_for_console(guest, step.get("console", "")):
            return failures
        time.sleep(step.get("seconds", 0))
        if "qmp" in step:
            guest.execute(step["qmp"], step.get("args"))
        elif "type" in step:
            guest.type(step["type"])
        else:
            raise HarnessError(f"a step of meanwhile needs qmp or type: {step}")
    return []
