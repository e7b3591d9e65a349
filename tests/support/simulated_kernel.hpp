// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vfio_early::test {

/// What the driver core does with drivers, overrides and modules (drivers/base/dd.c), as far as a plan can tell.
/// A call may be made to hang: it times out, every later one that needs the same lock times out as well, and what
/// they were to do happens, in order, in let_go().
class SimulatedKernel : public Kernel {
public:
    struct SimulatedFunction {
        std::string driver;
        std::string driver_override;
        std::string native; ///< its driver when no override keeps it away; empty: none is registered
        unsigned group = 0;
        int probe_error = 0; ///< of every driver but the native one
        bool hangs = false;
        std::vector<Address> may_have{};   ///< the virtual functions that can be created on it
        std::optional<Address> physical{}; ///< of a virtual function
        bool vfs_probe = true;             ///< sriov_drivers_autoprobe
        bool operator==(const SimulatedFunction&) const = default;
    };

    std::map<Address, SimulatedFunction> functions;
    std::map<std::string, std::string> drivers_of_modules{///< modules in the tree, and their drivers
                                                          {"vfio", ""},
                                                          {"vfio_iommu_type1", ""},
                                                          {"vfio-pci", "vfio-pci"},
                                                          {"pci-stub", "pci-stub"},
                                                          {"test_vfio_pci", "test-vfio-pci"}};
    std::map<std::string, int> load_errors; ///< modules in the tree that the kernel refuses
    std::set<std::string> framebuffers;     ///< platform devices of the firmware's framebuffer that have their driver
    bool framebuffer_open = false;          ///< by a program: their memory stays reserved
    std::string options_of_vfio_pci;        ///< of modprobe.d
    std::set<std::string> registered;       ///< drivers whose module is loaded, besides the native ones
    std::vector<std::string> calls;         ///< "pin 0000:01:00.0 vfio-pci", in order

    Result<void> set_override(const Address& function, const std::string& driver) override
    {
        return locked("pin " + function.text() + " " + (driver.empty() ? "-" : driver), function, [=, this] {
            functions[function].driver_override = driver;
            return 0;
        });
    }
    Result<void> load_module(const std::string& module, const std::string& options) override
    {
        calls.push_back("load " + module + (options.empty() ? "" : " " + options));
        const auto known = drivers_of_modules.find(module);
        if (known == drivers_of_modules.end())
            return system_error("load", module, ENOENT);
        if (const auto refused = load_errors.find(module); refused != load_errors.end())
            return system_error("load", module, refused->second);
        if (!known->second.empty()) {
            registered.insert(known->second);
            // The insertion offers functions to this one driver only.
            for (auto& [address, function] : functions)
                if (function.driver_override == known->second)
                    attach(function);
        }
        return {};
    }
    Result<std::string> configured_options(const std::string& module) override
    {
        return module == "vfio-pci" ? options_of_vfio_pci : std::string();
    }
    Result<std::string> driver_of_module(const std::string& module) override
    {
        const auto known = drivers_of_modules.find(module);
        if (known == drivers_of_modules.end() || known->second.empty())
            return system_error({}, module, ENOENT);
        return known->second;
    }
    Result<void> unbind(const Address& function, const std::string& driver) override
    {
        return locked("unbind " + function.text() + " " + driver, function, [=, this] {
            std::string& bound = functions[function].driver;
            if (bound != driver)
                return ENODEV;
            bound.clear();
            return 0;
        });
    }
    Result<void> probe(const Address& function) override
    {
        return locked("probe " + function.text(), function, [=, this] {
            attach(functions[function]);
            return 0; // says nothing of the driver's probe
        });
    }
    Result<void> bind(const Address& function, const std::string& driver) override
    {
        return locked("bind " + function.text() + " " + driver, function, [=, this] {
            SimulatedFunction& target = functions[function];
            if (!registered.contains(driver))
                return ENOENT;
            if (target.driver_override != driver)
                return ENODEV;
            if (!target.driver.empty())
                return EBUSY;
            attach(target);
            return target.driver.empty() ? target.probe_error : 0;
        });
    }
    Result<std::string> bound_driver(const Address& function) override
    {
        calls.push_back("read " + function.text());
        const auto found = functions.find(function);
        if (found == functions.end())
            return system_error("read", function.text(), ENODEV);
        return found->second.driver;
    }
    Result<void> evict_framebuffer(const Address& function, const std::string& device) override
    {
        calls.push_back("evict " + function.text() + " " + device);
        framebuffers.erase(device);
        return framebuffer_open ? Result<void>(system_error({}, {}, EBUSY)) : Result<void>();
    }
    Result<void> apply(const Address& function, const DeviceSetting& setting) override
    {
        return locked("set " + function.text() + " " + setting.text(), function,
                      [=] { return setting.kind == DeviceSetting::Kind::rebar ? EOPNOTSUPP : 0; });
    }
    Result<std::string> group_of(const Address& function) override
    {
        calls.push_back("group of " + function.text());
        const auto found = functions.find(function);
        return found != functions.end() ? std::to_string(found->second.group) : std::string();
    }
    Result<std::optional<bool>> group_viable(unsigned group) override
    {
        calls.push_back("group " + std::to_string(group));
        return std::optional<bool>(std::ranges::all_of(functions, [&](const auto& entry) {
            const std::string& driver = entry.second.driver;
            return entry.second.group != group || driver.empty() || driver == "vfio-pci" || driver == "pci-stub";
        }));
    }
    Result<bool> let_vfs_probe(const Address& function, bool allowed) override
    {
        calls.push_back("let vfs probe " + function.text() + (allowed ? " 1" : " 0"));
        const auto found = functions.find(function);
        if (found == functions.end())
            return system_error({}, {}, ENODEV);
        return std::exchange(found->second.vfs_probe, allowed);
    }
    Result<void> create_vfs(const Address& function, unsigned count) override
    {
        return locked("create " + std::to_string(count) + " of " + function.text(), function, [=, this] {
            const SimulatedFunction parent = functions[function];
            if (parent.driver != parent.native || parent.may_have.size() < count)
                return ERANGE;
            for (unsigned index = 0; index < count; ++index) {
                SimulatedFunction& created = functions[parent.may_have[index]];
                created.native = parent.native;
                created.group = parent.group + 1 + index;
                created.physical = function;
                attach(created);
            }
            return 0;
        });
    }
    void release_later(const Address& function, const std::string& driver) override
    {
        calls.push_back("release later " + function.text());
        later_.push_back([=, this] {
            SimulatedFunction& target = functions[function];
            target.driver_override.clear();
            if (target.driver == driver)
                target.driver.clear();
            attach(target);
        });
    }

    /// The next call that needs the function's lock hangs.
    void hang(const Address& function) { functions[function].hangs = true; }
    /// Puts something after what hangs now.
    void put_off(std::function<void()> work) { later_.push_back(std::move(work)); }
    /// All that hangs goes on.
    void let_go()
    {
        for (auto& [address, function] : functions)
            function.hangs = false;
        for (const auto& work : std::exchange(later_, {}))
            work();
    }

private:
    Result<void> locked(const std::string& call, const Address& function, std::function<int()> effect)
    {
        calls.push_back(call);
        const auto found = functions.find(function);
        if (found == functions.end())
            return system_error({}, {}, ENODEV);
        if (found->second.hangs) {
            later_.emplace_back([effect = std::move(effect)] { effect(); });
            return system_error({}, {}, ETIMEDOUT);
        }
        if (const int code = effect(); code != 0)
            return system_error({}, {}, code);
        return {};
    }

    /// device_attach(): the override names the only driver that may have it.
    void attach(SimulatedFunction& function) const
    {
        if (!function.driver.empty() || function.hangs)
            return;
        // pci_device_can_probe(), drivers/pci/pci-driver.c
        if (function.physical && function.driver_override.empty() && !functions.at(*function.physical).vfs_probe)
            return;
        if (function.driver_override.empty())
            function.driver = function.native;
        else if (registered.contains(function.driver_override) && function.probe_error == 0)
            function.driver = function.driver_override;
    }

    std::vector<std::function<void()>> later_;
};

} // namespace vfio_early::test
