// SPDX-License-Identifier: GPL-2.0-or-later
// Every call of every plan fails in turn, in every way. Whatever happens, a function is bound, released or held,
// the report tells which, and the exit code fits.
#include "early/act/executor.hpp"

#include "early/act/virtual_functions.hpp"
#include "early/machine/scan.hpp"
#include "early/model/text.hpp"
#include "tests/support/files.hpp"
#include "tests/support/fixture_tree.hpp"
#include "tests/support/planned_machine.hpp"
#include "tests/unit/early/faulty_kernel.hpp"

#include <cstdio>

namespace vfio_early::test {
namespace {

/// How a call fails.
constexpr int ways_to_fail[] = {EIO, EBUSY, ENODEV, ENOMEM, hang};

struct Scenario {
    std::string name;
    PlannedMachine machine;
};

std::vector<Scenario> scenarios()
{
    const auto card = [] {
        return std::vector<Function>{make_function_value("00:02.0", other_gpu_ids, 0, "amdgpu"),
                                     make_function_value("01:00.0", gpu_ids, 1),
                                     make_function_value("01:00.1", audio_ids, 1)};
    };
    const auto nics = [] {
        return std::vector<Function>{make_function_value("02:00.0", nic_ids, 2, "e1000e"),
                                     make_function_value("03:00.0", nic_ids, 3, "e1000e"),
                                     make_function_value("04:00.0", nic_ids, 4)};
    };
    std::vector<Scenario> all;
    all.push_back({"card", {card(), "bind 01:00.* id=10de:128b,10de:0e0f"}});
    all.push_back({"card held", {card(), "bind 01:00.* id=10de:128b,10de:0e0f on-failure=hold"}});
    all.push_back({"sibling without a driver", {card(), "bind 01:00.0 id=10de:128b with=function"}});
    all.push_back({"native drivers", {nics(), "bind 0[24]:00.0 id=8086:10d3 all\nprotect 03:00.0 because=\"mine\""}});
    all.push_back({"native drivers held", {nics(), "bind id=8086:10d3 all on-failure=hold allow=last-network"}});
    all.push_back({"settings", {nics(), "bind 02:00.0 id=8086:10d3 reset=flr d3cold=off power=on rebar0=256M"}});
    all.push_back({"two drivers", {nics(), "bind 02:00.0 id=8086:10d3\nbind 04:00.0 id=8086:10d3 driver=pci-stub"}});
    all.push_back({"a variant", {nics(), "bind 02:00.0 driver=test_vfio_pci reset=flr"}});
    all.push_back({"a variant held", {nics(), "bind 04:00.0 driver=test_vfio_pci on-failure=hold"}});
    Machine screen;
    screen.functions = {make_function_value("01:00.0", screen_ids, 1), make_function_value("01:00.1", audio_ids, 1)};
    screen.framebuffer_device = FramebufferDevice{"efi-framebuffer.0", screen.functions.front().address};
    all.push_back({"a framebuffer", {screen, "bind 01:00.0 reset=flr allow=last-display"}});
    all.push_back({"a framebuffer held", {screen, "bind 01:00.* on-failure=hold allow=last-display"}});
    all.push_back({"one refused", {nics(), "bind 02:00.0 id=8086:10d3\nbind 03:00.0 id=8086:ffff"}});
    return all;
}

/// Recorded machines, each with everything bound that can be.
void add_recorded_machines(std::vector<Scenario>& all)
{
    for (const auto& file : source_files("tests/machines", ".machine")) {
        const std::string name = file.stem().string();
        FixtureTree tree;
        tree.make_machine(name);
        const auto machine = scan_pci(tree.root());
        ASSERT_TRUE(machine) << name;
        all.push_back({name,
                       {machine->functions,
                        "bind class=display all with=group allow=last-display,in-use,group,vfs-enabled\n"
                        "bind class=network all allow=group,last-network\nbind class=usb all on-failure=hold"}});
    }
}

class Checker {
public:
    Checker(const PlannedMachine& machine, std::string what) : machine_(machine), what_(std::move(what)) {}

    void check(const SimulatedKernel& kernel, const Report& report) const
    {
        std::size_t outcomes = 0;
        for (const Function& function : machine_.machine.functions) {
            const auto& now = kernel.functions.at(function.address);
            const auto planned =
                std::ranges::find(machine_.plan.functions, function.address, &PlannedFunction::address);
            const auto outcome = std::ranges::find(report.outcomes, std::optional(function.address), &Outcome::address);
            if (planned == machine_.plan.functions.end()) {
                EXPECT_EQ(now.driver, function.driver) << what(function) << "not in the plan";
                EXPECT_EQ(now.driver_override, function.driver_override) << what(function) << "not in the plan";
                continue;
            }
            ASSERT_NE(outcome, report.outcomes.end()) << what(function) << "is not in the report";
            ++outcomes;
            check_function(*planned, now, kernel, *outcome, what(function));
        }
        EXPECT_EQ(outcomes, machine_.plan.functions.size()) << what_;
        const bool good = report.count(Outcome::Kind::failed) == 0 && report.count(Outcome::Kind::refused) == 0;
        EXPECT_EQ(report.exit_code(), good ? 0 : 1) << what_;
    }

private:
    static void check_function(const PlannedFunction& planned, const SimulatedKernel::SimulatedFunction& now,
                               const SimulatedKernel& kernel, const Outcome& outcome, const std::string& what)
    {
        const std::string said = what + "(" + outcome.detail + ") ";
        switch (outcome.kind) {
        case Outcome::Kind::bound:
            EXPECT_TRUE(is_same_name(outcome.driver, planned.driver)) << said;
            EXPECT_EQ(now.driver, outcome.driver) << said;
            EXPECT_FALSE(kernel.framebuffers.contains(planned.framebuffer)) << said;
            EXPECT_EQ(now.driver_override, outcome.driver) << said;
            return;
        case Outcome::Kind::refused:
        case Outcome::Kind::kept:
            ADD_FAILURE() << said << "planned, and then refused or kept";
            return;
        case Outcome::Kind::failed:
            break;
        }
        ASSERT_TRUE(outcome.state) << said;
        EXPECT_FALSE(outcome.detail.empty()) << said;
        if (*outcome.state == Outcome::State::released) {
            EXPECT_EQ(now.driver_override, "") << said;
            // Nothing is left to do if even the last step fails, but to say so.
            if (outcome.detail.find("probe by the native driver") == std::string::npos) {
                EXPECT_EQ(now.driver, now.native) << said;
            }
            return;
        }
        // Held: pinned, and not driven by a native driver.
        EXPECT_NE(now.driver_override, "") << said;
        EXPECT_TRUE(now.driver.empty() || is_same_name(now.driver, planned.driver)) << said << now.driver;
        if (planned.on_failure == OnFailure::release) {
            EXPECT_NE(outcome.detail.find("clear the override"), std::string::npos) << said;
        }
    }
    [[nodiscard]] std::string what(const Function& function) const { return what_ + function.address.text() + " "; }

    const PlannedMachine& machine_;
    std::string what_;
};

std::string fault_text(std::size_t call, int code)
{
    return "call " + std::to_string(call) + " " + (code == hang ? "hangs" : errno_text(code)) + ", ";
}

/// Carries the plan out with these faults. Gives how many calls were made.
std::size_t run(const Scenario& scenario, const std::map<std::size_t, int>& faults, const std::string& what,
                std::size_t& injected)
{
    SimulatedKernel kernel = scenario.machine.kernel();
    FaultyKernel faulty(kernel, faults);
    const Report report = execute(scenario.machine.plan, faulty);
    kernel.let_go();
    Checker(scenario.machine, scenario.name + ": " + what).check(kernel, report);
    injected += faulty.injected();
    return faulty.calls();
}

TEST(FaultInjection, EachCallOfEachPlanFailsInTurn)
{
    std::vector<Scenario> all = scenarios();
    add_recorded_machines(all);
    std::size_t injected = 0;
    std::size_t plans = 0;
    for (const Scenario& scenario : all) {
        std::size_t none = 0;
        const std::size_t calls = run(scenario, {}, "", none);
        // A machine without an IOMMU has an empty plan, of which only vfio-pci's ids= is looked at.
        EXPECT_EQ(calls <= 1, scenario.machine.plan.functions.empty()) << scenario.name;
        ++plans;
        for (std::size_t call = 0; call < calls; ++call)
            for (const int code : ways_to_fail)
                run(scenario, {{call, code}}, fault_text(call, code), injected);
        if (HasFailure())
            return;
    }
    std::printf("%zu faults injected into %zu plans\n", injected, plans);
    EXPECT_GT(injected, 500U);
}

TEST(FaultInjection, EachPairOfCallsFails)
{
    std::size_t injected = 0;
    for (const Scenario& scenario : scenarios()) {
        // Faults make plans longer: some more calls than the plan has by itself.
        std::size_t none = 0;
        const std::size_t calls = run(scenario, {}, "", none) + 8;
        for (std::size_t first = 0; first < calls; ++first) {
            for (std::size_t second = first + 1; second < calls; ++second) {
                for (const int code : ways_to_fail)
                    for (const int other : ways_to_fail)
                        run(scenario, {{first, code}, {second, other}},
                            fault_text(first, code) + fault_text(second, other), injected);
            }
        }
        if (HasFailure())
            return;
    }
    std::printf("%zu faults injected in pairs\n", injected);
}

/// A drive with two virtual functions to come, and what is planned for them once they are there.
class DriveWithVfs {
public:
    DriveWithVfs()
    {
        Function drive = make_function_value("05:00.0", nvme_ids, 5, "nvme");
        drive.vfs_possible = 2;
        Machine machine;
        machine.functions = {drive};
        const std::vector<PolicyFile> files{{"/etc/vfio-early.conf", "bind 05:00.0 vfs=2\n"}};
        policy_ = parse_policy(files).policy;
        plan_ = make_plan(policy_, machine, {}, EmptyCatalog());
        kernel_.functions[drive.address] = {"nvme", "", "nvme", 5, 0, false};
        kernel_.functions[drive.address].may_have = {*parse_address("05:00.1"), *parse_address("05:00.2")};
    }

    Report run(FaultyKernel& faulty)
    {
        Report report;
        create_virtual_functions(
            plan_, [&](const KernelWork& work) { work(faulty); },
            [&](const PlannedVfs& vfs) -> Result<Plan> {
                Machine now;
                for (const auto& [address, known] : kernel_.functions) {
                    now.functions.push_back(make_function_value(address.text(), nvme_ids, known.group, known.driver));
                    now.functions.back().physical_function = known.physical;
                    now.functions.back().virtual_function = known.physical.has_value();
                }
                return plan_virtual_functions(vfs, policy_, now, {}, EmptyCatalog());
            },
            report);
        kernel_.let_go();
        return report;
    }

    /// Each virtual function that came is bound, or its native driver has it; the drive stays as it is.
    void check(const Report& report, const std::string& what) const
    {
        const auto trouble = [](const std::string& warning) {
            return warning.find("let drivers have") != std::string::npos;
        };
        const bool told = std::ranges::any_of(report.warnings, trouble);
        // Those that come when nobody waits any more must find no driver: `--vfs` takes them.
        const bool hung_while_creating = std::ranges::any_of(
            report.outcomes, [](const Outcome& outcome) { return outcome.detail.starts_with("timed out: create"); });
        for (const auto& [address, now] : kernel_.functions) {
            const std::string where = what + address.text();
            const auto outcome = std::ranges::find(report.outcomes, std::optional(address), &Outcome::address);
            if (!now.physical) {
                EXPECT_EQ(now.driver, "nvme") << where;
                EXPECT_TRUE(now.vfs_probe || told || hung_while_creating) << where;
                EXPECT_NE(outcome, report.outcomes.end()) << where;
            } else if (outcome != report.outcomes.end() && outcome->kind == Outcome::Kind::bound) {
                EXPECT_EQ(now.driver, "vfio-pci") << where;
                EXPECT_EQ(now.driver_override, "vfio-pci") << where;
            } else {
                EXPECT_EQ(now.driver, hung_while_creating ? "" : "nvme") << where;
                EXPECT_EQ(now.driver_override, "") << where;
                EXPECT_EQ(report.exit_code(), 1) << where;
            }
        }
    }

    SimulatedKernel& kernel() { return kernel_; }

private:
    static constexpr Ids nvme_ids{0x1b36, 0x0010, 0x1af4, 0x1100, 0x010802};
    Policy policy_;
    Plan plan_;
    SimulatedKernel kernel_;
};

TEST(FaultInjection, EachCallForVirtualFunctionsFailsInTurn)
{
    DriveWithVfs whole;
    FaultyKernel counting(whole.kernel(), {});
    EXPECT_EQ(whole.run(counting).count(Outcome::Kind::bound), 2U);
    for (std::size_t call = 0; call < counting.calls(); ++call) {
        for (const int code : ways_to_fail) {
            DriveWithVfs drive;
            FaultyKernel faulty(drive.kernel(), {{call, code}});
            const Report report = drive.run(faulty);
            drive.check(report, fault_text(call, code));
        }
    }
}

} // namespace
} // namespace vfio_early::test
