#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the harness itself, without a boot: above all that every expectation can fail."""
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cards import record  # noqa: E402
from harness import (agent, agreement, architecture, built_kernel, disk_formats, initrd, machines, mirrors, package,  # noqa: E402
                     roots, scenario, suites)
from harness.card_server import facts_of  # noqa: E402
from harness.errors import HarnessError  # noqa: E402
from harness.expect import EXPECTATIONS, check, check_output  # noqa: E402

KMSG = b"\0".join([
    b"6,1,1000000,-;pci 0000:03:00.0: [1234:1111] type 00 class 0x038000\n SUBSYSTEM=pci\n DEVICE=+pci:0000:03:00.0",
    b"6,1,1100000,-;pci 0000:03:00.1: D0 power state depends on 0000:03:00.0",
    b"6,2,2000000,-;vfio-early: 0000:03:00.0 1234:1111 bound to vfio-pci (vfio-early.conf:1)",
    b"4,3,2100000,-;vfio-early: 0000:04:00.0 8086:10d3 refused: no-iommu: no IOMMU group (vfio-early.conf:2)",
    b"6,4,3000000,-;e1000e 0000:04:00.0 eth0: MAC: 3",
    b"6,5,3500000,-;[drm] Initialized bochs-drm 1.0.0 20130925 for 0000:01:00.0 on minor 0",
    b""])
PCI = "0000:01:00.0\t1234:1111\t038000\tbochs-drm\t\t9\n" \
      "0000:03:00.0\t1234:1111\t038000\tvfio-pci\tvfio-pci\t11\n" \
      "0000:04:00.0\t8086:10d3\t020000\te1000e\t\t12\n"
REPORT = ('{"schema": 2, "run": "boot"}\n{"subject": "0000:03:00.0", "address": "0000:03:00.0", "outcome": "failed"}\n'
          '{"schema": 2, "run": "later"}\n{"subject": "0000:03:00.0", "address": "0000:03:00.0", "outcome": "bound"}\n')
IMAGE = {"exit": 0, "names": ["scripts/init-top/ORDER", "sbin/vfio-early"], "log": "warning: bad policy\n", "size": 1,
         "order": '/scripts/init-top/00-vfio-early "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n/scripts/init-top/udev "$@"\n'}

CARDS = {address: facts_of(record.Seen([(3.5, "read", "bar0+0x000000/4", "b06010b1")] * accesses, pages, [], 8.0), 9.5)
         for address, accesses, pages in (("0000:01:00.0", 1200, 3), ("0000:03:00.0", 0, 0), ("0000:04:00.0", 0, 1),
                                          ("0000:09:00.0", 0, 0))}


def canned():
    frames = {"pci": PCI.encode(), "groups": b"11\tviable\n12\tnot viable\n", "modules": b"vfio_pci\nbochs\n",
              "cmdline": b"quiet\n", "uptime": b"9.50 1.00\n", "report": REPORT.encode(), "kmsg": KMSG}
    return {**agent.parse(frames), "image": IMAGE, "cards": CARDS, "plan": {"0000:03:00.0": "bind"}}


# For every expectation: tables that hold on the canned facts, and tables that do not.
CASES = {
    "drivers": ([{"03:00.0": "vfio-pci", "0000:01:00.0": "bochs-drm"}],
                [{"03:00.0": "bochs-drm"}, {"03:00.0": ""}, {"05:00.0": "vfio-pci"}, {"05:00.0": ""}]),
    "overrides": ([{"03:00.0": "vfio-pci", "01:00.0": ""}], [{"01:00.0": "vfio-pci"}, {"05:00.0": ""}]),
    "ids": ([{"04:00.0": "8086:10d3"}], [{"04:00.0": "8086:10d4"}]),
    "groups": ([{"04:00.0": "12"}], [{"04:00.0": "11"}]),
    "viable": ([["03:00.0"]], [["04:00.0"], ["01:00.0"], ["05:00.0"]]),
    "not_viable": ([["04:00.0"]], [["03:00.0"], ["01:00.0"]]),
    "native_silent": ([["03:00.0"]], [["04:00.0"], ["01:00.0"], ["05:00.0"]]),
    "dmesg_has": ([["bound to vfio-pci"]], [["no such text"]]),
    "dmesg_lacks": ([["no such text"]], [["eth0"]]),
    "before": ([[["bound to", "Initialized"]]], [[["Initialized", "bound to"]], [["nothing", "bound to"]]]),
    "refused": ([{"04:00.0": "no-iommu"}], [{"04:00.0": "no"}, {"04:00.0": "group"}, {"03:00.0": "no-iommu"}]),
    "modules": ([["vfio-pci", "!nouveau"]], [["nouveau"], ["!bochs"]]),
    "report": ([{"schema": 2, "functions[address=0000:03:00.0].outcome": "bound", "functions.0.outcome": "bound"}],
               [{"schema": 1}, {"functions[address=0000:01:00.0].outcome": "bound"}, {"functions.7.outcome": "bound"}, False]),
    "image": ([{"exit": 0, "order_first": "00-vfio-early", "has": ["^sbin/vfio-early$"], "lacks": ["vfio-earlyctl"],
                "log_has": ["^warning:"], "log_lacks": ["^error:"]}],
              [{"exit": 1}, {"order_first": "udev"}, {"has": ["nothing"]}, {"lacks": ["vfio"]}, {"log_has": ["error"]},
               {"log_lacks": ["warning"]}, {"misspelt": 1}]),
    # 04:00.0: nothing but its memory; 09:00.0: served, but the guest has no such function; 05:00.0: neither
    "untouched": ([["03:00.0"]], [["01:00.0"], ["04:00.0"], ["09:00.0"], ["05:00.0"]]),
    "touched": ([{"01:00.0": 1200}, {"03:00.0": 0}],
                [{"01:00.0": 1201}, {"03:00.0": 1}, {"09:00.0": 0}, {"05:00.0": 0}]),
    "uptime": ([10], [9]),
    "agrees": ([True], ["a reason that is none"]),
}


class ExpectationTest(unittest.TestCase):
    def test_every_expectation_has_cases(self):
        self.assertEqual(set(CASES), set(EXPECTATIONS))

    def test_holds(self):
        for key, (holding, _) in CASES.items():
            for value in holding:
                with self.subTest(key=key, value=value):
                    self.assertEqual(check({key: value}, canned()), [])

    def test_fails(self):
        for key, (_, failing) in CASES.items():
            for value in failing:
                with self.subTest(key=key, value=value):
                    self.assertNotEqual(check({key: value}, canned()), [])

    def test_nothing_holds_of_a_guest_that_reported_nothing(self):
        empty = {**agent.parse({}), "image": {"exit": 1, "names": [], "order": "", "log": "", "size": 0},
                 "cards": {}}
        for key, (holding, _) in CASES.items():
            with self.subTest(key=key):
                self.assertNotEqual(check({key: holding[0]}, empty), [])

    def test_no_report_can_be_expected(self):
        self.assertEqual(check({"report": False}, agent.parse({})), [])

    def test_output(self):
        step = {"run": "true", "has": ["^two$"], "lacks": ["three"]}
        self.assertEqual(check_output(step, 0, "one\ntwo\n"), [])
        self.assertNotEqual(check_output(step, 1, "one\ntwo\n"), [])
        self.assertNotEqual(check_output(step, 0, "one\n"), [])
        self.assertNotEqual(check_output(step, 0, "two\nthree\n"), [])
        self.assertEqual(check_output({"run": "false", "exit": 1}, 1, ""), [])


class AgreementTest(unittest.TestCase):
    PLAN = json.dumps({
        "functions": [{"address": "0000:03:00.0", "what": "bind"}, {"address": "0000:03:00.1", "what": "bind"}],
        "virtual_functions": [{"address": "0000:05:00.0", "count": 4}],
        "refused": [{"subject": "0000:04:00.0", "address": "0000:04:00.0", "refusal": "group"},
                    {"subject": "id=1:2", "address": None, "refusal": "missing"}]})
    REPORT = {"functions": [
        {"subject": "0000:03:00.0", "address": "0000:03:00.0", "outcome": "failed"},
        {"subject": "0000:03:00.1", "address": "0000:03:00.1", "outcome": "bound"},
        {"subject": "0000:05:00.0", "address": "0000:05:00.0", "outcome": "kept"},
        {"subject": "0000:04:00.0", "address": "0000:04:00.0", "outcome": "refused", "refusal": "group"},
        {"subject": "id=1:2", "outcome": "refused", "refusal": "missing"}]}

    def test_same(self):
        facts = {"plan": agreement.parse_plan(self.PLAN), "report": self.REPORT}
        self.assertEqual(check({"agrees": True}, facts), [])
        self.assertNotEqual(check({"agrees": "they should not"}, facts), [])

    def test_each_difference_is_seen(self):
        others = ({"outcome": "refused", "refusal": "group"}, {"outcome": "kept"}, {"outcome": "bound"},
                  {"outcome": "refused", "refusal": "missing"}, {"subject": "id=1:3"})
        for number, other in enumerate(others):
            changed = [dict(function) for function in self.REPORT["functions"]]
            changed[number] |= other
            facts = {"plan": agreement.parse_plan(self.PLAN), "report": {"functions": changed}}
            with self.subTest(other=other):
                self.assertNotEqual(check({"agrees": True}, facts), [])
                self.assertEqual(check({"agrees": "they differ"}, facts), [])

    def test_profiles_of_the_boot(self):
        self.assertEqual(agreement.plan_command("quiet rd.vfio_early.profile=a,b x"),
                         "vfio-earlyctl plan --json --profile a --profile b 2>/dev/null")

    def test_no_plan(self):
        self.assertIsNone(agreement.parse_plan("vfio-earlyctl: error\n"))
        self.assertIsNone(agreement.parse_plan('{"schema": 1, "errors": []}'))


class FactsTest(unittest.TestCase):
    def test_kernel_record(self):
        record = agent.parse_kmsg(b"12,7,1500000,-;a\\x09b\n SUBSYSTEM=pci\0")[0]
        self.assertEqual(record, {"level": 4, "time": 1.5, "text": "a\tb"})

    def test_broken_report_is_kept(self):
        self.assertIn("not json", agent.parse({"report": b"{"})["report"])


class ScenarioTest(unittest.TestCase):
    def test_all_scenarios_can_be_read(self):
        for name in scenario.names():
            with self.subTest(name=name):
                self.assertTrue(scenario.load(name).boots)

    def test_in_another_root(self):
        other = scenario.load("bad-policy@sid/dracut")
        self.assertEqual((other.name, other.suite, other.generator), ("bad-policy@sid-dracut", "sid", "dracut"))
        for name in ("bad-policy@sid", "bad-policy@potato/dracut"):
            with self.subTest(name=name), self.assertRaises(HarnessError):
                scenario.load(name)

    def test_all_other_roots_are_known(self):
        for name in scenario.names():
            for other in scenario.load(name).also:
                with self.subTest(name=name, other=other):
                    self.assertTrue(scenario.load(f"{name}@{other}").boots)

    def test_unknown_keys_are_refused(self):
        for data in ({"polcy": ""}, {"expect": {"driver": {}}}, {"image": {"module": "most"}}, {"boot": [{"suite": "sid"}]},
                     {"steps": [{"ruin": "true"}]}, {"machine": "nothing"}, {"firmware": "efi"}, {"root": "floppy"},
                     {"initrd": "none"}, {"install": "rpm"}, {"kernel": "none"}, {"suite": "potato"},
                     {"machine": {"architecture": "pdp11"}},
                     {"overlay": "beside", "install": False}, {"overlay": "before"},
                     {"from_disk": True}, {"uki": {"addon": "signed"}, "firmware": "uefi"},
                     {"uki": {"addon": "signed"}, "install": False}, {"uki": {"addon": "new"}, "firmware": "uefi", "install": False}):
            with self.subTest(data=data), self.assertRaises(HarnessError):
                scenario.Scenario("x", data)

    def test_boots_inherit(self):
        two = scenario.Scenario("x", {"policy": "# a", "boot": [{}, {"policy": "# b", "cmdline": "vfio_early=off"}]})
        self.assertEqual([boot.image_files["/etc/vfio-early.conf"] for boot in two.boots], ["# a", "# b"])
        self.assertEqual(two.boots[1].cmdline, "vfio_early=off")

    def test_ports(self):
        arguments = machines.arguments(machines.load("twins"))
        self.assertIn("ich9-intel-hda,bus=rp3,addr=0.1,id=slot3f1", arguments)
        first = arguments[arguments.index("-device") + 1]
        self.assertTrue(first.startswith("intel-iommu"), "the IOMMU must come before what it translates for")
        self.assertFalse([a for a in machines.arguments(machines.load("twins-no-iommu")) if "iommu" in a])


class ArchitectureTest(unittest.TestCase):
    ARM64 = {"suite": "trixie-arm64", "machine": "twins-arm64", "install": "package"}

    def test_a_machine_of_another_processor(self):
        machine = scenario.Scenario("x", self.ARM64).boots[0].machine
        arguments = machines.arguments(machine)
        self.assertEqual(arguments[:2], ["-machine", "virt,gic-version=3,iommu=smmuv3"])
        self.assertIn("cortex-a72", arguments)
        self.assertEqual(machine["architecture"].console, "ttyAMA0")

    def test_the_board_of_this_processor(self):
        self.assertEqual(machines.arguments(machines.load("twins"))[1],
                         "q35,kernel-irqchip=split,i8042=off,sata=off,smbus=off,hpet=off,smm=off")

    def test_root_and_machine_must_be_of_one_processor(self):
        for other in ({"machine": "twins"}, {"suite": "trixie"}, {"install": True}):
            with self.subTest(other=other), self.assertRaises(HarnessError):
                scenario.Scenario("x", {**self.ARM64, **other})

    def test_the_kernel_of_a_root(self):
        for suite, kernel in (("trixie", "linux-image-amd64"), ("trixie-arm64", "linux-image-arm64")):
            kernels = [name for name in suites.packages_of(suite, "dracut", "plain") if name.startswith("linux-image-")]
            self.assertEqual(kernels, [kernel])

    def test_only_a_foreign_root_needs_emulation(self):
        self.assertEqual(roots.foreign_options([], architecture.AMD64), ([], []))
        words, options = roots.foreign_options(["nsenter"], architecture.ARM64)
        self.assertEqual(words[0], "nsenter")
        self.assertIn("--architectures=arm64", options)


class BuiltKernelTest(unittest.TestCase):
    def test_what_a_configuration_lacks_is_named(self):
        wanted = built_kernel.wanted_options("# about it\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n# CONFIG_D is not set\n")
        self.assertEqual(built_kernel.missing_options(wanted, "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n"), [])
        self.assertEqual(built_kernel.missing_options(wanted, "CONFIG_A=y\nCONFIG_B=y\nCONFIG_D=y\n"),
                         ["CONFIG_B=m", "CONFIG_D=n"])

    def test_its_options_say_what_is_built_in(self):
        wanted = built_kernel.wanted_options(built_kernel.recipe("builtin-vfio")[1])
        self.assertEqual((wanted["CONFIG_VFIO_PCI"], wanted["CONFIG_E1000E"]), ("y", "m"))


class MirrorTest(unittest.TestCase):
    def mirror(self, name, text):
        with tempfile.TemporaryDirectory() as top:
            apt = pathlib.Path(top)
            (apt / "sources.list.d").mkdir()
            (apt / name).write_text(text)
            (apt / "os-release").write_text('ID=debian\nVERSION_CODENAME=bookworm\n')
            return mirrors.debian_mirror(apt, apt / "os-release")

    def test_deb822(self):
        text = "Types: deb-src\nURIs: http://src/debian\nSuites: bookworm\nComponents: main\n\n" \
               "Types: deb\n# comment\nURIs: http://local.example/debian/\nSuites: bookworm bookworm-updates\nComponents: main\n"
        self.assertEqual(self.mirror("sources.list.d/debian.sources", text), "http://local.example/debian")

    def test_one_line(self):
        text = "deb http://other.example bookworm contrib\ndeb [arch=amd64 trusted=yes] http://old.example/debian bookworm main # x\n"
        self.assertEqual(self.mirror("sources.list", text), "http://old.example/debian")

    def test_frozen_archive(self):
        text = "deb http://frozen.example/archive/debian/20250101T000000Z bookworm main\n"
        self.assertEqual(self.mirror("sources.list", text), "http://frozen.example/archive/debian/20250101T000000Z")

    def test_none(self):
        with self.assertRaisesRegex(HarnessError, "names no Debian archive"):
            self.mirror("sources.list", "deb http://x.example/thing stable other\n")


class PackageTest(unittest.TestCase):
    CONTROL = "Source: x\nBuild-Depends:\n debhelper-compat (= 13),\n cmake (>= 3.25),\n kmod <!nocheck>,\n" \
              " libkmod-dev <pkg.x.shared>,\n pkgconf | pkg-config,\nStandards-Version: 4\n"

    def test_a_plain_build_needs_nothing_of_a_profile(self):
        self.assertEqual(package.build_depends(self.CONTROL), ["debhelper", "cmake", "kmod", "pkgconf"])

    def test_a_profile_needs_its_own_besides(self):
        self.assertEqual(package.build_depends(self.CONTROL, "pkg.x.shared"),
                         ["debhelper", "cmake", "kmod", "libkmod-dev", "pkgconf"])


class InitrdTest(unittest.TestCase):
    @staticmethod
    def member(name, data=b""):
        header = "070701" + "%08X" * 13 % (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        body = header.encode() + name.encode() + b"\0"
        body += b"\0" * (-len(body) % 4) + data
        return body + b"\0" * (-len(body) % 4)

    def test_concatenated_archives(self):
        first = self.member("early/x", b"abc") + self.member("TRAILER!!!")
        second = self.member("./scripts/init-top/ORDER", b"first\n") + self.member("TRAILER!!!")
        with tempfile.NamedTemporaryFile() as image:
            image.write(first + b"\0" * 512 + second)
            image.flush()
            names, contents = initrd.read(image.name, ("scripts/init-top/ORDER",))
        self.assertEqual(names, ["early/x", "scripts/init-top/ORDER"])
        self.assertEqual(contents, {"scripts/init-top/ORDER": "first\n"})

    def test_added_file_comes_last(self):
        first = self.member("early/x", b"abc") + self.member("TRAILER!!!")
        second = self.member("etc/facts", b"none") + self.member("TRAILER!!!")
        with tempfile.TemporaryDirectory() as work:
            image, target = (pathlib.Path(work) / name for name in ("image", "target"))
            image.write_bytes(first + second)
            initrd.add(image, "etc/facts", b"one", target)
            names, contents = initrd.read(target, ("etc/facts",))
        self.assertEqual(names, ["early/x", "etc/facts", "etc/facts"])
        self.assertEqual(contents, {"etc/facts": "one"})


class RootKindTest(unittest.TestCase):
    def test_image_gets_what_root_needs(self):
        boot = scenario.Scenario("x", {"root": "md", "files": {"/etc/x": "y"}}).boots[0]
        self.assertEqual(set(boot.image_files), {"/etc/mdadm/mdadm.conf", "/etc/x"})
        self.assertIn("nvme", boot.settings["force"])

    def test_headers(self):
        with tempfile.TemporaryDirectory() as work:
            image, member, volume = (pathlib.Path(work) / name for name in ("image", "member", "volume"))
            image.write_bytes(b"content" * 1000)
            disk_formats.make_raid1_member(image, member, 1, "host:root")
            disk_formats.make_lvm_disk(image, volume, "group", "volume")
            for disk in (member, volume):
                self.assertEqual(disk.read_bytes()[1 << 20:][:7000], b"content" * 1000)
            self.assertEqual(member.read_bytes()[4096:4100], b"\xfc\x4e\x2b\xa9")
            self.assertEqual(volume.read_bytes()[512:520], b"LABELONE")


if __name__ == "__main__":
    unittest.main()
