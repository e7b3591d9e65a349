# SPDX-License-Identifier: GPL-2.0-or-later
"""Would a boot be earlier in its root if it went on while modules load and binds finish?

usage: beside_bench.py OUT      writes OUT/beside.json

Under -icount processors take turns and nothing is gained by a second one, so these boots have real clocks. They are noisy:
each round boots every way once, and what counts is the ratio of one way to another in the same round."""
import json
import pathlib
import statistics
import sys

import boot_bench
import methods

ROUNDS = 7
PROCESSORS = (1, 4)
FUNCTIONS = 3


def root_at(facts):
    """Milliseconds of uptime at which the first program of the root runs."""
    trace = facts["outputs"][-1]["output"]
    return boot_bench.exec_times(trace)[boot_bench.FIRST_OF_ROOT] * 1000


def measure(processors, options):
    """For each way the milliseconds of each round."""
    hardware, identity, addresses = boot_bench.machine(FUNCTIONS)
    hardware = {**hardware, "icount": False, "cpus": processors}
    ways = {"nothing": methods.nothing(addresses, identity), "waited for": methods.vfio_early(addresses, identity),
            "beside the boot": methods.vfio_early_beside(addresses, identity)}
    times = {name: [] for name in ways}
    for number in range(ROUNDS):
        print(f"{processors} processors: round {number + 1} of {ROUNDS}", flush=True)
        for name, method in ways.items():
            facts, _ = boot_bench.boot(f"beside {processors} {name}", method, hardware, options, boot_bench.TRACE,
                                       [{"run": boot_bench.READ_TRACE}])
            times[name].append(root_at(facts))
    return times


def ratios(times):
    """The boot beside, and the boot that waits, each over the boot without anything: medians of the rounds."""
    return {name: statistics.median(one / nothing for one, nothing in zip(times[name], times["nothing"]))
            for name in ("waited for", "beside the boot")}


def main(out):
    options = boot_bench.prepare(out)
    result = {}
    for processors in PROCESSORS:
        times = measure(processors, options)
        result[str(processors)] = {"ms": times, "ratios": ratios(times)}
        (out / "beside.json").write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
