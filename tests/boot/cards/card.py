# SPDX-License-Identifier: GPL-2.0-or-later
"""What every card has: configuration space, BARs, registers that keep what was written to them.

A card is a subclass with other values; one whose registers do something overrides read()."""
import os
import struct

IO, MEMORY, PREFETCHABLE_64 = 0x1, 0x0, 0xc  # the low bits of a BAR
CONFIG_SIZE = 4096
FIRST_CAPABILITY = 0x60
# command, cache line size, latency timer, interrupt line
WRITABLE_HEADER = (0x04, 0x05, 0x0c, 0x0d, 0x3c)
MIB = 1 << 20


# Each capability: its bytes, and the offsets in it that can be written.
POWER_MANAGEMENT = (struct.pack("<BBHI", 0x01, 0, 0x0003, 0x00000008), range(4, 6))  # D0 and D3hot, keeps its state
MSI = (struct.pack("<BBHQHH", 0x05, 0, 0x0080, 0, 0, 0), range(2, 16))  # 64 bit, one vector
# version 2, endpoint, 5 GT/s x8, no function level reset; control words of device and link can be written
EXPRESS = (struct.pack("<BBHIHHIHH32x", 0x10, 0, 0x0002, 0x00008fc0, 0x2910, 0, 0x00000c82, 0, 0x1081),
           (8, 9, 16, 17, 40, 41, 48, 49))


class Card:
    """A PCI function. The class attributes are those of a plain card without a driver's interest."""

    vendor, device, revision = 0x0000, 0x0000, 0x00
    class_code = 0x000000
    subsystem = (0x1043, 0x85a0)
    interrupt_pin = 1
    bars = {}  # index: (size, low bits)
    windows = {}  # index: [(offset, length)] of what is plain memory, which a guest reaches without a message
    capabilities = (POWER_MANAGEMENT, MSI, EXPRESS)
    fixed = {}  # (index, offset): what a read of that register gives, whatever was written

    def __init__(self):
        self.config = bytearray(CONFIG_SIZE)
        self._writable = set(WRITABLE_HEADER)
        self.memory = {index: self._memory_of(index) for index in self.windows}
        self._registers = {}
        self._fill_header()
        self._fill_capabilities()

    def _memory_of(self, index):
        memory = os.memfd_create(f"bar{index}", os.MFD_CLOEXEC)
        os.ftruncate(memory, self.bars[index][0])
        return memory

    def _fill_header(self):
        struct.pack_into("<HHHHI", self.config, 0, self.vendor, self.device, 0, 0x0010,
                         self.class_code << 8 | self.revision)
        for index, (_, low_bits) in self.bars.items():
            struct.pack_into("<I", self.config, 0x10 + 4 * index, low_bits)
        struct.pack_into("<HH", self.config, 0x2c, *self.subsystem)
        self.config[0x3d] = self.interrupt_pin

    def _fill_capabilities(self):
        pointer, at = 0x34, FIRST_CAPABILITY
        for data, writable in self.capabilities:
            self.config[pointer] = at
            self.config[at:at + len(data)] = data
            self._writable.update(at + offset for offset in writable)
            pointer, at = at + 1, (at + len(data) + 3) & ~3

    def config_write(self, offset, data):
        """Keep what a write to configuration space changes."""
        for index, byte in enumerate(data, start=offset):
            if index in self._writable:
                self.config[index] = byte

    def region_size(self, index):
        """Bytes of a BAR; 0 if there is none."""
        return self.bars.get(index, (0, 0))[0]

    def read(self, index, offset, size):
        """The value of a register of BAR `index`."""
        if (index, offset) in self.fixed:
            return self.fixed[index, offset]
        return int.from_bytes(bytes(self._registers.get((index, offset + i), 0) for i in range(size)), "little")

    def write(self, index, offset, size, value):
        """Write to a register of BAR `index`."""
        for i in range(size):
            self._registers[index, offset + i] = value >> 8 * i & 0xff

    def reset(self):
        """Forget what was written to the registers."""
        self._registers.clear()

    def touched_pages(self):
        """Pages of the windows that exist: a page of a memory file comes into being when it is read or written."""
        return sum(os.fstat(memory).st_blocks * 512 // os.sysconf("SC_PAGE_SIZE") for memory in self.memory.values())
