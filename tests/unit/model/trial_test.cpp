// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/trial.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using State = TrialRecord::State;

constexpr std::uint64_t policy = 0x0123456789abcdef;
constexpr std::uint64_t other_policy = 0xfedcba9876543210;
constexpr unsigned allowed = 2;

std::vector<PolicyFile> files(const std::string& text)
{
    return {{"/etc/vfio-early.conf", text}};
}

/// A machine that boots: what it remembers, and how often it wrote that down.
struct Machine {
    std::optional<TrialRecord> stored;
    unsigned writes = 0;

    bool begin(std::uint64_t digest)
    {
        const TrialDecision decision = decide_trial(stored, digest, allowed);
        store(decision.write);
        return decision.bind;
    }
    void finish(std::uint64_t digest) { store(confirm_trial(stored, digest)); }

private:
    void store(const std::optional<TrialRecord>& record)
    {
        if (!record)
            return;
        stored = record;
        ++writes;
    }
};

TEST(Trial, APolicyThatBootsCostsTwoWritesAndNoneAfterwards)
{
    Machine machine;
    EXPECT_TRUE(machine.begin(policy));
    machine.finish(policy);
    EXPECT_EQ(machine.writes, 2U);
    for (int boot = 0; boot < 3; ++boot) {
        EXPECT_TRUE(machine.begin(policy));
        machine.finish(policy);
    }
    EXPECT_EQ(machine.writes, 2U);
}

TEST(Trial, AfterTwoUnfinishedBootsNothingIsBoundAndNothingWritten)
{
    Machine machine;
    EXPECT_TRUE(machine.begin(policy));
    EXPECT_TRUE(machine.begin(policy));
    EXPECT_EQ(machine.writes, 2U);
    EXPECT_FALSE(machine.begin(policy));
    EXPECT_FALSE(machine.begin(policy));
    EXPECT_EQ(machine.writes, 2U);
}

TEST(Trial, TheReasonSaysHowManyBootsAndWhatToDo)
{
    const TrialDecision decision = decide_trial(TrialRecord{State::trying, 2, policy}, policy, allowed);
    EXPECT_EQ(decision.reason, "the last 2 boots with this policy did not finish; change the policy, if only a "
                               "comment, to try it again");
    const TrialDecision one = decide_trial(TrialRecord{State::trying, 1, policy}, policy, 1);
    EXPECT_TRUE(one.reason.starts_with("the last boot with")) << one.reason;
}

TEST(Trial, ABootThatFinishesAfterOneThatDidNotConfirmsThePolicy)
{
    Machine machine;
    EXPECT_TRUE(machine.begin(policy));
    EXPECT_TRUE(machine.begin(policy));
    machine.finish(policy);
    EXPECT_TRUE(machine.begin(policy));
    EXPECT_EQ(machine.stored->state, State::confirmed);
    EXPECT_EQ(machine.writes, 3U);
}

TEST(Trial, AChangedPolicyIsTriedAnewWhateverCameBefore)
{
    for (const State before : {State::trying, State::confirmed}) {
        const TrialDecision decision = decide_trial(TrialRecord{before, 2, policy}, other_policy, allowed);
        EXPECT_TRUE(decision.bind);
        EXPECT_EQ(decision.write, (TrialRecord{State::trying, 1, other_policy}));
    }
}

TEST(Trial, TheConfirmationOfAnotherPolicyIsNotTaken)
{
    EXPECT_FALSE(confirm_trial(TrialRecord{State::trying, 1, policy}, other_policy));
    EXPECT_FALSE(confirm_trial(std::nullopt, policy));
    EXPECT_FALSE(confirm_trial(TrialRecord{State::confirmed, 1, policy}, policy));
}

TEST(Trial, TheCountNeverBeginsAgainByOverflow)
{
    const TrialDecision decision = decide_trial(TrialRecord{State::trying, 255, policy}, policy, 1000);
    EXPECT_EQ(decision.write->boots, 255);
}

TEST(TrialRecord, IsReadBackAsItWasWritten)
{
    const TrialRecord record{State::confirmed, 7, policy};
    const std::string bytes = to_bytes(record);
    EXPECT_EQ(bytes, std::string("\x01\x01\x07\x00\xef\xcd\xab\x89\x67\x45\x23\x01", 12));
    EXPECT_EQ(trial_from_bytes(bytes), record);
}

TEST(TrialRecord, BytesOfAnotherFormAreNoRecord)
{
    const std::string good = to_bytes({State::trying, 1, policy});
    EXPECT_FALSE(trial_from_bytes(""));
    EXPECT_FALSE(trial_from_bytes(good.substr(0, 11)));
    EXPECT_FALSE(trial_from_bytes(good + "x"));
    for (const std::size_t at : {0U, 1U, 3U}) {
        std::string bad = good;
        bad[at] = 2;
        EXPECT_FALSE(trial_from_bytes(bad)) << at;
    }
}

TEST(PolicyDigest, ChangesWithEveryCharacterAndWithWhereAFileEnds)
{
    EXPECT_EQ(policy_digest(files("bind 01:00.0\n")), policy_digest(files("bind 01:00.0\n")));
    EXPECT_NE(policy_digest(files("bind 01:00.0\n")), policy_digest(files("bind 01:00.1\n")));
    const std::vector<PolicyFile> early{{"a", "bind 01:00.0\n"}, {"b", "bind 02:00.0\n"}};
    const std::vector<PolicyFile> late{{"a", "bind 01:00.0\nbind"}, {"b", " 02:00.0\n"}};
    EXPECT_NE(policy_digest(early), policy_digest(late));
}

TEST(PolicyDigest, IsTheOneThatIsStoredSinceVersion1)
{
    EXPECT_EQ(digest_text(policy_digest({})), "cbf29ce484222325"); // FNV-1a of nothing
    EXPECT_EQ(digest_text(policy_digest(files("bind 01:00.0\n"))), "8b11be1c6f1c04a4");
}

TEST(PolicyDigest, LeavesOutTheFactsOfTheImageButNoFileOfTheUser)
{
    std::vector<PolicyFile> with_facts = files("bind 01:00.0\n");
    const std::uint64_t before = policy_digest(with_facts);
    with_facts.push_back({"/etc/vfio-early.conf.d/00-facts.conf", std::string(facts_mark) + ": what ...\nprotect ..."});
    EXPECT_EQ(policy_digest(with_facts), before);
    with_facts.back().text = "bind 02:00.0\n";
    EXPECT_NE(policy_digest(with_facts), before);
}

TEST(PolicyDigest, IsReadBackFromItsText)
{
    EXPECT_EQ(parse_digest(digest_text(0x1f)), 0x1fU);
    EXPECT_FALSE(parse_digest("1f"));
    EXPECT_FALSE(parse_digest("000000000000001g"));
}

TEST(RefuseAll, LeavesNothingToDoAndNamesEachFunctionWithItsStatement)
{
    Plan plan;
    PlannedFunction function;
    function.address = parse_address("01:00.0").value();
    function.ids.vendor = 0x10de;
    function.ids.device = 0x128b;
    function.where = {"/etc/vfio-early.conf", 2, 1};
    plan.functions.push_back(function);
    plan.virtual_functions.push_back({parse_address("02:00.0").value(), 4, "vfio-pci", {"/etc/vfio-early.conf", 3, 1}});
    plan.steps.resize(3);

    const Plan refused = refuse_all(plan, Refusal::trial, "why");
    EXPECT_TRUE(refused.functions.empty());
    EXPECT_TRUE(refused.virtual_functions.empty());
    EXPECT_TRUE(refused.steps.empty());
    ASSERT_EQ(refused.refused.size(), 2U);
    EXPECT_EQ(refused.refused[0].subject, "0000:01:00.0");
    EXPECT_EQ(refused.refused[0].id, "10de:128b");
    EXPECT_EQ(refused.refused[0].refusal, Refusal::trial);
    EXPECT_EQ(refused.refused[0].detail, "why");
    EXPECT_EQ(refused.refused[0].where.line, 2U);
    EXPECT_EQ(refused.refused[1].subject, "0000:02:00.0");
}

} // namespace
} // namespace vfio_early
