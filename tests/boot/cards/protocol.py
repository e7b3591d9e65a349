# SPDX-License-Identifier: GPL-2.0-or-later
"""The messages of vfio-user (docs/interop/vfio-user.rst of QEMU): framing, and the bodies that a PCI function meets.

A message is a header of 16 bytes (id, command, size of the whole, flags, error) and a body. File descriptors
travel beside it as SCM_RIGHTS."""
import dataclasses
import json
import struct

VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION_INFO = 1, 2, 3, 4, 5
GET_IRQ_INFO, SET_IRQS, REGION_READ, REGION_WRITE, RESET = 7, 8, 9, 10, 13

HEADER = struct.Struct("<HHIII")
ACCESS = struct.Struct("<QII")  # offset, region, count
REPLY, NO_REPLY, ERROR = 0x1, 0x10, 0x20
MAX_TRANSFER = 1 << 20
MAX_MESSAGE = HEADER.size + ACCESS.size + MAX_TRANSFER

# linux/vfio.h: six BARs, the ROM, configuration space, VGA; INTx, MSI, MSI-X, error, request
REGIONS, CONFIG, INTERRUPTS = 9, 7, 5
DEVICE_FLAGS = 0x3  # can be reset; is PCI
READABLE, WRITABLE, MAPPABLE, HAS_CAPABILITIES = 0x1, 0x2, 0x4, 0x8
SPARSE_MAP = 1


class ProtocolError(Exception):
    """A message that is not what the protocol says."""


@dataclasses.dataclass
class Header:
    """The header of a command."""
    number: int
    command: int
    body_size: int
    wants_reply: bool


def parse_header(data):
    """The header of a command; ProtocolError when what follows cannot be told from it."""
    if len(data) != HEADER.size:
        raise ProtocolError(f"a header of {len(data)} bytes")
    number, command, size, flags, _ = HEADER.unpack(data)
    if not HEADER.size <= size <= MAX_MESSAGE:
        raise ProtocolError(f"command {command} says that it has {size} bytes")
    if flags & 0xf:
        raise ProtocolError(f"command {command} has type {flags & 0xf}, which is no command")
    return Header(number, command, size - HEADER.size, not flags & NO_REPLY)


def reply(header, body=b"", error=0):
    """The bytes of an answer; with an error number there is no body."""
    body = b"" if error else body
    flags = REPLY | (ERROR if error else 0)
    return HEADER.pack(header.number, header.command, HEADER.size + len(body), flags, error) + body


def unpack(layout, body):
    """The fields of a body that begins with `layout`."""
    size = struct.calcsize(layout)
    if len(body) < size:
        raise ProtocolError(f"a body of {len(body)} bytes where {size} are needed")
    return struct.unpack_from(layout, body)


def parse_version(body):
    """(major, minor) of a client."""
    major, minor = unpack("<HH", body)
    if major != 0:
        raise ProtocolError(f"version {major}.{minor}, where 0.x is known")
    return major, minor


def version(major, minor):
    """The body of our answer to a client that speaks that version."""
    offered = {"capabilities": {"max_msg_fds": 8, "max_data_xfer_size": MAX_TRANSFER}}
    return struct.pack("<HH", major, minor) + json.dumps(offered).encode() + b"\0"


def parse_access(body, data_follows):
    """(offset, region, count, data) of a read or a write."""
    offset, region, count = unpack("<QII", body)
    data = body[ACCESS.size:]
    if not 0 < count <= MAX_TRANSFER:
        raise ProtocolError(f"an access of {count} bytes")
    if data_follows and len(data) != count:
        raise ProtocolError(f"a write of {count} bytes with {len(data)}")
    return offset, region, count, data


def device_info():
    """The body that tells of a PCI function."""
    return struct.pack("<IIII", 16, DEVICE_FLAGS, REGIONS, INTERRUPTS)


def region_info(index, size, windows, room):
    """(body, whether the memory's file descriptor goes along) for a region; `windows` are its parts that can be mapped.

    A client whose `room` is too small for the list of windows gets the size it needs, and asks again."""
    flags = READABLE | WRITABLE if size else 0
    listed = b""
    if windows:
        flags |= MAPPABLE | HAS_CAPABILITIES
        listed = struct.pack("<HHIII", SPARSE_MAP, 1, 0, len(windows), 0)
        listed += b"".join(struct.pack("<QQ", *window) for window in windows)
    body = struct.pack("<IIIIQQ", 32 + len(listed), flags, index, 32 if listed else 0, size, 0) + listed
    if room < len(body):
        return body[:32], False
    return body, bool(windows)


def interrupt_info(index, count):
    """The body that tells of one kind of interrupt."""
    can_be_masked = 0x6 if index == 0 else 0
    return struct.pack("<IIII", 16, 0x1 | can_be_masked, index, count)
