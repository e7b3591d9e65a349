# SPDX-License-Identifier: GPL-2.0-or-later
"""Look into a built initramfs image: the names in it, and single files."""
import pathlib
import subprocess

from .errors import HarnessError

DECOMPRESSORS = ((b"\x28\xb5\x2f\xfd", "zstd"), (b"\x02\x21\x4c\x18", "lz4"), (b"\x1f\x8b", "gzip"), (b"\xfd7zXZ", "xz"))
MAGIC = b"070701"  # cpio newc, Documentation/driver-api/early-userspace/buffer-format.rst


def _archives(data):
    """Each cpio archive of the concatenation, the last one usually compressed."""
    while data := data.lstrip(b"\0"):
        if data.startswith(MAGIC):
            yield data
            end = _end_of(data)
            data = data[end:]
            continue
        for magic, program in DECOMPRESSORS:
            if data.startswith(magic):
                data = subprocess.run([program, "-dc"], input=data, capture_output=True, check=True).stdout
                break
        else:
            raise HarnessError(f"unknown compression of initramfs image: {data[:6]!r}")


def _members(data):
    """(name, mode, start, end) of each member up to the trailer; (None, …) closes with the archive's end."""
    position = 0
    while True:
        header = data[position:position + 110]
        if not header.startswith(MAGIC):
            raise HarnessError("damaged cpio archive in initramfs image")
        mode = int(header[14:22], 16)
        size = int(header[54:62], 16)
        name_length = int(header[94:102], 16)
        name = data[position + 110:position + 110 + name_length - 1].decode(errors="replace")
        start = (position + 110 + name_length + 3) & ~3
        position = (start + size + 3) & ~3
        if name == "TRAILER!!!":
            yield None, 0, position, position
            return
        yield name.removeprefix("./"), mode, start, start + size


def _end_of(data):
    return [end for name, _, _, end in _members(data) if name is None][0]


def read(path, wanted):
    """All file names of the image in its order, and the contents of the `wanted` ones."""
    names, contents = [], {}
    for archive in _archives(pathlib.Path(path).read_bytes()):
        for name, _, start, end in _members(archive):
            if name is None:
                continue
            names.append(name)
            if name in wanted:
                contents[name] = archive[start:end].decode(errors="replace")
    return names, contents


def _header(number, mode, size, name):
    fields = (number, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name) + 1, 0)
    data = MAGIC + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def add(path, name, content, target):
    """The image at `path` with one more file, which wins over an older one: the kernel unpacks archive after archive.

    It is left unpacked: the kernel would look for more behind the end of an lz4 stream."""
    with open(target, "wb") as file:
        for archive in _archives(pathlib.Path(path).read_bytes()):
            file.write(archive[:_end_of(archive)])
        file.write(b"\0" * (-file.tell() % 512))
        for data in (_header(1, 0o100644, len(content), name), content, b"\0" * (-len(content) % 4),
                     _header(0, 0, 0, "TRAILER!!!")):
            file.write(data)
