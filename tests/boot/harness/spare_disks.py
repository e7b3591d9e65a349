# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks besides the one of /, each with an empty file system. What one boot writes there, the next one finds."""
from .tools import run


def make(sizes, work):
    """QEMU's arguments for drives, {name: MiB}; the file system is ext4 and has the same name as its label."""
    arguments = []
    for name, size in sizes.items():
        disk = work / f"{name}.disk"
        run(["mke2fs", "-q", "-t", "ext4", "-L", name, str(disk), f"{size}M"])
        arguments += ["-drive", f"if=none,id={name},file={disk},format=raw,cache=unsafe"]
    return arguments
