# SPDX-License-Identifier: GPL-2.0-or-later
"""Roots to compile in for another processor: a compiler that runs here, and the libraries of that processor beside its own.

What is in them is what apt makes of debian/control for such a build, so that a dependency that is declared wrong fails."""
import pathlib
import re

from . import architecture as architectures
from . import tools_root

TOP = pathlib.Path(__file__).resolve().parents[3]
PROFILES = "cross,nocheck"


def compiler(architecture):
    """The C++ compiler for it."""
    return architecture.triplet + "-g++"


def root(cache, suite, tools):
    """A directory whose `tree` has the tools and what building our package for the suite's processor needs."""
    other = suite.architecture.debian
    control = TOP / "debian/control"
    build_dep = f"apt-get -q -y build-dep --host-architecture={other} --build-profiles={PROFILES} /tmp/source"
    options = [f"--architectures={architectures.native()},{other}",
               '--customize-hook=mkdir -p "$1/tmp/source/debian"',
               f"--customize-hook=copy-in {control} /tmp/source/debian",
               f'--customize-hook=chroot "$1" env DEBIAN_FRONTEND=noninteractive {build_dep}',
               '--customize-hook=rm -r "$1/tmp/source"']
    depends = re.search(r"^Build-Depends:.*?^\S", control.read_text(), re.MULTILINE | re.DOTALL)[0]
    return tools_root.get(cache, f"cross-{other}", suite.release, (*tools, f"crossbuild-essential-{other}"), options, depends)
