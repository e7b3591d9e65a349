# SPDX-License-Identifier: GPL-2.0-or-later
"""Firmware that a driver asks for before it goes near its card, from Debian's non-free-firmware, as files of a root."""
import shutil

from . import archive
from .errors import HarnessError
from .tools import hash_of, lock, remove_tree, say

PLACE = "lib/firmware"


def get(cache, suite, package, patterns):
    """A directory to copy over a root: the files of the package whose names below /lib/firmware match a pattern."""
    top = cache / "firmware"
    directory = top / f"{package}-{hash_of(suite, package, patterns)}"
    with lock(cache / "locks" / f"firmware-{directory.name}"):
        if not directory.exists():
            say(f"unpacking firmware, {directory.name} (once)")
            work = top / f"{directory.name}.fresh"
            tree = archive.unpack(work, [suite], [package], "non-free-firmware")
            source = next((path for path in (tree / PLACE, tree / "usr" / PLACE) if path.is_dir()), None)
            names = sorted({name for pattern in patterns for name in source.glob(pattern)}) if source else []
            if not names:
                raise HarnessError(f"{package} of {suite} has no firmware that matches {', '.join(patterns)}")
            kept = work / "kept/usr" / PLACE  # /lib is a link in every root
            for name in names:
                target = kept / name.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(name, target)
            (work / "kept").rename(directory)
            remove_tree(work)
    return directory
