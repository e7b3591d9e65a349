#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of how the harness runs the card server and tells QEMU of it: whatever dies, it says so and leaves nothing."""
import os
import pathlib
import socket
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cards import protocol  # noqa: E402
from harness import archive, card_slots, machines, newer_qemu, scenario  # noqa: E402
from harness.card_server import CardServer  # noqa: E402
from harness.errors import HarnessError  # noqa: E402
from harness.qemu import Qemu  # noqa: E402

CARDS = {"0000:01:00.0": ("slot1f0", "gt710"), "0000:01:00.1": ("slot1f1", "gt710-audio")}


def processes_with(text):
    """Command lines of running processes that have `text` in them."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if text in words:
            found.append(words)
    return found


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)

    def server(self):
        return CardServer(CARDS, self.work, self.work / "record")


class CardServerTest(WithFolder):
    def test_untouched_cards(self):
        with self.server() as server:
            facts = server.facts(3.0)
        self.assertEqual(set(facts), set(CARDS))
        self.assertEqual([(card["registers"], card["pages"]) for card in facts.values()], [(0, 0), (0, 0)])
        self.assertEqual(processes_with(str(self.work)), [])

    def test_one_access_is_one(self):
        with self.server() as server, socket.socket(socket.AF_UNIX) as client:
            client.connect(str(server.sockets["slot1f0"]))
            body = protocol.ACCESS.pack(0, 0, 4)
            client.sendall(protocol.HEADER.pack(1, protocol.REGION_READ, 32, 0, 0) + body)
            client.recv(64)
            facts = server.facts(3.0)
        self.assertEqual([card["registers"] for card in facts.values()], [1, 0])
        self.assertEqual(facts["0000:01:00.0"]["sample"], ["read bar0+0x000000/4"])

    def test_malformed_message(self):
        with self.server() as server, socket.socket(socket.AF_UNIX) as client:
            client.connect(str(server.sockets["slot1f1"]))
            client.sendall(bytes(16))
            client.recv(1)
            with self.assertRaisesRegex(HarnessError, "card server: .*slot1f1: malformed message: command 0 says"):
                server.facts(3.0)

    def test_port_in_use(self):
        server = self.server()
        place = server.sockets["slot1f1"]
        with socket.socket(socket.AF_UNIX) as other, mock.patch.object(pathlib.Path, "unlink"):
            other.bind(str(place))
            with self.assertRaisesRegex(HarnessError, f"exit code 1.*cannot listen at {place}: Address already in use"):
                server.__enter__()
        self.assertEqual(processes_with(str(self.work)), [])

    def test_it_dies(self):
        with self.server() as server:
            server._process.kill()
            server._process.wait()
            for question in (server.alive, server.seen):
                with self.assertRaisesRegex(HarnessError, r"the card server has ended \(exit code -9\)"):
                    question()

    def test_it_ends_with_who_started_it(self):
        with self.server() as server:
            server._process.stdin.close()
            self.assertEqual(server._process.wait(10), 0)


class QemuTest(WithFolder):
    def qemu(self, program, alive=lambda: True):
        return Qemu([], self.work, self.work / "console", 20, program=program, alive=alive)

    def test_it_dies(self):
        program = ["sh", "-c", "echo no such device >&2; exit 1", str(self.work)]
        with self.assertRaisesRegex(HarnessError, "(?s)QEMU ended before the guest had reported.*no such device"):
            self.qemu(program)
        self.assertEqual(processes_with(str(self.work)), [])

    def test_the_card_server_dies(self):
        def ended():
            raise HarnessError("the card server has ended")
        with self.assertRaisesRegex(HarnessError, "the card server has ended"):
            self.qemu([sys.executable, "-c", "import time; time.sleep(60)", str(self.work)], ended)
        self.assertEqual(processes_with(str(self.work)), [])


class SlotTest(unittest.TestCase):
    def arguments(self, **machine):
        loaded = machines.load(None, machine)
        sockets = {name: f"/x/{name}" for name, _ in card_slots.cards(loaded).values()}
        return machines.arguments(loaded, sockets)

    def test_a_slot_of_cards(self):
        arguments = self.arguments(ports={"1": ["card:gt710", "card:gt710-audio"]})
        first, second = [argument for argument in arguments if argument.startswith("{")]
        self.assertIn('"bus": "rp1", "addr": "0.0", "socket": {"type": "unix", "path": "/x/slot1f0"}', first)
        self.assertIn('"multifunction": true', first)
        self.assertIn('"addr": "0.1", "socket": {"type": "unix", "path": "/x/slot1f1"}', second)
        self.assertNotIn("multifunction", second)

    def test_amd_iommu_needs_a_word_for_cards(self):
        for device, needed in (("card:gt710", True), ("e1000e", False)):
            iommu = next(a for a in self.arguments(iommu="amd", ports={"1": [device]}) if a.startswith("amd-iommu"))
            self.assertEqual(iommu.endswith("dma-remap=on"), needed)

    def test_unplugged_cards_have_a_port_and_come_last_function_first(self):
        machine = machines.load(None, {"unplugged": {"2": ["card:gt710", "card:gt710-audio"]}})
        arguments = " ".join(machines.arguments(machine, {}))
        self.assertIn("id=rp2,", arguments)
        self.assertNotIn("vfio-user-pci", arguments)
        plugged = card_slots.plug_in(machine, 2, {"slot2f0": "a", "slot2f1": "b"})
        self.assertEqual([properties["addr"] for properties in plugged], ["0.1", "0.0"])
        self.assertRaises(HarnessError, card_slots.plug_in, machine, 3, {})

    def test_mistakes(self):
        for machine in ({"ports": {"1": ["card:gt999"]}}, {"unplugged": {"1": ["e1000e"]}}):
            with self.subTest(machine=machine), self.assertRaises(HarnessError):
                scenario.Scenario("x", {"machine": machine})


class NewerQemuTest(unittest.TestCase):
    def test_a_program_without_the_device_is_not_taken(self):
        for program in (["/nowhere"], ["false"], ["echo", "Device 'vfio-user-pci' not found"]):
            with self.subTest(program=program):
                self.assertFalse(newer_qemu.can_serve(program))
        self.assertTrue(newer_qemu.can_serve(["sh", "-c", "echo vfio-user-pci options:"]))

    def test_its_apt_has_nothing_of_this_machine_but_the_mirror(self):
        mirror = mock.patch.object(archive, "debian_mirror", lambda: "http://x.example/debian")
        with tempfile.TemporaryDirectory() as work, mirror:
            environment = archive.configure(pathlib.Path(work), newer_qemu.SUITES)
            text = pathlib.Path(environment["APT_CONFIG"]).read_text()
            sources = (pathlib.Path(work) / "sources.list").read_text()
        self.assertIn("http://x.example/debian trixie-backports main", sources)
        self.assertIn(f'Dir::State "{work}";', text)
        self.assertIn('Dir::Etc::sourceparts "/dev/null";', text)


if __name__ == "__main__":
    unittest.main()
