# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that boots, and the ELF file in its bzImage.

QEMU boots the ELF file through its PVH entry, which spares the guest the decompression (about four
of fourteen seconds under TCG). The kernel is the same; only screen_info is absent, so scenarios about
the VGA console boot the bzImage (`firmware = "bios"`)."""
import dataclasses
import lzma
import pathlib
import shutil
import subprocess
import struct
import zlib

from .errors import HarnessError


@dataclasses.dataclass
class Kernel:
    """A kernel, and where the files of it are."""
    key: str  # tells two kernels of one release apart
    release: str  # such as 6.1.0-50-amd64
    vmlinux: pathlib.Path
    vmlinuz: pathlib.Path
    tree: pathlib.Path | None = None  # what a root needs of it; None: the root has it already


def _zstd(data):
    # zstd complains about the bytes after the frame, but writes the frame first.
    return subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=False).stdout


def _xz(data):
    return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)


def _gzip(data):
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)


def bootable(vmlinuz, target, elf_kernel):
    """Write what QEMU is to boot to `target`: the ELF file of a bzImage, and of another processor the file as it is."""
    if elf_kernel:
        extract_vmlinux(vmlinuz, target)
    else:
        shutil.copy(vmlinuz, target)


DECOMPRESSORS = ((b"\x28\xb5\x2f\xfd", _zstd), (b"\xfd7zXZ\x00", _xz), (b"\x1f\x8b\x08", _gzip))


def extract_vmlinux(bz_image, target):
    """Write the payload of `bz_image` to `target` (Documentation/x86/boot.rst: payload_offset)."""
    data = pathlib.Path(bz_image).read_bytes()
    if data[0x202:0x206] != b"HdrS":
        raise HarnessError(f"{bz_image} is not a bzImage")
    setup_sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = data[start:start + length]
    for magic, decompress in DECOMPRESSORS:
        if payload.startswith(magic):
            kernel = decompress(payload)
            if kernel.startswith(b"\x7fELF"):
                pathlib.Path(target).write_bytes(kernel)
                return
    raise HarnessError(f"cannot unpack the kernel in {bz_image}")
