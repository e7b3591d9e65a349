# SPDX-License-Identifier: GPL-2.0-or-later
"""Print two boots of one machine next to each other."""
import re
import sys

from harness.expect import HARMLESS, full

BOLD, GREEN, RED, PLAIN = ("\033[1m", "\033[32m", "\033[31m", "\033[0m")


def paint(colour, text):
    return f"{colour}{text}{PLAIN}" if sys.stdout.isatty() else text


def native_came(facts, address):
    """Seconds at which a driver other than vfio-pci first spoke of the function; None: never."""
    harmless = re.compile(HARMLESS.replace("ADDRESS", re.escape(full(address))))
    return next((record["time"] for record in facts["kmsg"]
                 if full(address) in record["text"] and not harmless.match(record["text"])), None)


def vfio_came(facts, address):
    """Seconds at which the function's binding to vfio-pci was logged; None: never."""
    ours = re.compile(rf"vfio-early: {re.escape(full(address))} .*bound to vfio")
    return next((record["time"] for record in facts["kmsg"] if ours.match(record["text"])), None)


def accesses(facts, address):
    """How often a register of the function was accessed, as text; empty for a device that cannot count."""
    card = facts["cards"].get(full(address))
    return (str(card["registers"]) if card else "").rjust(len("accesses"))


def cell(facts, address):
    """(driver, when it came, accesses to registers) as text."""
    driver = facts["pci"].get(full(address), {}).get("driver", "")
    when = vfio_came(facts, address) if driver.startswith("vfio") else native_came(facts, address)
    return driver or "no driver", f"{when:6.2f} s" if when is not None else "?".rjust(8), accesses(facts, address)


def rows(demo, facts):
    """The table as lists of texts."""
    for address, what in demo["functions"].items():
        identity = facts["with"]["pci"].get(full(address), {}).get("id", "")
        yield [address, identity, what, *cell(facts["without"], address), *cell(facts["with"], address)]


def _table(lines):
    widths = [max(map(len, column)) for column in zip(*lines)]
    before, after = sum(widths[3:6]) + 4, sum(widths[6:9]) + 4
    head = f"  {'function':{sum(widths[:3]) + 4}}   {'without vfio-early':{before}}   {'with vfio-early':{after}}"
    print(paint(BOLD, head.rstrip()))
    names = [f"{name:{width}}" for name, width in zip(("", "", "", *("driver", "came at", "accesses") * 2), widths)]
    print("  " + "   ".join("  ".join(names[part:part + 3]) for part in (0, 3, 6)).rstrip())
    for line in lines:
        function, identity, what, *cells = (f"{text:{width}}" for text, width in zip(line, widths))
        changed = line[3] != line[6]
        native, bound = "  ".join(cells[:3]), "  ".join(cells[3:])
        print(f"  {function}  {identity}  {what}   {native}   {paint(GREEN, bound) if changed else bound}".rstrip())


def show(demo, facts, release):
    print()
    print(f"One machine, booted twice with Linux {release}: an AMD IOMMU, two identical GeForce GT 710, a display.")
    print("The policy of the second boot, /etc/vfio-early.conf:")
    print()
    for line in demo["policy"].strip().splitlines():
        print(f"    {line}")
    print()
    print("Who drives each function in the end, the second of the boot at which that driver came, and how often")
    print("a register of the card was read or written:")
    print()
    _table(list(rows(demo, facts)))
    print()
    print("What vfio-early wrote to the kernel log of the second boot:")
    print()
    for record in facts["with"]["kmsg"]:
        if record["text"].startswith("vfio-early: "):
            print(f"    [{record['time']:12.6f}] {record['text']}")
    print()


def show_verdicts(results, seconds):
    for says, failures in results:
        print(f"  {paint(RED, 'FAIL') if failures else paint(GREEN, 'ok')}  {says}")
        for failure in failures:
            print(f"        {failure}")
    failed = sum(bool(failures) for _, failures in results)
    print()
    print(f"{len(results) - failed} of {len(results)} hold; the boots took {seconds:.0f} s")
