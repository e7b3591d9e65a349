# SPDX-License-Identifier: GPL-2.0-or-later
"""Put a file system image on what Linux machines have below it: MD RAID1, LVM, LUKS.

The headers are written here as the formats say, because mdadm, lvcreate and cryptsetup need drivers of the running
kernel that a build machine may not have. The guest's own kernel and tools judge whether they are right."""
import pathlib
import struct
import zlib

from .tools import need, run

SECTOR = 512
HEADER = 1 << 20  # where both formats put the data by default: sector 2048


def _place(image, target, length):
    """A file of `length` bytes with the contents of `image` behind the header."""
    run(["dd", f"if={image}", f"of={target}", "bs=1M", f"seek={HEADER >> 20}", "conv=sparse", "status=none"])
    with open(target, "r+b") as file:
        file.truncate(length)


def make_raid1_member(image, target, number, name):
    """Member `number` of a clean RAID1 of two, metadata 1.2 (struct mdp_superblock_1 in linux/raid/md_p.h)."""
    data = (pathlib.Path(image).stat().st_size + 0xFFFF & ~0xFFFF) // SECTOR
    _place(image, target, HEADER + data * SECTOR)
    spare, places = 0xFFFF, 8
    superblock = bytearray(struct.pack(
        "<IIII16s32sQIIQIIIIQIIII", 0xA92B4EFC, 1, 0, 0, b"vfio-early-raid1", name.encode(), 0,
        1, 0, data, 0, 2, 0, 0, 0, 0, 0, 0, 0))  # level 1 of 2 disks, no bitmap, no reshape
    superblock += struct.pack("<QQQQII16sBBHI", HEADER // SECTOR, data, 4096 // SECTOR, 0, number, 0,
                              b"vfio-early-disk%d" % number, 0, 0, 0, 0)
    superblock += struct.pack("<QQQII32x", 0, 1, (1 << 64) - 1, 0, places)  # nothing is left to be synchronised
    superblock += struct.pack(f"<{places}H", 0, 1, *[spare] * (places - 2))
    total = sum(struct.unpack(f"<{len(superblock) // 4}I", superblock))
    struct.pack_into("<I", superblock, 216, (total & 0xFFFFFFFF) + (total >> 32) & 0xFFFFFFFF)
    with open(target, "r+b") as file:
        file.seek(4096)
        file.write(superblock)


def _lvm_crc(data):
    """calc_crc() of lib/misc/crc.c: the usual polynomial, its own start, no inversion."""
    return zlib.crc32(data, 0xF597A6CF ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def _lvm_id(text):
    return "-".join((text * 32)[start:end] for start, end in ((0, 6), (6, 10), (10, 14), (14, 18), (18, 22), (22, 26), (26, 32)))


def make_lvm_disk(image, target, group, volume):
    """A physical volume whose only logical volume holds `image` (lib/format_text/layout.h of LVM2)."""
    extent = 8192
    count = -(-pathlib.Path(image).stat().st_size // (extent * SECTOR))
    length = HEADER + count * extent * SECTOR
    _place(image, target, length)
    text = f"""{group} {{
id = "{_lvm_id('g')}"
seqno = 1
format = "lvm2"
status = ["RESIZEABLE", "READ", "WRITE"]
flags = []
extent_size = {extent}
max_lv = 0
max_pv = 0
metadata_copies = 0

physical_volumes {{
pv0 {{
id = "{_lvm_id('p')}"
device = "/dev/mapper/unlocked"
status = ["ALLOCATABLE"]
flags = []
dev_size = {length // SECTOR}
pe_start = {HEADER // SECTOR}
pe_count = {count}
}}
}}

logical_volumes {{
{volume} {{
id = "{_lvm_id('v')}"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
segment_count = 1

segment1 {{
start_extent = 0
extent_count = {count}
type = "striped"
stripe_count = 1
stripes = [
"pv0", 0
]
}}
}}
}}
}}
contents = "Text Format Volume Group"
version = 1
description = ""
creation_host = "boot-test"
creation_time = 1700000000
""".encode() + b"\0"
    start, size = 4096, HEADER - 4096
    area = struct.pack("<16sIQQQQII32x", b"\x20LVM2\x20x[5A%r0N*>", 1, start, size, SECTOR, len(text), _lvm_crc(text), 0)
    area = area.ljust(SECTOR - 4, b"\0")
    label = struct.pack("<I8s32sQQQQQQQQQ", 32, b"LVM2 001", _lvm_id("p").replace("-", "").encode(), length,
                        HEADER, 0, 0, 0, start, size, 0, 0).ljust(SECTOR - 20, b"\0")
    with open(target, "r+b") as file:
        file.seek(SECTOR)
        file.write(struct.pack("<8sQI", b"LABELONE", 1, _lvm_crc(label)) + label)
        file.seek(start)
        file.write(struct.pack("<I", _lvm_crc(area)) + area)
        file.seek(start + SECTOR)
        file.write(text)


def encrypt(image, target, key_file):
    """The whole of `image` behind a LUKS header; little work to derive the key, for the emulated processor's sake."""
    need("qemu-img")
    run(["qemu-img", "convert", "-f", "raw", "-O", "luks", "--object", f"secret,id=key,file={key_file}",
         "-o", "key-secret=key,cipher-alg=aes-128,iter-time=1", str(image), str(target)])
