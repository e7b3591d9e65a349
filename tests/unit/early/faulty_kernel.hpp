// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/act/kernel.hpp"
#include "tests/support/simulated_kernel.hpp"

#include <cerrno>
#include <map>

namespace vfio_early::test {

/// For an errno: the call has no effect, but never comes back in time.
inline constexpr int hang = ETIMEDOUT;

/// Lets all calls through but the numbered ones.
class FaultyKernel final : public Kernel {
public:
    FaultyKernel(SimulatedKernel& kernel, std::map<std::size_t, int> faults)
        : kernel_(kernel), faults_(std::move(faults))
    {
    }

    Result<void> set_override(const Address& function, const std::string& driver) override
    {
        if (const int code = fault_on(function))
            return system_error({}, {}, code);
        return kernel_.set_override(function, driver);
    }
    Result<void> load_module(const std::string& module, const std::string& options) override
    {
        const int code = next_fault();
        if (code == hang)
            hang_in_insertion(module);
        if (code != 0)
            return system_error({}, {}, code);
        return kernel_.load_module(module, options);
    }
    Result<std::string> configured_options(const std::string& module) override
    {
        if (const int code = next_fault())
            return system_error({}, {}, code);
        return kernel_.configured_options(module);
    }
    Result<std::string> driver_of_module(const std::string& module) override
    {
        if (const int code = next_fault())
            return system_error({}, {}, code);
        return kernel_.driver_of_module(module);
    }
    Result<void> unbind(const Address& function, const std::string& driver) override
    {
        if (const int code = fault_on(function))
            return system_error({}, {}, code);
        return kernel_.unbind(function, driver);
    }
    Result<void> probe(const Address& function) override
    {
        if (const int code = fault_on(function))
            return system_error({}, {}, code);
        return kernel_.probe(function);
    }
    Result<void> bind(const Address& function, const std::string& driver) override
    {
        if (const int code = fault_on(function))
            return system_error({}, {}, code);
        return kernel_.bind(function, driver);
    }
    Result<std::string> bound_driver(const Address& function) override
    {
        // Reading a link takes no lock: it fails, or it does not.
        if (const int code = next_fault())
            return system_error({}, {}, code);
        return kernel_.bound_driver(function);
    }
    Result<void> evict_framebuffer(const Address& function, const std::string& device) override
    {
        // Takes no lock of a function.
        const int code = next_fault();
        if (code == hang)
            kernel_.put_off([this, device] { kernel_.framebuffers.erase(device); });
        if (code != 0)
            return system_error({}, {}, code);
        return kernel_.evict_framebuffer(function, device);
    }
    Result<void> apply(const Address& function, const DeviceSetting& setting) override
    {
        if (const int code = fault_on(function))
            return system_error({}, {}, code);
        return kernel_.apply(function, setting);
    }
    Result<std::string> group_of(const Address& function) override
    {
        if (const int code = fault_on(function))
            return system_error({}, {}, code);
        return kernel_.group_of(function);
    }
    Result<std::optional<bool>> group_viable(unsigned group) override
    {
        if (const int code = next_fault())
            return system_error({}, {}, code);
        return kernel_.group_viable(group);
    }
    Result<bool> let_vfs_probe(const Address& function, bool allowed) override
    {
        // Takes no lock.
        if (const int code = next_fault())
            return system_error({}, {}, code);
        return kernel_.let_vfs_probe(function, allowed);
    }
    Result<void> create_vfs(const Address& function, unsigned count) override
    {
        if (const int code = fault_on(function))
            return system_error({}, {}, code);
        return kernel_.create_vfs(function, count);
    }
    void release_later(const Address& function, const std::string& driver) override
    {
        kernel_.release_later(function, driver);
    }

    [[nodiscard]] std::size_t calls() const { return calls_; }
    [[nodiscard]] std::size_t injected() const { return injected_; }

private:
    int next_fault()
    {
        const auto fault = faults_.find(calls_++);
        if (fault == faults_.end())
            return 0;
        ++injected_;
        return fault->second;
    }
    /// An errno to give; a call that hangs goes on to the kernel, which keeps it.
    int fault_on(const Address& function)
    {
        const int code = next_fault();
        if (code != hang)
            return code;
        kernel_.hang(function);
        return 0;
    }
    /// The driver is registered and its insertion is stuck in the probe of the first function that it finds: the link
    /// is there, the lock is taken, and the rest of the insertion comes when that ends.
    void hang_in_insertion(const std::string& module)
    {
        SimulatedKernel& kernel = kernel_;
        const std::string driver = kernel.drivers_of_modules.contains(module) ? kernel.drivers_of_modules[module] : "";
        if (!driver.empty()) {
            kernel.registered.insert(driver);
            for (auto& [address, function] : kernel.functions) {
                if (!function.driver.empty() || function.driver_override != driver)
                    continue;
                function.driver = driver;
                function.hangs = true;
                break;
            }
        }
        kernel.put_off([&kernel, module] { static_cast<void>(kernel.load_module(module, "")); });
    }

    SimulatedKernel& kernel_;
    std::map<std::size_t, int> faults_;
    std::size_t calls_ = 0;
    std::size_t injected_ = 0;
};

} // namespace vfio_early::test
