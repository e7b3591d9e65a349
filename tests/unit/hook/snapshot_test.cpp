// SPDX-License-Identifier: GPL-2.0-or-later
// A recording says what the machine says, and not more than it should.
#include "hook/recording/recorder.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr const char* policy = "bind 01:00.* id=10de:128b,10de:0e0f # serial=00-11-22-33-44-55-66-77\nbind 08:00.0\n";

class Snapshot : public testing::Test {
protected:
    Snapshot()
    {
        expand_machine("ryzen_3400g_iommu_on", tree);
        tree.write("etc/vfio-early.conf", policy);
    }

    ProgramRun record(const std::string& name, std::vector<std::string> more = {})
    {
        std::vector<std::string> arguments{"snapshot", out.path() + "/" + name, "--root", tree.path()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_ctl(arguments);
    }

    /// The tree that a recording holds.
    RecordedTree recorded(const std::string& name)
    {
        auto result = read_tar(out.path() + "/" + name);
        EXPECT_TRUE(result) << result.error().message();
        return result.value_or(RecordedTree{});
    }

    TemporaryTree tree;
    TemporaryTree out;
};

} // namespace

TEST_F(Snapshot, EveryReadingCommandSaysTheSameOfARecording)
{
    ASSERT_EQ(record("machine.tar").code, 0);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"list", "--all"}, {"list", "--json"}, {"plan"}, {"check", "--json"}}) {
        std::vector<std::string> on_tree = command;
        on_tree.insert(on_tree.end(), {"--root", tree.path()});
        std::vector<std::string> on_recording = command;
        on_recording.insert(on_recording.end(), {"--machine", out.path() + "/machine.tar"});
        const ProgramRun wanted = run_ctl(on_tree);
        const ProgramRun got = run_ctl(on_recording);
        EXPECT_EQ(wanted.code, got.code);
        EXPECT_EQ(wanted.out, got.out) << command.front();
        EXPECT_EQ(wanted.err, got.err);
    }
    EXPECT_EQ(run_ctl({"plan", "--machine", tree.path()}).out, run_ctl({"plan", "--root", tree.path()}).out);
}

TEST_F(Snapshot, TheSuffixChoosesTheCompression)
{
    ASSERT_EQ(record("machine.tar").code, 0);
    for (const char* name : {"machine.tar.gz", "machine.tar.xz", "machine.tar.zst"}) {
        ASSERT_EQ(record(name).code, 0);
        EXPECT_EQ(recorded(name), recorded("machine.tar")) << name;
        EXPECT_LT(out.read(name).size(), out.read("machine.tar").size() / 4) << name;
    }
}

TEST_F(Snapshot, TheDoctorAndTheImportSayTheSameOfARecordingOfAnyMachine)
{
    for (const char* machine : {"ryzen_3400g_iommu_off", "intel_two_identical_gpus", "server_8_gpus", "hybrid_laptop",
                                "nvme_host", "old_board_one_group", "recipe_rx560"}) {
        TemporaryTree other;
        expand_machine(machine, other);
        const std::string recording = out.path() + "/" + machine + ".tar";
        ASSERT_EQ(run_ctl({"snapshot", recording, "--root", other.path()}).code, 0);
        for (const char* command : {"doctor", "import", "boot-params"}) {
            const ProgramRun wanted = run_ctl({command, "--root", other.path()});
            const ProgramRun got = run_ctl({command, "--machine", recording});
            EXPECT_EQ(wanted.code, got.code) << machine << " " << command;
            EXPECT_EQ(wanted.out, got.out) << machine << " " << command;
        }
    }
}

TEST_F(Snapshot, OfADomainOnlyTheWayToItsFunctionsIsRecorded)
{
    tree.write("etc/libvirt/qemu/VM.xml",
               "<domain type=\"kvm\">\n  <name>secret</name>\n  <devices>\n"
               "    <graphics type=\"vnc\" passwd=\"secret\"/>\n"
               "    <disk type=\"file\">\n      <source file=\"/home/secret.img\"/>\n    </disk>\n"
               "    <hostdev mode=\"subsystem\" type=\"pci\">\n      <source>\n"
               "        <address domain=\"0\" bus=\"1\" slot=\"0\" function=\"0\"/>\n"
               "      </source>\n    </hostdev>\n  </devices>\n</domain>\n");
    ASSERT_EQ(record("domain.tar").code, 0);
    const std::string text = recorded("domain.tar").files["etc/libvirt/qemu/VM.xml"];
    EXPECT_NE(text.find("<hostdev"), text.npos);
    EXPECT_EQ(text.find("secret"), text.npos) << text;
}

TEST_F(Snapshot, TheSameMachineGivesTheSameBytes)
{
    ASSERT_EQ(record("one.tar.gz").code, 0);
    ASSERT_EQ(record("two.tar.gz").code, 0);
    EXPECT_EQ(out.read("one.tar.gz"), out.read("two.tar.gz"));
}

TEST_F(Snapshot, SerialNumbersStayBehindUnlessAskedFor)
{
    const std::string device = "sys/devices/pci0000:00/0000:00:01.1/0000:01:00.0/";
    const std::string config = tree.read(device + "config");
    tree.write(device + "config", config + std::string(4096 - config.size(), 'S'));
    tree.write("proc/cmdline", "BOOTIF=01-52-54-00-df-91-6c ip=:::::52:54:00:df:91:6c root=/dev/nfs\n");
    tree.link("sys/class/net/test0", "../../devices/pci0000:00/net/test0");
    tree.write("sys/devices/pci0000:00/net/test0/address", "52:54:00:df:91:6c\n");

    ASSERT_EQ(record("without.tar").code, 0);
    const RecordedTree without = recorded("without.tar");
    EXPECT_EQ(without.files.at(device + "config").size(), 64U);
    EXPECT_EQ(without.files.at("proc/cmdline"),
              "BOOTIF=00-00-00-00-00-00-00 ip=:::::00:00:00:00:00:00 root=/dev/nfs\n");
    EXPECT_FALSE(without.files.contains("sys/devices/pci0000:00/net/test0/address"));
    EXPECT_TRUE(without.links.contains("sys/class/net/test0"));
    EXPECT_EQ(without.files.at("etc/vfio-early.conf").find("11-22"), std::string::npos);

    ASSERT_EQ(record("with.tar", {"--with-serials"}).code, 0);
    const RecordedTree with = recorded("with.tar");
    EXPECT_EQ(with.files.at(device + "config").size(), 4096U);
    EXPECT_NE(with.files.at("proc/cmdline").find("52:54:00:df:91:6c"), std::string::npos);
    EXPECT_TRUE(with.files.contains("sys/devices/pci0000:00/net/test0/address"));
    EXPECT_EQ(with.files.at("etc/vfio-early.conf"), policy);
}

TEST_F(Snapshot, OnlyWhatIsReadIsRecorded)
{
    tree.write("etc/shadow", "root:secret\n");
    tree.write("proc/self/mountinfo",
               "22 1 0:20 / / rw - nfs4 10.255.1.2:/srv rw\n23 22 8:1 / /home/me rw - ext4 /dev/sda1 rw\n");
    ASSERT_EQ(record("machine.tar").code, 0);
    const RecordedTree machine = recorded("machine.tar");
    EXPECT_FALSE(machine.files.contains("etc/shadow"));
    EXPECT_EQ(machine.files.at("proc/self/mountinfo"), "22 1 0:20 / / rw - nfs4 10.255.1.2:/srv rw\n");
    EXPECT_EQ(machine.files.at("proc/iomem"), "    e0000000-e07e8fff : efifb\n");
    EXPECT_EQ(machine.files.at("sys/firmware/acpi/tables/IVRS"), "");
    const std::string& aliases = machine.files.at("lib/modules/5.10.0-9-amd64/modules.alias");
    EXPECT_NE(aliases.find("nouveau"), aliases.npos);
    EXPECT_EQ(aliases.find("snd_pci_acp3x"), aliases.npos) << "no function of this machine matches it";
}

TEST_F(Snapshot, ARecordingCannotWriteOutsideItsDirectory)
{
    struct Case {
        const char* name;
        RecordedTree tree;
    };
    const std::vector<Case> cases{
        {"above", {.files = {{"../outside", "x"}}, .links = {}}},
        {"absolute", {.files = {{"/outside", "x"}}, .links = {}}},
        {"through a link", {.files = {{"etc/file", "x"}}, .links = {{"etc", "/tmp"}}}},
        {"link through a link", {.files = {}, .links = {{"a", "/tmp"}, {"a/b", "x"}}}},
        {"through a file", {.files = {{"etc", "x"}, {"etc/file", "x"}}, .links = {}}},
    };
    for (const Case& bad : cases) {
        const std::string file = out.path() + "/bad.tar";
        ASSERT_TRUE(write_tar(bad.tree, file));
        const auto read = read_tar(file);
        EXPECT_FALSE(read) << bad.name;
    }
}

TEST_F(Snapshot, WhatIsNoRecordingIsAnError)
{
    out.write("text", "this is no tar file\n");
    const ProgramRun run = run_ctl({"list", "--machine", out.path() + "/text"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("/text"), run.err.npos);
    EXPECT_EQ(run_ctl({"list", "--machine", out.path() + "/missing"}).code, 2);
    ASSERT_EQ(record("whole.tar").code, 0);
    out.write("cut.tar", out.read("whole.tar").substr(0, 5000));
    EXPECT_EQ(run_ctl({"list", "--machine", out.path() + "/cut.tar"}).code, 2);
}

TEST_F(Snapshot, NeedsAFileName)
{
    EXPECT_EQ(run_ctl({"snapshot"}).code, 2);
}

} // namespace vfio_early::test
