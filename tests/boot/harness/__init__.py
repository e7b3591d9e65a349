# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot test harness: real Debian roots, real initramfs images, real boots in QEMU."""
