# SPDX-License-Identifier: GPL-2.0-or-later
"""What a card answers to the messages of vfio-user, and what of them is recorded. No sockets here.

Registers are what is behind the BARs. Configuration space is a region of its own in the protocol, so that what
the firmware, the PCI core and vfio-pci do there is told apart from a driver's work by the message itself."""
from . import protocol, record
from .protocol import ProtocolError

INTERRUPT_KINDS = (1, 1, 0, 0, 0)


class Function:
    """One card as its client sees it."""

    def __init__(self, name, card, recorder):
        self.name = name
        self.card = card
        self._recorder = recorder
        self._answers = {
            protocol.VERSION: self._version, protocol.GET_INFO: lambda body: (protocol.device_info(), []),
            protocol.GET_REGION_INFO: self._region_info, protocol.GET_IRQ_INFO: self._interrupt_info,
            protocol.REGION_READ: self._read, protocol.REGION_WRITE: self._write, protocol.RESET: self._reset,
            # neither DMA nor interrupts are made by these cards
            protocol.DMA_MAP: lambda body: (b"", []), protocol.DMA_UNMAP: lambda body: (body[:24], []),
            protocol.SET_IRQS: lambda body: (b"", []),
        }

    def answer(self, command, body):
        """(body, file descriptors) of the reply; ProtocolError for what is no message of a PCI function."""
        if command not in self._answers:
            raise ProtocolError(f"command {command} is not known here")
        return self._answers[command](body)

    def _version(self, body):
        return protocol.version(*protocol.parse_version(body)), []

    def _region_info(self, body):
        room, _, index = protocol.unpack("<III", body)
        size = len(self.card.config) if index == protocol.CONFIG else self.card.region_size(index)
        described, with_memory = protocol.region_info(index, size, self.card.windows.get(index, []), room)
        return described, [self.card.memory[index]] if with_memory else []

    def _interrupt_info(self, body):
        index = protocol.unpack("<III", body)[2]
        if index >= len(INTERRUPT_KINDS):
            raise ProtocolError(f"there is no kind {index} of interrupt")
        return protocol.interrupt_info(index, INTERRUPT_KINDS[index]), []

    def _within(self, region, offset, count):
        size = len(self.card.config) if region == protocol.CONFIG else self.card.region_size(region)
        if offset + count > size:
            raise ProtocolError(f"{count} bytes at {offset:#x} of region {region}, which has {size}")

    def _read(self, body):
        offset, region, count, _ = protocol.parse_access(body, data_follows=False)
        self._within(region, offset, count)
        if region == protocol.CONFIG:
            data = bytes(self.card.config[offset:offset + count])
            self._recorder.write(self.name, "config-read", f"{offset:#05x}/{count} {data[::-1].hex()}")
        else:
            data = (self.card.read(region, offset, count) & (1 << 8 * count) - 1).to_bytes(count, "little")
            self._recorder.write(self.name, record.READ, f"bar{region}+{offset:#08x}/{count} {data[::-1].hex()}")
        return body[:protocol.ACCESS.size] + data, []

    def _write(self, body):
        offset, region, count, data = protocol.parse_access(body, data_follows=True)
        self._within(region, offset, count)
        if region == protocol.CONFIG:
            self._recorder.write(self.name, "config-write", f"{offset:#05x}/{count} {data[::-1].hex()}")
            self.card.config_write(offset, data)
        else:
            self._recorder.write(self.name, record.WRITE, f"bar{region}+{offset:#08x}/{count} {data[::-1].hex()}")
            self.card.write(region, offset, count, int.from_bytes(data, "little"))
        return body[:protocol.ACCESS.size], []

    def _reset(self, _):
        self._recorder.write(self.name, "reset")
        self.card.reset()
        return b"", []


def is_register_access(command, body):
    """Whether a message, as it came off the socket, asks for a register."""
    if command not in (protocol.REGION_READ, protocol.REGION_WRITE) or len(body) < protocol.ACCESS.size:
        return False
    return protocol.ACCESS.unpack_from(body)[1] != protocol.CONFIG
