// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts that should be alike, and some that are not.
#include "hook/fleet/comparison.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

namespace vfio_early::test {

namespace {

HostFacts host(const char* name, const char* id, const char* driver)
{
    return {name, {{"0000:01:00.0", {{"id", id}, {"driver", driver}}}}};
}

std::vector<std::string> texts(const std::vector<Difference>& differences)
{
    std::vector<std::string> texts;
    for (const Difference& difference : differences)
        texts.push_back(fmt::format("{} {} {} {} {} {}", difference.host, difference.subject, difference.fact,
                                    difference.value, difference.usual, difference.count));
    return texts;
}

using Texts = std::vector<std::string>;

} // namespace

TEST(FindDifferences, MostHostsAreRight)
{
    EXPECT_EQ(texts(find_differences(
                  {host("a", "10de:1", "nouveau"), host("b", "10de:1", "vfio-pci"), host("c", "10de:1", "vfio-pci")})),
              Texts{"a 0000:01:00.0 driver nouveau vfio-pci 2"});
}

TEST(FindDifferences, TheFirstHostIsRightWhereAsManyHaveSomethingElse)
{
    EXPECT_EQ(texts(find_differences({host("b", "10de:1", "vfio-pci"), host("a", "10de:1", "nouveau")})),
              Texts{"a 0000:01:00.0 driver nouveau vfio-pci 1"});
}

TEST(FindDifferences, AnotherFunctionIsToldOnce)
{
    const HostFacts without{"c", {}};
    EXPECT_EQ(texts(find_differences({host("a", "10de:1", "vfio-pci"), host("b", "1002:2", "amdgpu"), without,
                                      host("d", "10de:1", "vfio-pci"), host("e", "10de:1", "vfio-pci")})),
              (Texts{"b 0000:01:00.0 id 1002:2 10de:1 3", "c 0000:01:00.0 id  10de:1 3"}));
}

TEST(FindDifferences, AFunctionThatOthersLack)
{
    EXPECT_EQ(texts(find_differences({{"a", {}}, {"b", {}}, host("c", "10de:1", "vfio-pci")})),
              Texts{"c 0000:01:00.0 id 10de:1  2"});
}

TEST(Compare, FindsFiveOfAHundred)
{
    const TemporaryTree tree;
    const std::string usual = read_text(source_files("tests/machines", "server_8_gpus.machine").front());
    const auto changed = [&](const std::string& from, const std::string& to) {
        std::string text = usual;
        const auto at = text.find(from);
        EXPECT_NE(at, text.npos) << from;
        return text.replace(at, from.size(), to);
    };
    const std::map<int, std::string> others{
        {3, changed("id=10de:20b0", "id=10de:20b2")},
        {20, changed("group=17 driver=nouveau", "group=17 driver=vfio-pci/vfio_pci")},
        {21, changed("group=33", "group=35")},
        {64, changed("release 6.1.0-25-amd64", "release 6.1.0-26-amd64")},
        {99, usual + "file etc/vfio-early.conf\n| bind 18:00.0\n"},
    };
    std::vector<std::string> arguments{"compare", "--json"};
    std::set<std::string> off;
    for (int number = 0; number < 100; ++number) {
        const std::string name = fmt::format("host{:02}.machine", number);
        const auto other = others.find(number);
        tree.write(name, other == others.end() ? usual : other->second);
        arguments.push_back(tree.path() + "/" + name);
        if (other != others.end())
            off.insert(arguments.back());
    }
    const ProgramRun run = run_ctl(arguments);
    EXPECT_EQ(run.code, 1) << run.err;
    const auto json = nlohmann::json::parse(run.out);
    std::set<std::string> found;
    for (const auto& difference : json["differences"])
        found.insert(difference["host"]);
    EXPECT_EQ(found, off);
}

TEST(FindDifferences, WhatIsNotKnownIsNotCompared)
{
    HostFacts without_report = host("c", "10de:1", "vfio-pci");
    HostFacts bound = host("a", "10de:1", "vfio-pci");
    bound.subjects["0000:01:00.0"]["outcome"] = "bound";
    EXPECT_TRUE(find_differences({bound, without_report}).empty());
}

class CompareReports : public testing::Test {
protected:
    /// A machine with what the boot has written; empty: nothing.
    std::string machine(const char* name, const std::string& report)
    {
        std::string text = "release 6.1.0\nfunction 0000:01:00.0 id=10de:128b class=030000 group=1\n";
        if (!report.empty())
            text += "file run/vfio-early/report.jsonl\n| " + report + "\n";
        tree.write(name, text);
        return tree.path() + "/" + name;
    }

    TemporaryTree tree;
};

TEST_F(CompareReports, ADryRunIsNoBoot)
{
    const ProgramRun run = run_ctl({"compare", machine("a", R"({"schema":2,"mode":"normal"})"),
                                    machine("b", R"({"schema":2,"mode":"dry-run"})"), machine("c", "")});
    EXPECT_EQ(run.code, 1) << run.err;
    EXPECT_NE(run.out.find("host boot: dry-run; 1 of 3 have normal"), run.out.npos) << run.out;
    EXPECT_NE(run.out.find("host boot: no report; 1 of 3 have normal"), run.out.npos) << run.out;
}

TEST_F(CompareReports, ABrokenReportIsAnError)
{
    const ProgramRun run = run_ctl({"compare", machine("a", "no report"), machine("b", "")});
    EXPECT_EQ(run.code, 2) << run.out;
    EXPECT_NE(run.err.find("report.jsonl"), run.err.npos) << run.err;
}

TEST_F(CompareReports, AHostHasOneVoice)
{
    const std::string file = machine("a", "");
    const ProgramRun run = run_ctl({"compare", file, file});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("is named twice"), run.err.npos) << run.err;
}

TEST(Compare, OneHostIsNoComparison)
{
    const ProgramRun run = run_ctl({"compare", "host.tar"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("at least two recordings"), run.err.npos) << run.err;
}

} // namespace vfio_early::test
