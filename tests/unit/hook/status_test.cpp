// SPDX-License-Identifier: GPL-2.0-or-later
// The boot's report against the machine as it is now. Opening through VFIO is shown by boots.
#include "early/tell/report_lines.hpp"
#include "hook/status/blocked_bars.hpp"
#include "hook/status/compare.hpp"
#include "tests/support/machine_builder.hpp"
#include "tests/support/outcomes.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vfio_early::test {

namespace {

Report some_report()
{
    Report report;
    report.outcomes = {outcome(Outcome::Kind::bound, "01:00.0", "10de:128b", "vfio-pci"),
                       outcome(Outcome::Kind::bound, "01:00.1", "10de:0e0f", "vfio-pci"),
                       outcome(Outcome::Kind::bound, "02:00.0", "1022:43d5", "pci-stub")};
    return report;
}

Machine machine_with(const char* first, const char* second, const char* third)
{
    MachineBuilder builder;
    builder.add("01:00.0", "10de:128b", 0x030000).driver(first);
    builder.add("01:00.1", "10de:0e0f", 0x040300).driver(second);
    builder.add("02:00.0", "1022:43d5", 0x0c0330).driver(third);
    return builder.build();
}

using State = FunctionStatus::State;

} // namespace

TEST(StatusCompare, AllAsTheBootLeftIt)
{
    const auto functions = compare_with_report(some_report(), machine_with("vfio-pci", "vfio-pci", "pci-stub"));
    EXPECT_TRUE(all_is_well(functions));
}

TEST(StatusCompare, AFunctionThatHasNotGotItsVirtualFunctions)
{
    Report report;
    report.outcomes = {outcome(Outcome::Kind::kept, "05:00.0", "8086:1572")};
    MachineBuilder builder;
    auto function = builder.add("05:00.0", "8086:1572", 0x020000).vfs_possible(8);
    EXPECT_EQ(compare_with_report(report, builder.build())[0].detail, "has no driver, and so no virtual functions");
    function.driver("i40e");
    EXPECT_EQ(compare_with_report(report, builder.build())[0].state, State::changed);
    function.vfs(4);
    EXPECT_EQ(compare_with_report(report, builder.build())[0].state, State::ok);
    EXPECT_EQ(compare_with_report(report, MachineBuilder().build())[0].detail, "is no longer there");
}

TEST(StatusCompare, ADriverThatChanged)
{
    const auto functions = compare_with_report(some_report(), machine_with("vfio-pci", "snd_hda_intel", ""));
    EXPECT_FALSE(all_is_well(functions));
    EXPECT_EQ(functions[0].state, State::ok);
    EXPECT_EQ(functions[1].state, State::changed);
    EXPECT_EQ(functions[1].detail, "is driven by snd_hda_intel now");
    EXPECT_EQ(compare_with_report(some_report(), machine_with("", "vfio-pci", ""))[0].detail, "has no driver now");
}

TEST(StatusCompare, AHeldFunctionThatGotADriver)
{
    EXPECT_EQ(compare_with_report(some_report(), machine_with("vfio-pci", "vfio-pci", "xhci_hcd"))[2].state,
              State::changed);
}

TEST(StatusCompare, AFunctionThatIsGoneOrAnother)
{
    MachineBuilder builder;
    builder.add("01:00.0", "8086:10d3", 0x020000).driver("vfio-pci");
    const auto functions = compare_with_report(some_report(), builder.build());
    EXPECT_EQ(functions[0].detail, "is now 8086:10d3");
    EXPECT_EQ(functions[1].detail, "is no longer there");
}

TEST(StatusCompare, RefusedAndFailedAreNotWell)
{
    Report report;
    report.outcomes = {outcome(Outcome::Kind::refused, "01:00.0", "10de:128b")};
    EXPECT_FALSE(all_is_well(compare_with_report(report, machine_with("", "", ""))));
    report.outcomes = {outcome(Outcome::Kind::failed, "01:00.0", "10de:128b")};
    EXPECT_FALSE(all_is_well(compare_with_report(report, machine_with("", "", ""))));
}

TEST(StatusCompare, FunctionsThatSomebodyElseBound)
{
    Report report;
    report.outcomes = {outcome(Outcome::Kind::bound, "01:00.0", "10de:128b", "vfio-pci")};
    EXPECT_EQ(bound_since(report, machine_with("vfio-pci", "vfio-pci", "")),
              std::vector<std::string>{"0000:01:00.1 (vfio-pci)"});
}

TEST(BlockedBars, SayWhoHasTheMemoryAndWhatHelps)
{
    constexpr std::string_view resource = "0x0000002800000000 0x0000002fffffffff 0x000000000014220c\n"
                                          "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
                                          "0x00000000c0000000 0x00000000c0000fff 0x0000000000040200\n";
    EXPECT_EQ(blocked_bars_text({{.bar = 0, .code = EBUSY}}, resource,
                                "2800000000-2fffffffff : PCI Bus 0000:c3\n"
                                "  2800000000-2fffffffff : 0000:c3:00.0\n"
                                "    2800000000-2801fa3fff : BOOTFB\n"
                                "      2800000000-2801fa3fff : simpledrm\n"
                                "c0000000-c0000fff : 0000:c3:00.0\n"),
              "framebuffer: BAR 0 cannot be mapped: Device or resource busy; BOOTFB has 2800000000-2801fa3fff; "
              "simpledrm has 2800000000-2801fa3fff; boot with initcall_blacklist=sysfb_init");
    EXPECT_EQ(blocked_bars_text({{.bar = 2, .code = EBUSY}}, resource,
                                "c0000000-c0000fff : 0000:c3:00.0\n  c0000800-c0000fff : somebody\n"),
              "BAR 2 cannot be mapped: Device or resource busy; somebody has c0000800-c0000fff");
    EXPECT_EQ(blocked_bars_text({{.bar = 0, .code = EIO}, {.bar = 2, .code = EBUSY}}, resource,
                                "00000000-00000000 : efifb\n"),
              "BAR 0 cannot be mapped: Input/output error; BAR 2 cannot be mapped: Device or resource busy");
}

class Status : public testing::Test {
protected:
    void start(const Report& report)
    {
        expand_machine("intel_two_identical_gpus", tree);
        const auto root = Root::open(tree.path());
        ASSERT_TRUE(write_report(*root, report));
    }

    ProgramRun run(std::vector<std::string> arguments = {})
    {
        arguments.insert(arguments.begin(), "status");
        arguments.insert(arguments.end(), {"--root", tree.path()});
        return run_ctl(arguments);
    }

    TemporaryTree tree;
};

TEST_F(Status, ExitsWithWhatAVirtualMachineMayWaitFor)
{
    Report report;
    report.outcomes = {outcome(Outcome::Kind::bound, "01:00.0", "10de:1f02", "vfio-pci"),
                       outcome(Outcome::Kind::bound, "00:1f.3", "8086:a348", "vfio-pci")};
    start(report);
    EXPECT_EQ(run().code, 1) << "the sound went back to its driver";
    EXPECT_EQ(run({"01:00.0"}).code, 0) << "but the card is well";
    EXPECT_EQ(run({"00:1f.3"}).code, 1);
    EXPECT_EQ(run({"02:00.0"}).code, 1) << "the boot did nothing for it";
    expect_golden("status", transcript(run(), tree));
}

TEST_F(Status, WithoutAReportNothingIsWell)
{
    expand_machine("intel_two_identical_gpus", tree);
    const ProgramRun shown = run();
    EXPECT_EQ(shown.code, 1);
    EXPECT_NE(shown.err.find("vfio-early did not run in this boot"), shown.err.npos);
}

TEST_F(Status, ADryRunIsNotWell)
{
    Report report = some_report();
    report.mode = BootRequest::Mode::dry_run;
    start(report);
    const ProgramRun shown = run();
    EXPECT_EQ(shown.code, 1);
    EXPECT_NE(shown.out.find("nothing was bound"), shown.out.npos);
}

TEST_F(Status, AsJson)
{
    Report report;
    report.outcomes = {outcome(Outcome::Kind::bound, "01:00.0", "10de:1f02", "vfio-pci")};
    start(report);
    const auto json = nlohmann::json::parse(run({"--json"}).out);
    EXPECT_EQ(json["schema"], 1);
    EXPECT_EQ(json["ok"], true);
    EXPECT_EQ(json["functions"][0]["state"], "ok");
    EXPECT_EQ(json["functions"][0]["statement"], "/etc/vfio-early.conf:2:1");
    EXPECT_EQ(json["functions"][0]["vfio"], nullptr) << "a recording cannot be opened";
}

} // namespace vfio_early::test
