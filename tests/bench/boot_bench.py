# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot each method on the same machine under -icount, where guest time is a count of instructions, and print one table.

Two runs agree to a part in a thousand, whatever else the host does."""
import json
import pathlib
import re
import subprocess
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(HERE), str(TOP / "tests/boot")]

import methods  # noqa: E402
from harness import namespace  # noqa: E402
from harness.boot import Session  # noqa: E402
from harness.scenario import Scenario  # noqa: E402

# Who ran when (exec), and every write of a driver_override (pin), from the kernel itself; binds go to its log.
TRACE = 'trace_event=sched:sched_process_exec kprobe_event=p:pin,driver_set_override dyndbg="func driver_bound +p" tp_printk=off'
READ_TRACE = "mount -t tracefs none /mnt && cat /mnt/trace && umount /mnt"
COUNT_PROCESSES = "sed -n 's/^processes //p' /proc/stat"
STARTS = {"vfio-early": "/usr/sbin/vfio-early", "floor": "/floor", "shell script": "/scripts/init-top/00-m-method",
          "modprobe.d ids": "/scripts/init-top/00-m-method", "driverctl": "/usr/sbin/driverctl"}


def machine(count):
    """`count` functions of one id: network cards behind root ports, or bridges full of pci-testdev."""
    common = {"iommu": "intel", "icount": True, "memory_mib": 1024}
    if count <= 4:
        return {**common, "ports": {str(port): ["e1000e,romfile="] for port in range(1, count + 1)}}, "8086:10d3", \
            [f"0000:{port:02x}:00.0" for port in range(1, count + 1)]
    devices, addresses, bridges = [], [], (count + 127) // 128
    for bridge in range(bridges):
        for index in range(min(128, count - bridge * 128)):
            slot, function = 1 + index // 8, index % 8
            multifunction = ",multifunction=on" if function == 0 else ""
            devices.append(f"pci-testdev,bus=slot{bridge + 1}f0,addr={slot:#x}.{function}{multifunction}")
            # behind root port N the bridge takes bus 2N-1, and its own bus is the next
            addresses.append(f"0000:{2 * bridge + 2:02x}:{slot:02x}.{function}")
    ports = {str(bridge + 1): ["pcie-pci-bridge"] for bridge in range(bridges)}
    return {**common, "ports": ports, "devices": devices}, "1b36:0005", addresses


def boot(name, method, hardware, options):
    """One boot; what was seen."""
    label = f"bench-{name.replace(' ', '-')}"
    steps = [{"run": COUNT_PROCESSES}, {"run": READ_TRACE}]
    cmdline = f"{TRACE} udev.event_timeout=600"
    session = Session(Scenario(label, {**method, "machine": hardware, "cmdline": cmdline, "steps": steps, "timeout": 900}), options)
    failures = session.run()
    if failures:
        raise SystemExit(f"{name}: " + "\n".join(failures))
    facts = json.loads((options.logs / f"{label}.facts.json").read_text())
    facts["image"] = session.facts[0]["image"]
    return facts


def figures(name, facts, addresses):
    """Milliseconds from the start of the method's process, and counts."""
    processes, trace = (output["output"] for output in facts["outputs"])
    start = next((float(at) for at, path in re.findall(r" ([\d.]+): sched_process_exec: filename=(\S+)", trace)
                  if path == STARTS.get(name)), None)
    pins = [float(at) for at in re.findall(r" ([\d.]+): pin: ", trace)]
    binds = {match[1]: record["time"] for record in facts["kmsg"]
             if (match := re.search(r"'vfio-pci': driver_bound: bound to device '(\S+)'", record["text"]))}
    bound = [binds[address] for address in addresses if address in binds]
    done = [record["time"] for record in facts["kmsg"] if re.match(r"vfio-early: done|floor: ", record["text"])]
    since = (lambda times: (max(times) - start) * 1000 if times and start is not None else None)
    return {"bound": len(bound), "safe": since(pins[:len(addresses)] or bound), "all_bound": since(bound), "done": since(done),
            "boot": facts["uptime"] * 1000, "processes": int(processes), "image": facts["image"]["size"]}


def number(value, digits=1):
    return "–" if value is None else f"{value:.{digits}f}"


def table(count, rows):
    """One Markdown table for `count` functions."""
    base = rows["nothing"]
    lines = [f"### {count} functions", "",
             "| method | bound | safe after/ms | bound after/ms | reported after/ms | boot longer by/ms | more processes | image larger by/KiB |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, row in rows.items():
        lines.append(f"| {name} | {row['bound']} | {number(row['safe'], 2)} | {number(row['all_bound'])} | {number(row['done'])} "
                     f"| {number(row['boot'] - base['boot'])} | {row['processes'] - base['processes']} "
                     f"| {(row['image'] - base['image']) // 1024} |")
    return "\n".join(lines) + "\n"


def main(counts):
    namespace.enter()
    build = TOP / "build/release"
    options = types.SimpleNamespace(build=build, cache=TOP / "build/boot-cache", logs=TOP / "build/boot-logs",
                                    agent=build / "tests/boot/boot_agent")
    program = TOP / "build/bench-floor"
    subprocess.run(["gcc", "-Os", "-static", "-s", "-Wall", "-Wextra", str(HERE / "floor.c"), "-o", str(program)], check=True)
    for count in counts:
        hardware, identity, addresses = machine(count)
        ways = {"nothing": methods.nothing(addresses, identity), "vfio-early": methods.vfio_early(addresses, identity),
                "floor": methods.floor(addresses, identity, program),
                "shell script": methods.shell_script(addresses, identity),
                "modprobe.d ids": methods.modprobe_ids(addresses, identity)}
        if count <= 4:
            ways["driverctl"] = methods.driverctl(addresses, identity)
        rows = {}
        for name, method in ways.items():
            print(f"{count} functions: {name}", file=sys.stderr, flush=True)
            rows[name] = figures(name, boot(name, method, hardware, options), addresses)
        print(table(count, rows), flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [3, 16, 64])
