# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines and programs of another processor: QEMU as a machine for its boots, and for single programs in its roots.

Both are those of Debian, in the cache. The kernel is told of the second (binfmt_misc) in a user namespace of its own, where
since Linux 6.7 each has a table of its own: this machine's table is neither read nor changed, and the entry is gone
with the namespace."""
import functools
import os
import pathlib
import subprocess
import time

from . import unpacked_qemu
from .architecture import native
from .errors import HarnessError
from .tools import need

SUITES = ["trixie"]
# seabios has the ROMs of displays
PACKAGES = {"arm64": ["qemu-system-arm", "qemu-user", "qemu-efi-aarch64", "seabios"]}
USER_PROGRAM = {"arm64": "qemu-aarch64"}
# The emulators of all other processors, and firmware for Secure Boot.
LEFT_OUT = (*unpacked_qemu.LEFT_OUT, "usr/bin/qemu-[!as]*", "usr/bin/qemu-a[lr]*", "usr/bin/qemu-s[!y]*",
            "usr/share/AAVMF/*.ms.fd", "usr/share/AAVMF/*.snakeoil.fd", "usr/share/AAVMF/AAVMF_CODE.secboot*",
            "usr/share/qemu-efi-aarch64", "usr/lib/u-boot")
# An ELF program of 64 bits, little endian, for the machine 183 (AArch64): include/uapi/linux/elf.h, elf-em.h
MAGIC = {"arm64": r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"}
# of any ABI, and position-independent, too
MASK = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
TABLE = "/proc/sys/fs/binfmt_misc"
REGISTER = f"""read -r line
mount -t binfmt_misc binfmt_misc {TABLE} && printf %s "$1" >{TABLE}/register && echo done && exec cat"""


def _tree(cache, architecture):
    if architecture.debian not in PACKAGES:
        raise HarnessError(f"machines of {architecture.debian} are not emulated on one of {native()}")
    return unpacked_qemu.get(cache, f"qemu-{architecture.debian}", SUITES, PACKAGES[architecture.debian], LEFT_OUT)


def machine(cache, architecture):
    """The command that starts QEMU for a machine of it, as a list of words."""
    if not architecture.foreign:
        return [architecture.program]
    return unpacked_qemu.command(_tree(cache, architecture), architecture.program)


def firmware(cache, architecture):
    """The UEFI firmware: the paths of its code and of an empty store of variables."""
    top = _tree(cache, architecture) if architecture.foreign else pathlib.Path("/")
    paths = [top / "usr/share" / name for name in architecture.firmware]
    if not paths[0].exists():
        raise HarnessError(f"no {paths[0]}; Debian packages: ovmf for amd64, qemu-efi-aarch64 for arm64")
    return paths


@functools.cache
def prefix(cache, architecture):
    """What comes before a command for programs of this architecture to run, of the command or started by it."""
    if not architecture.foreign:
        return []
    need("unshare", "nsenter")
    # F: the kernel opens the emulator now, so that it is found from any root.
    program = _tree(cache, architecture) / "usr/bin" / USER_PROGRAM[architecture.debian]
    entry = f":vfio-early-{architecture.debian}:M::{MAGIC[architecture.debian]}:{MASK}:{program}:F"
    keeper = subprocess.Popen(["unshare", "--user", "--mount", "sh", "-c", REGISTER, "sh", entry], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    space = pathlib.Path(f"/proc/{keeper.pid}")
    while os.readlink(space / "ns/user") == os.readlink("/proc/self/ns/user"):
        if keeper.poll() is not None:
            raise HarnessError(f"no user namespace for programs of {architecture.debian}: {keeper.stderr.read()}")
        time.sleep(0.01)
    for name in ("uid_map", "gid_map"):  # everybody is who he was
        (space / name).write_text(f"0 0 {(1 << 32) - 1}\n")
    keeper.stdin.write("go on\n")
    keeper.stdin.flush()
    if keeper.stdout.readline() != "done\n":
        raise HarnessError(f"programs of {architecture.debian} cannot run here, which needs Linux 6.7 with binfmt_misc: "
                           f"{keeper.stderr.read().strip()}")
    _keepers.append(keeper)
    return ["nsenter", f"--user={space}/ns/user", "--"]


_keepers = []  # each ends with the harness, which has its standard input
