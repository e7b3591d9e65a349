# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the two boots of demo.toml, print them side by side, check what must hold."""
import concurrent.futures
import os
import pathlib
import time
import tomllib
import types

import side_by_side
from progress import Progress

from harness import cli, mirrors, namespace, newer_qemu, roots
from harness.boot import Session
from harness.errors import HarnessError
from harness.expect import check
from harness.scenario import Scenario

HERE = pathlib.Path(__file__).resolve().parent
SUITES = tomllib.loads((HERE.parent / "suites.toml").read_text())["suite"]


def _options():
    build = cli.TOP / "build/release"
    cache = os.environ.get("VFIO_EARLY_BOOT_CACHE", cli.TOP / "build/boot-cache")
    return types.SimpleNamespace(build=build, cache=pathlib.Path(cache), logs=cli.TOP / "build/boot-logs",
                                 agent=build / "tests/boot/boot_agent")


def suite():
    """The release that this machine runs, for the programs were built with its libraries; else Debian 12."""
    codename = mirrors._codename()
    return codename if codename in SUITES else "bookworm"


def boot(demo, name, options):
    """One boot; returns what was seen."""
    scenario = Scenario(f"demo-{name}", {
        "suite": suite(), "machine": demo["machine"], "install": name == "with", "image": demo["image"],
        "policy": demo["policy"] if name == "with" else None})
    session = Session(scenario, options)
    failures = session.run()
    if failures:
        raise HarnessError("\n".join(failures))
    return session.facts[0]


def both_boots(demo, options):
    """What was seen in the boot without and in the boot with us; a guest keeps one processor busy."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = {name: pool.submit(boot, demo, name, options) for name in ("without", "with")}
        return {name: future.result() for name, future in running.items()}


def verdicts(demo, facts):
    """(what was checked, what differs) of every check."""
    return [(item["says"], check(item["expect"], facts[item["boot"]])) for item in demo["check"]]


def main():
    started = time.monotonic()
    demo = tomllib.loads((HERE / "demo.toml").read_text())
    options = _options()
    try:
        namespace.enter()
        with Progress(f"a Debian root ({suite()}) for the machine"):
            root = roots.get(options.cache, suite(), "initramfs-tools")
        with Progress("a QEMU for cards that count"):
            newer_qemu.get(options.cache)
        with Progress("update-initramfs and a boot, without and with vfio-early"):
            facts = both_boots(demo, options)
    except HarnessError as error:
        print(f"demo: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    results = verdicts(demo, facts)
    side_by_side.show(demo, facts, root.kernel.release)
    side_by_side.show_verdicts(results, time.monotonic() - started)
    return 1 if any(failures for _, failures in results) else 0
