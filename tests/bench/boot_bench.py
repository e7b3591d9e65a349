# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot each method on the same machine under -icount, where guest time is a count of instructions; write what was seen.

usage: boot_bench.py [--only BOOT,...] OUT COUNT...     one JSON file OUT/boots-COUNT.json for each number of functions

--only does some of the boots again ("floor", "profile floor") and leaves what the file has of the others.

Two runs agree to a part in a thousand, whatever else the host does. What is left of the noise is where the guest waits
for a disk: QEMU then lets its clock jump to the next timer, so only stretches of work are compared, not whole boots."""
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
import profile_trace  # noqa: E402
from harness import namespace  # noqa: E402
from harness.boot import Session  # noqa: E402
from harness.scenario import Scenario  # noqa: E402

# Who ran when (exec), and every write of a driver_override (pin), from the kernel itself; binds go to its log.
TRACE = 'trace_event=sched:sched_process_exec kprobe_event=p:pin,driver_set_override dyndbg="func driver_bound +p" tp_printk=off'
READ_TRACE = "mount -t tracefs none /mnt && cat /mnt/trace && umount /mnt"
COUNT_PROCESSES = "sed -n 's/^processes //p' /proc/stat"
STARTS = {"vfio-early": "/usr/sbin/vfio-early", "floor": "/floor", "shell script": "/scripts/init-top/00-m-method",
          "modprobe.d ids": "/scripts/init-top/00-m-method", "driverctl": "/usr/sbin/driverctl"}
# driverctl works by udev, in no hurry: the look at the result waits for it.
WAIT = {"driverctl": 'for a in {}; do [ "$(basename "$(readlink /sys/bus/pci/devices/$a/driver)")" = vfio-pci ] || exit 1; done'}
FIRST_OF_ROOT = "/usr/lib/boot-test/init"


class BenchSession(Session):
    """A session that also tells how large its image is."""

    def _image(self, boot):
        image = super()._image(boot)
        raw = subprocess.run(["lz4", "-dc", str(image.initrd)], capture_output=True, check=True).stdout
        zstd = subprocess.run(["zstd", "-9", "-c"], input=raw, capture_output=True, check=True).stdout
        self.sizes = {"raw": len(raw), "zstd": len(zstd)}
        return image


def machine(count):
    """`count` functions of one id: network cards behind root ports, or bridges full of devices of QEMU's for tests."""
    common = {"iommu": "intel", "icount": True, "memory_mib": 1024}
    if count <= 4:
        return {**common, "ports": {str(port): ["e1000e,romfile="] for port in range(1, count + 1)}}, "8086:10d3", \
            [f"0000:{port:02x}:00.0" for port in range(1, count + 1)]
    # Each pci-testdev has 256 I/O ports, of which there are 65536 in all; edu has memory only.
    device, identity = ("pci-testdev", "1b36:0005") if count <= 128 else ("edu", "1234:11e8")
    devices, addresses, bridges = [], [], (count + 127) // 128
    for bridge in range(bridges):
        for index in range(min(128, count - bridge * 128)):
            slot, function = 1 + index // 8, index % 8
            multifunction = ",multifunction=on" if function == 0 else ""
            devices.append(f"{device},bus=slot{bridge + 1}f0,addr={slot:#x}.{function}{multifunction}")
            # behind root port N the bridge takes bus 2N-1, and its own bus is the next
            addresses.append(f"0000:{2 * bridge + 2:02x}:{slot:02x}.{function}")
    ports = {str(bridge + 1): ["pcie-pci-bridge"] for bridge in range(bridges)}
    return {**common, "ports": ports, "devices": devices}, identity, addresses


def boot(label, method, hardware, options, cmdline, steps):
    """One boot; what was seen, and the sizes of the image."""
    table = {**method, "machine": hardware, "cmdline": f"{cmdline} udev.event_timeout=600", "steps": steps, "timeout": 1500}
    session = BenchSession(Scenario(f"bench-{label}".replace(" ", "-"), table), options)
    failures = session.run()
    if failures:
        raise RuntimeError("\n".join(failures))
    facts = json.loads((options.logs / f"{session.scenario.name}.facts.json").read_text())
    return facts, session.sizes


def exec_times(trace):
    """Seconds of guest time at which each program was executed, the first time."""
    times = {}
    for at, path in re.findall(r" ([\d.]+): sched_process_exec: filename=(\S+)", trace):
        times.setdefault(path, float(at))
    return times


def figures(name, facts, sizes, addresses):
    """Milliseconds from the start of the method's process, and counts."""
    processes, trace = [output["output"] for output in facts["outputs"] if "run" in output][-2:]
    execs = exec_times(trace)
    start = execs.get(STARTS.get(name))
    pins = [float(at) for at in re.findall(r" ([\d.]+): pin: ", trace)]
    binds = {match[1]: record["time"] for record in facts["kmsg"]
             if (match := re.search(r"'vfio-pci': driver_bound: bound to device '(\S+)'", record["text"]))}
    bound = [binds[address] for address in addresses if address in binds]
    done = [record["time"] for record in facts["kmsg"] if re.match(r"vfio-early: done|floor: ", record["text"])]
    since = (lambda times: (max(times) - start) * 1000 if times and start is not None else None)
    # driverctl pins, too, but when the native driver has long had the function
    safe = None if name == "driverctl" else since(pins[:len(addresses)] or bound)
    return {"bound": len(bound), "safe": safe, "all_bound": since(bound), "done": since(done),
            "critical": critical_path(execs), "processes": int(processes), **sizes}


def critical_path(execs):
    """Milliseconds that the boot waits for the method in the initramfs: from its script to the next of init-top."""
    scripts = [(path, at) for path, at in execs.items() if path.startswith("/scripts/init-top/")]
    for (path, at), (_, following) in zip(scripts, scripts[1:]):
        if path in ("/scripts/init-top/00-m-method", "/scripts/init-top/00-vfio-early"):
            return (following - at) * 1000
    return 0.0


def measure(count, options, out):
    """All methods with `count` functions, and the profile of two of them; the file is written after each boot."""
    hardware, identity, addresses = machine(count)
    ways = {"nothing": methods.nothing(addresses, identity), "vfio-early": methods.vfio_early(addresses, identity),
            "floor": methods.floor(addresses, identity, options.floor),
            "shell script": methods.shell_script(addresses, identity),
            "modprobe.d ids": methods.modprobe_ids(addresses, identity)}
    if count <= 4:
        ways["driverctl"] = methods.driverctl(addresses, identity)
    path = out / f"boots-{count}.json"
    result = {"count": count, "rows": {}, "profiles": {}, "failed": {}}
    if options.only and path.exists():
        result = json.loads(path.read_text())

    def keep():
        path.write_text(json.dumps(result, indent=1))

    for name, method in ways.items():
        if options.only and name not in options.only:
            continue
        print(f"{count} functions: {name}", flush=True)
        wait = [{"wait_for": WAIT[name].format(" ".join(addresses)), "seconds": 120}] if name in WAIT else []
        try:
            facts, sizes = boot(name, method, hardware, options, TRACE, [*wait, {"run": COUNT_PROCESSES}, {"run": READ_TRACE}])
            result["rows"][name] = figures(name, facts, sizes, addresses)
            result["failed"].pop(name, None)
        except RuntimeError as error:
            result["failed"][name] = str(error)[:2000]
        keep()
    for name in ("vfio-early", "floor"):
        # beyond that the kernel's trace is longer than its buffer
        if count > 64 or (options.only and f"profile {name}" not in options.only):
            continue
        print(f"{count} functions: profile of {name}", flush=True)
        facts, _ = boot(f"profile {name}", ways[name], hardware, options, profile_trace.TRACE, [{"run": profile_trace.READ}])
        result["profiles"][name] = profile_trace.summary(facts["outputs"][-1]["output"], STARTS[name])
        keep()


def prepare(out, only=()):
    """The options of all boots; in a mount namespace of our own from here on."""
    namespace.enter()
    out.mkdir(parents=True, exist_ok=True)
    build = TOP / "build/release"
    return types.SimpleNamespace(build=build, cache=TOP / "build/boot-cache", logs=TOP / "build/boot-logs",
                                 agent=build / "tests/boot/boot_agent", only=only, floor=out / "floor")


def main(arguments):
    only = arguments.pop(0) and arguments.pop(0).split(",") if arguments[0] == "--only" else []
    out, counts = pathlib.Path(arguments[0]).resolve(), [int(word) for word in arguments[1:]]
    options = prepare(out, only)
    subprocess.run(["gcc", "-Os", "-static", "-s", "-Wall", "-Wextra", str(HERE / "floor.c"), "-o", str(options.floor)], check=True)
    for count in counts:
        measure(count, options, out)


if __name__ == "__main__":
    main(sys.argv[1:])
