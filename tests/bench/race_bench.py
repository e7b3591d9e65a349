# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot each way to keep nouveau from a card on the same machine, and let the card tell who came; write what was seen.

usage: race_bench.py OUT      writes OUT/race.json

Clocks are real here: what counts is who comes first, and how often a register is accessed."""
import json
import pathlib
import re
import sys

import boot_bench
import race_methods
from race_methods import METHODS, NAMED, PLACES, TWIN

from cards import record
from harness.boot import Session
from harness.expect import check
from harness.scenario import Scenario

BASE = ["virtio_pci", "virtio_blk", "ext4", "bochs"]
BOUND = re.compile(r"'(\S+)': driver_bound: bound to device '(\S+)'")
SLICE = 0.05  # seconds of the picture
# driverctl works by udev, in no hurry: the look at the result waits for it.
HAS_BOTH = " && ".join(f'[ -e /sys/bus/pci/drivers/vfio-pci/{address} ]' for address in NAMED)


def boot(place, name, options):
    """One boot: its facts, and the record of the named card."""
    _, table = METHODS[name]
    files = {**PLACES[place][1], **table["files"]}
    steps = [{"wait_for": HAS_BOTH, "seconds": 60}, {"settle": True}] if name == "driverctl" else []
    label = re.sub(r"\W+", "-", f"race-bench-{place}-{name}")
    table = {**table, "files": files, "machine": race_methods.MACHINE, "image": {"force": BASE}, "steps": steps,
             "cmdline": 'dyndbg="func driver_bound +p"', "timeout": 240}
    session = Session(Scenario(label, table), options)
    failures = session.run()
    if failures:
        raise RuntimeError("\n".join(failures))
    facts = session.facts[0]
    return facts, record.read(options.logs / f"{label}.cards")


def lane(seen, uptime):
    """[slice of the boot, accesses] of one function, where there are any."""
    start, slices = seen.taken - uptime, {}
    for second, *_ in seen.accesses:
        number = int((second - start) / SLICE)
        slices[number] = slices.get(number, 0) + 1
    return sorted(slices.items())


def figures(facts, seen):
    """What the table and the picture need of one boot."""
    bound = {address: [] for address in (*NAMED, *TWIN)}
    for line in facts["kmsg"]:
        match = BOUND.search(line["text"])
        if match and match[2] in bound:
            bound[match[2]].append((line["time"], match[1]))
    cards = facts["cards"]
    return {"drivers": {address: facts["pci"][address]["driver"] for address in bound}, "bound": bound,
            "registers": {address: cards[address]["registers"] for address in bound},
            "pages": {address: cards[address]["pages"] for address in bound},
            "lane": lane(seen["slot1f0"], facts["uptime"]), "uptime": facts["uptime"]}


def main(out):
    options = boot_bench.prepare(out)
    result = {"slice": SLICE, "release": None, "places": {place: {} for place in PLACES}}
    for place in PLACES:
        for name in METHODS:
            print(f"nouveau in the {place}: {name}", flush=True)
            facts, seen = boot(place, name, options)
            result["places"][place][name] = figures(facts, seen)
            result["release"] = next(line["text"].split()[2] for line in facts["kmsg"] if line["text"].startswith("Linux version"))
            if name == "vfio-early" and (failures := check({"untouched": list(NAMED)}, facts)):
                raise RuntimeError("\n".join(failures))
            (out / "race.json").write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
