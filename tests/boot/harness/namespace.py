# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the harness in its own mount and process namespace.

Every mount made for a chroot then vanishes with the harness, and every process it started (QEMU,
mmdebstrap) is killed with it, also after Ctrl-C, a CTest timeout or SIGKILL. Nothing is seen by the
host's own mount table."""
import os
import sys

from .errors import HarnessError
from .tools import need

MARKER = "VFIO_EARLY_BOOT_NAMESPACE"


def enter():
    """Re-execute this program in fresh namespaces; returns at once when already there."""
    if os.environ.get(MARKER):
        return
    if os.geteuid() != 0:
        raise HarnessError("boot tests need root (chroot, mounts in a private namespace): use sudo")
    need("unshare")
    os.environ[MARKER] = "1"
    arguments = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
    os.execvp("unshare", [*arguments, sys.executable, *sys.argv])
