// SPDX-License-Identifier: GPL-2.0-or-later
// Configurations as people really write them: what import, doctor and boot-params make of each.
#include "early/model/policy.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vfio_early::test {

namespace {

using Json = nlohmann::json;

class OtherWays : public SystemTest {
protected:
    /// The machine without its virtual machines, which name functions, too.
    void start(const std::string& machine = "ryzen_3400g_iommu_on")
    {
        expand_machine(machine, tree);
        std::filesystem::remove_all(tree.path() + "/etc/libvirt");
    }

    /// That machine, and one file of configuration.
    void start_with(const std::string& path, const std::string& text)
    {
        start();
        tree.write(path, text);
    }

    /// The statements that `import` writes; a failure if they are no policy.
    std::vector<std::string> imported() const
    {
        const Json json = run_json({"import"});
        std::vector<std::string> statements;
        if (!json.contains("policy")) {
            ADD_FAILURE() << json.dump(1);
            return statements;
        }
        for (const Json& block : json["policy"])
            statements.push_back(block["statement"]);
        return statements;
    }

    /// What becomes of the old line that holds `text`: "delete: why".
    std::string fate(const std::string& text) const
    {
        const Json json = run_json({"import"});
        for (const Json& line : json["lines"])
            if (line["text"].get<std::string>().find(text) != std::string::npos)
                return line["verdict"].get<std::string>() + ": " + line["why"].get<std::string>();
        return "there is no such line";
    }

    /// Whether doctor thinks, once `path` holds `text`, that vfio-pci loads before the native drivers.
    bool loads_early(const std::string& path, const std::string& text) const
    {
        tree.write(path, text);
        return finding("ids-without-early-loading").is_null();
    }

    /// As if vfio-pci drove the function now.
    void give_to_vfio(const std::string& address) const
    {
        const std::string path = "sys/bus/pci/devices/" + address + "/uevent";
        std::string text = tree.read(path);
        if (const auto old = text.find("DRIVER="); old != text.npos)
            text.erase(old, text.find('\n', old) + 1 - old);
        tree.write(path, text + "DRIVER=vfio-pci\n");
    }
};

const std::string gpu = "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f";
const std::string usb = "bind path=0000:00:08.1/00.3 id=1022:15e0";
using Lines = std::vector<std::string>;

} // namespace

TEST_F(OtherWays, ModulesOnOneLineOfEtcModules)
{
    start_with("etc/modules", "vfio vfio_iommu_type1 vfio_pci ids=10de:128b,10de:0e0f\n");
    EXPECT_EQ(imported(), Lines{gpu});
}

TEST_F(OtherWays, BareBooleans)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b disable_vga nointxmask\n");
    EXPECT_EQ(imported(), (Lines{gpu, "set module vfio-pci disable_vga=1 nointxmask=1"}));
}

TEST_F(OtherWays, ContinuationLinesAreJoinedAsKmodJoinsThem)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b,\\\n1022:15e0\n");
    EXPECT_EQ(imported(), (Lines{gpu, usb}));
}

TEST_F(OtherWays, QuotedValues)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=\"10de:128b,1022:15e0\"\n");
    EXPECT_EQ(imported(), (Lines{gpu, usb}));
}

TEST_F(OtherWays, AnOptionThatNoPolicyCanSayLeavesTheRest)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b\noptions vfio-pci odd=\"a b#c\"\n");
    EXPECT_EQ(imported(), Lines{gpu});
    EXPECT_TRUE(fate("odd=").starts_with("not-understood: ")) << fate("odd=");
}

TEST_F(OtherWays, ManyGuestsNameOneCard)
{
    start();
    for (int guest = 100; guest < 260; ++guest)
        tree.write("etc/pve/qemu-server/" + std::to_string(guest) + ".conf", "hostpci0: 0000:01:00,pcie=1\n");
    const ProgramRun written = run({"import", "--write"});
    EXPECT_EQ(written.code, 0) << written.err;
    EXPECT_TRUE(has_words(tree.read("etc/vfio-early.conf"), gpu + "\n"));
    EXPECT_TRUE(has_words(tree.read("etc/vfio-early.conf"), " more\n"));
}

TEST_F(OtherWays, OnlyTheLastIdsOptionHasAnEffect)
{
    start("nvme_host");
    tree.write("etc/modprobe.d/a.conf", "options vfio-pci ids=144d:a808\n");
    tree.write("etc/modprobe.d/b.conf", "options vfio-pci ids=10de:ffff disable_vga=1\n");
    for (const std::string& statement : imported())
        EXPECT_FALSE(has_words(statement, " all")) << statement;
    EXPECT_EQ(fate("ids=144d:a808"), "delete: it has no effect: the ids= of /etc/modprobe.d/b.conf:1 comes later, and "
                                     "the last one holds; vfio-earlyctl add takes what it names");
}

TEST_F(OtherWays, TheCommandLineOverrulesModprobe)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b,10de:0e0f\n");
    tree.write("proc/cmdline", "root=/dev/nfs vfio-pci.ids=1022:15e0\n");
    EXPECT_EQ(imported(), Lines{usb});
}

TEST_F(OtherWays, WithOneOfTwoIdenticalCardsTakenTheOtherStays)
{
    start("intel_two_identical_gpus");
    ASSERT_EQ(run({"add", "02:00.0"}).code, 0);
    EXPECT_EQ(imported(), Lines{});
    const ProgramRun told = run({"import"});
    EXPECT_TRUE(has_words(told.err, "the old line takes all 2 identical cards, the policy only"));
    EXPECT_EQ(fate("blacklist nouveau"), "delete: 0000:02:00.0 is bound before nouveau can see it; without the line "
                                         "nouveau also drives 0000:01:00.0 again");
    EXPECT_FALSE(has_words(run({"doctor"}).out, "import --write")) << run({"doctor"}).out;
}

TEST_F(OtherWays, SoItStaysWithTheIommuOff)
{
    expand_machine_text("base intel_two_identical_gpus\nwithout groups\n", tree);
    ASSERT_EQ(run({"add", "02:00.0"}).code, 0);
    EXPECT_EQ(imported(), Lines{});
    EXPECT_FALSE(has_words(run({"doctor"}).out, "import --write")) << run({"doctor"}).out;
    const std::string policy = tree.read("etc/vfio-early.conf");
    EXPECT_TRUE(has_words(run({"add", "02:00.0"}).out, "is taken already"));
    EXPECT_EQ(tree.read("etc/vfio-early.conf"), policy);
}

TEST_F(OtherWays, ABlacklistOfDriversThatNobodyNeedsMayGo)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b,10de:0e0f\n");
    tree.write("proc/cmdline", "root=/dev/nfs modprobe.blacklist=nouveau,nvidia_fb,nvidia_open,nova_core,nova_drm\n");
    EXPECT_TRUE(fate("modprobe.blacklist=").starts_with("delete: ")) << fate("modprobe.blacklist=");
    tree.write("proc/cmdline", "root=/dev/nfs modprobe.blacklist=nouveau,pcspkr\n");
    EXPECT_TRUE(fate("modprobe.blacklist=").starts_with("keep: ")) << fate("modprobe.blacklist=");
    EXPECT_TRUE(has_words(fate("modprobe.blacklist="), "pcspkr is not about binding"));
}

TEST_F(OtherWays, FilesOfAPackageStay)
{
    start_with("etc/modprobe.d/pve-blacklist.conf", "blacklist nvidiafb\n");
    EXPECT_TRUE(fate("nvidiafb").starts_with("delete: ")) << fate("nvidiafb");
    tree.write("var/lib/dpkg/status", "Package: pve-kernel-helper\nStatus: install ok installed\nConffiles:\n"
                                      " /etc/modprobe.d/pve-blacklist.conf 0123456789abcdef0123456789abcdef\n"
                                      "Description: x\n");
    EXPECT_EQ(fate("nvidiafb"), "keep: the package pve-kernel-helper brings this file");
}

TEST_F(OtherWays, UnraidsOlderWord)
{
    start_with("boot/config/vfio-pci.cfg", "DEVICES=0000:01:00.0|10de:128b 0a:00.3\n");
    EXPECT_EQ(imported(), (Lines{gpu, usb}));
}

TEST_F(OtherWays, EntriesOfTheBootLoader)
{
    start_with("boot/loader/entries/arch.conf",
               "title Arch\nlinux /vmlinuz-linux\noptions root=LABEL=a rw vfio-pci.ids=10de:128b,10de:0e0f\n");
    EXPECT_EQ(imported(), Lines{gpu});
    EXPECT_TRUE(fate("vfio-pci.ids=").starts_with("delete: ")) << fate("vfio-pci.ids=");
}

TEST_F(OtherWays, NothingFoundIsSaid)
{
    start("ryzen_3400g_iommu_off");
    for (const char* directory : {"etc/modprobe.d", "etc/modules"})
        std::filesystem::remove_all(tree.path() + "/" + directory);
    tree.write("proc/cmdline", "root=/dev/nfs quiet\n");
    EXPECT_TRUE(has_words(run({"import"}).err, "nothing was found that binds functions in another way"));
}

TEST_F(OtherWays, ASetUpThatWorksIsNoError)
{
    start_with("etc/modules", "vfio\nvfio_iommu_type1\nvfio_pci\n");
    tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b,10de:0e0f\nblacklist nouveau\n");
    EXPECT_FALSE(finding("ids-without-early-loading").is_null()) << "the sound has its native driver";
    give_to_vfio("0000:01:00.0");
    give_to_vfio("0000:01:00.1");
    EXPECT_TRUE(finding("ids-without-early-loading").is_null());
}

TEST_F(OtherWays, MkinitcpioLoadsEarlyToo)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b,10de:0e0f\n");
    EXPECT_FALSE(loads_early("etc/mkinitcpio.conf", "# MODULES=(vfio_pci)\nMODULES=(btrfs)\n"));
    EXPECT_TRUE(
        loads_early("etc/mkinitcpio.conf", "MODULES=(vfio_pci vfio vfio_iommu_type1)\nHOOKS=(base udev modconf)\n"));
}

TEST_F(OtherWays, NewerDriversOfAVendorDoNotWait)
{
    expand_machine_text("base intel_two_identical_gpus\n"
                        "module nova_core pci:v000010DEd*sv*sd*bc03sc*i*\n"
                        "module xe pci:v00008086d00003E98sv*sd*bc03sc*i*\n"
                        "function 0000:02:00.0 under=0000:00:01.1 id=10de:1f02 class=030000 group=2 driver=nova_core\n",
                        tree);
    const std::string wiki = "options vfio-pci ids=10de:1f02,8086:3e98\nsoftdep nouveau pre: vfio-pci\n"
                             "softdep snd_hda_intel pre: vfio-pci\nsoftdep xhci_pci pre: vfio-pci\n"
                             "softdep i915 pre: vfio-pci\n";
    tree.write("etc/modprobe.d/vfio.conf", wiki);
    const Json found = finding("ids-without-early-loading");
    ASSERT_FALSE(found.is_null());
    EXPECT_TRUE(has_words(found.dump(), "0000:02:00.0 is driven by nova_core, and nothing makes this wait: nova_core"));
    EXPECT_TRUE(has_words(found.dump(), "0000:00:02.0 is driven by i915, and nothing makes this wait: xe"));
    tree.write("etc/modprobe.d/vfio.conf", wiki + "softdep nova_core pre: vfio-pci\nblacklist xe\n");
    EXPECT_TRUE(finding("ids-without-early-loading").is_null()) << finding("ids-without-early-loading").dump(1);
    EXPECT_TRUE(fate("blacklist xe").starts_with("delete: ")) << fate("blacklist xe");
    EXPECT_TRUE(has_words(run({"list"}).out, "driver nova_core; native modules nouveau, nova_core"));
}

TEST_F(OtherWays, MkinitcpioListsMayGoOnInTheNextLine)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b,10de:0e0f\n");
    EXPECT_FALSE(loads_early("etc/mkinitcpio.conf", "MODULES=(\n    btrfs\n    #vfio_pci\n)\nFILES=(vfio_pci)\n"));
    EXPECT_TRUE(loads_early("etc/mkinitcpio.conf.d/vfio.conf", "MODULES+=(\n    vfio_pci # first\n    vfio\n)\n"));
}

TEST_F(OtherWays, BoosterLoadsEarlyToo)
{
    start_with("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b,10de:0e0f\n");
    EXPECT_FALSE(loads_early("etc/booster.yaml", "modules: vfio_pci\n"));
    EXPECT_TRUE(loads_early("etc/booster.yaml", "network: {}\nmodules_force_load: vfio_pci,vfio,vfio_iommu_type1\n"));
}

TEST_F(OtherWays, SettingsOfAProgramAreNotToBeRemoved)
{
    start_with("etc/mkinitcpio.conf", "MODULES=(vfio_pci vfio)\nHOOKS=(base udev)\n");
    const Json found = finding("leftover-hook");
    ASSERT_FALSE(found.is_null());
    EXPECT_FALSE(has_words(found.dump(), "Remove /etc/mkinitcpio.conf")) << found.dump(1);
    EXPECT_TRUE(has_words(found.dump(), "Take the modules of VFIO out of that line of /etc/mkinitcpio.conf."));
}

TEST_F(OtherWays, AGeneratorThatDoesNotKnowUsIsNamed)
{
    start();
    for (const char* program : {"usr/sbin/update-initramfs", "usr/bin/dracut"})
        std::filesystem::remove(tree.path() + "/" + program);
    for (const std::string generator : {"mkinitcpio", "booster"}) {
        tree.write("usr/bin/" + generator, "");
        const Json found = finding("image-without-vfio-early");
        ASSERT_FALSE(found.is_null());
        EXPECT_EQ(found["severity"], "warning") << "nothing is lost yet";
        EXPECT_NE(found["summary"].get<std::string>().find(generator), std::string::npos);
        tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b\n");
        EXPECT_TRUE(has_words(run({"import"}).err, "Delete no old line before that is fixed."));
        const ProgramRun added = run({"add", "01:00.0"});
        EXPECT_TRUE(
            has_words(added.out, generator + " makes the images of this system, and vfio-early is not in them"));
        EXPECT_EQ(finding("image-without-vfio-early")["severity"], "error");
        std::filesystem::remove(tree.path() + "/etc/vfio-early.conf");
        std::filesystem::remove(tree.path() + "/usr/bin/" + generator);
    }
}

TEST_F(OtherWays, IdsThatThePolicyHasMadeNeedlessLeaveTheCommandLine)
{
    start_with("etc/kernel/cmdline", "root=/dev/nfs ro vfio-pci.ids=10de:128b,10de:0e0f\n");
    tree.write("proc/cmdline", "root=/dev/nfs ro vfio-pci.ids=10de:128b,10de:0e0f\n");
    EXPECT_FALSE(has_words(run({"boot-params"}).out, "remove vfio-pci.ids=")) << "import comes first";
    ASSERT_EQ(run({"import", "--write"}).code, 0);
    ASSERT_EQ(run({"boot-params", "--apply"}).code, 0);
    EXPECT_EQ(tree.read("etc/kernel/cmdline"), "root=/dev/nfs ro\n");
}

TEST_F(OtherWays, AVirtualMachineHasNoFirmwareMenus)
{
    start("ryzen_3400g_iommu_off");
    tree.write("proc/cpuinfo", "vendor_id : AuthenticAMD\nflags : fpu svm hypervisor\n");
    const Json found = finding("iommu-off-in-firmware");
    ASSERT_FALSE(found.is_null());
    EXPECT_FALSE(has_words(found.dump(), "AMD CBS")) << found.dump(1);
    EXPECT_TRUE(has_words(found.dump(), "this is a virtual machine"));
}

TEST_F(OtherWays, WordsThatAFileHasAlreadyAreNotAddedAgain)
{
    start("recipe_rx560");
    ASSERT_EQ(run({"boot-params", "--apply"}).code, 0);
    const std::string first = tree.read("etc/kernel/cmdline");
    EXPECT_TRUE(has_words(first, " intel_iommu=on"));
    const std::string backup = tree.read("etc/kernel/cmdline~");
    const ProgramRun again = run({"boot-params", "--apply"});
    EXPECT_EQ(tree.read("etc/kernel/cmdline"), first);
    EXPECT_EQ(tree.read("etc/kernel/cmdline~"), backup);
    EXPECT_TRUE(has_words(again.out, "The files have this already; it holds from the next boot on."));
}

TEST_F(OtherWays, GrubbyIsRun)
{
    start("recipe_rx560");
    std::filesystem::remove(tree.path() + "/etc/kernel/cmdline");
    std::filesystem::remove(tree.path() + "/etc/kernel/proxmox-boot-uuids");
    tree.write("usr/sbin/grubby", "");
    const ProgramRun applied = run({"boot-params", "--apply"});
    EXPECT_TRUE(has_words(applied.out, "Now run: grubby --update-kernel=ALL --args=intel_iommu=on"));
    EXPECT_TRUE(has_words(run({"boot-params"}).out, "--apply does this, then runs: grubby"));
}

} // namespace vfio_early::test
