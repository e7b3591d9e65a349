// SPDX-License-Identifier: GPL-2.0-or-later
// The rows of the table in docs/recipe.md: a published Debian/Proxmox recipe, line by line, and what stands
// in its place.
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vfio_early::test {

namespace {

using Json = nlohmann::json;

class Recipe : public SystemTest {
protected:
    Recipe() { expand_machine("recipe_rx560", tree); }

    Json import_json() { return Json::parse(run({"import", "--json"}).out); }

    /// What import says of one line; "delete: the policy names the functions themselves".
    std::string verdict_on(const std::string& file, unsigned number)
    {
        const Json json = import_json();
        for (const Json& line : json["lines"])
            if (line["file"] == file && line["line"] == number)
                return line["verdict"].get<std::string>() + ": " + line["why"].get<std::string>();
        return "not told";
    }

    std::vector<std::string> statements()
    {
        std::vector<std::string> texts;
        const Json json = import_json();
        for (const Json& entry : json["policy"])
            texts.push_back(entry["statement"]);
        return texts;
    }

    Json changes() { return Json::parse(run({"boot-params", "--json"}).out)["changes"]; }

    std::string change_of(const std::string& word)
    {
        const Json all = changes();
        for (const Json& change : all)
            if (change["word"] == word)
                return change["action"].get<std::string>() + (change["required"].get<bool>() ? "" : ", does no harm");
        return "stays";
    }
};

const std::vector<std::string> bind_lines{
    "bind path=0000:00:02.* id=8086:3e92 subsystem=1458:d000",
    "bind path=0000:00:01.0/00.* id=1002:67ff,1002:aae0 subsystem=1458:22ff,1458:aae0",
    "set module vfio-pci disable_vga=1",
};

} // namespace

TEST_F(Recipe, Row2ModulesAreLoadedWhenSomethingNeedsThem)
{
    for (const unsigned line : {2U, 3U, 4U})
        EXPECT_TRUE(verdict_on("/etc/modules", line).starts_with("delete: vfio-early loads the module")) << line;
    tree.write("policy", bind_lines[1] + "\n");
    EXPECT_NE(run({"plan", "--policy", tree.path() + "/policy"}).out.find("load vfio"), std::string::npos);
}

TEST_F(Recipe, Row3VirqfdIsAPartOfVfio)
{
    EXPECT_NE(verdict_on("/etc/modules", 5).find("part of vfio since Linux 6.2"), std::string::npos);
}

TEST_F(Recipe, Row4BlacklistsAreNotNeeded)
{
    const std::string file = "/etc/modprobe.d/blacklist.conf";
    EXPECT_EQ(verdict_on(file, 1), "delete: 0000:00:02.0 is bound before i915 can see it");
    EXPECT_EQ(verdict_on(file, 3), "delete: 0000:01:00.0 is bound before amdgpu can see it");
}

TEST_F(Recipe, Row4TheHostGetsItsSoundBack)
{
    EXPECT_EQ(
        verdict_on("/etc/modprobe.d/blacklist.conf", 2),
        "delete: 0000:01:00.1 is bound before snd_hda_intel can see it; without the line snd_hda_intel also drives "
        "0000:00:1f.3 again");
}

TEST_F(Recipe, Row5IdsBecomePinnedLines)
{
    tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=1002:67ff,1002:aae0,8086:3e92 disable_vga=1\n");
    EXPECT_EQ(statements(), bind_lines);
    EXPECT_TRUE(verdict_on("/etc/modprobe.d/vfio.conf", 1).starts_with("delete:"));
}

TEST_F(Recipe, Row6ModuleOptionsMoveIntoThePolicy)
{
    const auto all = statements();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all.back(), "set module vfio-pci disable_vga=1");
}

TEST_F(Recipe, Row7AliasesBecomeTheSameLines)
{
    tree.write("etc/modprobe.d/vfio.conf", "alias pci:v00008086d00003E92sv00001458sd0000D000bc03sc80i00 vfio-pci\n"
                                           "alias pci:v00001002d000067FFsv00001458sd000022FFbc03sc00i00 vfio-pci\n"
                                           "alias pci:v00001002d0000AAE0sv00001458sd0000AAE0bc04sc03i00 vfio-pci\n");
    EXPECT_EQ(statements(), std::vector(bind_lines.begin(), bind_lines.begin() + 2));
    for (const unsigned line : {1U, 2U, 3U})
        EXPECT_TRUE(verdict_on("/etc/modprobe.d/vfio.conf", line).starts_with("delete:"));
}

TEST_F(Recipe, Row7AnAliasIsAlsoAPolicyLineAsItIs)
{
    tree.write("policy", "bind modalias=pci:v00001002d000067FFsv00001458sd000022FFbc03sc00i00\n");
    const Json plan = Json::parse(run({"plan", "--json", "--policy", tree.path() + "/policy"}).out);
    ASSERT_EQ(plan["functions"].size(), 2U);
    EXPECT_EQ(plan["functions"][0]["address"], "0000:01:00.0");
}

TEST_F(Recipe, Row8BothWaysAtOnceGiveEachLineOnce)
{
    EXPECT_EQ(statements(), bind_lines);
}

TEST_F(Recipe, Row9TheImageIsMadeAsBefore)
{
    tree.write("etc/modprobe.d/vfio.conf", "");
    EXPECT_NE(run({"add", "01:00.0"}).out.find("Now run: update-initramfs -u -k all\n"), std::string::npos);
}

TEST_F(Recipe, Row10GraphicsThatAreGivenAwayNeedTheIommu)
{
    EXPECT_EQ(change_of("intel_iommu=igfx_off"), "remove");
    EXPECT_EQ(change_of("intel_iommu=on"), "add");
}

TEST_F(Recipe, Row11PassThroughModeMayStay)
{
    EXPECT_EQ(change_of("iommu=pt"), "stays");
}

TEST_F(Recipe, Row12TheFramebufferWordIsNotNeeded)
{
    EXPECT_EQ(change_of("video=efifb:off"), "remove, does no harm");
}

TEST_F(Recipe, Row13GrubIsChangedByADropIn)
{
    TemporaryTree grub;
    expand_machine("intel_two_identical_gpus", grub);
    grub.write("proc/cmdline", "quiet intel_iommu=off\n");
    grub.write("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=off\"\n");
    EXPECT_EQ(run_ctl({"boot-params", "--apply", "--root", grub.path()}).code, 0);
    EXPECT_NE(grub.read("etc/default/grub").find("intel_iommu=off"), std::string::npos) << "it was not asked to";
    const ProgramRun applied = run_ctl({"boot-params", "--apply", "--edit-grub", "--root", grub.path()});
    EXPECT_EQ(applied.code, 0) << applied.err;
    EXPECT_EQ(grub.read("etc/default/grub"), "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n");
    EXPECT_NE(applied.out.find("update-grub"), applied.out.npos);
}

TEST_F(Recipe, Row14SystemdBootIsChangedInOneLine)
{
    ASSERT_EQ(run({"boot-params", "--apply"}).code, 0);
    EXPECT_EQ(tree.read("etc/kernel/cmdline"), "root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt intel_iommu=on\n");
}

TEST_F(Recipe, Row15ProxmoxCopiesItToItsPartitions)
{
    EXPECT_NE(run({"boot-params"}).out.find("then runs: proxmox-boot-tool refresh"), std::string::npos);
}

TEST_F(Recipe, TheWholeMovesOverWithOneCommand)
{
    ASSERT_EQ(run({"import", "--write"}).code, 0);
    const Json plan = Json::parse(run({"plan", "--json"}).out);
    std::vector<std::string> bound;
    for (const Json& function : plan["functions"])
        bound.push_back(function["address"]);
    EXPECT_EQ(bound, (std::vector<std::string>{"0000:01:00.0", "0000:01:00.1"}));
    // The integrated graphics have no group until row 10 is done.
    EXPECT_EQ(plan["refused"][0]["refusal"], "no-iommu");
}

} // namespace vfio_early::test
