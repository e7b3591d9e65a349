# SPDX-License-Identifier: GPL-2.0-or-later
"""Make Debian roots: a directory (for chroots), a disk image of it (for boots), and its kernel."""
import inspect
import json
import os
import pathlib
import shutil
import tempfile

from . import emulation, suites
from .errors import HarnessError
from .kernel import Kernel, bootable
from .mirrors import apt_options, debian_mirror
from .tools import hash_of, lock, need, remove_tree, run, say

HERE = pathlib.Path(__file__).resolve().parent.parent
LABEL = "boot-root"
INIT = "/usr/lib/boot-test/init"
SLACK_MIB = 300
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*",
            "/usr/share/bash-completion/*", "/usr/share/qemu/*.dtb")


class Root:
    """A finished root in the cache."""

    def __init__(self, directory, key, suite, prefix):
        self.key = key
        self.suite = suite
        self.prefix = prefix  # of commands in it, if it is of another processor
        self.directory = directory
        self.tree = directory / "tree"
        self.disk = directory / "root.raw"

    @property
    def kernel(self):
        """The distribution's kernel."""
        release = json.loads((self.directory / "root.json").read_text())["release"]
        return Kernel(key=self.key, release=release, vmlinux=self.directory / "vmlinux",
                      vmlinuz=self.tree / f"boot/vmlinuz-{release}")


def foreign_options(prefix, architecture):
    """What _debootstrap() needs for a root of another processor: (words before mmdebstrap, its options)."""
    if not prefix:
        return [], []
    # In that user namespace it may mount only in namespaces that belong to it.
    return ([*prefix, "unshare", "--mount", "--pid", "--fork", "--mount-proc"],
            [f"--architectures={architecture.debian}", "--skip=check/qemu"])


def _debootstrap(tree, suite, packages, debs, prefix=(), options=()):
    """Fill `tree`; .deb files are kept in `debs` for the next root of the suite."""
    command = [*prefix, "mmdebstrap", *options, "--mode=root", "--variant=essential", "--format=directory", "--quiet",
               f"--include={','.join(packages)}"]
    for option in ['Apt::Install-Recommends "0";', 'Acquire::Languages "none";', *apt_options()]:
        command.append(f"--aptopt={option.rstrip(';')}")
    for pattern in LEFT_OUT:
        command.append(f"--dpkgopt=path-exclude={pattern}")
    command += ["--dpkgopt=force-unsafe-io", "--skip=essential/unlink",
                '--setup-hook=mkdir -p "$1"/var/cache/apt/archives',
                f"--setup-hook=copy-in {debs}/. /var/cache/apt/archives",
                f'--customize-hook=cp -n "$1"/var/cache/apt/archives/*.deb {debs}/',
                suite, str(tree), f"deb {debian_mirror()} {suite} main"]
    # INITRD=No: kernel packages then make no image; every scenario makes its own.
    run(command, log=tree.parent / "mmdebstrap.log", env={**os.environ, "INITRD": "No", "LC_ALL": "C"})


def _finish(tree):
    """What a root needs beyond packages: it must mount, be quiet, and start our first program."""
    (tree / "etc/fstab").write_text(f"LABEL={LABEL} / ext4 noatime 0 0\n")
    (tree / "etc/hostname").write_text("boot-test\n")
    (tree / "etc/machine-id").write_text("b00770000000000000000000000000e5\n")
    for generator in ("getty", "gpt-auto", "debug", "bless-boot", "rc-local", "hibernate-resume", "cryptsetup",
                      "veritysetup", "integritysetup", "sysv", "run"):
        link = tree / "etc/systemd/system-generators" / f"systemd-{generator}-generator"
        link.parent.mkdir(exist_ok=True)
        link.symlink_to("/dev/null")
    init = tree / INIT.lstrip("/")
    init.parent.mkdir(parents=True)
    shutil.copy(HERE / "guest/init", init)
    init.chmod(0o755)
    shutil.rmtree(tree / "var/lib/apt", ignore_errors=True)


def _make_disk(tree, disk):
    used = int(run(["du", "-sm", "--apparent-size", str(tree)])[1].split()[0])
    run(["mke2fs", "-q", "-t", "ext4", "-L", LABEL, "-O", "^has_journal,^metadata_csum",
         "-E", "lazy_itable_init=1,root_owner=0:0", "-d", str(tree), str(disk), f"{used * 11 // 10 + SLACK_MIB}M"])


def get(cache, suite, generator, flavour="plain"):
    """The root of this suite, generator and flavour; made on first use, then taken from the cache."""
    packages = suites.packages_of(suite, generator, flavour)
    found = suites.get(suite)
    recipe = [inspect.getsource(step) for step in (_debootstrap, _finish, _make_disk)]
    recipe.append((HERE / "guest/init").read_text())
    key = hash_of(suite, packages, recipe)
    directory = cache / "roots" / f"{suite}-{generator}-{flavour}-{key}"
    with lock(cache / "locks" / f"root-{directory.name}"):
        if not (directory / "root.json").exists():
            prefix = emulation.prefix(cache, found.architecture)
            _make(directory, cache / "debs" / suite, found, packages, prefix)
    return Root(directory, key, found, emulation.prefix(cache, found.architecture))


def _make(directory, debs, suite, packages, prefix):
    need("mmdebstrap", "mke2fs", "zstd")
    say(f"making root {directory.name} (once)")
    debs.mkdir(parents=True, exist_ok=True)
    remove_tree(directory)
    directory.mkdir(parents=True)
    # mmdebstrap's apt drops to the user _apt, which must be able to reach the tree
    with tempfile.TemporaryDirectory(dir=directory) as work:
        os.chmod(work, 0o755)
        tree = pathlib.Path(work) / "tree"
        _debootstrap(tree, suite.release, packages, debs, *foreign_options(prefix, suite.architecture))
        _finish(tree)
        tree.rename(directory / "tree")
    tree = directory / "tree"
    kernels = sorted((tree / "boot").glob("vmlinuz-*"))
    if not kernels:
        raise HarnessError(f"no kernel in {tree}/boot")
    bootable(kernels[-1], directory / "vmlinux", suite.architecture.elf_kernel)
    _make_disk(tree, directory / "root.raw")
    release = kernels[-1].name.removeprefix("vmlinuz-")
    for old in directory.parent.glob(f"{directory.name.rpartition('-')[0]}-*"):
        if old != directory:
            shutil.rmtree(old)  # of an older recipe
    (directory / "root.json").write_text(json.dumps({"suite": suite.name, "release": release, "packages": packages}))
