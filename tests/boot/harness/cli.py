# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of tests/boot/run."""
import argparse
import os
import pathlib
import time

from . import namespace, roots, scenario
from .boot import Session
from .errors import HarnessError
from .random_boot import RandomSession
from .tools import say

TOP = pathlib.Path(__file__).resolve().parents[3]


def _options():
    parser = argparse.ArgumentParser(prog="tests/boot/run", description="Boot scenarios in QEMU and check them.")
    parser.add_argument("scenario", nargs="*",
                        help="names in tests/boot/scenarios, or files; none: all. NAME@SUITE/GENERATOR: in another root")
    parser.add_argument("--list", action="store_true", help="list the scenarios and exit")
    parser.add_argument("--random", metavar="SEED", action="append", default=[],
                        help="boot a machine and a policy made from this seed, and judge what is seen by an oracle")
    parser.add_argument("--make-root", metavar="SUITE/GENERATOR[/FLAVOUR]", action="append", default=[],
                        help="only make this root")
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build/release", help="build directory to test")
    parser.add_argument("--installed", action="store_true",
                        help="test the package that is installed on this machine; of the build only the agent is used")
    parser.add_argument("--patience", type=float, default=1, metavar="FACTOR",
                        help="multiply every limit of time, for a slow machine")
    parser.add_argument("--cache", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("VFIO_EARLY_BOOT_CACHE", TOP / "build/boot-cache")),
                        help="where roots and images are kept (environment: VFIO_EARLY_BOOT_CACHE)")
    parser.add_argument("--logs", type=pathlib.Path, default=TOP / "build/boot-logs",
                        help="where each boot's console and facts are written")
    options = parser.parse_args()
    for name in ("build", "cache", "logs"):
        setattr(options, name, getattr(options, name).resolve())
    options.agent = options.build / "tests/boot/boot_agent"
    return options


def _run_one(name, make_session):
    """Run a scenario and print its verdict; True if it passed."""
    started = time.monotonic()
    session = None
    try:
        session = make_session()
        failures = session.run()
    except HarnessError as error:
        failures = [*(session.failures if session else []), str(error)]
    times = session.summary() if session else ""
    print(f"{'FAIL' if failures else 'ok  '} {name} ({time.monotonic() - started:.1f} s: {times})", flush=True)
    for failure in failures:
        print(f"  - {failure}", flush=True)
    return not failures


def main():
    options = _options()
    if options.list:
        for name in scenario.names():
            print(f"{name:28} {scenario.load(name).title}")
        return 0
    try:
        namespace.enter()
        for wanted in options.make_root:
            roots.get(options.cache, *wanted.split("/"))
        if options.make_root:
            return 0
        if not options.agent.exists():
            raise HarnessError(f"no {options.agent}: build the target boot_agent first")
    except HarnessError as error:
        say(f"boot tests: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    try:
        sessions = [(f"random {seed}", lambda seed=seed: RandomSession(seed, options)) for seed in options.random]
        sessions += [(name, lambda name=name: Session(scenario.load(name), options))
                     for name in options.scenario or ([] if sessions else scenario.names())]
        passed = [_run_one(*each) for each in sessions]
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return 0 if all(passed) else 1
