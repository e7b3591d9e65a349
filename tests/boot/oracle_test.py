#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of what judges random boots, without a boot: of a wrong boot it must say so."""
import os
import random
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from harness import agent, machines, random_boot, random_machine, random_policy  # noqa: E402
from harness.oracle import Oracle, matches  # noqa: E402
from harness.random_policy import Statement  # noqa: E402


def function(address, identity, code, driver, group):
    """One behind a port of its own bus; bus 02 is behind a bridge."""
    bus, place = address.split(":")
    return {"address": f"0000:{address}", "slot": f"0000:{address[:5]}", "path": f"0000:00:{bus}.0/{place}",
            "id": identity, "class": code, "driver": driver, "override": "", "group": group,
            "modalias": f"pci:{identity}", "modules": [driver] if driver else []}


# One card with sound, two cards that share a group with a nameless thing, a drive, and a display for the host.
MACHINE = [
    function("00:01.0", "1b36:000c", "060400", "pcieport", "1"),
    function("01:00.0", "1234:1111", "038000", "bochs-drm", "5"),
    function("01:00.1", "8086:293e", "040300", "snd_hda_intel", "5"),
    function("02:01.0", "8086:100e", "020000", "e1000", "6"),
    function("02:02.0", "8086:100e", "020000", "e1000", "6"),
    function("02:03.0", "1b36:0005", "00ff00", "", "6"),
    function("03:00.0", "1b36:0010", "010802", "nvme", "7"),
    function("04:00.0", "1234:1111", "038000", "bochs-drm", "8"),
    function("05:00.0", "8086:10d3", "020000", "e1000e", "9"),
]


def oracle(*statements):
    return Oracle(list(statements), MACHINE)


def short(addresses):
    return {address.removeprefix("0000:") for address in addresses}


class OracleTest(unittest.TestCase):
    def expect(self, judged, allowed, bound=(), refused=()):
        self.assertEqual((short(judged.allowed), short(judged.bound), short(judged.refused)),
                         (set(allowed), set(bound), set(refused)))

    def test_a_card_with_its_sound(self):
        self.expect(oracle(Statement({"": "0000:01:00.0"})), ["01:00.0", "01:00.1"], ["01:00.0", "01:00.1"])

    def test_alone_its_sound_is_in_the_way(self):
        self.expect(oracle(Statement({"": "0000:01:00.0"}, {"with": "function"})), ["01:00.0"], (), ["01:00.0"])

    def test_a_neighbour_of_another_slot_is_no_companion(self):
        self.expect(oracle(Statement({"": "0000:02:01.0"})), ["02:01.0"], (), ["02:01.0"])

    def test_a_neighbour_without_a_driver_is_not_in_the_way(self):
        both = [Statement({"": f"0000:02:0{slot}.0"}) for slot in (1, 2)]
        judged = Oracle(both[:1], [f for f in MACHINE if f["address"] != "0000:02:02.0"])
        self.expect(judged, ["02:01.0"], ["02:01.0"])
        # Two statements for one group: each needs the other, so the page leaves room.
        self.expect(oracle(*both), ["02:01.0", "02:02.0"])

    def test_the_whole_group(self):
        group = ["02:01.0", "02:02.0", "02:03.0"]
        self.expect(oracle(Statement({"": "0000:02:01.0"}, {"with": "group"})), group, group)

    def test_more_than_one_slot_is_ambiguous_without_all(self):
        self.expect(oracle(Statement({"class": "display"})), [])
        # The host would be without any: maybe allowed, never certain.
        self.expect(oracle(Statement({"class": "display"}, all=True)), ["01:00.0", "01:00.1", "04:00.0"])

    def test_two_statements_about_one_function_leave_room(self):
        both = [Statement({"": "0000:03:00.0"}), Statement({"id": "1b36:0010"}, {"on-failure": "hold"})]
        self.expect(oracle(*both), ["03:00.0"])
        self.expect(oracle(both[0]), ["03:00.0"], ["03:00.0"])

    def test_something_else_is_there(self):
        self.expect(oracle(Statement({"": "0000:03:00.0", "id": "8086:ffff"})), [])

    def test_protected(self):
        self.expect(oracle(Statement({"id": "1b36:0010"}), Statement({"": "0000:03:00.0"}, protect=True)), [])

    def test_no_bridge_and_nothing_without_a_group(self):
        self.expect(oracle(Statement({"id": "1b36:*"}, all=True)), ["02:03.0", "03:00.0"])
        self.expect(Oracle([Statement({"": "0000:03:00.0"})], [{**f, "group": ""} for f in MACHINE]), [])

    def test_selectors(self):
        found = [f["address"][5:] for f in MACHINE if matches(Statement({"class": "network", "native": "e1000"}), f)]
        self.assertEqual(found, ["02:01.0", "02:02.0"])
        self.assertTrue(matches(Statement({"path": "0000:00:01.0/00.*"}), MACHINE[2]))


def boot(judged, **changes):
    """What a right boot shows, with changes by address."""
    after = {}
    for before in judged.functions + judged.bridges:
        taken = before["address"] in judged.bound
        after[before["address"]] = {**before, **({"driver": "vfio-pci", "override": "vfio-pci"} if taken else {})}
    for address, change in changes.items():
        after[f"0000:{address}"] |= change
    text = ["vfio-early: done"]
    text += [f"vfio-early: {address} {after[address]['id']} refused: group: x" for address in judged.refused]
    return {"pci": after, "groups": {f["group"]: "viable" for f in MACHINE},
            "kmsg": [{"text": line, "time": 1} for line in text]}


class JudgeTest(unittest.TestCase):
    def setUp(self):
        self.judged = oracle(Statement({"": "0000:01:00.0"}), Statement({"": "0000:02:01.0"}))

    def test_a_right_boot(self):
        self.assertEqual(random_boot.judge(self.judged, boot(self.judged)), [])

    def test_wrong_boots(self):
        pinned, taken = {"driver": "", "override": "none"}, {"driver": "vfio-pci"}
        changes = ({"01:00.0": {"driver": "bochs-drm", "override": ""}}, {"02:02.0": pinned}, {"04:00.0": taken},
                   {"05:00.0": {"driver": ""}}, {"02:01.0": {**taken, "override": "vfio-pci"}}, {"00:01.0": pinned})
        for change in changes:
            with self.subTest(change=change):
                self.assertNotEqual(random_boot.judge(self.judged, boot(self.judged, **change)), [])

    def test_the_log_counts(self):
        seen = boot(self.judged)
        for kmsg in ([], seen["kmsg"][:1], [*seen["kmsg"], {"text": "vfio-early: 0000:01:00.0 failed: x", "time": 2}]):
            with self.subTest(kmsg=kmsg):
                self.assertNotEqual(random_boot.judge(self.judged, {**seen, "kmsg": kmsg}), [])

    def test_a_group_that_is_not_viable(self):
        self.assertNotEqual(random_boot.judge(self.judged, {**boot(self.judged), "groups": {}}), [])


class ChanceTest(unittest.TestCase):
    def test_the_seed_tells_all(self):
        made = [random_machine.make(random.Random("7")) for _ in range(2)]
        self.assertEqual(*made)
        policies = [[s.text() for s in random_policy.make(random.Random("7"), MACHINE, matches)] for _ in range(2)]
        self.assertEqual(*policies)

    def test_machines_can_be_made(self):
        for seed in range(200):
            machine = machines.load(None, random_machine.make(random.Random(str(seed))))
            self.assertTrue(machine["devices"])

    def test_the_agent_is_never_named(self):
        needed = function("00:11.0", "1b36:0010", "010802", "nvme", "4")  # like the drive that may be named
        for seed in range(200):
            for statement in random_policy.make(random.Random(str(seed)), [*MACHINE, needed], matches):
                self.assertFalse(matches(statement, needed), statement.text())

    def test_place_in_the_tree_of_buses(self):
        answer = "0000:02:01.0 /sys/devices/pci0000:00/0000:00:05.0/0000:01:00.0/0000:02:01.0 pci:v8086 e1000 x\n"
        pci = agent.parse_pci("0000:02:01.0\t8086:100e\t020000\te1000\t\t6\n")
        found = random_boot.describe({"pci": pci}, answer)[0]
        self.assertEqual((found["path"], found["slot"], found["modules"], found["group"]),
                         ("0000:00:05.0/00.0/01.0", "0000:02:01", ["e1000", "x"], "6"))


if __name__ == "__main__":
    unittest.main()
