# SPDX-License-Identifier: GPL-2.0-or-later
"""An accelerator that vfio-pci's own denylist has. qat_c62x is not to be met: ids and class are all there is."""
from .card import MIB, PREFETCHABLE_64, Card


class QuickAssist(Card):
    """QuickAssist of a C62x chipset."""
    vendor, device, class_code = 0x8086, 0x37c8, 0x0b4000
    subsystem = (0x8086, 0x0000)
    bars = {0: (512 << 10, PREFETCHABLE_64), 2: (1 * MIB, PREFETCHABLE_64)}
