# SPDX-License-Identifier: GPL-2.0-or-later
"""An overlay of `vfio-earlyctl overlay`, loaded beside an image that was made without us."""
import inspect
import shutil

from . import chroot as chroot_module
from . import images
from .tools import cached, hash_of, remove_tree, run

PLACES = ("before", "behind")
KEPT = 40


def get(cache, root, kernel, spec, base):
    """The archive, made in a chroot with our build, the policy and the image that it goes beside."""
    key = hash_of(root.key, kernel.key, spec["install"].name, sorted(spec["files"].items()), base.directory.name,
                  inspect.getsource(_make))
    directory = cached(cache, "overlays", key, lambda directory: _make(directory, root, kernel, spec, base), KEPT)
    return directory / "overlay.cpio"


def _make(directory, root, kernel, spec, base):
    with chroot_module.overlay(root.tree, directory / "work") as view:
        run(["cp", "-a", f"{spec['install']}/.", str(view.path)])
        images._supply_libraries(view)
        for name, text in spec["files"].items():
            view.write(name, text)
        shutil.copy(base.initrd, view.path / "base")
        view.run(["vfio-earlyctl", "overlay", "/root/overlay.cpio", "--kernel", kernel.release, "--base", "/base"],
                 log=directory / "overlay.log")
        shutil.copy(view.path / "root/overlay.cpio", directory / "overlay.cpio")
    remove_tree(directory / "work")


def join(base, overlay, place, target):
    """One file as a boot loader gives two to the kernel, each at a multiple of four bytes."""
    parts = {"before": (overlay, base), "behind": (base, overlay)}[place]
    with open(target, "wb") as file:
        for part in parts:
            file.write(b"\0" * (-file.tell() % 4))
            file.write(part.read_bytes())
    return target
