// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/executor.hpp"

#include "tests/support/planned_machine.hpp"

namespace vfio_early::test {
namespace {

using Kind = Outcome::Kind;
using State = Outcome::State;

const Address gpu = *parse_address("01:00.0");
const Address audio = *parse_address("01:00.1");
const Address nic = *parse_address("02:00.0");

PlannedMachine card(const std::string& policy = "bind 01:00.* id=10de:128b,10de:0e0f")
{
    return {{make_function_value("00:02.0", other_gpu_ids, 0, "amdgpu"), make_function_value("01:00.0", gpu_ids, 1),
             make_function_value("01:00.1", audio_ids, 1)},
            policy};
}

PlannedMachine network(const std::string& modifiers = "")
{
    return {{make_function_value("02:00.0", nic_ids, 2, "e1000e")},
            "bind 02:00.0 id=8086:10d3 allow=last-network" + modifiers};
}

const Outcome& outcome_of(const Report& report, const Address& address)
{
    static const Outcome none;
    for (const Outcome& outcome : report.outcomes)
        if (outcome.address == address)
            return outcome;
    ADD_FAILURE() << "no outcome of " << address.text();
    return none;
}

TEST(Executor, PinsEverythingThenLoadsThenReadsBack)
{
    const PlannedMachine machine = card();
    SimulatedKernel kernel = machine.kernel();
    const Report report = execute(machine.plan, kernel);

    const std::vector<std::string> expected{
        "pin 0000:01:00.0 vfio-pci",
        "pin 0000:01:00.1 vfio-pci",
        "load vfio",
        "load vfio_iommu_type1",
        "load vfio_virqfd",
        "load vfio-pci ids=",
        "read 0000:01:00.0", // the insertion has bound it: no bind is needed, nor a second look
        "read 0000:01:00.1",
        "group 1",
    };
    EXPECT_EQ(kernel.calls, expected);
    EXPECT_EQ(report.exit_code(), 0);
    EXPECT_EQ(outcome_of(report, gpu).kind, Kind::bound);
    EXPECT_EQ(outcome_of(report, gpu).driver, "vfio-pci");
    EXPECT_EQ(outcome_of(report, gpu).viable, true);
    EXPECT_EQ(outcome_of(report, audio).kind, Kind::bound);
}

TEST(Executor, TellsOfAGroupThatCameWithTheDriver)
{
    PlannedMachine machine = network();
    SimulatedKernel kernel = machine.kernel();
    kernel.functions.begin()->second.group = 7;
    machine.plan.functions.front().group.reset();
    const Report report = execute(machine.plan, kernel);
    EXPECT_EQ(report.outcomes.front().group, 7U);
    EXPECT_EQ(report.outcomes.front().viable, true);
}

TEST(Executor, TakesAFunctionFromABuiltInNativeDriver)
{
    const PlannedMachine machine = network();
    SimulatedKernel kernel = machine.kernel();
    const Report report = execute(machine.plan, kernel);

    EXPECT_EQ(outcome_of(report, nic).kind, Kind::bound);
    EXPECT_EQ(kernel.functions[nic].driver, "vfio-pci");
    const auto unbound = std::ranges::find(kernel.calls, "unbind 0000:02:00.0 e1000e");
    const auto bound = std::ranges::find(kernel.calls, "bind 0000:02:00.0 vfio-pci");
    EXPECT_LT(unbound, bound);
    EXPECT_NE(bound, kernel.calls.end());
}

TEST(Executor, ReportsWhatTheDriversProbeSaidAndGivesTheFunctionBack)
{
    const PlannedMachine machine = card();
    SimulatedKernel kernel = machine.kernel();
    kernel.functions[gpu].probe_error = EBUSY;
    const Report report = execute(machine.plan, kernel);

    EXPECT_EQ(outcome_of(report, gpu).kind, Kind::failed);
    EXPECT_EQ(outcome_of(report, gpu).detail, "vfio-pci probe: Device or resource busy");
    EXPECT_EQ(outcome_of(report, gpu).state, State::released);
    EXPECT_EQ(kernel.functions[gpu].driver, "native");
    EXPECT_EQ(kernel.functions[gpu].driver_override, "");
    EXPECT_EQ(outcome_of(report, audio).kind, Kind::bound);
    // The sibling went back to a native driver, which is asked for only after that.
    EXPECT_EQ(outcome_of(report, audio).viable, false);
    EXPECT_EQ(report.exit_code(), 1);
}

TEST(Executor, SaysWhyVfioPciItselfRefusesAFunction)
{
    Ids quickassist = nic_ids;
    quickassist.device = 0x37c8;
    PlannedMachine machine({make_function_value("02:00.0", quickassist, 2)}, "bind 02:00.0 allow=last-network");
    SimulatedKernel kernel = machine.kernel();
    kernel.functions[nic].probe_error = EINVAL;
    Report report = execute(machine.plan, kernel);
    EXPECT_TRUE(
        outcome_of(report, nic).detail.starts_with("vfio-pci probe: Invalid argument; its denylist has 8086:37c8, "))
        << outcome_of(report, nic).detail;
    EXPECT_EQ(outcome_of(report, nic).state, State::released);
    kernel = machine.kernel();
    kernel.functions[nic].probe_error = EBUSY;
    report = execute(machine.plan, kernel);
    EXPECT_FALSE(outcome_of(report, nic).detail.contains("denylist")) << "that has another reason";
    // Whoever has set disable_denylist gets it.
    kernel = machine.kernel();
    report = execute(machine.plan, kernel);
    EXPECT_EQ(outcome_of(report, nic).kind, Kind::bound);
}

/// A display that is no VGA, with the firmware's picture in its memory.
PlannedMachine screen()
{
    Machine machine;
    machine.functions = {make_function_value("01:00.0", screen_ids, 1)};
    machine.framebuffer_device = {.name = "efi-framebuffer.0", .parent = gpu};
    return {machine, "bind 01:00.0 allow=last-display"};
}

TEST(Executor, TakesTheFirmwaresFramebufferAway)
{
    const PlannedMachine machine = screen();
    SimulatedKernel kernel = machine.kernel();
    EXPECT_EQ(outcome_of(execute(machine.plan, kernel), gpu).kind, Kind::bound);
    EXPECT_TRUE(kernel.framebuffers.empty());
    EXPECT_LT(std::ranges::find(kernel.calls, "evict 0000:01:00.0 efi-framebuffer.0"),
              std::ranges::find(kernel.calls, "load vfio"));
}

TEST(Executor, GivesAFunctionBackWhoseFramebufferCannotBeTakenAway)
{
    const PlannedMachine machine = screen();
    SimulatedKernel kernel = machine.kernel();
    kernel.framebuffer_open = true;
    const Report report = execute(machine.plan, kernel);
    EXPECT_EQ(
        outcome_of(report, gpu).detail,
        "framebuffer: unbind efi-framebuffer.0: Device or resource busy; boot with initcall_blacklist=sysfb_init");
    EXPECT_EQ(outcome_of(report, gpu).state, State::released);
    EXPECT_EQ(kernel.functions[gpu].driver, "native");
}

TEST(Executor, HoldsAFailedFunctionIfThePolicySaysSo)
{
    const PlannedMachine machine = card("bind 01:00.* id=10de:128b,10de:0e0f on-failure=hold");
    SimulatedKernel kernel = machine.kernel();
    kernel.functions[gpu].probe_error = EINVAL;
    const Report report = execute(machine.plan, kernel);

    EXPECT_EQ(outcome_of(report, gpu).state, State::held);
    EXPECT_EQ(kernel.functions[gpu].driver, "");
    EXPECT_EQ(kernel.functions[gpu].driver_override, "vfio-pci");
    EXPECT_EQ(outcome_of(report, audio).viable, true);
}

TEST(Executor, HoldsByTheFirstOverrideWhereTheSecondFails)
{
    class OneName final : public SimulatedKernel {
    public:
        explicit OneName(const SimulatedKernel& kernel) : SimulatedKernel(kernel) {}
        Result<void> set_override(const Address& function, const std::string& driver) override
        {
            if (driver == "test-vfio-pci")
                return system_error("write", "driver_override", EINVAL);
            return SimulatedKernel::set_override(function, driver);
        }
    };
    const PlannedMachine machine = card("bind 01:00.* id=10de:128b,10de:0e0f driver=test_vfio_pci on-failure=hold");
    OneName kernel(machine.kernel());
    const Report report = execute(machine.plan, kernel);
    EXPECT_EQ(outcome_of(report, gpu).state, State::held) << outcome_of(report, gpu).detail;
    EXPECT_EQ(kernel.functions[gpu].driver_override, "test_vfio_pci");
}

TEST(Executor, CannotHoldWhatTheNativeDriverKeeps)
{
    const PlannedMachine machine = network(" on-failure=hold");
    class Stubborn final : public Kernel {
    public:
        explicit Stubborn(SimulatedKernel& kernel) : kernel_(kernel) {}
        Result<void> set_override(const Address& f, const std::string& d) override
        {
            return kernel_.set_override(f, d);
        }
        Result<void> load_module(const std::string& m, const std::string& o) override
        {
            return kernel_.load_module(m, o);
        }
        Result<std::string> configured_options(const std::string& m) override { return kernel_.configured_options(m); }
        Result<std::string> driver_of_module(const std::string& m) override { return kernel_.driver_of_module(m); }
        Result<void> unbind(const Address&, const std::string&) override { return system_error({}, {}, EBUSY); }
        Result<void> probe(const Address& f) override { return kernel_.probe(f); }
        Result<void> bind(const Address& f, const std::string& d) override { return kernel_.bind(f, d); }
        Result<std::string> bound_driver(const Address& f) override { return kernel_.bound_driver(f); }
        Result<void> evict_framebuffer(const Address& f, const std::string& d) override
        {
            return kernel_.evict_framebuffer(f, d);
        }
        Result<void> apply(const Address& f, const DeviceSetting& s) override { return kernel_.apply(f, s); }
        Result<std::string> group_of(const Address& f) override { return kernel_.group_of(f); }
        Result<std::optional<bool>> group_viable(unsigned g) override { return kernel_.group_viable(g); }
        Result<bool> let_vfs_probe(const Address& f, bool allowed) override
        {
            return kernel_.let_vfs_probe(f, allowed);
        }
        Result<void> create_vfs(const Address& f, unsigned count) override { return kernel_.create_vfs(f, count); }
        void release_later(const Address& f, const std::string& d) override { kernel_.release_later(f, d); }

    private:
        SimulatedKernel& kernel_;
    };
    SimulatedKernel kernel = machine.kernel();
    Stubborn stubborn(kernel);
    const Report report = execute(machine.plan, stubborn);

    EXPECT_EQ(outcome_of(report, nic).detail, "unbind from e1000e: Device or resource busy");
    EXPECT_EQ(outcome_of(report, nic).state, State::released);
    EXPECT_EQ(kernel.functions[nic].driver, "e1000e");
    EXPECT_EQ(kernel.functions[nic].driver_override, "");
}

TEST(Executor, AMissingModuleFailsItsFunctionsOnly)
{
    PlannedMachine machine(
        {make_function_value("01:00.0", gpu_ids, 1), make_function_value("02:00.0", nic_ids, 2, "e1000e")},
        "bind 01:00.0 id=10de:128b allow=last-display\nbind 02:00.0 id=8086:10d3 driver=pci-stub allow=last-network");
    SimulatedKernel kernel = machine.kernel();
    kernel.drivers_of_modules.erase("vfio-pci");
    const Report report = execute(machine.plan, kernel);

    EXPECT_EQ(outcome_of(report, gpu).detail, "driver-missing: load vfio-pci: No such file or directory");
    EXPECT_EQ(outcome_of(report, gpu).state, State::released);
    EXPECT_EQ(kernel.functions[gpu].driver, "native");
    EXPECT_EQ(outcome_of(report, nic).kind, Kind::bound);
    EXPECT_EQ(outcome_of(report, nic).viable, std::nullopt); // VFIO knows nothing of pci-stub's functions
}

TEST(Executor, AModuleThatTheKernelRefusesIsNotMissing)
{
    PlannedMachine machine = network();
    SimulatedKernel kernel = machine.kernel();
    kernel.load_errors["vfio-pci"] = EKEYREJECTED;
    const Report report = execute(machine.plan, kernel);
    EXPECT_EQ(outcome_of(report, nic).detail, "load vfio-pci: Key was rejected by service");
    EXPECT_EQ(kernel.functions[nic].driver, "e1000e");
}

TEST(Executor, AppliesSettingsBeforeTheBindAndPowerAfterIt)
{
    const PlannedMachine machine = network(" reset=flr d3cold=off power=on rebar0=256M");
    SimulatedKernel kernel = machine.kernel();
    const Report report = execute(machine.plan, kernel);

    const auto at = [&](const std::string& call) { return std::ranges::find(kernel.calls, call); };
    EXPECT_LT(at("unbind 0000:02:00.0 e1000e"), at("set 0000:02:00.0 reset=flr"));
    EXPECT_LT(at("set 0000:02:00.0 reset=flr"), at("bind 0000:02:00.0 vfio-pci"));
    EXPECT_LT(at("set 0000:02:00.0 d3cold=off"), at("bind 0000:02:00.0 vfio-pci"));
    EXPECT_LT(at("bind 0000:02:00.0 vfio-pci"), at("set 0000:02:00.0 power=on"));
    const auto& settings = outcome_of(report, nic).settings;
    ASSERT_EQ(settings.size(), 4U);
    EXPECT_EQ(std::ranges::count(settings, SettingOutcome::Result::applied, &SettingOutcome::result), 3);
    EXPECT_EQ(std::ranges::count(settings, SettingOutcome::Result::unsupported, &SettingOutcome::result), 1);
    EXPECT_EQ(report.exit_code(), 0);
}

TEST(Executor, SaysThatAHangingBindTimedOutAndGivesBackLater)
{
    const PlannedMachine machine = network();
    SimulatedKernel kernel = machine.kernel();
    kernel.hang(nic);
    const Report report = execute(machine.plan, kernel);

    EXPECT_EQ(outcome_of(report, nic).detail, "timed out: pin; it goes back once the kernel lets go of it");
    EXPECT_EQ(outcome_of(report, nic).state, State::released);
    // One call, one deadline: nothing else waits for the function's lock.
    const std::vector<std::string> expected{"pin 0000:02:00.0 vfio-pci", "release later 0000:02:00.0"};
    EXPECT_EQ(kernel.calls, expected);
    kernel.let_go();
    EXPECT_EQ(kernel.functions[nic].driver, "e1000e");
    EXPECT_EQ(kernel.functions[nic].driver_override, "");
}

TEST(Executor, LeavesRefusedFunctionsAlone)
{
    const PlannedMachine machine = card("bind 01:00.0 id=10de:ffff\nbind 00:02.0 id=1002:15d8");
    SimulatedKernel kernel = machine.kernel();
    const auto before = kernel.functions;
    const Report report = execute(machine.plan, kernel);

    EXPECT_TRUE(kernel.calls.empty());
    EXPECT_EQ(kernel.functions, before);
    EXPECT_EQ(report.count(Kind::refused), 2U);
    EXPECT_EQ(report.exit_code(), 1);
}

TEST(Executor, SaysThatIdsOfModprobeAreOverruled)
{
    const PlannedMachine machine = card();
    SimulatedKernel kernel = machine.kernel();
    kernel.options_of_vfio_pci = "disable_vga=1 ids=1234:1111,10de:128b";
    EXPECT_EQ(execute(machine.plan, kernel).warnings,
              (std::vector<std::string>{
                  "vfio-pci ids=1234:1111,10de:128b is overruled: only what the policy names is bound"}));
    kernel = machine.kernel();
    kernel.options_of_vfio_pci = "ids= disable_vga=1";
    EXPECT_TRUE(execute(machine.plan, kernel).warnings.empty());
}

TEST(Executor, OverrulesIdsWhereAllIsRefusedToo)
{
    const PlannedMachine refused = card("bind 01:00.0 id=10de:ffff");
    SimulatedKernel kernel = refused.kernel();
    EXPECT_EQ(execute(refused.plan, kernel).warnings, std::vector<std::string>{}) << "nobody has written ids=";
    EXPECT_TRUE(kernel.calls.empty());
    kernel.options_of_vfio_pci = "ids=10de:128b";
    EXPECT_EQ(execute(refused.plan, kernel).warnings,
              std::vector<std::string>{"vfio-pci ids=10de:128b is overruled: only what the policy names is bound"});
    EXPECT_EQ(kernel.calls, std::vector<std::string>{"load vfio-pci ids="});

    const PlannedMachine nothing_named = card("# nothing");
    kernel = nothing_named.kernel();
    kernel.options_of_vfio_pci = "ids=10de:128b";
    EXPECT_TRUE(execute(nothing_named.plan, kernel).warnings.empty());
    EXPECT_TRUE(kernel.calls.empty());
}

TEST(Executor, OverrulesIdsWhereNothingCanBePinnedToo)
{
    const PlannedMachine machine = card();
    SimulatedKernel kernel = machine.kernel();
    kernel.functions.clear();
    kernel.options_of_vfio_pci = "ids=10de:128b";
    const Report report = execute(machine.plan, kernel);
    EXPECT_EQ(report.count(Kind::failed), 2U);
    EXPECT_EQ(report.warnings,
              std::vector<std::string>{"vfio-pci ids=10de:128b is overruled: only what the policy names is bound"});
    EXPECT_EQ(std::ranges::count(kernel.calls, "load vfio-pci ids="), 1);
}

TEST(Executor, PinsToTheNameThatTheDriverOfAVariantReallyHas)
{
    const PlannedMachine machine = network(" driver=test_vfio_pci");
    SimulatedKernel kernel = machine.kernel();
    const Report report = execute(machine.plan, kernel);

    EXPECT_EQ(outcome_of(report, nic).kind, Kind::bound) << outcome_of(report, nic).detail;
    EXPECT_EQ(outcome_of(report, nic).driver, "test-vfio-pci");
    EXPECT_EQ(kernel.functions[nic].driver, "test-vfio-pci");
    EXPECT_EQ(kernel.functions[nic].driver_override, "test-vfio-pci");
}

TEST(Executor, ASecondRunFindsEverythingDone)
{
    const PlannedMachine machine = card();
    SimulatedKernel kernel = machine.kernel();
    static_cast<void>(execute(machine.plan, kernel));
    kernel.calls.clear();
    const Report report = execute(machine.plan, kernel);

    EXPECT_EQ(report.exit_code(), 0);
    for (const std::string& call : kernel.calls)
        EXPECT_FALSE(call.starts_with("bind ") || call.starts_with("unbind ")) << call;
}

} // namespace
} // namespace vfio_early::test
