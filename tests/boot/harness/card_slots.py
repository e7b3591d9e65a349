# SPDX-License-Identifier: GPL-2.0-or-later
"""Which slots of a machine have cards that a program serves (`card:NAME`, tests/boot/cards), and how QEMU is told."""
from cards.catalog import CARDS

from .errors import HarnessError

CARD = "card:"
PATIENCE_MS = 60000  # of QEMU for an answer, on a busy host


def _places(machine):
    """(port, function, device) of everything in a slot, from the start or later."""
    for slots in (machine["ports"], machine["unplugged"]):
        for port, devices in slots.items():
            for function, device in enumerate(devices):
                yield int(port), function, device


def check(machine):
    """HarnessError for a card that there is not, or something else that is to be plugged in."""
    for devices in machine["unplugged"].values():
        for device in devices:
            if not device.startswith(CARD):
                raise HarnessError(f"unplugged: {device} is no {CARD}NAME; for others there is qmp = \"device_add\"")
    for name, card in cards(machine).values():
        if card not in CARDS:
            raise HarnessError(f"{name}: no card '{card}'; there are {', '.join(CARDS)}")


def cards(machine):
    """{address: (name, card)} of all of them; a port's number is that of its bus."""
    return {f"0000:{port:02x}:00.{function}": (f"slot{port}f{function}", device.removeprefix(CARD))
            for port, function, device in _places(machine) if device.startswith(CARD)}


def properties(port, function, last, sockets):
    """The properties of QEMU's device for one function of a slot with functions up to `last`, as device_add takes them."""
    name = f"slot{port}f{function}"
    values = {"driver": "vfio-user-pci", "id": name, "bus": f"rp{port}", "addr": f"0.{function}",
              "socket": {"type": "unix", "path": str(sockets[name])}, "x-msg-timeout": PATIENCE_MS}
    return {**values, "multifunction": True} if function == 0 and last > 0 else values


def plug_in(machine, port, sockets):
    """The properties of all functions of an unplugged slot, in the order in which they must come: 0 makes it appear."""
    devices = machine["unplugged"].get(str(port), [])
    if not devices:
        raise HarnessError(f"plug = {port}: nothing is unplugged there")
    return [properties(port, function, len(devices) - 1, sockets) for function in reversed(range(len(devices)))]
