# SPDX-License-Identifier: GPL-2.0-or-later
"""A writable view of a root, to run its own programs in.

An overlay keeps the root itself clean. /proc is of our process namespace and /sys is empty, so that nothing the
tested programs could find out about this build host gets into an image."""
import contextlib
import pathlib

from .tools import run, run_told

DEVICES = ("null", "zero", "full", "random", "urandom")
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C", "TMPDIR": "/tmp"}


class Chroot:
    def __init__(self, path, prefix=()):
        """`prefix` comes before each command, for a root of another processor (emulation.py)."""
        self.path = pathlib.Path(path)
        self.prefix = prefix

    def write(self, name, text, mode=0o644):
        """Write a file; `name` is its path in the root."""
        target = self.path / name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def run(self, command, log=None, check=True):
        return run(self._command(command), log=log, env=ENVIRONMENT, check=check)

    def run_told(self, command, log, what):
        """run() for what takes minutes: says from time to time how far it is."""
        run_told(self._command(command), log, what, env=ENVIRONMENT)

    def _command(self, command):
        return [*self.prefix, "chroot", str(self.path), *command]


def _mount(mounted, *arguments):
    run(["mount", *map(str, arguments)])
    mounted.append(arguments[-1])


@contextlib.contextmanager
def overlay(lower, work, prefix=()):
    """Mount `lower` writable below `work`; changes are left in work/upper."""
    work = pathlib.Path(work)
    merged = work / "merged"
    for directory in (merged, work / "upper", work / "work"):
        directory.mkdir(parents=True)
    mounted = []
    try:
        _mount(mounted, "-t", "overlay", "overlay", "-o",
               f"lowerdir={lower},upperdir={work / 'upper'},workdir={work / 'work'}", merged)
        _mount(mounted, "-t", "proc", "proc", merged / "proc")
        for name in ("tmp", "run", "sys", "dev"):
            _mount(mounted, "-t", "tmpfs", "-o", "mode=755", "tmpfs", merged / name)
        for name in DEVICES:
            (merged / "dev" / name).touch()
            _mount(mounted, "--bind", f"/dev/{name}", merged / "dev" / name)
        (merged / "dev/fd").symlink_to("/proc/self/fd")
        yield Chroot(merged, prefix)
    finally:
        for path in reversed(mounted):
            run(["umount", str(path)])
