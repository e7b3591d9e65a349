# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU that can show the guest a PCI function served by a program (`vfio-user-pci`, QEMU 10.1 and later).

That of the machine where it can; else that of Debian's backports, in the cache."""
import subprocess

from . import unpacked_qemu
from .architecture import AMD64
from .errors import HarnessError

DEVICE = "vfio-user-pci"
SUITES = ["trixie", "trixie-backports"]
PACKAGES = ["qemu-system-x86", "seabios"]


def can_serve(program):
    """Whether this QEMU knows the device. Asked for all devices it would load another QEMU's modules, and abort."""
    try:
        asked = subprocess.run([*program, "-device", f"{DEVICE},help"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0 and f"{DEVICE} options" in asked.stdout


def get(cache):
    """The command that starts it, as a list of words."""
    if can_serve([AMD64.program]):
        return [AMD64.program]
    directory = unpacked_qemu.get(cache, "qemu", SUITES, PACKAGES)
    program = unpacked_qemu.command(directory, AMD64.program)
    if not can_serve(program):
        raise HarnessError(f"the QEMU of {SUITES[-1]} in {directory} has no {DEVICE}; 10.1 or later has it")
    return program
