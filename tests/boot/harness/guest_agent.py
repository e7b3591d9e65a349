# SPDX-License-Identifier: GPL-2.0-or-later
"""The static program that reports from the guest: of the build directory, or compiled for another processor."""
import pathlib
import shutil
import tempfile

from . import chroot as chroot_module
from . import cross, package, suites
from .tools import hash_of, hash_tree, lock, remove_tree, say

TOP = pathlib.Path(__file__).resolve().parents[3]
SOURCE = "tests/boot/guest"
FLAGS = ("-std=c++23", "-O1", "-static")


def get(options, suite):
    """The program for a root of this suite; compiled on first use where the build directory has none for it."""
    if not suites.get(suite).architecture.foreign:
        return options.agent
    root = package.build_root(options.cache, suite)
    directory = options.cache / "agents" / f"{suite}-{hash_of(root.name, FLAGS, hash_tree(TOP / SOURCE))}"
    with lock(options.cache / "locks" / f"agent-{suite}"):
        if not (directory / "agent").exists():
            for old in directory.parent.glob(f"{suite}-*"):
                remove_tree(old)  # of older sources
            directory.mkdir(parents=True)
            _compile(root / "tree", cross.compiler(suites.get(suite).architecture), directory)
    return directory / "agent"


def _compile(root, compiler, directory):
    say(f"compiling the guest's agent, {directory.name} (once)")
    with tempfile.TemporaryDirectory(dir=directory) as work, chroot_module.overlay(root, work) as view:
        shutil.copytree(TOP / SOURCE, view.path / "build" / SOURCE)
        sources = sorted(f"/build/{path.relative_to(TOP)}" for path in (TOP / SOURCE).glob("*.cpp"))
        view.run([compiler, *FLAGS, "-I/build", "-o", "/build/agent", *sources])
        shutil.copy(view.path / "build/agent", directory)
