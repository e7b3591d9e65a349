# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions of a board with a Ryzen 5 3400G that are not its GT 710: the graphics in the processor with the rest
of its slot, and the network card. Where no driver is to be met, ids and class are all there is."""
from .card import IO, MEMORY, MIB, PREFETCHABLE_64, Card
from .hd_audio import HdAudio


class Picasso(Card):
    """The graphics. amdgpu looks for a VBIOS, which there is not."""
    vendor, device, revision = 0x1002, 0x15d8, 0xc8
    class_code = 0x030000
    bars = {0: (256 * MIB, PREFETCHABLE_64), 2: (2 * MIB, PREFETCHABLE_64), 4: (256, IO), 5: (512 << 10, MEMORY)}
    windows = {0: [(0, 256 * MIB)]}


class PicassoSecurity(Card):
    """The platform security processor."""
    vendor, device, class_code = 0x1022, 0x15df, 0x108000
    interrupt_pin = 3
    bars = {2: (1 * MIB, MEMORY), 5: (8 << 10, MEMORY)}


class PicassoUsb1(Card):
    """The first USB controller of the slot. Its registers are dead: no driver can make it run."""
    vendor, device, class_code = 0x1022, 0x15e0, 0x0c0330
    interrupt_pin = 4
    bars = {0: (1 * MIB, PREFETCHABLE_64)}


class PicassoUsb2(PicassoUsb1):
    """The second one."""
    device = 0x15e1
    interrupt_pin = 1


class PicassoBoardAudio(HdAudio):
    """The board's sound, which is in the same slot."""
    vendor, device = 0x1022, 0x15e3


class Realtek8168(Card):
    """A network card of the RTL8111/8168/8411 family; r8169 asks which chip it is, and leaves what answers 0."""
    vendor, device, revision, class_code = 0x10ec, 0x8168, 0x15, 0x020000
    subsystem = (0x1043, 0x8677)
    bars = {0: (256, IO), 2: (4 << 10, PREFETCHABLE_64), 4: (16 << 10, PREFETCHABLE_64)}
