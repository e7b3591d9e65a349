// SPDX-License-Identifier: GPL-2.0-or-later
// What the doctor finds on recorded machines, and that it finds nothing where there is nothing.
#include "tests/unit/hook/program_run.hpp"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace vfio_early::test {

namespace {

using Json = nlohmann::json;

class Doctor : public testing::Test {
protected:
    /// A test may look at several machines, one after the other.
    void start(const std::string& machine)
    {
        current = std::make_unique<TemporaryTree>();
        expand_machine(machine, tree());
    }

    TemporaryTree& tree() { return *current; }

    Json findings()
    {
        const ProgramRun run = run_ctl({"doctor", "--json", "--root", tree().path()});
        const Json json = Json::parse(run.out, nullptr, false);
        EXPECT_FALSE(json.is_discarded()) << run.out << run.err;
        return json["findings"];
    }

    /// The first finding of that kind; null if there is none.
    Json find(const std::string& id)
    {
        for (const Json& finding : findings())
            if (finding["id"] == id)
                return finding;
        return nullptr;
    }

    bool has(const std::string& id) { return !find(id).is_null(); }

    static bool says(const Json& finding, const std::string& words)
    {
        return finding.dump().find(words) != std::string::npos;
    }

    std::unique_ptr<TemporaryTree> current;
};

/// Sets the time of a file.
void set_time(const std::string& path, time_t seconds)
{
    const std::array<timespec, 2> times{timespec{seconds, 0}, timespec{seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0) << path;
}

} // namespace

// The six findings on the machine of the user whose libvirt said "host doesn't support passthrough of host PCI
// devices".

TEST_F(Doctor, SeedIommuIsOffInTheFirmware)
{
    start("ryzen_3400g_iommu_off");
    const Json finding = find("iommu-off-in-firmware");
    EXPECT_EQ(finding["severity"], "error");
    EXPECT_TRUE(says(finding, "no ACPI table IVRS"));
    EXPECT_TRUE(says(finding, "AMD-Vi"));
    start("ryzen_3400g_iommu_on");
    EXPECT_FALSE(has("iommu-off-in-firmware"));
}

TEST_F(Doctor, SeedIntelWordIsUselessOnAmd)
{
    start("ryzen_3400g_iommu_off");
    const Json finding = find("parameter-useless");
    EXPECT_TRUE(says(finding, "intel_iommu=on: it does nothing on an AMD machine"));
    EXPECT_TRUE(says(finding, "/proc/cmdline: intel_iommu=on"));
}

TEST_F(Doctor, SeedIdsOptionNeverTakesEffect)
{
    start("ryzen_3400g_iommu_off");
    const Json finding = find("ids-without-early-loading");
    EXPECT_EQ(finding["severity"], "error");
    EXPECT_TRUE(says(finding, "/etc/modprobe.d/vfio.conf:1: options vfio_pci ids=10de:128b,10de:0e0f"));
    EXPECT_TRUE(says(finding, "0000:01:00.1 is driven by snd_hda_intel"));
    tree().write("etc/modprobe.d/order.conf", "softdep nouveau pre: vfio-pci\n");
    EXPECT_TRUE(says(find("ids-without-early-loading"),
                     "0000:01:00.1 is driven by snd_hda_intel, and nothing makes this wait: snd_hda_intel"));
    tree().write("etc/modprobe.d/order.conf", "softdep snd_hda_intel pre: vfio-pci\n");
    EXPECT_FALSE(has("ids-without-early-loading")) << "nouveau is kept away, and the other one waits";
}

TEST_F(Doctor, SeedBlacklistIsUnnecessary)
{
    start("ryzen_3400g_iommu_off");
    EXPECT_TRUE(says(find("blacklist-unnecessary"), "/etc/modprobe.d/nouveau.conf:1: blacklist nouveau"));
}

TEST_F(Doctor, SeedSiblingIsForgottenInTheDomain)
{
    start("ryzen_3400g_iommu_off");
    const Json finding = find("domain-sibling-missing");
    EXPECT_EQ(finding["summary"], "The virtual machine VM has 0000:01:00.0, but not 0000:01:00.1 of the same card");
    EXPECT_TRUE(says(finding["remedy"], "function=\\\"0x1\\\""));
}

TEST_F(Doctor, SeedRootComesOverTheNetwork)
{
    start("ryzen_3400g_iommu_off");
    const std::string all = findings().dump();
    EXPECT_NE(all.find("0000:09:00.0"), std::string::npos) << all;
    EXPECT_NE(all.find("nfs"), std::string::npos);
}

TEST_F(Doctor, EveryMachineAsAWhole)
{
    for (const char* machine : {"ryzen_3400g_iommu_off", "ryzen_3400g_iommu_on", "intel_two_identical_gpus",
                                "server_8_gpus", "hybrid_laptop", "nvme_host", "old_board_one_group", "recipe_rx560"}) {
        TemporaryTree other;
        expand_machine(machine, other);
        expect_golden(std::string("doctor_") + machine, transcript(run_ctl({"doctor", "--root", other.path()}), other));
    }
}

TEST_F(Doctor, NothingIsLeftToFindOnceAllIsDone)
{
    start("intel_two_identical_gpus");
    for (const char* file : {"vfio.conf", "blacklist-nouveau.conf"})
        tree().write(std::string("etc/modprobe.d/") + file, "");
    ASSERT_EQ(run_ctl({"add", "02:00.0", "--root", tree().path()}).code, 0);
    const ProgramRun run = run_ctl({"doctor", "--root", tree().path()});
    EXPECT_EQ(run.code, 0) << run.out;
    EXPECT_EQ(run.out, "0 errors, 0 warnings, 0 for your information.\n");
}

TEST_F(Doctor, IommuThatTheKernelDoesNotUse)
{
    start("hybrid_laptop");
    const Json finding = find("iommu-off-in-kernel");
    EXPECT_TRUE(says(finding, "Add intel_iommu=on"));
    tree().write("proc/cmdline", "root=/dev/sda1 intel_iommu=on iommu=off\n");
    EXPECT_TRUE(says(find("iommu-off-in-kernel"), "Remove iommu=off"));
}

TEST_F(Doctor, NoSmmuOnArm64)
{
    start("ryzen_3400g_iommu_off");
    tree().write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n");
    Json finding = find("iommu-off-in-firmware");
    EXPECT_TRUE(says(finding, "enable the SMMU (IOMMU)"));
    EXPECT_TRUE(says(finding, "no ACPI table IORT"));
    for (const char* word : {"VT-d", "AMD-Vi", "DMAR", "IVRS", "SVM"})
        EXPECT_FALSE(says(finding, word)) << word;
    tree().write("sys/firmware/acpi/tables/IORT", "");
    finding = find("iommu-off-in-firmware");
    EXPECT_TRUE(says(finding, "IORT tells of no SMMU")) << "there may be nothing but an ITS in it";
    EXPECT_FALSE(has("virtualization-off")) << "its processors have no such flag";
}

TEST_F(Doctor, InterruptsThatNobodyRemaps)
{
    const std::string plain = "  9:  0   IO-APIC   9-fasteoi   acpi\n";
    start("intel_two_identical_gpus");
    EXPECT_FALSE(has("interrupts-not-remapped")) << "nothing is known";
    tree().write("proc/interrupts", plain);
    const Json finding = find("interrupts-not-remapped");
    EXPECT_EQ(finding["severity"], "error");
    EXPECT_TRUE(says(finding, "allow_unsafe_interrupts=1"));
    tree().write("sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n");
    EXPECT_FALSE(has("interrupts-not-remapped")) << "somebody wants it so";
    start("intel_two_identical_gpus");
    tree().write("proc/cpuinfo", "CPU implementer\t: 0x41\n");
    tree().write("proc/interrupts",
                 " 11:  4  GICv2  27 Level  arch_timer\n 20:  0  GICv2m-PCI-MSI-0000:00:01.0  0 Edge  PME\n");
    EXPECT_TRUE(says(find("interrupts-not-remapped"), "GICv2m"));
    EXPECT_FALSE(says(find("interrupts-not-remapped"), "VT-d"));
    start("ryzen_3400g_iommu_off");
    tree().write("proc/interrupts", plain);
    EXPECT_FALSE(has("interrupts-not-remapped")) << "without an IOMMU that is the lesser trouble";
}

TEST_F(Doctor, FunctionsThatVfioPciDenies)
{
    start("intel_two_identical_gpus");
    tree().write("etc/vfio-early.conf", "bind 02:00.0 with=function\n");
    EXPECT_FALSE(has("vfio-denylist"));
    const auto become = [&](const std::string& id) {
        tree().write("sys/bus/pci/devices/0000:02:00.0/uevent", "PCI_CLASS=B4000\nPCI_ID=" + id + "\n");
    };
    for (const char* id :
         {"8086:0435", "8086:0443", "8086:19E2", "8086:19E3", "8086:37C8", "8086:37C9", "8086:0B25", "8086:0CFE"}) {
        become(id);
        EXPECT_TRUE(says(find("vfio-denylist"), "vfio-pci refuses 0000:02:00.0")) << id;
    }
    tree().write("etc/vfio-early.conf", "bind 02:00.0 with=function driver=pci-stub\n");
    EXPECT_FALSE(has("vfio-denylist")) << "that one takes it";
    tree().write("etc/vfio-early.conf", "bind 02:00.0 with=function\n");
    tree().write("sys/module/vfio_pci/parameters/disable_denylist", "Y\n");
    EXPECT_FALSE(has("vfio-denylist")) << "somebody wants it so";
    tree().write("sys/module/vfio_pci/parameters/disable_denylist", "N\n");
    for (const char* id : {"8086:4940", "10DE:37C8"}) {
        become(id);
        EXPECT_FALSE(has("vfio-denylist")) << id;
    }
}

TEST_F(Doctor, CpuWithoutVirtualization)
{
    start("hybrid_laptop");
    tree().write("proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu sse2\n");
    EXPECT_TRUE(says(find("virtualization-off"), "VT-x"));
    tree().write("proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu vmx sse2\n");
    EXPECT_FALSE(has("virtualization-off"));
    tree().write("proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu hypervisor\n");
    EXPECT_FALSE(has("virtualization-off")) << "a guest may have none";
}

TEST_F(Doctor, IdsOnTheCommandLineTakeMoreThanThePolicy)
{
    start("intel_two_identical_gpus");
    tree().write("etc/default/grub", "GRUB_CMDLINE_LINUX=\"vfio-pci.ids=10de:1f02\"\n");
    EXPECT_TRUE(says(find("ids-on-command-line"), "/etc/default/grub:1: vfio-pci.ids=10de:1f02"));
}

TEST_F(Doctor, GroupsThatTheHostShares)
{
    start("old_board_one_group");
    tree().write("etc/vfio-early.conf", "bind 02:00.0\n");
    const Json finding = find("group-not-viable");
    EXPECT_EQ(finding["severity"], "error");
    EXPECT_TRUE(says(finding, "0000:00:1f.2 8086:3a22 is driven by ahci"));
    EXPECT_TRUE(says(finding, "0000:02:00.0 1102:0004 is wanted"));
    EXPECT_FALSE(has("refused-group")) << "told once";
}

TEST_F(Doctor, BuiltInDrivers)
{
    start("ryzen_3400g_iommu_on");
    const std::string modules = "lib/modules/5.10.0-9-amd64/modules.builtin";
    tree().write(modules, "kernel/pcieport.ko\nkernel/xhci-pci.ko\n");
    tree().write("etc/vfio-early.conf", "bind 0a:00.3 with=function\n");
    EXPECT_FALSE(has("built-in-driver"));
    ::unlink((tree().path() + "/sys/bus/pci/drivers/xhci_hcd/module").c_str());
    EXPECT_TRUE(says(find("built-in-driver"), "xhci_hcd is built into this kernel and has 0000:0a:00.3"));
}

TEST_F(Doctor, FirmwareFramebuffer)
{
    start("ryzen_3400g_iommu_on");
    tree().write("etc/vfio-early.conf", "bind 0a:00.0 with=function\n");
    EXPECT_TRUE(says(find("framebuffer-owner"), "0000:0a:00.0"));
    tree().write("etc/vfio-early.conf", "bind 01:00.*\n");
    EXPECT_FALSE(has("framebuffer-owner"));
}

TEST_F(Doctor, AFramebufferThatStays)
{
    start("apu_no_vga");
    const Json finding = find("parameter-missing");
    ASSERT_TRUE(finding.is_object()) << findings().dump(2);
    EXPECT_EQ(finding["severity"], "error");
    EXPECT_TRUE(says(finding, "initcall_blacklist=sysfb_init"));
    EXPECT_FALSE(has("refused-framebuffer")) << "told once";
    tree().write("proc/cmdline", "initcall_blacklist=sysfb_init\n");
    EXPECT_FALSE(has("parameter-missing")) << "it is there, and the kernel does not obey it";
    EXPECT_TRUE(has("refused-framebuffer"));
    // efifb has reserved the memory in its own name, and can be unbound.
    ::unlink((tree().path() + "/sys/bus/platform/devices/simple-framebuffer.0").c_str());
    tree().link("sys/bus/platform/devices/efi-framebuffer.0", "../../../devices/platform/efi-framebuffer.0");
    tree().write("proc/iomem", "  2800000000-2801fa3fff : efifb\n");
    EXPECT_FALSE(has("parameter-missing"));
}

TEST_F(Doctor, ImagesOlderThanThePolicy)
{
    start("ryzen_3400g_iommu_on");
    tree().write("etc/vfio-early.conf", "bind 01:00.*\n");
    tree().write("boot/initrd.img-5.10.0-8-amd64", "");
    tree().write("boot/initrd.img-5.10.0-9-amd64", "");
    set_time(tree().path() + "/etc/vfio-early.conf", 1000);
    set_time(tree().path() + "/boot/initrd.img-5.10.0-8-amd64", 999);
    set_time(tree().path() + "/boot/initrd.img-5.10.0-9-amd64", 1001);
    std::size_t stale = 0;
    for (const Json& finding : findings())
        stale += finding["id"] == "stale-image";
    EXPECT_EQ(stale, 1U);
    EXPECT_TRUE(says(find("stale-image"), "update-initramfs -u -k 5.10.0-8-amd64"));
    tree().write("etc/vfio-early.conf.d/x.conf", "bind 0a:00.3 with=function\n");
    set_time(tree().path() + "/etc/vfio-early.conf.d/x.conf", 2000);
    EXPECT_TRUE(says(find("stale-image"), "older than /etc/vfio-early.conf.d/x.conf")) << "drop-ins count";
}

TEST_F(Doctor, HandMadeHooks)
{
    start("old_board_one_group");
    const Json finding = find("leftover-hook");
    EXPECT_TRUE(says(finding, "/etc/initramfs-tools/scripts/init-top/vfio-bind:4"));
    EXPECT_TRUE(says(finding, "vfio-earlyctl add 0000:02:00.0"));
    start("ryzen_3400g_iommu_on");
    tree().write("etc/initramfs-tools/scripts/init-top/vfio-bind", "# driver_override in a comment\n");
    EXPECT_FALSE(has("leftover-hook"));
    tree().write("etc/dracut.conf.d/vfio.conf", "force_drivers+=\" vfio_pci vfio \"\n");
    EXPECT_TRUE(says(find("leftover-hook"), "/etc/dracut.conf.d/vfio.conf:1"));
    EXPECT_FALSE(has("ids-without-early-loading")) << "force_drivers loads it early";
}

TEST_F(Doctor, WhatRunsAtTheStartIsInNoImage)
{
    start("ryzen_3400g_iommu_on");
    tree().write("etc/rc.local", "#!/bin/sh\nntpdate pool\nmodprobe vfio-pci\n");
    const Json script = find("leftover-hook");
    EXPECT_TRUE(says(script, "Take that out of /etc/rc.local."));
    EXPECT_FALSE(says(script, "Remove /etc/rc.local"));
    EXPECT_FALSE(says(script, "update-initramfs"));
}

TEST_F(Doctor, DomainsThatThePolicyForgot)
{
    start("ryzen_3400g_iommu_on");
    tree().write("etc/vfio-early.conf", "bind 0a:00.3 with=function\n");
    EXPECT_TRUE(says(find("domain-without-policy"), "vfio-earlyctl add 0000:01:00.0"));
    tree().write("etc/vfio-early.conf", "bind 01:00.*\n");
    EXPECT_FALSE(has("domain-without-policy"));
}

TEST_F(Doctor, PoliciesWithErrors)
{
    start("ryzen_3400g_iommu_on");
    tree().write("etc/vfio-early.conf", "bnid 01:00.*\n");
    const Json finding = find("policy-wrong");
    EXPECT_EQ(finding["severity"], "error");
    EXPECT_TRUE(says(finding, "/etc/vfio-early.conf:1"));
}

TEST_F(Doctor, RefusalsOfTheNextBoot)
{
    start("ryzen_3400g_iommu_on");
    tree().write("etc/vfio-early.conf",
                 "bind 01:00.0 id=1234:5678\nprotect 0a:00.3 because=\"mine\"\nbind 0a:00.3 with=function\n");
    EXPECT_TRUE(says(find("refused-mismatch"), "/etc/vfio-early.conf:1"));
    EXPECT_TRUE(says(find("refused-policy"), "mine"));
}

} // namespace vfio_early::test
