# SPDX-License-Identifier: GPL-2.0-or-later
"""PCI functions that are programs: QEMU shows them to a guest, and each access to a register is recorded.

protocol.py  the messages of vfio-user, and nothing of what they are about
function.py  what a card answers to each of them
server.py    sockets and threads
record.py    the record of accesses, and the check that it is whole
card.py      what every card has; the other modules are cards, catalog.py lists them by name"""
