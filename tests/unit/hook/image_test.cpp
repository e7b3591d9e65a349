// SPDX-License-Identifier: GPL-2.0-or-later
// What goes into an image: whatever the policy is like, an image is made.
#include "hook/image/policy_store.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <filesystem>
#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr const char* good = "bind 01:00.* id=10de:128b,10de:0e0f\n";
constexpr const char* bad = "bind 01:00.* idd=10de:128b\n";
constexpr const char* kept_file = "var/lib/vfio-early/last-good/etc/vfio-early.conf";

class Image : public testing::Test {
protected:
    Image() { expand_machine("ryzen_3400g_iommu_on", tree); }

    ProgramRun run(std::vector<std::string> more = {})
    {
        std::vector<std::string> arguments{"image",      "--kernel", "5.10.0-9-amd64", "--out",
                                           stage.path(), "--root",   tree.path()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_ctl(arguments);
    }

    [[nodiscard]] std::string staged_policy() const { return stage.read("etc/vfio-early.conf"); }

    TemporaryTree tree;
    TemporaryTree stage;
};

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != text.npos;
}

} // namespace

TEST_F(Image, NamesProgramPolicyAndModules)
{
    tree.write("etc/vfio-early.conf", good);
    const ProgramRun made = run();
    expect_golden("image_good", transcript(made, stage));
    EXPECT_EQ(staged_policy(), good);
    EXPECT_EQ(tree.read(kept_file), good);
}

TEST_F(Image, ABadPolicyGivesWayToTheLastGoodOne)
{
    tree.write("etc/vfio-early.conf", good);
    tree.write("etc/vfio-early.conf.d/extra.conf", "set log debug\n");
    ASSERT_EQ(run().code, 0);
    tree.write("etc/vfio-early.conf", bad);
    const ProgramRun made = run();
    expect_golden("image_last_good", transcript(made, stage));
    EXPECT_EQ(staged_policy(), good);
    EXPECT_EQ(stage.read("etc/vfio-early.conf.d/extra.conf"), "set log debug\n");
    EXPECT_EQ(tree.read(kept_file), good) << "a bad policy must not be kept";
}

TEST_F(Image, ABadPolicyWithoutALastGoodOneBindsNothing)
{
    tree.write("etc/vfio-early.conf", bad);
    const ProgramRun made = run();
    EXPECT_EQ(made.code, 0);
    EXPECT_TRUE(contains(made.err, "W: vfio-early: THE POLICY HAS ERRORS and there is no last good one")) << made.err;
    EXPECT_FALSE(contains(staged_policy(), "\nbind"));
    EXPECT_TRUE(staged_policy().starts_with("# "));
    EXPECT_FALSE(tree.exists(kept_file));
}

TEST_F(Image, AnUnreadablePolicyIsABadOne)
{
    tree.write("etc/vfio-early.conf", good);
    ASSERT_EQ(run().code, 0);
    tree.write("etc/vfio-early.conf.d/huge.conf", std::string((1U << 20U) + 1, '#'));
    const ProgramRun made = run();
    EXPECT_EQ(made.code, 0);
    EXPECT_TRUE(contains(made.err, "the last good one")) << made.err;
    EXPECT_EQ(staged_policy(), good);
}

TEST_F(Image, TheLastGoodPolicyIsReplacedWhole)
{
    tree.write("etc/vfio-early.conf", good);
    tree.write("etc/vfio-early.conf.d/extra.conf", "set log debug\n");
    ASSERT_EQ(run().code, 0);
    std::filesystem::remove(tree.path() + "/etc/vfio-early.conf.d/extra.conf");
    tree.write("etc/vfio-early.conf", "bind 0b:00.0\n");
    ASSERT_EQ(run().code, 0);
    EXPECT_EQ(tree.read(kept_file), "bind 0b:00.0\n");
    EXPECT_FALSE(tree.exists("var/lib/vfio-early/last-good/etc/vfio-early.conf.d/extra.conf"));
    EXPECT_FALSE(tree.exists("var/lib/vfio-early/last-good.new"));
}

TEST_F(Image, ACredentialOfThisBootStaysOut)
{
    tree.write("etc/vfio-early.conf", good);
    tree.write("run/vfio-early/credentials/vfio-early.conf", "bind 0b:00.0\n");
    const ProgramRun made = run();
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_FALSE(contains(made.out, "credential")) << made.out;
    EXPECT_EQ(staged_policy(), good);
    EXPECT_EQ(tree.read(kept_file), good);
    EXPECT_FALSE(tree.exists("var/lib/vfio-early/last-good/redential:vfio-early.conf"));
}

TEST_F(Image, NoPolicyIsNoError)
{
    const ProgramRun made = run();
    EXPECT_EQ(made.code, 0);
    EXPECT_TRUE(contains(made.err, "there is no /etc/vfio-early.conf")) << made.err;
    EXPECT_TRUE(contains(made.out, "file " + stage.path() + "/etc/vfio-early.conf /etc/vfio-early.conf\n"));
    EXPECT_TRUE(contains(made.out, "module vfio-pci\n"));
}

TEST_F(Image, AMissingModuleIsNamed)
{
    tree.write("etc/vfio-early.conf", "bind 01:00.* id=10de:128b,10de:0e0f driver=no-such-driver\n");
    const ProgramRun made = run();
    EXPECT_EQ(made.code, 0);
    EXPECT_TRUE(contains(made.err, "W: vfio-early: kernel 5.10.0-9-amd64 has no module no-such-driver")) << made.err;
    EXPECT_FALSE(contains(made.out, "no-such-driver"));
}

TEST_F(Image, ADriverOfThePolicyComesAlong)
{
    tree.write("etc/vfio-early.conf", "bind 0b:00.0 driver=ahci\n");
    EXPECT_TRUE(contains(run().out, "module ahci\n"));
}

TEST_F(Image, TheFactsAnswerForANativeModuleThatStaysOut)
{
    tree.write("etc/vfio-early.conf", "bind native=nouveau\nprotect native=no-such-driver\n");
    const ProgramRun made = run();
    EXPECT_FALSE(contains(made.out, "module nouveau\n")) << made.out;
    EXPECT_FALSE(contains(made.out, "such")) << made.out;
    EXPECT_FALSE(contains(made.err, "has no module")) << made.err;
}

TEST_F(Image, ADropInWithWhiteSpaceInItsNameIsCopied)
{
    tree.write("etc/vfio-early.conf", good);
    tree.write("etc/vfio-early.conf.d/my card.conf", "set log debug\n");
    EXPECT_TRUE(contains(run().out, "file " + stage.path() +
                                        "/etc/vfio-early.conf.d/my_card.conf /etc/vfio-early.conf.d/my_card.conf\n"));
}

TEST_F(Image, AUsersDropInOfTheSameNameIsNotOverwritten)
{
    tree.write("etc/vfio-early.conf", good);
    tree.write("etc/vfio-early.conf.d/00-facts.conf", "set log debug\n");
    ASSERT_EQ(run().code, 0);
    EXPECT_EQ(stage.read("etc/vfio-early.conf.d/00-facts.conf"), "set log debug\n");
    EXPECT_TRUE(stage.exists("etc/vfio-early.conf.d/000-facts.conf"));
}

TEST_F(Image, WarnsInTheWayOfTheGenerator)
{
    tree.write("etc/vfio-early.conf", bad);
    EXPECT_TRUE(contains(run({"--generator", "dracut"}).err, "vfio-early: warning: THE POLICY"));
    EXPECT_EQ(run({"--generator", "booster"}).code, 2);
}

TEST_F(Image, APolicyFileOfTheCallersIsNotKept)
{
    tree.write("mine.conf", good);
    ASSERT_EQ(run({"--policy", tree.path() + "/mine.conf"}).code, 0);
    EXPECT_EQ(staged_policy(), good);
    EXPECT_FALSE(tree.exists(kept_file));
}

} // namespace vfio_early::test
