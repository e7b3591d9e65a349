// SPDX-License-Identifier: GPL-2.0-or-later
// The figures for Prometheus. That its own programs read them is shown by a boot.
#include "early/tell/report_lines.hpp"
#include "hook/status/metrics_text.hpp"
#include "tests/support/files.hpp"
#include "tests/support/outcomes.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <gtest/gtest.h>
#include <sstream>

namespace vfio_early::test {

namespace {

/// The lines that begin with `start`, comments left out.
std::vector<std::string> lines_of(const std::string& text, const std::string& start)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        if (line.starts_with(start))
            lines.push_back(line);
    return lines;
}

using State = FunctionStatus::State;
using testing::Test;

} // namespace

TEST(MetricsText, SaysWhoHasAFunctionNow)
{
    ThisBoot boot;
    boot.report.emplace();
    boot.report->duration = std::chrono::microseconds(164200);
    boot.functions = {
        {State::ok, outcome(Outcome::Kind::bound, "01:00.0", "10de:1f02", "vfio-pci"), "vfio-pci", "", {}},
        {State::changed, outcome(Outcome::Kind::bound, "02:00.0", "10de:1f02", "vfio-pci"), "nouveau", "", {}},
        {State::refused, outcome(Outcome::Kind::refused, "03:00.0", "10de:1f02"), "", "", {}},
    };
    boot.functions[2].outcome.refusal = Refusal::group;
    const std::string text = metrics_text(boot);
    EXPECT_EQ(
        lines_of(text, "vfio_early_function_info"),
        (std::vector<std::string>{
            R"(vfio_early_function_info{address="0000:01:00.0",id="10de:1f02",driver="vfio-pci",outcome="bound",)"
            R"(refusal="",statement="vfio-early.conf:2"} 1)",
            R"(vfio_early_function_info{address="0000:02:00.0",id="10de:1f02",driver="nouveau",outcome="changed",)"
            R"(refusal="",statement="vfio-early.conf:2"} 1)",
            R"(vfio_early_function_info{address="0000:03:00.0",id="10de:1f02",driver="",outcome="refused",)"
            R"(refusal="group",statement="vfio-early.conf:2"} 1)"}));
    EXPECT_EQ(lines_of(text, "vfio_early_functions"),
              (std::vector<std::string>{
                  R"(vfio_early_functions{outcome="bound"} 1)", R"(vfio_early_functions{outcome="kept"} 0)",
                  R"(vfio_early_functions{outcome="refused"} 1)", R"(vfio_early_functions{outcome="failed"} 0)",
                  R"(vfio_early_functions{outcome="changed"} 1)", R"(vfio_early_functions{outcome="would-bind"} 0)",
                  R"(vfio_early_functions{outcome="would-keep"} 0)"}));
    EXPECT_EQ(lines_of(text, "vfio_early_policy_functions"), std::vector<std::string>{"vfio_early_policy_functions 3"});
    EXPECT_EQ(lines_of(text, "vfio_early_bind"), std::vector<std::string>{"vfio_early_bind_duration_seconds 0.1642"});
    EXPECT_EQ(lines_of(text, "vfio_early_boot"),
              std::vector<std::string>{R"(vfio_early_boot_mode_info{mode="normal"} 1)"});
}

TEST(MetricsText, ABootWithoutUsIsTold)
{
    const std::string text = metrics_text({});
    EXPECT_EQ(lines_of(text, "vfio_early_boot"),
              std::vector<std::string>{R"(vfio_early_boot_mode_info{mode="none"} 1)"});
    EXPECT_EQ(lines_of(text, "vfio_early_functions{").size(), 7);
    EXPECT_TRUE(lines_of(text, "vfio_early_function_info").empty());
}

TEST(MetricsText, ADryRunHasBoundNothing)
{
    ThisBoot boot;
    boot.report.emplace();
    boot.report->mode = BootRequest::Mode::dry_run;
    boot.functions = {{State::ok, outcome(Outcome::Kind::bound, "01:00.0", "10de:1f02", "vfio-pci"), "", "", {}}};
    const std::string text = metrics_text(boot);
    EXPECT_EQ(lines_of(text, R"(vfio_early_functions{outcome="bound"} 0)").size(), 1);
    EXPECT_EQ(lines_of(text, R"(vfio_early_functions{outcome="would-bind"} 1)").size(), 1);
}

TEST(MetricsText, NoSeriesComesTwiceAndNoLabelEndsEarly)
{
    ThisBoot boot;
    boot.report.emplace();
    FunctionStatus error{State::refused, {}, "", "", {}};
    error.outcome.where = {.file = "/etc/vfio-early.conf.d/a\"b\\c\nd.conf", .line = 3, .column = 1};
    boot.functions = {error, error};
    EXPECT_EQ(lines_of(metrics_text(boot), "vfio_early_function_info"),
              std::vector<std::string>{R"(vfio_early_function_info{address="",id="",driver="",outcome="refused",)"
                                       R"(refusal="",statement="a\"b\\c\\x0ad.conf:3"} 1)"});
}

TEST(Metrics, TakeTheOldFileAwayOnlyForANewOne)
{
    TemporaryTree tree;
    expand_machine("intel_two_identical_gpus", tree);
    const std::string file = tree.path() + "/vfio-early.prom";
    const auto run = [&](const std::string& out) { return run_ctl({"metrics", "--root", tree.path(), "--out", out}); };
    EXPECT_EQ(run(file).code, 0);
    const std::string without = read_text(file);
    EXPECT_NE(without.find("mode=\"none\""), without.npos);
    EXPECT_EQ(run(tree.path() + "/missing/vfio-early.prom").code, 2) << "nobody would look there";

    Report report;
    report.outcomes = {outcome(Outcome::Kind::bound, "01:00.0", "10de:1f02", "vfio-pci")};
    ASSERT_TRUE(write_report(*Root::open(tree.path()), report));
    EXPECT_EQ(run(file).code, 0);
    const std::string with = read_text(file);
    EXPECT_EQ(lines_of(with, "vfio_early_functions{outcome=\"bound\"} 1").size(), 1);

    tree.write("run/vfio-early/report.jsonl", "no report\n");
    EXPECT_NE(run(file).code, 0);
    EXPECT_EQ(read_text(file), with) << "what is not known does not take the place of what was";
}

} // namespace vfio_early::test
