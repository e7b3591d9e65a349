// SPDX-License-Identifier: GPL-2.0-or-later
// Which words the kernel command line needs, and how the files of each boot loader change.
#include "hook/boot_params/boot_loader.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vfio_early::test {

namespace {

/// "+intel_iommu=on -video=efifb:off?": `?` for what nothing depends on.
std::string changes_text(const std::vector<ParameterChange>& changes)
{
    std::string text;
    for (const ParameterChange& change : changes)
        text += (text.empty() ? "" : " ") + std::string(change.add ? "+" : "-") + change.word +
                (change.required ? "" : "?");
    return text;
}

BootFacts facts_of(CpuVendor cpu, std::vector<std::string> words, bool groups)
{
    BootFacts facts;
    facts.cpu = cpu;
    facts.dmar = cpu == CpuVendor::intel;
    facts.ivrs = cpu == CpuVendor::amd;
    facts.groups = groups;
    facts.words = std::move(words);
    facts.kernel_major = 6;
    facts.kernel_minor = 1;
    return facts;
}

std::string changes_for(CpuVendor cpu, std::vector<std::string> words, bool groups,
                        std::vector<const Function*> wanted = {})
{
    return changes_text(boot_changes(facts_of(cpu, std::move(words), groups), wanted));
}

Function integrated_graphics()
{
    Function function;
    function.ids = {.vendor = 0x8086, .device = 0x3e92, .subvendor = 0, .subdevice = 0, .class_code = 0x038000};
    return function;
}

const std::vector<ParameterChange> replace_words{
    {.add = false, .word = "intel_iommu=igfx_off", .required = true, .why = {}},
    {.add = true, .word = "intel_iommu=on", .required = true, .why = {}},
};

class BootParams : public testing::Test {
protected:
    ProgramRun run(std::vector<std::string> arguments = {})
    {
        arguments.insert(arguments.begin(), "boot-params");
        arguments.insert(arguments.end(), {"--root", tree.path()});
        return run_ctl(arguments);
    }

    BootMethod method()
    {
        const auto root = Root::open(tree.path());
        return find_boot_loader(*root).method;
    }

    TemporaryTree tree;
};

} // namespace

TEST(BootChanges, IntelNeedsTheWordUnlessTheKernelHasItByDefault)
{
    EXPECT_EQ(changes_for(CpuVendor::intel, {"quiet"}, false), "+intel_iommu=on");
    EXPECT_EQ(changes_for(CpuVendor::intel, {"intel_iommu=on", "iommu=pt"}, true), "");
    EXPECT_EQ(changes_for(CpuVendor::intel, {"quiet"}, true), "") << "the groups prove that it works";
    BootFacts facts = facts_of(CpuVendor::intel, {}, false);
    facts.intel_default_on = true;
    EXPECT_EQ(changes_text(boot_changes(facts, {})), "");
}

TEST(BootChanges, AmdNeedsNothing)
{
    EXPECT_EQ(changes_for(CpuVendor::amd, {"quiet"}, false), "");
    EXPECT_EQ(changes_for(CpuVendor::amd, {"intel_iommu=on", "amd_iommu=on", "iommu=pt"}, true),
              "-intel_iommu=on? -amd_iommu=on?");
    EXPECT_EQ(changes_for(CpuVendor::intel, {"amd_iommu=on", "intel_iommu=on"}, true), "-amd_iommu=on?");
}

TEST(BootChanges, AnSmmuNeedsNothingAndObeysNoWordOfX86)
{
    EXPECT_EQ(changes_for(CpuVendor::arm, {"quiet"}, false), "");
    EXPECT_EQ(changes_for(CpuVendor::arm, {"iommu.passthrough=1"}, true), "");
    EXPECT_EQ(changes_for(CpuVendor::arm, {"intel_iommu=on", "amd_iommu=off", "iommu=pt"}, true),
              "-intel_iommu=on? -amd_iommu=off? -iommu=pt?");
}

TEST(BootChanges, WhatSwitchesTheIommuOffMustGo)
{
    EXPECT_EQ(changes_for(CpuVendor::amd, {"amd_iommu=off"}, false), "-amd_iommu=off");
    EXPECT_EQ(changes_for(CpuVendor::intel, {"iommu=off", "intel_iommu=on"}, false), "-iommu=off");
    EXPECT_EQ(changes_for(CpuVendor::intel, {"intel_iommu=off"}, false), "-intel_iommu=off +intel_iommu=on");
}

TEST(BootChanges, IntegratedGraphicsNeedTheIommuToo)
{
    const Function graphics = integrated_graphics();
    EXPECT_EQ(changes_for(CpuVendor::intel, {"intel_iommu=igfx_off"}, true, {&graphics}),
              "-intel_iommu=igfx_off +intel_iommu=on");
    EXPECT_EQ(changes_for(CpuVendor::intel, {"intel_iommu=on,igfx_off"}, true, {&graphics}),
              "-intel_iommu=on,igfx_off");
    EXPECT_EQ(changes_for(CpuVendor::intel, {"intel_iommu=on,igfx_off"}, true), "");
}

TEST(BootChanges, FramebufferWordsAreOfNoUseSinceLinux6)
{
    EXPECT_EQ(changes_for(CpuVendor::amd, {"video=efifb:off"}, true), "-video=efifb:off?");
    EXPECT_EQ(changes_for(CpuVendor::amd, {"video=vesafb:off,efifb:off"}, true), "-video=vesafb:off,efifb:off?");
    EXPECT_EQ(changes_for(CpuVendor::amd, {"video=DP-1:1920x1080"}, true), "");
    BootFacts facts = facts_of(CpuVendor::amd, {"video=efifb:off"}, true);
    facts.kernel_major = 5;
    EXPECT_EQ(changes_text(boot_changes(facts, {})), "");
}

TEST(BootChanges, AFramebufferThatStaysMustNotCome)
{
    Function display;
    display.address = parse_address("c3:00.0").value();
    display.ids.class_code = 0x038000;
    BootFacts facts = facts_of(CpuVendor::amd, {"quiet"}, true);
    EXPECT_EQ(changes_text(boot_changes(facts, {&display})), "");
    facts.framebuffer_stays = display.address;
    EXPECT_EQ(changes_text(boot_changes(facts, {&display})), "+initcall_blacklist=sysfb_init");
    EXPECT_EQ(changes_text(boot_changes(facts, {})), "") << "nobody wants it";
    facts.words.emplace_back("initcall_blacklist=sysfb_init");
    EXPECT_EQ(changes_text(boot_changes(facts, {&display})), "") << "it does not help";
}

TEST(BootEdit, GrubKeepsItsFilesAndGetsADropIn)
{
    BootLoader loader{
        .method = BootMethod::grub,
        .files = {{.path = "etc/default/grub",
                   .text = "# intel_iommu=igfx_off\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=igfx_off "
                           "iommu=pt\"\nGRUB_TIMEOUT=5\n"}},
        .drop_in = "etc/default/grub.d/50-vfio-early.cfg",
        .update = {}};
    const auto changed = apply_changes(loader, replace_words);
    ASSERT_EQ(changed.size(), 2U);
    EXPECT_EQ(changed[0].after,
              "# intel_iommu=igfx_off\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt\"\nGRUB_TIMEOUT=5\n");
    EXPECT_EQ(changed[1].path, "etc/default/grub.d/50-vfio-early.cfg");
    EXPECT_EQ(changed[1].after, "# Written by vfio-earlyctl boot-params.\n"
                                "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on\"\n");

    loader.files = {{.path = changed[0].path, .text = changed[0].after},
                    {.path = changed[1].path, .text = changed[1].after}};
    EXPECT_TRUE(apply_changes(loader, replace_words).empty()) << "done once, there is nothing left to do";
    const std::vector<ParameterChange> another{{.add = true, .word = "iommu.strict=1", .required = true, .why = {}}};
    EXPECT_NE(apply_changes(loader, another).at(0).after.find("intel_iommu=on iommu.strict=1\""), std::string::npos);
}

TEST(BootEdit, OnlyTheDropInOfGrubIsWrittenUnlessAsked)
{
    BootLoader loader{.method = BootMethod::grub,
                      .files = {{.path = "etc/default/grub", .text = "GRUB_CMDLINE_LINUX=\"intel_iommu=igfx_off\"\n"}},
                      .drop_in = "etc/default/grub.d/50-vfio-early.cfg",
                      .update = {}};
    EXPECT_TRUE(words_left_alone(loader, replace_words).empty());
    loader.only_drop_in = true;
    const auto changed = apply_changes(loader, replace_words);
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].path, loader.drop_in);
    EXPECT_EQ(words_left_alone(loader, replace_words),
              std::vector<std::string>{"intel_iommu=igfx_off in /etc/default/grub"});
    loader.files = {
        {.path = loader.drop_in, .text = changed[0].after + "GRUB_CMDLINE_LINUX=\"intel_iommu=igfx_off\"\n"}};
    EXPECT_EQ(apply_changes(loader, replace_words).at(0).after.find("igfx_off"), std::string::npos) << "it is ours";
}

TEST(BootEdit, WordsAreTakenWholeOnly)
{
    const BootLoader loader{
        .method = BootMethod::systemd_boot,
        .files = {{.path = "etc/kernel/cmdline",
                   .text = "xintel_iommu=igfx_off intel_iommu=igfx_off,sm_on intel_iommu=igfx_off"}},
        .drop_in = {},
        .update = {}};
    EXPECT_EQ(apply_changes(loader, replace_words).at(0).after,
              "xintel_iommu=igfx_off intel_iommu=igfx_off,sm_on intel_iommu=on");
    EXPECT_TRUE(words_in_no_file(loader, replace_words).empty());
}

TEST_F(BootParams, EachBootLoaderIsKnown)
{
    expand_machine("hybrid_laptop", tree);
    EXPECT_EQ(method(), BootMethod::systemd_boot);
    tree.write("etc/kernel/install.conf", "layout=uki\n");
    EXPECT_EQ(method(), BootMethod::uki);
    tree.write("etc/kernel/proxmox-boot-uuids", "1234-ABCD\n");
    EXPECT_EQ(method(), BootMethod::proxmox);
}

TEST_F(BootParams, GrubIsKnown)
{
    expand_machine("intel_two_identical_gpus", tree);
    EXPECT_EQ(method(), BootMethod::grub);
    tree.write("usr/sbin/grubby", "");
    EXPECT_EQ(method(), BootMethod::grubby);
    tree.write("etc/kernel/proxmox-boot-uuids", "1234-ABCD\n");
    EXPECT_EQ(method(), BootMethod::proxmox_grub);
}

TEST_F(BootParams, ANetworkBootHasNoFiles)
{
    expand_machine("ryzen_3400g_iommu_off", tree);
    EXPECT_EQ(method(), BootMethod::unknown);
    const ProgramRun shown = run();
    EXPECT_EQ(shown.code, 0) << "nothing that is needed is missing";
    EXPECT_NE(shown.out.find("on the boot server"), shown.out.npos);
}

TEST_F(BootParams, AVirtualMachineHasNoFirmwareSetupToLookInto)
{
    expand_machine("ryzen_3400g_iommu_off", tree);
    tree.write("proc/cpuinfo", "vendor_id : AuthenticAMD\nflags : fpu svm hypervisor\n");
    const ProgramRun shown = run();
    EXPECT_NE(shown.out.find("IOMMU:        this virtual machine has none"), shown.out.npos) << shown.out;
    EXPECT_EQ(shown.out.find("firmware setup"), shown.out.npos) << shown.out;
}

TEST_F(BootParams, ApplyShowsTheDiffWritesAndNamesTheCommand)
{
    expand_machine("recipe_rx560", tree);
    EXPECT_EQ(run().code, 1);
    expect_golden("boot_params_recipe", transcript(run({"--apply"}), tree));
    EXPECT_EQ(tree.read("etc/kernel/cmdline"), "root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt intel_iommu=on\n");
    EXPECT_EQ(tree.read("etc/kernel/cmdline~"),
              "root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=igfx_off iommu=pt video=efifb:off\n");
}

TEST_F(BootParams, SystemdBootMakesItsEntriesAnew)
{
    expand_machine("hybrid_laptop", tree);
    const ProgramRun shown = run();
    EXPECT_EQ(shown.code, 1);
    EXPECT_NE(shown.out.find("then runs: kernel-install add 6.10.6-custom /boot/vmlinuz-6.10.6-custom "
                             "/boot/initrd.img-6.10.6-custom"),
              shown.out.npos)
        << shown.out;
}

TEST_F(BootParams, GrubAsJson)
{
    expand_machine("intel_two_identical_gpus", tree);
    tree.write("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=off\"\n");
    tree.write("proc/cmdline", "quiet intel_iommu=off\n");
    const auto as_it_is = nlohmann::json::parse(run({"--json"}).out);
    EXPECT_EQ(as_it_is["left_alone"], nlohmann::json::parse(R"(["intel_iommu=off in /etc/default/grub"])"));
    EXPECT_NE(run().out.find("by boot-params --apply --edit-grub: intel_iommu=off in /etc/default/grub\n"),
              std::string::npos);
    const auto json = nlohmann::json::parse(run({"--json", "--edit-grub"}).out);
    EXPECT_EQ(json["schema"], 1);
    EXPECT_EQ(json["left_alone"], nlohmann::json::array());
    EXPECT_EQ(json["boot_loader"], "GRUB");
    EXPECT_EQ(json["changes"][0]["word"], "intel_iommu=off");
    EXPECT_EQ(json["changes"][0]["action"], "remove");
    EXPECT_EQ(json["update"], nlohmann::json::parse(R"([["update-grub"]])"));
    EXPECT_EQ(json["files"][0]["file"], "/etc/default/grub");
}

TEST_F(BootParams, ARecordingIsNotWrittenTo)
{
    expand_machine("hybrid_laptop", tree);
    EXPECT_EQ(run_ctl({"boot-params", "--apply", "--machine", tree.path()}).code, 2);
}

} // namespace vfio_early::test
