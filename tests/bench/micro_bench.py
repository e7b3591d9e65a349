# SPDX-License-Identifier: GPL-2.0-or-later
"""What needs no boot: sizes, the time of vfio-earlyctl's commands, and what a decision costs on a large machine.

usage: micro_bench.py OUT     writes OUT/micro.json

Times are the least of many runs: what the machine does besides only ever adds. The ratio is to a run of the same program
that only says its version, so it tells what the command's own work costs over starting a process."""
import json
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
RUNS = 40


def least_milliseconds(command):
    """Of processor time, in the program and in the kernel for it: it does nothing else, and others do not count."""
    times = []
    for _ in range(RUNS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        times.append((usage.ru_utime + usage.ru_stime) * 1000)
    return min(times)


def commands(program):
    """(command, milliseconds, ratio) of list and check, on this machine."""
    base = least_milliseconds([program, "--version"])
    found = [("--version", base, 1.0)]
    policy = TOP / "hook/vfio-early.conf"
    for words in (["list"], ["check", str(policy)]):
        taken = least_milliseconds([program, *words])
        found.append((words[0], taken, taken / base))
    return found


def plans(program, bench):
    """The lines of plan_bench: numbers under its own headings."""
    lines = subprocess.run([bench, program], capture_output=True, text=True, check=True).stdout.splitlines()
    return [[float(word) for word in line.split()] for line in lines[1:]]


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    build = TOP / "build/release"
    functions = len(list(pathlib.Path("/sys/bus/pci/devices").glob("*")))
    result = {"size": (build / "vfio-early").stat().st_size, "functions_here": functions,
              "commands": commands(str(build / "vfio-earlyctl")), "plans": plans(str(build / "vfio-early"), str(build / "plan_bench"))}
    (out / "micro.json").write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
