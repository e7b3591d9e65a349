# SPDX-License-Identifier: GPL-2.0-or-later
"""Build our Debian package in a root of its suite with dpkg-buildpackage, and look at it with lintian.

All of it happens in an overlay, so that one root serves every build. Kept beside the root are the source of kmod that the
build fetches, and the compiler's cache: a second build takes a fraction of the first."""
import contextlib
import inspect
import pathlib
import re
import shutil
import tempfile

from . import chroot as chroot_module
from . import cross, suites, tools_root
from .errors import HarnessError
from .tools import hash_of, hash_tree, lock, prune, remove_tree, run, say, use

TOP = pathlib.Path(__file__).resolve().parents[3]
TOOLS = ("apt", "build-essential", "ca-certificates", "ccache", "lintian")
# Of the top folder: what is no source, and what no Debian package is made from, so that a change there needs no new one.
NO_SOURCE = {"build", ".git", ".cache"}
LEFT_OUT = NO_SOURCE | {".ci", "dev", "dev.d", "packaging", "README.md", "CONTRIBUTING.md"}
KEPT_PACKAGES = 6
FOLDER = "/build/vfio-early"
# without the second ccache leaves out every source that has a precompiled header
CACHED = ("CCACHE_DIR=/kept/ccache", "CCACHE_SLOPPINESS=pch_defines,time_macros")
# The profile that links the shared libkmod, and so needs no source but ours: how an archive's builder would build it.
SHARED = "pkg.vfio-early.shared"


def build_depends(control, profile=None):
    """The packages of Build-Depends that a build needs: of alternatives the first, and of a build profile's own those of
    `profile` only."""
    field = re.search(r"^Build-Depends:(.*?)^\S", control, re.MULTILINE | re.DOTALL)
    if not field:
        raise HarnessError("debian/control has no Build-Depends")
    packages = []
    for entry in field[1].split(","):
        words = entry.split("|")[0].split()
        profiles = {word.strip("<>") for word in words if word.startswith("<pkg.")}
        if words and profiles <= {profile}:
            packages.append("debhelper" if words[0] == "debhelper-compat" else words[0])
    return packages


def build_root(cache, suite, profile=None):
    """A directory with everything that a build of the package needs."""
    found = suites.get(suite)
    if found.architecture.foreign:
        return cross.root(cache, found, TOOLS)
    kind = f"package-{profile.rpartition('.')[2]}" if profile else "package"
    return tools_root.get(cache, kind, suite, (*TOOLS, *build_depends((TOP / "debian/control").read_text(), profile)))


def copy_source(target, but=LEFT_OUT):
    """A copy of this source tree, without the tests that look at a package."""
    def left_out(folder, names):
        folder = pathlib.Path(folder)
        here = {TOP: but, TOP / "tests": {"boot", "artifact"}, TOP / "debian": {"tests"}}
        return here.get(folder, {"__pycache__"}) & set(names)

    shutil.copytree(TOP, target, symlinks=True, ignore=left_out)


@contextlib.contextmanager
def _kept(directory, view):
    """What outlives a build, as /kept of the root."""
    for name in ("kept", "kept/ccache", "kept/kmod-source"):
        (directory / name).mkdir(exist_ok=True)
    place = view.path / "kept"
    place.mkdir()
    run(["mount", "--bind", str(directory / "kept"), str(place)])
    try:
        yield
    finally:
        run(["umount", str(place)])


@contextlib.contextmanager
def workshop(cache, suite, profile=None):
    """A writable view of the suite's build root, with the source of kmod in /kept/kmod-source (not for SHARED)."""
    directory = build_root(cache, suite, profile)
    with tempfile.TemporaryDirectory(dir=directory) as work, chroot_module.overlay(directory / "tree", work) as view:
        with _kept(directory, view):
            if profile != SHARED:
                fetch = view.path / "tmp/fetch_kmod_source"
                shutil.copy(TOP / "cmake/fetch_kmod_source", fetch)
                view.run(["/tmp/fetch_kmod_source", "/kept/kmod-source"])
            yield view


def raise_version(source):
    """Make of a source tree the next version, whose policy file has changed, as an upgrade may find it."""
    changelog, policy = source / "debian/changelog", source / "hook/vfio-early.conf"
    changelog.write_text(re.sub(r"\(([0-9.]+)\)", r"(\1.1)", changelog.read_text(), count=1))
    policy.write_text(policy.read_text() + "#\n# The next version has more to say.\n")


def lint(view, file, log):
    """Let lintian look at a file of the view; its errors and warnings are errors here."""
    # not by --fail-on: for that, lintian 2.116 counts what is overridden, too
    code, said = view.run(["lintian", "--allow-root", "--fail-on", "none", "--display-info", "--show-overrides",
                           f"/{file.relative_to(view.path)}"], log=log, check=False)
    if code != 0 or re.search(r"^[EW]: ", said, re.MULTILINE):
        raise HarnessError(f"lintian (exit code {code}):\n{said}")
    return said


def build(cache, suite, target, folder=FOLDER, environment=CACHED, change=None, profile=None):
    """Build in `folder` of the suite's root; what dpkg-buildpackage makes, and its and lintian's logs, come to `target`.

    `change` is done to the copy of the source first. With the profile SHARED there is no network."""
    target.mkdir(parents=True)
    with workshop(cache, suite, profile) as view:
        source = view.path / folder.lstrip("/")
        copy_source(source)
        if change:
            change(source)
        command = ["dpkg-buildpackage", "-b", "-us", "-uc"]
        architecture = suites.get(suite).architecture
        if architecture.foreign:
            command += [f"-a{architecture.debian}", f"-P{cross.PROFILES}"]
        if profile == SHARED:
            command = ["unshare", "-n", *command, f"-P{profile}"]
        else:
            (source / "build").mkdir()
            view.run(["cp", "-a", "/kept/kmod-source", f"{folder}/build/kmod-source"])
        view.run(["env", "-C", folder, "DEB_BUILD_OPTIONS=nocheck", *environment, *command], log=target / "build.log")
        made = [path for path in source.parent.iterdir() if path.is_file()]
        said = lint(view, next(path for path in made if path.suffix == ".changes"), target / "lintian.log")
        if profile == SHARED and re.search("^O: ", said, re.MULTILINE):
            raise HarnessError(f"lintian had to be overridden:\n{said}")
        for path in made:
            shutil.copy2(path, target)
    return target


def get(cache, suite, change=None, profile=None):
    """A directory with the package of this source tree as it is now, or after a `change`; built when that is new."""
    with tempfile.TemporaryDirectory() as work:
        source = pathlib.Path(work) / "source"
        copy_source(source)
        if change:
            change(source)
        key = hash_of(suite, profile, hash_tree(source), inspect.getsource(build))
    directory = cache / "packages" / f"{suite}-{key}"
    with lock(cache / "locks" / f"package-{suite}"):
        if not list(directory.glob("*.deb")):
            say(f"building the Debian package for {suite}{' without the network' if profile == SHARED else ''}")
            remove_tree(directory)
            remove_tree(directory.with_suffix(".new"))
            build(cache, suite, directory.with_suffix(".new"), change=change, profile=profile).rename(directory)
        use(directory)
        prune(cache / "packages", KEPT_PACKAGES)
    return directory
