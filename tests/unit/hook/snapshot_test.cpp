// SPDX-License-Identifier: GPL-2.0-or-later
// A recording says what the machine says, and not more than it should.
#include "hook/recording/recorder.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

TEST_F(Snapshot, TellsAnArm64MachineFromOthers)
{
    tree.write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\n");
    tree.write("sys/firmware/acpi/tables/IORT", "");
    ASSERT_EQ(record("machine.tar").code, 0);
    const RecordedTree held = recorded("machine.tar");
    EXPECT_EQ(held.files.at("proc/cpuinfo"), "CPU implementer\t: 0x41\n");
    EXPECT_TRUE(held.files.contains("sys/firmware/acpi/tables/IORT"));
}

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
            std::string known = wanted.out; // the names of hosts stay behind
            for (auto at = known.find("pve1"); at != known.npos; at = known.find("pve1"))
                known.replace(at, 4, "host");
            for (auto at = known.find("pve2"); at != known.npos; at = known.find("pve2"))
                known.replace(at, 4, "other");
            EXPECT_EQ(known, got.out) << machine << " " << command;
        }
    }
}

TEST_F(Snapshot, SecretsStayBehind)
{
    tree.write("proc/cmdline", "root=/dev/nfs quiet iommu=pt rd.iscsi.password=geheim rd.iscsi.username=ich "
                               "netroot=iscsi:ich:geheim@192.0.2.1::3260::iqn ip=192.0.2.9::::meinrechner:eth0:none "
                               "vfio-pci.ids=10de:128b\n");
    tree.write("etc/kernel/cmdline", "rd.iscsi.password=geheim iommu=pt\n");
    tree.write("etc/default/grub", "GRUB_CMDLINE_LINUX=\"rd.iscsi.password=geheim iommu=pt\"\n");
    tree.write("etc/hostname", "meinrechner\n");
    tree.write("etc/pve/mapping/pci.cfg", "gpu\n\tdescription geheim\n\tmap node=meinrechner,path=0000:01:00.0\n"
                                          "\tmap node=nachbar,path=0000:02:00.0\n");
    tree.write("etc/systemd/system/bind.service",
               "[Service]\nEnvironment=TOKEN=geheim\nExecStart=/bin/sh -c 'echo vfio-pci > driver_override'\n"
               "ExecStartPost=/bin/echo 0000:01:00.0\n");
    ASSERT_EQ(record("machine.tar").code, 0);
    RecordedTree machine = recorded("machine.tar");
    for (const auto& [path, text] : machine.files)
        for (const char* secret : {"geheim", "meinrechner", "nachbar"})
            EXPECT_EQ(text.find(secret), text.npos) << path << ": " << text;
    EXPECT_EQ(machine.files["proc/cmdline"],
              "root=/dev/nfs quiet iommu=pt rd.iscsi.password= rd.iscsi.username= "
              "netroot=iscsi:@192.0.2.1::3260::iqn ip=:::::eth0:none vfio-pci.ids=10de:128b\n");
    EXPECT_EQ(machine.files["etc/kernel/cmdline"], "rd.iscsi.password= iommu=pt\n");
    EXPECT_NE(machine.files["etc/systemd/system/bind.service"].find("0000:01:00.0"), std::string::npos);
    EXPECT_NE(machine.files["etc/pve/mapping/pci.cfg"].find("map node=host,path=0000:01:00.0"), std::string::npos);
}

TEST_F(Snapshot, AFileThatIsThereStaysUnlessForced)
{
    out.write("machine.tar", "mine\n");
    const ProgramRun refused = record("machine.tar");
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find("--force"), refused.err.npos) << refused.err;
    EXPECT_EQ(out.read("machine.tar"), "mine\n");
    EXPECT_EQ(record("machine.tar", {"--force"}).code, 0);
    EXPECT_FALSE(recorded("machine.tar").files.empty());
}

TEST_F(Snapshot, AFullDiskLeavesNoHalfRecording)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit little{.rlim_cur = 5000, .rlim_max = 5000};
        ::setrlimit(RLIMIT_FSIZE, &little);
        ::_exit(record("machine.tar").code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 2);
    EXPECT_TRUE(std::filesystem::is_empty(out.path()));
}

TEST_F(Snapshot, FormatsThatItCannotWriteAreRefused)
{
    EXPECT_EQ(record("machine.zip").code, 2);
    EXPECT_FALSE(out.exists("machine.zip"));
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
    tree.link("sys/bus/platform/devices/efi-framebuffer.0", "../../../devices/platform/efi-framebuffer.0");
    tree.link("sys/bus/platform/devices/pcspkr", "../../../devices/platform/pcspkr");
    ASSERT_EQ(record("machine.tar").code, 0);
    const RecordedTree machine = recorded("machine.tar");
    EXPECT_TRUE(machine.links.contains("sys/bus/platform/devices/efi-framebuffer.0"));
    EXPECT_FALSE(machine.links.contains("sys/bus/platform/devices/pcspkr"));
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
        const auto read = read_recording(file);
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
