// SPDX-License-Identifier: GPL-2.0-or-later
// What the image step has written down about the host: protect, root and native lines.
#include "tests/unit/model/plan_of.hpp"

namespace vfio_early::test {
namespace {

TEST(PlanFacts, AnImageTrustsWhatWasWrittenDownAndNotItsFewModules)
{
    MachineBuilder machine;
    machine.add("06:01.0", "abcd:0001", 0xff0000).group(7);
    machine.add("06:02.0", "abcd:0002", 0x020000).group(7);
    const std::string mark = std::string(facts_mark) + "\n";
    const std::string modalias = machine.build().functions[1].ids.modalias();
    const std::string bind = "bind 06:01.0\n";
    const auto refusal = [&](const std::string& facts) {
        const std::vector<PolicyFile> files{{"00-facts.conf", mark + facts}, {"vfio-early.conf", bind}};
        const Plan plan = make_plan(parse_policy(files).policy, machine.build(), {}, usual_modules());
        return plan.refused.empty() ? "" : plan.refused.front().detail;
    };
    EXPECT_EQ(refusal("image root=known\nnative modalias=" + modalias + " module=none\n"), "");
    EXPECT_EQ(refusal("image root=known\nnative modalias=" + modalias + " module=e1000,e1000e\n"),
              "group 7 would not be viable: it also holds 0000:06:02.0 (e1000); with=group takes them along; "
              "allow=group overrules");
    for (const char* nothing : {"image root=known\n", "image root=unknown because=nothing\n", ""})
        EXPECT_EQ(refusal(nothing), "group 7 would not be viable: it also holds 0000:06:02.0 (its native driver is not "
                                    "known here); with=group takes them along; allow=group overrules")
            << nothing;
}

TEST(PlanFacts, KnowsWhatRootMayBeOn)
{
    MachineBuilder builder;
    builder.add("01:00.0", "144d:a808", 0x010802).group(1);
    builder.add("02:00.0", "144d:a808", 0x010802).group(2);
    const std::string mark = std::string(facts_mark) + "\nimage root=known\n";
    std::string refused;
    const auto may_hold_root = [&](const std::string& facts, const std::string& bind) {
        const std::vector<PolicyFile> files{{"00-facts.conf", facts}, {"vfio-early.conf", bind}};
        const Plan plan = make_plan(parse_policy(files).policy, builder.build(), {}, usual_modules());
        refused = plan.refused.empty() ? "" : plan.refused.front().detail;
        return !plan.functions.empty() && plan.functions.front().may_hold_root;
    };
    const std::string overrules = "; allow=root-disk overrules";
    const std::string root_on_2 = "root 02:00.0 guard=root-disk because=\"/ is on nvme1n1p2\"\n";
    const std::string gone = "root 05:00.0 guard=root-disk because=\"/ is on nvme1n1p2\"\n";
    const std::string guest = "bind 01:00.0\n";
    const std::string whatever = "bind 01:00.0 allow=root-disk\n";
    EXPECT_FALSE(may_hold_root(mark + root_on_2, guest)) << "it is on the other one";
    EXPECT_EQ(refused, "");
    EXPECT_FALSE(may_hold_root(mark + root_on_2, "bind 02:00.0\n"));
    EXPECT_EQ(refused, "/ is on nvme1n1p2" + overrules);
    EXPECT_TRUE(may_hold_root(mark + root_on_2, "bind 02:00.0 allow=root-disk\n"));
    EXPECT_FALSE(
        may_hold_root(mark + root_on_2 + "protect 02:00.0 guard=root-disk because=\"/srv is on nvme1\"\n", whatever))
        << "it is not / that is there";
    EXPECT_FALSE(may_hold_root(mark + "protect 05:00.0 guard=root-disk because=\"/media/stick\"\n", guest))
        << "what is missing is not /";
    EXPECT_EQ(refused, "");

    const std::string unknown = std::string(facts_mark) + "\nimage root=unknown because=\"/ is zfs\"\n";
    EXPECT_FALSE(may_hold_root(unknown, guest));
    EXPECT_EQ(refused, "/ may need it: / is zfs" + overrules);
    EXPECT_TRUE(may_hold_root(unknown, whatever));
    EXPECT_FALSE(may_hold_root(unknown + root_on_2, guest)) << "this boot has found it";
    EXPECT_EQ(refused, "");

    EXPECT_TRUE(may_hold_root(mark + gone, guest)) << "it may have moved";
    EXPECT_EQ(refused, "");
    EXPECT_TRUE(may_hold_root(mark + gone + root_on_2, guest)) << "one leg of a mirror may have moved";
    EXPECT_FALSE(may_hold_root(mark + "root path=0000:00:1d.0/00.0 id=1987:5012 guard=root-disk\n", guest))
        << "the drive that is missing is another one";
    const std::string behind_vmd = "root path=10000:e0:06.0/00.0 guard=root-disk because=\"/ is on nvme1n1p2\"\n";
    EXPECT_FALSE(may_hold_root(mark + behind_vmd, guest)) << "it comes with the driver of VMD";
    EXPECT_EQ(refused, "");
    EXPECT_FALSE(may_hold_root("# no image\n", guest)) << "on the running system what is found out is of now";
    EXPECT_EQ(refused, "");
}

TEST(PlanFacts, ADiskIsNotTakenByAnImageThatNeverSawItsMachine)
{
    MachineBuilder machine;
    machine.add("01:00.0", "144d:a808", 0x010802).group(1);
    const std::vector<PolicyFile> files{{"00-facts.conf", std::string(facts_mark) + "\nimage machine=unseen\n"},
                                        {"vfio-early.conf", "bind 01:00.0\n"}};
    EXPECT_EQ(refused(make_plan(parse_policy(files).policy, machine.build(), {}, usual_modules())),
              (Names{"0000:01:00.0 root-disk"}));
}

TEST(PlanFacts, LeavesProtectedFunctionsAlone)
{
    MachineBuilder machine;
    machine.add("05:00.0", "144d:a808", nvme).group(5);
    machine.add("06:00.0", "144d:a808", nvme).group(6);
    const std::string all = "bind class=nvme id=144d:a808 all\n";
    const Plan plan = plan_of(all + "protect 05:00.0 guard=root-disk because=\"/ is on nvme0n1p2\"\n", machine);
    EXPECT_EQ(taken(plan), (Names{"0000:06:00.0 vfio-pci"}));
    ASSERT_EQ(refused(plan), (Names{"0000:05:00.0 root-disk"}));
    EXPECT_EQ(plan.refused.front().detail, "/ is on nvme0n1p2; allow=root-disk overrules");
    // A guard is overruled by its own word and by no other; a plain protect by allow=policy only.
    const std::string facts = "protect 05:00.0 guard=root-disk because=\"/\"\n";
    EXPECT_EQ(taken(plan_of("bind 05:00.0 allow=root-disk\n" + facts, machine)).size(), 1U);
    EXPECT_EQ(taken(plan_of("bind 05:00.0 allow=root-nic\n" + facts, machine)).size(), 0U);
}

} // namespace
} // namespace vfio_early::test
