# SPDX-License-Identifier: GPL-2.0-or-later
"""Build a kernel from the distribution's own source, for what no kernel of a distribution has built in.

suites.toml names the package with the source and a file of options; every other option is off. Kept are what a kernel
package would bring (image, configuration, modules), some ten MB; not the source."""
import inspect
import json
import os
import pathlib
import shutil
import tempfile
import time
import tomllib

from . import chroot as chroot_module
from . import tools_root
from .errors import HarnessError
from .kernel import Kernel, extract_vmlinux
from .tools import hash_of, lock, remove_tree, say

HERE = pathlib.Path(__file__).resolve().parent.parent
# what Documentation/process/changes.rst of Linux asks for, and what unpacks and installs
TOOLS = ("build-essential", "flex", "bison", "bc", "libelf-dev", "kmod", "xz-utils")
BUILD = "/build"


def recipe(name):
    """(package of the source, text of the options) of a kernel of suites.toml."""
    known = tomllib.loads((HERE / "suites.toml").read_text())["kernel"]
    if name not in known:
        raise HarnessError(f"suites.toml has no kernel.{name}")
    return known[name]["source"], (HERE / known[name]["config"]).read_text()


def wanted_options(text):
    """{name: value} of a file of options; "n" for a comment that says "is not set"."""
    wanted = {}
    for line in text.splitlines():
        words = line.split()
        if line.startswith("CONFIG_"):
            option, value = line.split("=", 1)
            wanted[option] = value
        elif words[:1] == ["#"] and words[2:] == ["is", "not", "set"]:
            wanted[words[1]] = "n"
    return wanted


def missing_options(wanted, made):
    """What a configuration does not have as it was wanted: misspelt, or something it depends on is off."""
    have = wanted_options(made)
    return [f"{option}={value}" for option, value in wanted.items() if have.get(option, "n") != value]


def get(cache, suite, name):
    """The kernel `name` of suites.toml, from the source of that suite; built on first use."""
    source, options = recipe(name)
    root = tools_root.get(cache, "kernel", suite, (*TOOLS, source))
    key = hash_of(root.name, source, options, inspect.getsource(_build))
    directory = cache / "kernels" / f"{name}-{key}"
    with lock(cache / "locks" / f"kernel-{directory.name}"):
        if not (directory / "kernel.json").exists():
            _make(directory, root / "tree", name, source, options)
    tree = directory / "tree"
    release = json.loads((directory / "kernel.json").read_text())["release"]
    return Kernel(key=key, release=release, vmlinux=directory / "vmlinux", vmlinuz=tree / f"boot/vmlinuz-{release}", tree=tree)


def _make(directory, root, name, source, options):
    say(f"building the kernel {directory.name} (once, some minutes)")
    started = time.monotonic()
    remove_tree(directory)
    for old in directory.parent.glob(f"{name}-*"):
        shutil.rmtree(old)  # of an older recipe
    directory.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=directory) as work:
        with chroot_module.overlay(root, work) as view:
            release = _build(view, name, source, options, directory)
        (pathlib.Path(work) / "upper" / BUILD.lstrip("/") / "out").rename(directory / "tree")
    extract_vmlinux(directory / f"tree/boot/vmlinuz-{release}", directory / "vmlinux")
    (directory / "kernel.json").write_text(json.dumps({"release": release, "seconds": round(time.monotonic() - started)}))


def _build(view, name, source, options, logs):
    """Build in a root with the source; BUILD/out is then as the files of a kernel package. Returns the release."""
    build = view.path / BUILD.lstrip("/")
    out = build / "out"
    (out / "boot").mkdir(parents=True)
    view.run(["tar", "-C", BUILD, "-xf", f"/usr/src/{source}.tar.xz"])
    make = ["make", "-C", f"{BUILD}/{source}", f"LOCALVERSION=-{name}"]
    view.write(f"{BUILD}/options", options)
    # allnoconfig takes from that file what it says; all else is off, or what it has to be.
    view.run([*make, f"KCONFIG_ALLCONFIG={BUILD}/options", "allnoconfig"], log=logs / "config.log")
    made = (build / source / ".config").read_text()
    if missing := missing_options(wanted_options(options), made):
        raise HarnessError(f"the kernel {name} cannot be configured with {' '.join(missing)}")
    view.run_told([*make, f"-j{os.cpu_count()}", "bzImage", "modules"], logs / "build.log", "compiling")
    view.run([*make, f"INSTALL_MOD_PATH={BUILD}/out/usr", "modules_install"], log=logs / "install.log")
    release = view.run([*make, "-s", "kernelrelease"])[1].split()[-1]
    for link in ("build", "source"):
        (out / f"usr/lib/modules/{release}" / link).unlink(missing_ok=True)
    shutil.copy(build / source / "arch/x86/boot/bzImage", out / f"boot/vmlinuz-{release}")
    (out / f"boot/config-{release}").write_text(made)
    return release
