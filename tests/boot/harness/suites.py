# SPDX-License-Identifier: GPL-2.0-or-later
"""What suites.toml says of a root: which release of Debian, for which processor, with which packages."""
import dataclasses
import pathlib
import tomllib

from . import architecture as architectures
from .errors import HarnessError

HERE = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Suite:
    """A suite of suites.toml."""
    name: str
    release: str  # as the archive calls it
    architecture: architectures.Architecture
    packages: tuple


def _lists():
    return tomllib.loads((HERE / "suites.toml").read_text())


def get(name):
    """The suite of this name; by default its release has that name, and it is for amd64."""
    suite = _lists()["suite"].get(name)
    if suite is None:
        raise HarnessError(f"suites.toml has no suite.{name}")
    architecture = architectures.get(suite.get("architecture", "amd64"))
    return Suite(name, suite.get("release", name), architecture, tuple(suite["packages"]))


def packages_of(suite, generator, flavour):
    """The packages of a root."""
    lists = _lists()
    try:
        parts = [lists["common"], lists["generator"][generator], lists["flavour"][flavour]]
    except KeyError as missing:
        raise HarnessError(f"suites.toml has no {missing}") from missing
    found = get(suite)
    return sorted({found.architecture.kernel, *found.packages, *(each for part in parts for each in part["packages"])})
