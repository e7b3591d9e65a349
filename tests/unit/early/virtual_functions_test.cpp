// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/virtual_functions.hpp"

#include "tests/support/planned_machine.hpp"

#include <algorithm>
#include <cerrno>

namespace vfio_early::test {
namespace {

using Calls = std::vector<std::string>;

const Address physical = *parse_address("05:00.0");
const Address first = *parse_address("05:00.1");
const Address second = *parse_address("05:00.2");
constexpr Ids nvme_ids{0x1b36, 0x0010, 0x1af4, 0x1100, 0x010802};

/// An NVMe drive that can have two virtual functions, and the policy that wants them.
class VirtualFunctions : public testing::Test {
protected:
    explicit VirtualFunctions(const std::string& driver = "nvme")
    {
        Function function = make_function_value("05:00.0", nvme_ids, 5, driver);
        function.vfs_possible = 2;
        machine.functions = {function};
        kernel.functions[physical] = {driver, "", "nvme", 5, 0, false};
        kernel.functions[physical].may_have = {first, second};
    }

    Report run(const std::string& text = "bind 05:00.0 vfs=2")
    {
        const std::vector<PolicyFile> files{{"/etc/vfio-early.conf", text + "\n"}};
        const Policy policy = parse_policy(files).policy;
        const Plan plan = make_plan(policy, machine, {}, EmptyCatalog());
        Report report;
        create_virtual_functions(
            plan, [&](const KernelWork& work) { work(kernel); },
            [&](const PlannedVfs& vfs) -> Result<Plan> {
                if (scan_error != 0)
                    return system_error("scan", "", scan_error);
                return plan_virtual_functions(vfs, policy, machine_now(), {}, EmptyCatalog());
            },
            report);
        return report;
    }

    /// What a scan would find.
    [[nodiscard]] Machine machine_now() const
    {
        Machine now;
        for (const auto& [address, known] : kernel.functions) {
            Function function = make_function_value(address.text(), nvme_ids, known.group, known.driver);
            function.driver_override = known.driver_override;
            function.physical_function = known.physical;
            function.virtual_function = known.physical.has_value();
            now.functions.push_back(std::move(function));
        }
        return now;
    }

    [[nodiscard]] const SimulatedKernel::SimulatedFunction& now(const Address& address) const
    {
        return kernel.functions.at(address);
    }

    Machine machine;
    SimulatedKernel kernel;
    int scan_error = 0;
};

class WithoutDriver : public VirtualFunctions {
protected:
    WithoutDriver() : VirtualFunctions("") {}
};

TEST_F(VirtualFunctions, AreCreatedOutOfReachOfDriversAndBound)
{
    const Report report = run();
    const Calls begin(kernel.calls.begin(), kernel.calls.begin() + 4);
    EXPECT_EQ(begin, (Calls{"let vfs probe 0000:05:00.0 0", "create 2 of 0000:05:00.0", "pin 0000:05:00.1 vfio-pci",
                            "pin 0000:05:00.2 vfio-pci"}));
    EXPECT_EQ(kernel.calls.back(), "let vfs probe 0000:05:00.0 1");
    EXPECT_EQ(std::ranges::count_if(kernel.calls, [](const std::string& call) { return call.starts_with("unbind"); }),
              0)
        << "no native driver has had any";
    EXPECT_EQ(now(first).driver, "vfio-pci");
    EXPECT_EQ(now(second).driver, "vfio-pci");
    EXPECT_EQ(now(physical).driver, "nvme");
    EXPECT_TRUE(now(physical).vfs_probe);
    ASSERT_EQ(report.outcomes.size(), 3U);
    EXPECT_EQ(log_record(report.outcomes[0]).text,
              "vfio-early: 0000:05:00.0 1b36:0010 kept by nvme: 2 virtual functions created (vfio-early.conf:1)");
    EXPECT_EQ(log_record(report.outcomes[1]).text,
              "vfio-early: 0000:05:00.1 1b36:0010 bound to vfio-pci (vfio-early.conf:1)");
    EXPECT_EQ(report.exit_code(), 0);
}

TEST_F(WithoutDriver, NothingIsDoneBeforeTheNativeDriverIsThere)
{
    const Report report = run();
    EXPECT_EQ(kernel.calls, Calls{});
    ASSERT_EQ(report.outcomes.size(), 1U);
    EXPECT_EQ(
        log_record(report.outcomes[0]).text,
        "vfio-early: 0000:05:00.0 1b36:0010 waits for its native driver: 2 virtual functions (vfio-early.conf:1)");
    EXPECT_EQ(report.exit_code(), 0);
}

TEST_F(VirtualFunctions, ThoseThatAreThereAreTakenWithoutCreatingMore)
{
    run();
    machine = machine_now();
    machine.functions[0].vfs_possible = machine.functions[0].vfs_enabled = 2;
    kernel.calls.clear();
    const Report report = run();
    EXPECT_EQ(std::ranges::count(kernel.calls, "create 2 of 0000:05:00.0"), 0);
    EXPECT_EQ(report.count(Outcome::Kind::bound), 2U);
    EXPECT_EQ(report.outcomes[0].detail, "2 virtual functions were there");
}

TEST_F(VirtualFunctions, OneThatCannotBeBoundGoesToItsNativeDriver)
{
    kernel.drivers_of_modules.erase("vfio-pci");
    const Report report = run();
    EXPECT_EQ(report.count(Outcome::Kind::failed), 2U);
    EXPECT_EQ(now(first).driver, "nvme") << "also although drivers were kept away when it was given back";
    EXPECT_EQ(now(first).driver_override, "");
    EXPECT_TRUE(now(physical).vfs_probe);
    EXPECT_EQ(report.exit_code(), 1);
}

TEST_F(VirtualFunctions, OneThatIsRefusedGoesToItsNativeDriver)
{
    const Report report = run("bind 05:00.0 vfs=2\nprotect 05:00.2");
    EXPECT_EQ(now(first).driver, "vfio-pci");
    EXPECT_EQ(now(second).driver, "nvme");
    EXPECT_EQ(now(second).driver_override, "");
    EXPECT_EQ(report.count(Outcome::Kind::refused), 1U);
}

TEST_F(VirtualFunctions, TheAdministratorsWishNotToProbeThemStays)
{
    kernel.functions[physical].vfs_probe = false;
    run();
    EXPECT_FALSE(now(physical).vfs_probe);
    EXPECT_EQ(now(first).driver, "vfio-pci");
}

TEST_F(VirtualFunctions, ThatCannotBeCreatedAreReportedAndProbingIsAllowedAgain)
{
    kernel.functions[physical].may_have = {first};
    Report report = run();
    ASSERT_EQ(report.outcomes.size(), 1U);
    EXPECT_EQ(report.outcomes[0].kind, Outcome::Kind::failed);
    EXPECT_EQ(report.outcomes[0].detail, "create 2 virtual functions: Numerical result out of range");
    EXPECT_TRUE(now(physical).vfs_probe);
    EXPECT_EQ(now(physical).driver, "nvme");

    kernel.hang(physical);
    report = run();
    EXPECT_EQ(report.outcomes[0].detail, "timed out: create 2 virtual functions");
    EXPECT_FALSE(now(physical).vfs_probe) << "those that are still being created must find no native driver";
}

TEST_F(VirtualFunctions, ThatCannotBeLookedAtAreReported)
{
    scan_error = EIO;
    const Report report = run();
    ASSERT_EQ(report.outcomes.size(), 1U);
    EXPECT_EQ(report.outcomes[0].detail, "look at its virtual functions: Input/output error");
    EXPECT_EQ(report.exit_code(), 1);
    EXPECT_TRUE(now(physical).vfs_probe);
}

} // namespace
} // namespace vfio_early::test
