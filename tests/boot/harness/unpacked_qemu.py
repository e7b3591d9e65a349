# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU of another suite, unpacked into the cache with its own libraries, and run with its own loader.

Nothing is installed."""
from . import archive
from .tools import hash_of, lock, remove_tree, say

LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = f"{LIBRARIES}/ld-linux-x86-64.so.2"
# Nobody looks at a screen or listens, and what only those need is the larger half.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/icons", f"{LIBRARIES}/dri")


def get(cache, name, suites, packages, left_out=LEFT_OUT):
    """A directory with the packages and all that they depend on; unpacked on first use, some 15 seconds."""
    top = cache / name
    directory = top / hash_of(suites, packages, left_out)
    with lock(cache / "locks" / name):
        if not directory.exists():
            say(f"unpacking QEMU from {suites[-1]}, {name}/{directory.name} (once)")
            remove_tree(top)  # of an older list, or half done
            tree = archive.unpack(top / "fresh", suites, packages)
            for each in left_out:
                for path in tree.glob(each):
                    remove_tree(path) if path.is_dir() else path.unlink()
            tree.rename(directory)
            remove_tree(top / "fresh")
    return directory


def command(tree, program):
    """The command that starts a program of it, as a list of words: no chroot, so that it opens the files of this machine."""
    data = [word for name in ("qemu", "seabios") for word in ("-L", str(tree / "usr/share" / name))]
    libraries = str(tree / LIBRARIES)
    return ["env", f"QEMU_MODULE_DIR={libraries}/qemu", str(tree / LOADER), "--library-path", libraries,
            str(tree / "usr/bin" / program), *data]
