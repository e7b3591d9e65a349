# SPDX-License-Identifier: GPL-2.0-or-later
"""Write docs/measurements.md and its plots from what the benchmarks left.

usage: measurements.py RESULTS DOCS     reads RESULTS/*.json; writes DOCS/measurements.md and DOCS/measurements/*.svg"""
import json
import pathlib
import statistics
import subprocess
import sys

MIB = 1 << 20
INTRODUCTION = """# Measurements

Written by `./dev bench`. Debian 12 with its own kernel in QEMU under `-icount shift=1,sleep=off -smp 1`: a
millisecond of guest time is half a million instructions of kernel and programs together, on every host the same. It is no
forecast of a real machine's milliseconds, but two ways of doing the same are compared fairly. All methods get the same
functions of the same machine; with 3 they are e1000e network cards behind root ports, else pci-testdev (with 256: edu)
functions on PCI bridges. What the methods are is written in tests/bench/methods.py; *floor* (tests/bench/floor.c) pins, inserts exactly
the modules needed and reads the links, with every path known beforehand.

Columns: *safe*, all functions are pinned (or, for a method without pins, bound); *bound*, the last bind; *reported*, the
last line of the method in the kernel log; all three from the exec of the method's program. *Boot waits*: from the start of the
method's script to the next script of init-top, shell included. *Processes*: more than in a boot without any
method. *Image*: larger than without any method, kernel modules included, in KiB, as a raw archive and as zstd -9 compresses it.
"""

REASONS = """What is not reached is explained by the profiles below. The floor is told what vfio-early finds out, and decides nothing. Before the
first pin some 0.7 ms go until the first file is opened (page faults of the program; the floor has half a millisecond of its own
there), 0.6 for the policy, 0.14 for each function of the machine (its directory, ids, whether it is virtual, driver_override: files
that nobody has looked at yet, for which the kernel makes inodes; three quarters of it are calls of the kernel), 0.05 for each IOMMU
group, 0.3 for what / is on, 0.5 for the index of modules, 0.02 a function for the plan, 0.5 for the process that makes the pins, so
that one that never comes back cannot stop the boot. No pin may come before the guards know all that. The shell script reads nothing
of its functions: what it saves there with 256 of them is more than the start of a shell costs. Then 1.7 ms go for libkmod's
configuration, indexes and order of modules; and after the last bind, besides the lines of the kernel log, one a function, where the
floor has one, 0.4 for the end of that process, 0.3 for whether interrupts are remapped, and VFIO's word on each group.
"""
BESIDE = """Not kept: between the two there is no difference that stands out of the noise, some 5 %, with one processor or with four. And it
would be less safe: a built-in native driver would lose its function while udev, and what udev starts, is already at work with it,
and each generator would need a second place, before the root switch, where the boot waits.
"""
METHODS = ("vfio-early", "floor", "shell script", "modprobe.d ids")


def number(value, digits=1):
    return "–" if value is None else f"{value:.{digits}f}"


def boot_table(result):
    """The table of one number of functions."""
    base = result["rows"]["nothing"]
    lines = [f"## {result['count']} functions", "",
             "| method | bound | safe/ms | bound/ms | reported/ms | boot waits/ms | processes | image raw/KiB | image zstd/KiB |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, row in result["rows"].items():
        lines.append(f"| {name} | {row['bound']} | {number(row['safe'], 2)} | {number(row['all_bound'])} | {number(row['done'])} "
                     f"| {number(row['critical'])} | {row['processes'] - base['processes']} "
                     f"| {round((row['raw'] - base['raw']) / 1024)} | {round((row['zstd'] - base['zstd']) / 1024)} |")
    for name, reason in result["failed"].items():
        lines += ["", f"{name}: not measured; {reason.splitlines()[0]}"]
    return "\n".join(lines) + "\n"


def profile_text(result):
    """Where the time of vfio-early and of the floor goes, and how often they call the kernel."""
    lines = [f"### Where the time goes, {result['count']} functions", "",
             "From the kernel's trace of system calls and page faults, which itself takes some 8 %.", "",
             "| | vfio-early | floor |", "| --- | ---: | ---: |"]
    ours, floor = (result["profiles"][name] for name in ("vfio-early", "floor"))
    for mark in ours["marks"]:
        lines.append(f"| {mark}, at ms | {number(ours['marks'][mark], 2)} | {number(floor['marks'].get(mark), 2)} |")
    lines.append(f"| inside finit_module, ms | {number(ours['inside_finit_module'], 2)} | {number(floor['inside_finit_module'], 2)} |")
    for what, of in (("page faults", lambda one: one["faults"]), ("system calls", lambda one: sum(one["calls"].values()))):
        lines.append(f"| {what} | {of(ours)} | {of(floor)} |")
    lines += ["", "| stretch of vfio-early | ms | in calls of the kernel | the longest of them, ms |", "| --- | ---: | ---: | --- |"]
    for title, length, longest, inside in ours["spent"]:
        names = ", ".join(f"{name} {taken:.2f}" for name, taken in longest.items())
        lines.append(f"| {title} | {length:.2f} | {inside:.2f} | {names} |")
    lines += ["", "System calls of vfio-early: " + ", ".join(f"{name} {count}" for name, count in ours["calls"].items()) + "."]
    return "\n".join(lines) + "\n"


def verdict(reached):
    return "reached" if reached else "**not reached**"


def not_measured(boots):
    """What the results lack of all that ./dev bench can measure."""
    missing = []
    for count in (3, 16, 64, 256):
        if count not in boots:
            missing.append(f"{count} functions")
            continue
        wanted = METHODS + (("driverctl",) if count == 3 else ())
        missing += [f"{name} with {count} functions" for name in wanted if name not in boots[count]["rows"]]
        if count <= 64:
            missing += [f"the profile of {name} with {count} functions" for name in METHODS[:2] if name not in boots[count]["profiles"]]
    return f"Not measured in this run: {', '.join(missing)}." if missing else ""


def goals(boots, micro):
    """One line a goal: what was asked, what was measured."""
    lines = ["## Goals", "", "| goal | measured | |", "| --- | --- | --- |"]

    def add(goal, measured, reached):
        lines.append(f"| {goal} | {measured} | {verdict(reached)} |")

    for count, limit in ((3, 1.02), (64, 1.06), (256, 1.12)):
        rows = boots.get(count, {}).get("rows", {})
        if "vfio-early" in rows and "floor" in rows:
            ours, floor = rows["vfio-early"]["done"], rows["floor"]["done"]
            add(f"{count} functions: reported within {limit:.2f} of the floor", f"{ours:.1f} / {floor:.1f} ms = {ours / floor:.3f}",
                ours / floor <= limit)
    for count, result in sorted(boots.items()):
        rows = result["rows"]
        if "vfio-early" in rows and "shell script" in rows:
            ours, theirs = rows["vfio-early"]["all_bound"], rows["shell script"]["all_bound"]
            add(f"{count} functions: bound before the shell script", f"{ours:.1f} against {theirs:.1f} ms", ours < theirs)
    rows = boots.get(64, {}).get("rows", {})
    if "vfio-early" in rows and "floor" in rows:
        ours, floor = rows["vfio-early"]["safe"], rows["floor"]["safe"]
        add("64 functions: pinned within 3 times the floor's own time", f"{ours:.1f} / {floor:.1f} ms = {ours / floor:.2f}",
            ours / floor <= 3)
    add("vfio-early at most 1.6 MiB", f"{micro['size']} bytes = {micro['size'] / MIB:.3f} MiB", micro["size"] <= 1.6 * MIB)
    rows = next(iter(boots.values()))["rows"]
    added = (rows["vfio-early"]["zstd"] - rows["shell script"]["zstd"]) / 1024
    add("at most 600 KiB added to a zstd image, modules apart", f"{added:.0f} KiB (against the shell script's image)", added <= 600)
    for row in micro["plans"]:
        if row[0] == 64 and len(row) > 6:
            add("peak memory under 4 MiB at 64 functions", f"{row[6]:.0f} KiB in a dry run", row[6] < 4096)
    for name, taken, _ in micro["commands"][1:]:
        add(f"vfio-earlyctl {name} under 15 ms", f"{taken:.1f} ms ({micro['functions_here']} PCI functions)", taken < 15)
    lines += ["", REASONS]
    if missing := not_measured(boots):
        lines += [missing, ""]
    return "\n".join(lines)


def beside_text(beside):
    """Whether the boot should go on while modules load."""
    lines = ["## Letting the boot go on", "",
             "Tried (tests/bench/beside_bench.py): the boot goes on as soon as everything is pinned, and waits before the root switch until "
             "modules are loaded and functions bound. With 3 functions, real clocks, emulated processors on the processors of the "
             "measuring machine; uptime at the first program of the root, the median over rounds of the ratio to a boot without any method:", "",
             "| processors | waited for | beside the boot | nothing: median ms |", "| ---: | ---: | ---: | ---: |"]
    for processors, result in beside.items():
        ratios = result["ratios"]
        lines.append(f"| {processors} | {ratios['waited for']:.3f} | {ratios['beside the boot']:.3f} "
                     f"| {statistics.median(result['ms']['nothing']):.0f} |")
    return "\n".join([*lines, "", BESIDE]) + "\n"


def micro_text(micro):
    lines = ["## Without a boot", "", "| vfio-earlyctl | ms of processor time | ratio to --version |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {taken:.1f} | {ratio:.2f} |" for name, taken, ratio in micro["commands"]]
    lines += ["", "A decision on large machines (tests/bench/plan_bench.cpp), with a policy of 1000 statements; the ratio is to a program that "
              "only opens, reads and closes the same files. The peak is that of the shipped program's dry run with one statement:", "",
              "| functions | read only/ms | decide/ms | ratio | µs a function | peak/KiB |", "| ---: | ---: | ---: | ---: | ---: | ---: |"]
    lines += [f"| {row[0]:.0f} | {row[2]:.1f} | {row[3]:.1f} | {row[4]:.2f} | {row[5]:.1f} | {number(row[6] if len(row) > 6 else None, 0)} |"
              for row in micro["plans"]]
    return "\n".join(lines) + "\n"


def gnuplot(script):
    subprocess.run(["gnuplot", "-"], input=script, text=True, check=True)


def plot_methods(result, path):
    """Bars of one number of functions: safe, bound, reported."""
    names = [name for name, row in result["rows"].items() if row["all_bound"] is not None]
    data = "\n".join(f'"{name}" ' + " ".join(number(result["rows"][name][key], 2).replace("–", "NaN")
                                                 for key in ("safe", "all_bound", "done")) for name in names)
    gnuplot(f"""set terminal svg size 760,380 font "sans,12" background "white"
set output "{path}"
set style data histogram
set style fill solid 0.9 border -1
set ylabel "ms of guest time"
set title "{result['count']} functions: from the exec of the method"
set key top left
set yrange [0:*]
$data << END
{data}
END
plot $data using 2:xtic(1) title "safe", "" using 3 title "bound", "" using 4 title "reported"
""")


def plot_growth(boots, path):
    """Lines over the number of functions: the last bind."""
    names = [name for name in ("vfio-early", "floor", "shell script", "modprobe.d ids") if all(name in one["rows"] for one in boots.values())]
    blocks = "\n\n\n".join(f'"{name}"\n' + "\n".join(f"{count} {one['rows'][name]['all_bound']}" for count, one in sorted(boots.items())
                                                       if one["rows"][name]["all_bound"] is not None) for name in names)
    gnuplot(f"""set terminal svg size 760,380 font "sans,12" background "white"
set output "{path}"
set logscale xy 2
set xlabel "functions"
set ylabel "last bind, ms of guest time"
set key top left
$data << END
{blocks}
END
plot for [i=0:{len(names) - 1}] $data index i using 1:2 with linespoints title columnheader(1)
""")


def main(results, docs):
    boots = {one["count"]: one for one in (json.loads(path.read_text()) for path in results.glob("boots-*.json"))}
    micro = json.loads((results / "micro.json").read_text())
    plots = docs / "measurements"
    plots.mkdir(exist_ok=True)
    parts = [INTRODUCTION, goals(boots, micro)]
    plot_growth(boots, plots / "growth.svg")
    parts.append("![The last bind over the number of functions](measurements/growth.svg)\n")
    for count, result in sorted(boots.items()):
        plot_methods(result, plots / f"methods-{count}.svg")
        parts += [boot_table(result), f"![Methods with {count} functions](measurements/methods-{count}.svg)\n"]
        if {"vfio-early", "floor"} <= result["profiles"].keys():
            parts.append(profile_text(result))
    if (results / "beside.json").exists():
        parts.append(beside_text(json.loads((results / "beside.json").read_text())))
    parts.append(micro_text(micro))
    text = "\n".join(parts)
    (docs / "measurements.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
