# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn a machine of machines.toml into QEMU arguments."""
import json
import pathlib
import tomllib

from . import architecture as architectures
from . import card_slots
from .card_slots import CARD
from .errors import HarnessError

HERE = pathlib.Path(__file__).resolve().parent.parent
KEYS = {"like", "iommu", "ports", "unplugged", "devices", "memory_mib", "cpus", "board", "args", "icount",
        "architecture"}
IOMMU_DEVICE = {"intel": "intel-iommu,intremap=on,caching-mode=on", "amd": "amd-iommu,intremap=on",
                "intel-without-interrupts": "intel-iommu,intremap=off,caching-mode=on", "smmuv3": None, "none": None}
# Where it is a part of the board.
IOMMU_BOARD = {"smmuv3": ["iommu=smmuv3"]}
# An Intel IOMMU is off in some kernels' defaults; an AMD one is on when the firmware has it, and so is an SMMU.
IOMMU_CMDLINE = {"intel": ["intel_iommu=on"], "intel-without-interrupts": ["intel_iommu=on"]}

# Of a port where a card with large BARs is plugged in later.
ROOM = ",mem-reserve=64M,pref64-reserve=512M"


def load(name, overrides=None):
    """The table of a named machine with its `like` chain resolved and the scenario's changes on top."""
    machines = tomllib.loads((HERE / "machines.toml").read_text())
    chain = []
    while name:
        if name not in machines:
            raise HarnessError(f"machines.toml has no machine '{name}'")
        chain.append(machines[name])
        name = machines[name].get("like")
    machine = {"iommu": "none", "ports": {}, "unplugged": {}, "devices": [], "memory_mib": 512,
               "cpus": 1, "board": None, "args": [], "icount": False, "architecture": "amd64"}
    for table in [*reversed(chain), overrides or {}]:
        unknown = set(table) - KEYS
        if unknown:
            raise HarnessError(f"unknown machine key: {', '.join(sorted(unknown))}")
        for key, value in table.items():
            machine[key] = {**machine[key], **value} if key in ("ports", "unplugged") else value
    if machine["iommu"] not in IOMMU_DEVICE:
        raise HarnessError(f"iommu = {machine['iommu']}: not one of {', '.join(IOMMU_DEVICE)}")
    machine["architecture"] = architectures.get(machine["architecture"])
    if machine["board"] is None:
        machine["board"] = machine["architecture"].switches
    card_slots.check(machine)
    return machine


def port_arguments(number, functions, sockets, room):
    """A root port at 00:NUMBER.0 whose secondary bus gets NUMBER, and the functions in its slot.

    Firmware numbers buses in the order of the ports, so a gap in the numbers needs an empty port. `room`: address
    space that the firmware is to keep free there."""
    arguments = ["-device",
                 f"pcie-root-port,id=rp{number},bus=pcie.0,addr={number:#x}.0,chassis={number},slot={number}{room}"]
    for function, device in enumerate(functions):
        if not device:
            continue  # a slot may leave out a number
        if device.startswith(CARD):
            arguments += ["-device", json.dumps(card_slots.properties(number, function, len(functions) - 1, sockets))]
            continue
        multifunction = ",multifunction=on" if function == 0 and len(functions) > 1 else ""
        # id= lets QMP steps name the function: slot3f1 is function 1 behind port 3
        arguments += ["-device", f"{device},bus=rp{number},addr=0.{function}{multifunction},id=slot{number}f{function}"]
    return arguments


def arguments(machine, sockets=None):
    """QEMU arguments for board, processor, memory, IOMMU and functions; `sockets`: {name: path} of its cards."""
    architecture = machine["architecture"]
    board = ",".join(filter(None, [architecture.board, machine["board"], *IOMMU_BOARD.get(machine["iommu"], [])]))
    # With icount, guest time is a count of instructions: what a boot takes is the same on every host.
    thread, clock = ("single", ["-icount", "shift=1,sleep=off"]) if machine["icount"] else ("multi", [])
    result = ["-machine", board, "-accel", f"tcg,thread={thread},tb-size=512", *clock, "-cpu",
              architecture.processor,
              "-smp", str(machine["cpus"]), "-m", str(machine["memory_mib"])]
    iommu = ["-device", IOMMU_DEVICE[machine["iommu"]]] if IOMMU_DEVICE[machine["iommu"]] else []
    if machine["iommu"] == "amd" and card_slots.cards(machine):
        # else QEMU refuses a card of another program; only a QEMU that has those knows the word
        iommu[-1] += ",dma-remap=on"
    if machine["iommu"].startswith("intel"):
        # must come before the functions it is to translate for
        result += iommu
    ports = {int(number): functions for number, functions in machine["ports"].items()}
    for number in machine["unplugged"]:
        ports.setdefault(int(number), [])
    for number in range(1, max(ports, default=0) + 1):
        room = ROOM if str(number) in machine["unplugged"] else ""
        result += port_arguments(number, ports.get(number, []), sockets, room)
    for device in machine["devices"]:
        result += ["-device", device]
    if machine["iommu"] == "amd":
        # is a PCI function itself, and takes the first free slot: the named ones come first
        result += iommu
    return result + machine["args"]


def command_line(machine):
    """What the kernel command line needs for this machine."""
    return IOMMU_CMDLINE.get(machine["iommu"], [])
