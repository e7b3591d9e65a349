# SPDX-License-Identifier: GPL-2.0-or-later
"""Build kernel modules from a folder of tests/boot, out of tree, with the headers that belong to a root's kernel."""
import pathlib
import shutil
import tempfile

from . import chroot as chroot_module
from . import tools_root
from .tools import hash_of, hash_tree, lock, remove_tree, say

HERE = pathlib.Path(__file__).resolve().parent.parent


def get(cache, suite, release, folder):
    """A directory of the cache with the modules of `folder` where a root has them; built on first use."""
    source = HERE / folder
    root = tools_root.get(cache, "module", suite, ("make", f"linux-headers-{release}"))
    directory = cache / "modules" / f"{folder}-{hash_of(root.name, release, hash_tree(source))}"
    with lock(cache / "locks" / f"modules-{directory.name}"):
        if not directory.exists():
            _make(directory, root / "tree", source, release)
    return directory


def _make(directory, root, source, release):
    say(f"building the modules {directory.name} (once)")
    directory.parent.mkdir(exist_ok=True)
    for old in directory.parent.glob(f"{source.name}-*"):
        remove_tree(old)
    home = pathlib.Path("usr/lib/modules") / release / "updates"
    with tempfile.TemporaryDirectory(dir=directory.parent) as work:
        with chroot_module.overlay(root, work) as view:
            shutil.copytree(source, view.path / "build")
            view.run(["make", "-C", f"/lib/modules/{release}/build", "M=/build", "modules"])
        made = pathlib.Path(work) / "made"
        (made / home).mkdir(parents=True)
        for module in (pathlib.Path(work) / "upper/build").glob("*.ko"):
            shutil.copy(module, made / home)
        made.chmod(0o755)
        made.rename(directory)
