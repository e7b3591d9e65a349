// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/boot_request.hpp"
#include "early/model/guards.hpp"
#include "early/model/machine.hpp"
#include "early/model/policy.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vfio_early {

/// One function that the plan will take.
struct PlannedFunction {
    Address address;
    Ids ids;
    std::optional<unsigned> group;
    std::string driver;        ///< written to driver_override; see choose_driver()
    std::string native_driver; ///< what drives it now and must be unbound; empty: nothing
    std::string framebuffer{}; ///< the platform device of the firmware's framebuffer in its memory; empty: none
    OnFailure on_failure = OnFailure::release;
    std::vector<DeviceSetting> settings;
    std::string reason; ///< why: "01:00.* id=10de:128b", "same slot as 0000:01:00.0", ...
    Location where;     ///< the statement
    /// / may be on it: the policy overruled that guard, or nobody knows. Should / not come, it is given back.
    bool may_hold_root = false;
};

/// One function, or one statement that found none, that is left alone.
struct RefusedFunction {
    std::string subject; ///< "0000:05:00.0", or the selector's text where no function is meant
    std::string id;      ///< "144d:a80a": the identity wanted where it differs from what is there
    std::optional<Address> address;
    Refusal refusal = Refusal::policy;
    std::string detail; ///< what stands after the refusal word
    Location where;
    bool virtual_functions = false; ///< a statement with vfs= asked for it
};

/// Virtual functions to create on a function that stays with its native driver.
struct PlannedVfs {
    Address address;
    unsigned count = 0;
    std::string driver; ///< for them; where the statement leaves it open, each may get a variant of vfio-pci instead
    Location where;
    Ids ids{};
    std::string native_driver{}; ///< what drives the function now; empty: nothing, so they cannot be created yet
    unsigned enabled = 0;        ///< they are there already; else 0
    BindStatement statement{};   ///< what asks for them
};

/// One effect, in the order in which they are to happen.
struct Step {
    enum class Kind {
        pin,    ///< write driver_override
        evict,  ///< take the firmware's framebuffer from its driver
        load,   ///< load a module
        unbind, ///< take the function from its native driver
        set,    ///< apply a device setting
        bind,   ///< have its driver take it, unless that has done so already
        verify, ///< read the driver link, ask VFIO about the group
    };
    Kind kind = Kind::pin;
    std::optional<Address> address; ///< all but load
    std::string subject;            ///< driver, platform device, module or setting
    std::string options;            ///< load: module options
    bool optional = false;          ///< load: not an error if the kernel has no such module

    /// "pin 0000:01:00.0 vfio-pci"
    [[nodiscard]] std::string text() const;
};

struct Plan {
    BootRequest::Mode mode = BootRequest::Mode::normal;
    std::vector<PlannedFunction> functions; ///< in order of address
    std::vector<RefusedFunction> refused;
    std::vector<PlannedVfs> virtual_functions;
    std::vector<std::string> warnings;
    std::vector<Step> steps;                   ///< every pin stands before every load, every load before every bind
    std::chrono::milliseconds timeout{10'000}; ///< for each blocking call
    LogLevel log = LogLevel::normal;
    bool overrules_ids = false; ///< the policy names functions: what vfio-pci's own ids= says is to take nothing
};

/// Decides what is to happen to each function. Pure: the same values give the same plan. A function is
/// in the plan only if a statement names it wholly or brings it along by `with=`; every guard is
/// asked before the first step, because refused means untouched.
[[nodiscard]] Plan make_plan(const Policy& policy, const Machine& machine, const BootRequest& request,
                             const ModuleCatalog& modules);

/// Decides about the virtual functions that `vfs.address` has by now: as if the policy had one statement for each, with
/// the driver and the allow= of the one that asked for them. Every guard is asked again.
[[nodiscard]] Plan plan_virtual_functions(const PlannedVfs& vfs, const Policy& policy, const Machine& machine,
                                          const BootRequest& request, const ModuleCatalog& modules);

/// The effects that carry out `functions`, in the only order that is safe: every function is pinned before any module
/// is loaded, because the pin alone already keeps modular native drivers away; the firmware's framebuffer goes before a
/// setting resets the function in whose memory the console writes; settings that need a function without a driver come
/// before the load, which probes what is pinned; power= comes after the bind, because vfio-pci's probe writes
/// power/control itself (pm_runtime_allow() in vfio_pci_core_register_device(), drivers/vfio/pci/vfio_pci_core.c).
[[nodiscard]] std::vector<Step> make_steps(const std::vector<PlannedFunction>& functions,
                                           const std::vector<const ModuleSetting*>& module_settings);

/// The plan as far as it speaks of these functions: for a function that came after the boot. What the plan
/// says of statements that found nothing is left out, too.
[[nodiscard]] Plan keep_only(Plan plan, std::span<const Address> functions);

/// The plan as far as it speaks of virtual functions to create.
[[nodiscard]] Plan keep_virtual_functions(Plan plan);

/// True if some statement needs the Device Serial Numbers.
[[nodiscard]] bool needs_serials(const Policy& policy);
/// True if some statement asks for virtual functions.
[[nodiscard]] bool needs_vfs(const Policy& policy);

} // namespace vfio_early
