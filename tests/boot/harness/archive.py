# SPDX-License-Identifier: GPL-2.0-or-later
"""Unpack packages of the Debian archive into a directory, with an apt that has lists of its own.

Mirror and options that reach it are the machine's; its lists, pins and packages are neither read nor changed."""
import os
import pathlib

from .mirrors import apt_options, debian_mirror
from .tools import need, remove_tree, run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def configure(work, suites, component="main"):
    """Write the configuration below `work`; returns the environment in which apt obeys it."""
    for name in ("lists/partial", "archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    signed = f" signed-by={KEYRING}" if os.path.exists(KEYRING) else ""
    (work / "sources.list").write_text("".join(
        f"deb [arch=amd64{signed}] {debian_mirror()} {suite} {component}\n" for suite in suites))
    settings = {
        "Dir::Etc::parts": "/dev/null", "Dir::Etc::main": "/dev/null", "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null", "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::Etc::sourcelist": work / "sources.list", "Dir::State": work, "Dir::State::status": work / "status",
        "Dir::Cache": work, "APT::Sandbox::User": "root", "APT::Architecture": "amd64",
        "APT::Install-Recommends": "0", "Acquire::Languages": "none"}
    lines = [f'{name} "{value}"' for name, value in settings.items()]
    lines += [line.rstrip(";") for line in apt_options()]
    (work / "apt.conf").write_text("".join(f"{line};\n" for line in lines))
    return {**os.environ, "APT_CONFIG": str(work / "apt.conf"), "LC_ALL": "C"}


def unpack(work, suites, packages, component="main"):
    """Fill `work`/tree with the packages and all that they depend on, from the last of the suites if that has them."""
    need("apt-get", "dpkg-deb")
    work = pathlib.Path(work)
    remove_tree(work)
    work.mkdir(parents=True)
    environment = configure(work, suites, component)
    run(["apt-get", "-q", "update"], env=environment)
    run(["apt-get", "-q", "-y", "--download-only", "-t", suites[-1], "install", *packages], env=environment)
    for package in sorted((work / "archives").glob("*.deb")):
        run(["dpkg-deb", "--extract", str(package), str(work / "tree")])
    return work / "tree"
