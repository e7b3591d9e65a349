#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of tests/boot/cards without QEMU: the test is the client. Above all, an access that is lost is noticed."""
import mmap
import os
import pathlib
import random
import socket
import struct
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cards import protocol, record  # noqa: E402
from cards.catalog import CARDS  # noqa: E402
from cards.function import Function  # noqa: E402
from cards.server import Server  # noqa: E402

CONFIG = protocol.CONFIG


class ServedCard(unittest.TestCase):
    """A GT 710 at a socket, and a client."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "record"
        self.place = str(pathlib.Path(folder.name) / "card.sock")
        self.recorder = record.Recorder(self.path)
        self.server = Server(Function("gt710", CARDS["gt710"](), self.recorder), self.place, self.recorder)
        self.server.start()
        self.connect()

    def connect(self):
        self.client = socket.socket(socket.AF_UNIX)
        self.client.settimeout(10)
        self.client.connect(self.place)
        self.addCleanup(self.client.close)

    def send(self, command, body=b"", size=None, flags=0, descriptors=()):
        size = protocol.HEADER.size + len(body) if size is None else size
        socket.send_fds(self.client, [protocol.HEADER.pack(7, command, size, flags, 0) + body], descriptors)

    def ask(self, command, body=b"", **more):
        """(error, body, file descriptors) of the answer."""
        self.send(command, body, **more)
        data, descriptors, _, _ = socket.recv_fds(self.client, 1 << 16, 8)
        number, answered, size, flags, error = protocol.HEADER.unpack(data[:16])
        self.assertEqual((number, answered, size), (7, command, len(data)))
        self.assertEqual(bool(flags & protocol.ERROR), bool(error))
        return error, data[16:], descriptors

    def access(self, region, offset, size, value=None, **more):
        """Read, or write `value`; the value read."""
        head = protocol.ACCESS.pack(offset, region, size)
        if value is None:
            error, body, _ = self.ask(protocol.REGION_READ, head)
            self.assertEqual(error, 0)
            return int.from_bytes(body[16:], "little")
        self.send(protocol.REGION_WRITE, head + value.to_bytes(size, "little"), flags=protocol.NO_REPLY)
        return value

    def seen(self):
        self.server.write_total()
        return record.read(self.path)["gt710"]


class ConversationTest(ServedCard):
    def test_version(self):
        error, body, _ = self.ask(protocol.VERSION, struct.pack("<HH", 0, 1) + b'{"capabilities":{}}\0')
        self.assertEqual((error, body[:4]), (0, b"\0\0\1\0"))

    def test_device_is_pci_with_six_bars_and_configuration_space(self):
        self.assertEqual(struct.unpack("<IIII", self.ask(protocol.GET_INFO, bytes(16))[1])[1:], (3, 9, 5))

    def test_regions(self):
        questions = [struct.pack("<IIIIQQ", 32, 0, index, 0, 0, 0) for index in range(9)]
        sizes = [struct.unpack_from("<Q", self.ask(protocol.GET_REGION_INFO, question)[1], 16)[0] for question in questions]
        self.assertEqual(sizes, [16 << 20, 128 << 20, 0, 32 << 20, 0, 128, 0, 4096, 0])

    def test_memory_of_a_window_comes_as_a_descriptor_once_there_is_room_for_its_place(self):
        question = [32, 0, 0, 0, 0, 0]
        error, body, descriptors = self.ask(protocol.GET_REGION_INFO, struct.pack("<IIIIQQ", *question))
        wanted = struct.unpack_from("<I", body)[0]
        self.assertEqual((error, descriptors, wanted), (0, [], 64))
        question[0] = wanted
        _, body, descriptors = self.ask(protocol.GET_REGION_INFO, struct.pack("<IIIIQQ", *question))
        self.assertEqual(struct.unpack_from("<QQ", body, 48), (0x700000, 1 << 20))
        self.assertEqual(len(descriptors), 1)
        os.close(descriptors[0])

    def test_interrupts_and_dma_are_accepted_and_leave_no_descriptor_open(self):
        self.ask(protocol.GET_INFO, bytes(16))
        before = len(os.listdir("/proc/self/fd"))
        memory = os.memfd_create("memory")
        for _ in range(3):
            self.assertEqual(self.ask(protocol.DMA_MAP, bytes(32), descriptors=[memory])[0], 0)
        os.close(memory)
        self.assertEqual(self.ask(protocol.SET_IRQS, bytes(20))[0], 0)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_registers(self):
        self.assertEqual(self.access(0, 0, 4), 0xb06010b1)
        self.assertEqual(self.access(0, 0x300000, 2), 0xaa55)
        self.access(0, 0x1000, 4, 0x12345678)
        self.assertEqual(self.access(0, 0x1000, 4), 0x12345678)
        self.assertEqual(self.access(0, 0x1002, 1), 0x34)
        self.assertEqual(self.ask(protocol.RESET)[0], 0)
        self.assertEqual(self.access(0, 0x1000, 4), 0)
        self.assertLess(self.access(0, 0x9400, 4), 1 << 32)

    def test_configuration_space_keeps_only_what_can_be_written(self):
        self.access(CONFIG, 4, 2, 0x0003)
        self.access(CONFIG, 0, 4, 0)
        self.assertEqual(self.access(CONFIG, 0, 8), 0x0010_0003_128b_10de)


class MalformedTest(ServedCard):
    def fault(self, pattern):
        with self.assertRaisesRegex(record.RecordError, pattern):
            self.seen()

    def refused(self, pattern, command, body=b"", **more):
        self.assertEqual(self.ask(command, body, **more), (22, b"", []))
        self.fault(pattern)
        self.assertEqual(self.access(0, 0, 4), 0xb06010b1, "the server must go on")

    def closed(self, pattern, *message, **more):
        """A message after which nobody can say where the next begins."""
        self.send(*message, **more)
        self.assertEqual(self.client.recv(1), b"")
        self.fault(pattern)
        self.connect()
        self.assertEqual(self.access(0, 0, 4), 0xb06010b1, "another client must be served")

    def test_unknown_command(self):
        self.refused("command 99 is not known", 99)

    def test_body_too_short(self):
        self.refused("a body of 3 bytes where 16 are needed", protocol.REGION_READ, b"abc")

    def test_nothing_is_read(self):
        self.refused("an access of 0 bytes", protocol.REGION_READ, protocol.ACCESS.pack(0, 0, 0))

    def test_write_without_its_data(self):
        self.refused("a write of 4 bytes with 2", protocol.REGION_WRITE, protocol.ACCESS.pack(0, 0, 4) + b"ab")

    def test_beyond_the_end(self):
        self.refused("4 bytes at 0x80 of region 5, which has 128", protocol.REGION_READ,
                     protocol.ACCESS.pack(128, 5, 4))
        self.refused("", protocol.REGION_READ, protocol.ACCESS.pack(0, 2, 4))

    def test_no_such_interrupt(self):
        self.refused("no kind 9 of interrupt", protocol.GET_IRQ_INFO, struct.pack("<IIII", 16, 0, 9, 0))

    def test_another_version(self):
        self.refused("version 9.0", protocol.VERSION, struct.pack("<HH", 9, 0))

    def test_size_smaller_than_the_header(self):
        self.closed("says that it has 8 bytes", protocol.GET_INFO, size=8)

    def test_huge_size(self):
        self.closed("says that it has 4294967295 bytes", protocol.GET_INFO, size=0xffffffff)

    def test_reply_instead_of_a_command(self):
        self.closed("which is no command", protocol.GET_INFO, flags=protocol.REPLY)

    def test_client_that_goes_in_the_middle(self):
        self.send(protocol.REGION_READ, b"abc", size=32)
        self.client.shutdown(socket.SHUT_WR)
        self.assertEqual(self.client.recv(1), b"")
        self.fault("the client went after 3 of 16 bytes")


class RecordTest(ServedCard):
    def test_every_access_is_there_in_its_order(self):
        choice, done = random.Random(1), []
        for _ in range(500):
            region, size = choice.choice(((0, 4), (0, 2), (1, 1), (3, 8), (5, 4)))
            offset, written = choice.randrange(16) * 8, choice.choice((None, choice.randrange(256)))
            value = self.access(region, offset, size, written)
            event = "read" if written is None else "write"
            done.append((event, f"bar{region}+{offset:#08x}/{size}", f"{value:0{2 * size}x}"))
        self.assertEqual([access[1:] for access in self.seen().accesses], done)

    def test_configuration_space_is_told_apart(self):
        self.access(CONFIG, 4, 2, 6)
        self.access(CONFIG, 0, 4)
        seen = self.seen()
        self.assertEqual(seen.accesses, [])
        self.assertEqual([event for _, event, _ in seen.events], ["connected", "config-write", "config-read", "total"])

    def test_what_comes_after_a_total_is_in_the_next(self):
        self.access(0, 0, 4)
        self.assertEqual(len(self.seen().accesses), 1)
        self.access(0, 0, 4)
        self.assertEqual(len(self.seen().accesses), 2)

    def test_memory_is_touched_by_a_read_too(self):
        self.assertEqual(self.seen().pages, 0)
        memory = mmap.mmap(self.server.function.card.memory[1], 1 << 20)
        self.addCleanup(memory.close)
        self.assertEqual(memory[5 * 4096], 0)
        self.assertEqual(self.seen().pages, 1)

    def test_access_that_the_recorder_misses(self):
        whole = self.recorder.write
        self.recorder.write = lambda card, event, text="": None if "0x000040" in text else whole(card, event, text)
        for offset in (0x3c, 0x40, 0x44):
            self.access(0, offset, 4)
        with self.assertRaisesRegex(record.RecordError, "took 3 accesses off the socket, the record has 2"):
            self.seen()

    def edited(self, edit):
        for offset in (0x3c, 0x40, 0x44):
            self.access(0, offset, 4)
        self.assertEqual(len(self.seen().accesses), 3)
        self.path.write_text("".join(edit(self.path.read_text().splitlines(keepends=True))))
        return lambda: record.read(self.path)

    def test_line_that_is_lost(self):
        read = self.edited(lambda lines: [line for line in lines if "0x000040" not in line])
        self.assertRaisesRegex(record.RecordError, "the record has a gap", read)

    def test_lines_that_are_lost_from_the_end(self):
        self.assertRaisesRegex(record.RecordError, "no total of gt710", self.edited(lambda lines: lines[:-2]))

    def test_line_that_is_cut(self):
        read = self.edited(lambda lines: [*lines[:-1], lines[-1][:-3]])
        self.assertRaisesRegex(record.RecordError, "not a line of a record", read)


class CatalogTest(unittest.TestCase):
    def test_headers(self):
        for name, card in CARDS.items():
            with self.subTest(card=name):
                config = card().config
                self.assertEqual(struct.unpack_from("<HH", config), (card.vendor, card.device))
                self.assertNotEqual(card.vendor, 0)
                self.assertEqual(struct.unpack_from("<I", config, 8)[0] >> 8, card.class_code)

    def test_capabilities_are_a_chain_of_three(self):
        for name, card in CARDS.items():
            with self.subTest(card=name):
                config, at, found = card().config, 0x34, []
                while config[at]:
                    at = config[at]
                    found.append(config[at])
                    at += 1
                self.assertEqual(found, [0x01, 0x05, 0x10])

    def test_bars_have_room_and_windows_are_within(self):
        for name, card in CARDS.items():
            with self.subTest(card=name):
                taken = [i for index, (_, low) in card.bars.items() for i in (index, index + 1)[:1 + bool(low & 4)]]
                self.assertEqual(len(set(taken)), len(taken))
                self.assertLess(max(taken), 6)
                for index, (size, _) in card.bars.items():
                    self.assertEqual(size & (size - 1), 0)
                    for offset, length in card.windows.get(index, []):
                        self.assertLessEqual(offset + length, size)

    def test_vbios_is_summed_up(self):
        self.assertEqual(sum(CARDS["gt710"].vbios) & 0xff, 0)


if __name__ == "__main__":
    unittest.main()
