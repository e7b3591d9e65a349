# SPDX-License-Identifier: GPL-2.0-or-later
"""Roots that something is built in, never booted: only a directory, without a kernel or an init."""
import inspect
import os
import pathlib
import shutil
import tempfile

from . import roots
from .tools import hash_of, lock, need, say


def get(cache, kind, suite, packages, options=(), key=None):
    """A directory whose `tree` has these packages; made on first use. `kind` says what is built in it.

    `options`: more of mmdebstrap, and `key` whatever those depend on."""
    packages = sorted(set(packages))
    key = hash_of(suite, packages, inspect.getsource(roots._debootstrap), key)
    kept = cache / f"{kind}-roots"
    directory = kept / f"{suite}-{key}"
    with lock(cache / "locks" / f"{kind}-root-{directory.name}"):
        if not (directory / "tree").exists():
            need("mmdebstrap")
            say(f"making a root to build the {kind} in, {directory.name} (once)")
            debs = cache / "debs" / suite
            debs.mkdir(parents=True, exist_ok=True)
            for old in kept.glob(f"{suite}-*"):
                shutil.rmtree(old)  # of an older list of packages
            directory.mkdir(parents=True)
            with tempfile.TemporaryDirectory(dir=directory) as work:
                os.chmod(work, 0o755)
                tree = pathlib.Path(work) / "tree"
                roots._debootstrap(tree, suite, packages, debs, options=options)
                tree.rename(directory / "tree")
    return directory
