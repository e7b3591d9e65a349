# SPDX-License-Identifier: GPL-2.0-or-later
"""Write docs/race.md and its pictures from what race_bench.py left.

usage: race_page.py RESULTS DOCS     reads RESULTS/race.json; writes DOCS/race.md and DOCS/race/*.svg"""
import json
import pathlib
import sys

import race_picture
from race_methods import METHODS, NAMED, PLACES, TWIN

INTRODUCTION = """# Who has the card first

Written by `./dev bench race`. Debian 12 with its own Linux {release} boots in QEMU with two identical GeForce GT
710, each with its audio, and a display of the host's. The first card is to be given to a virtual machine; its twin is
the host's. The cards do not exist: a program shows them to the guest ([tests/boot](../tests/boot/README.md#cards)) and
counts every access to a register. So it is the card that says who came near it, not a kernel log. nouveau,
snd_hda_intel, udev, modprobe and the image are the distribution's.

*Accesses*: reads and writes of registers of the first card's display and audio by a native driver. *Pages*: of its
video memory touched. *vfio-pci*: the second of the boot at which it had the display; under emulation, so only the order
means something. Each method is what a user of it would write
([tests/bench/race_methods.py](../tests/bench/race_methods.py)).
"""
LIMITS = """
## What this does not show

Where a method lost here, it lost with this kernel, this image and these drivers; another order of events may let it
win, and the other way round for those that won by the order in which modules come. The emulated card makes no DMA, no
interrupts and no picture: what a real card does when its driver is taken away from it again (`driverctl`) is not seen,
only that the driver had it.
"""


def winner(row, addresses):
    """The drivers of both functions in the end, once if they are the same."""
    drivers = [row["drivers"][address] or "none" for address in addresses]
    return drivers[0] if len(set(drivers)) == 1 else ", ".join(drivers)


def twin(row):
    """What became of the card that nobody named."""
    drivers = {row["drivers"][address] for address in TWIN}
    if "vfio-pci" in drivers:
        return f"**taken**: {winner(row, TWIN)}"
    return "**no driver for the host**" if drivers == {""} else winner(row, TWIN)


def vfio_second(row):
    """When vfio-pci had the display."""
    times = [time for time, driver in row["bound"][NAMED[0]] if driver == "vfio-pci"]
    return f"{times[0]:.1f} s" if times else "never"


def table(rows):
    """One line a method."""
    lines = ["| | 01:00.0, 01:00.1 in the end | accesses | pages | vfio-pci | the twin |",
             "| --- | --- | ---: | ---: | ---: | --- |"]
    for name, row in rows.items():
        accesses, pages = (sum(row[what][address] for address in NAMED) for what in ("registers", "pages"))
        lines.append(f"| {name} | {winner(row, NAMED)} | {accesses} | {pages} | {vfio_second(row)} | {twin(row)} |")
    return "\n".join(lines) + "\n"


def main(results, docs):
    result = json.loads((results / "race.json").read_text())
    (docs / "race").mkdir(parents=True, exist_ok=True)
    text = [INTRODUCTION.format(release=result["release"]), "| | |\n| --- | --- |"]
    text += [f"| {name} | {says} |" for name, (says, _) in METHODS.items()]
    for place, rows in result["places"].items():
        (docs / "race" / f"{place}.svg").write_text(race_picture.draw(rows, result["slice"]))
        text += [f"\n## nouveau {PLACES[place][0]}\n", table(rows),
                 f"![Accesses to registers of 01:00.0 over the boot, a lane for each method](race/{place}.svg)"]
    (docs / "race.md").write_text("\n".join(text) + "\n" + LIMITS)


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
