# SPDX-License-Identifier: GPL-2.0-or-later
"""HD audio functions beside a display: a controller (Intel HDA 1.0a) on whose link no codec answers."""
from .card import MEMORY, Card


class HdAudio(Card):
    """What snd_hda_intel drives."""
    class_code = 0x040300
    interrupt_pin = 2
    bars = {0: (16 << 10, MEMORY)}
    # GCAP: one output and one bidirectional stream, 64 bit; version 1.0
    fixed = {(0, 0x00): 0x1101, (0, 0x02): 0x00, (0, 0x03): 0x01}


class Gt710Audio(HdAudio):
    """The GT 710's."""
    vendor, device, revision = 0x10de, 0x0e0f, 0xa1


class PicassoAudio(HdAudio):
    """That of the graphics in a Ryzen 3400G."""
    vendor, device = 0x1002, 0x15de
