# SPDX-License-Identifier: GPL-2.0-or-later
"""The processors that machines are emulated with, and what differs between them for roots, kernels and QEMU."""
import dataclasses
import platform

from .errors import HarnessError


@dataclasses.dataclass(frozen=True)
class Architecture:
    """One processor architecture."""
    debian: str  # as dpkg calls it
    triplet: str  # as compilers call it
    kernel: str  # Debian's package of the kernel
    program: str  # of QEMU
    board: str  # -machine
    switches: str  # of the board, unless a machine of machines.toml has others
    processor: str  # -cpu
    console: str  # the first serial port, as the kernel calls it
    quick: tuple  # words for the kernel command line
    firmware: tuple  # UEFI: the code and an empty store of variables, below /usr/share
    elf_kernel: bool  # whether its kernel is a bzImage, whose ELF file boots quicker (kernel.py)

    @property
    def foreign(self):
        """Whether its programs cannot run here without emulation."""
        return self.debian != native()


# Legacy parts of the board only cost boot time: each is a driver and a string of udev events.
# no_timer_check: on a busy build host the timer is late, and the kernel would panic for it.
AMD64 = Architecture(
    debian="amd64", triplet="x86_64-linux-gnu", kernel="linux-image-amd64", program="qemu-system-x86_64",
    board="q35,kernel-irqchip=split", switches="i8042=off,sata=off,smbus=off,hpet=off,smm=off", processor="Nehalem",
    console="ttyS0", quick=("tsc=reliable", "no_timer_check", "8250.nr_uarts=1"),
    firmware=("OVMF/OVMF_CODE_4M.fd", "OVMF/OVMF_VARS_4M.fd"), elf_kernel=True)
# gic-version=3: it has an ITS, without which VFIO gives no function to a virtual machine. The processor is one without
# pointer authentication, which is slow to emulate.
ARM64 = Architecture(
    debian="arm64", triplet="aarch64-linux-gnu", kernel="linux-image-arm64", program="qemu-system-aarch64",
    board="virt", switches="gic-version=3", processor="cortex-a72", console="ttyAMA0", quick=(),
    firmware=("AAVMF/AAVMF_CODE.fd", "AAVMF/AAVMF_VARS.fd"), elf_kernel=False)
ALL = {each.debian: each for each in (AMD64, ARM64)}


def get(name):
    """The architecture that dpkg calls `name`."""
    if name not in ALL:
        raise HarnessError(f"architecture = {name}: not one of {', '.join(ALL)}")
    return ALL[name]


def native():
    """What dpkg calls the architecture of this machine."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
