// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/guards.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vfio_early {
namespace {

TEST(RefusalWord, ReadsBackForEveryRefusal)
{
    for (unsigned i = 0; i <= static_cast<unsigned>(Refusal::policy); ++i) {
        const auto refusal = static_cast<Refusal>(i);
        EXPECT_EQ(parse_refusal(refusal_word(refusal)), refusal);
    }
    EXPECT_EQ(refusal_word(Refusal::no_iommu), "no-iommu");
    EXPECT_EQ(refusal_word(Refusal::trial), "trial");
    EXPECT_EQ(refusal_word(Refusal::driver_missing), "driver-missing");
    EXPECT_FALSE(parse_refusal("root_disk"));
}

TEST(AllowableGuards, AreAllRefusalsAndNeverBridge)
{
    const auto& guards = allowable_guards();
    EXPECT_EQ(std::ranges::find(guards, "bridge"), guards.end());
    for (const std::string_view guard : guards)
        EXPECT_TRUE(parse_refusal(guard)) << guard;
}

TEST(RefusalSet, HoldsWhatWasPutIn)
{
    RefusalSet set;
    EXPECT_TRUE(set.empty());
    set.insert(Refusal::policy);
    EXPECT_TRUE(set.contains(Refusal::policy));
    EXPECT_FALSE(set.contains(Refusal::mismatch));
}

} // namespace
} // namespace vfio_early
