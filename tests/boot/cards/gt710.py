# SPDX-License-Identifier: GPL-2.0-or-later
"""A GeForce GT 710 (GK208B) with as much of its insides as nouveau asks for until it has made a DRM device of it."""
import struct
import time

from .card import IO, MEMORY, MIB, PREFETCHABLE_64, Card

VBIOS = 0x300000  # PROM: the image of the VBIOS in BAR 0
VRAM_WINDOW = 0x700000  # PRAMIN: a MiB of the memory in BAR 0
TIMER_LOW, TIMER_HIGH = 0x9400, 0x9410  # PTIMER, nanoseconds
MMU_FLUSH = 0x100c80


def make_vbios():
    """A VBIOS with what nouveau looks for: PCIR, BIT, an empty DCB, tables of voltages and RAM without entries."""
    rom = bytearray(4096)
    blocks = len(rom) // 512
    struct.pack_into("<HB", rom, 0, 0xaa55, blocks)
    struct.pack_into("<HHH", rom, 0x18, 0x40, 0, 0)
    struct.pack_into("<4sHHHHB3sHHBB", rom, 0x40, b"PCIR", 0x10de, 0x128b, 0, 0x18, 0, b"\0\0\3", blocks, 1, 0, 0x80)
    struct.pack_into("<H", rom, 0x36, 0x100)  # where the DCB is
    entries = ((b"i", 2, 16, 0xc0), (b"I", 1, 14, 0xe0), (b"P", 2, 0x80, 0x140))
    struct.pack_into("<6sHBBBB", rom, 0x80, b"\xff\xb8BIT\0", 0x0100, 12, 6, len(entries), 0)
    for index, (kind, version, length, offset) in enumerate(entries):
        struct.pack_into("<cBHH", rom, 0x8c + 6 * index, kind, version, length, offset)
    rom[0xc0:0xc8] = bytes([0x36, 0x00, 0x28, 0x80, 0x04, 0, 0, 0])  # version 80.28.00.36.04
    struct.pack_into("<BBBBHI", rom, 0x100, 0x40, 27, 0, 8, 0, 0x4edcbdcb)  # DCB 4.0
    struct.pack_into("<I", rom, 0x140 + 0x0c, 0x200)  # Linux 6.1 oopses without a table of voltages
    struct.pack_into("<BBBB", rom, 0x200, 0x50, 0x20, 4, 0)
    struct.pack_into("<I", rom, 0x140 + 0x04, 0x240)
    struct.pack_into("<BBBBBB", rom, 0x240, 0x11, 0x18, 0, 0, 0, 0)
    rom[-1] = -sum(rom) & 0xff
    return bytes(rom)


class Gt710(Card):
    """The display function of the card."""
    vendor, device, revision = 0x10de, 0x128b, 0xa1
    class_code = 0x030000
    bars = {0: (16 * MIB, MEMORY), 1: (128 * MIB, PREFETCHABLE_64), 3: (32 * MIB, PREFETCHABLE_64), 5: (128, IO)}
    # Message by message, what nouveau writes to the card's memory would take minutes.
    windows = {0: [(VRAM_WINDOW, MIB)], 1: [(0, 128 * MIB)], 3: [(0, 32 * MIB)]}
    fixed = {
        (0, 0x000000): 0xb06010b1,  # PMC_BOOT_0: GK208B
        (0, 0x000004): 0,  # little endian
        (0, 0x02240c): 2,  # the firmware has initialised it
        (0, 0x022438): 1, (0, 0x02243c): 1, (0, 0x022554): 0,  # one memory partition ...
        (0, 0x11020c): 64,  # ... of 64 MiB
        (0, 0x17e8dc): 1 << 28,  # one slice of L2 cache
        (0, 0x10a10c): 0,  # the PMU's memory is scrubbed
        (0, 0x10a4d0): 0x00800100, (0, 0x10a4dc): 0x00800180,  # its rings
    }
    vbios = make_vbios()

    def read(self, index, offset, size):
        if index == 0:
            if VBIOS <= offset < VBIOS + len(self.vbios):
                return int.from_bytes(self.vbios[offset - VBIOS:][:size], "little")
            if offset == TIMER_LOW:
                return time.monotonic_ns() & 0xffffffe0
            if offset == TIMER_HIGH:
                return time.monotonic_ns() >> 32 & 0x1fffffff
            if offset == MMU_FLUSH:
                return super().read(index, offset, size) | 0x00ff8000  # slots are free, and nothing is queued
        return super().read(index, offset, size)
