# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU that can show the guest a PCI function served by a program (`vfio-user-pci`, QEMU 10.1 and later).

That of the machine where it can; else that of Debian's backports, unpacked into the cache with its own libraries
and run with its own loader. Nothing is installed."""
import subprocess

from . import archive
from .errors import HarnessError
from .tools import hash_of, lock, remove_tree, say

DEVICE = "vfio-user-pci"
SUITES = ["trixie", "trixie-backports"]
PACKAGES = ["qemu-system-x86", "seabios"]
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = f"{LIBRARIES}/ld-linux-x86-64.so.2"
MACHINE_PROGRAM = "qemu-system-x86_64"
# Nobody looks at a screen or listens, and what only those need is the larger half.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/icons", f"{LIBRARIES}/dri")


def can_serve(program):
    """Whether this QEMU knows the device. Asked for all devices it would load another QEMU's modules, and abort."""
    try:
        asked = subprocess.run([*program, "-device", f"{DEVICE},help"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0 and f"{DEVICE} options" in asked.stdout


def get(cache):
    """The command that starts it, as a list of words; unpacked on first use, some 15 seconds."""
    if can_serve([MACHINE_PROGRAM]):
        return [MACHINE_PROGRAM]
    top = cache / "qemu"
    directory = top / hash_of(SUITES, PACKAGES, LEFT_OUT)
    with lock(cache / "locks" / "qemu"):
        if not directory.exists():
            say(f"unpacking a newer QEMU from {SUITES[-1]}, {directory.name} (once)")
            remove_tree(top)  # of an older list, or half done
            tree = archive.unpack(top / "fresh", SUITES, PACKAGES)
            for name in LEFT_OUT:
                remove_tree(tree / name)
            tree.rename(directory)
            remove_tree(top / "fresh")
    program = _command(directory)
    if not can_serve(program):
        raise HarnessError(f"the QEMU of {SUITES[-1]} in {directory} has no {DEVICE}; 10.1 or later has it")
    return program


def _command(tree):
    """With its own loader: no chroot, so that it opens the files of this machine."""
    data = [word for name in ("qemu", "seabios") for word in ("-L", str(tree / "usr/share" / name))]
    libraries = str(tree / LIBRARIES)
    return ["env", f"QEMU_MODULE_DIR={libraries}/qemu", str(tree / LOADER), "--library-path", libraries,
            str(tree / "usr/bin" / MACHINE_PROGRAM), *data]
