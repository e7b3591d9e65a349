# SPDX-License-Identifier: GPL-2.0-or-later
"""Running commands, locking, hashing: the small tools of every other part."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time

from .errors import HarnessError

PACKAGE_OF = {
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "qemu-system-x86_64": "qemu-system-x86",
    "zstd": "zstd",
    "lz4": "lz4",
    "unshare": "util-linux",
    "cmake": "cmake",
    "qemu-img": "qemu-utils",
    "nsenter": "util-linux",
    "ip": "iproute2",
}


def need(*programs):
    """Fail early, naming the Debian packages of all programs that are missing."""
    missing = [p for p in programs if shutil.which(p) is None]
    if missing:
        packages = " ".join(PACKAGE_OF.get(p, p) for p in missing)
        raise HarnessError(f"missing programs: {' '.join(missing)}; Debian packages: {packages}")


def run(command, log=None, env=None, check=True):
    """Run a command with its output in the file `log` (or captured); return (exit code, output)."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=env, check=False)
    output = done.stdout.decode(errors="replace")
    if log is not None:
        pathlib.Path(log).write_text(output)
    if check and done.returncode != 0:
        tail = "\n".join(output.splitlines()[-25:])
        raise HarnessError(f"{' '.join(map(str, command[:4]))} … failed with {done.returncode}:\n{tail}")
    return done.returncode, output


def run_told(command, log, what, env=None, every=15):
    """Run a command that takes minutes with its output in the file `log`, and say from time to time how far that is."""
    started = told = time.monotonic()
    lines = 0
    with open(log, "w") as file, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                  stderr=subprocess.STDOUT, env=env, text=True, errors="replace") as process:
        for line in process.stdout:
            file.write(line)
            lines += 1
            if time.monotonic() - told >= every:
                told = time.monotonic()
                say(f"  {what}: {told - started:.0f} s, {lines} steps")
    if process.returncode != 0:
        tail = "\n".join(pathlib.Path(log).read_text().splitlines()[-25:])
        raise HarnessError(f"{what} failed with {process.returncode}:\n{tail}")


@contextlib.contextmanager
def lock(path):
    """Hold an exclusive lock on a file: two runs never make the same root or image at once."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def hash_of(*parts):
    """A short key of texts, numbers and containers of them."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def hash_tree(top):
    """A key of names, modes and contents of all files below a directory."""
    digest = hashlib.sha256()
    for path in sorted(pathlib.Path(top).rglob("*")):
        mode = path.lstat().st_mode
        digest.update(f"{path.relative_to(top)} {mode:o}\0".encode())
        if stat.S_ISLNK(mode):
            digest.update(os.readlink(path).encode())
        elif stat.S_ISREG(mode):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def remove_tree(path):
    """Remove a directory made by us, if it is there."""
    if os.path.lexists(path):
        shutil.rmtree(path)


def use(entry):
    """Mark an entry of the cache as used now."""
    os.utime(entry)
    return entry


def prune(directory, keep):
    """Remove the entries of a cache directory that were not used for the longest, all but `keep`."""
    entries = sorted(pathlib.Path(directory).iterdir(), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[:-keep]:
        shutil.rmtree(entry, ignore_errors=True)


def cached(cache, kind, name, make, keep):
    """The directory `name` among those of a kind, filled by make(directory) on first use. `keep` of the kind stay."""
    directory = cache / kind / name
    with lock(cache / "locks" / f"{kind}-{name}"):
        if not (directory / "done").exists():
            remove_tree(directory)
            make(directory)
            (directory / "done").touch()
        use(directory)
    with lock(cache / "locks" / kind):
        prune(cache / kind, keep)
    return directory


class Stopwatch:
    """Seconds by name, for the times printed after each scenario."""

    def __init__(self):
        self.seconds = {}

    @contextlib.contextmanager
    def measure(self, name):
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - start

    def text(self):
        return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items() if seconds >= 0.05)


def say(text):
    """Progress for a person, on standard error."""
    print(text, file=sys.stderr, flush=True)
