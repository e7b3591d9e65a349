// SPDX-License-Identifier: GPL-2.0-or-later
#include "libkmodctl/probe_order.hpp"

#include <gtest/gtest.h>
#include <map>

namespace libkmodctl {
namespace {

// "a b (c)": the order, what is only softly wanted in brackets.
std::string order(const std::string& target, const std::map<std::string, Wants>& modules)
{
    std::string text;
    for (const ProbeStep& step : probe_order(target, [&](const std::string& name) {
             const auto found = modules.find(name);
             return found != modules.end() ? found->second : Wants{};
         })) {
        text += text.empty() ? "" : " ";
        text += step.required ? step.module : "(" + step.module + ")";
    }
    return text;
}

TEST(ProbeOrder, PutsDependenciesFirst)
{
    EXPECT_EQ(order("a", {{"a", {{"c", "b"}, {}, {}}}, {"b", {{"c"}, {}, {}}}}), "c b a");
}

TEST(ProbeOrder, PutsSoftDependenciesAroundTheirModule)
{
    EXPECT_EQ(order("a", {{"a", {{"b"}, {"x"}, {"y"}}}, {"b", {{}, {"z"}, {}}}, {"x", {{"w"}, {}, {}}}}),
              "(z) b (w) (x) a (y)");
}

TEST(ProbeOrder, WhatIsNeededBothWaysIsRequired)
{
    EXPECT_EQ(order("a", {{"a", {{"c", "b"}, {}, {}}}, {"c", {{}, {"b"}, {}}}}), "b c a");
}

TEST(ProbeOrder, ASoftDependencyThatDependsOnItsModuleComesAfterIt)
{
    EXPECT_EQ(order("a", {{"a", {{}, {"b"}, {}}}, {"b", {{"a"}, {}, {}}}}), "a (b)");
}

TEST(ProbeOrder, EndsOnCycles)
{
    EXPECT_EQ(order("a", {{"a", {{}, {"b"}, {}}}, {"b", {{}, {"a"}, {}}}}), "(b) a");
    EXPECT_EQ(order("a", {{"a", {{}, {"a"}, {"a"}}}}), "a");
}

} // namespace
} // namespace libkmodctl
