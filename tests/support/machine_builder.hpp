// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/machine.hpp"

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vfio_early::test {

/// A catalog of exactly what a test says.
class MapCatalog : public ModuleCatalog {
public:
    /// Alias globs, in order, and the module each names.
    std::vector<std::pair<std::string, std::string>> aliases;
    std::vector<std::string> modules{"vfio", "vfio_iommu_type1", "vfio_pci", "pci_stub"};
    std::map<std::string, std::vector<std::string>, std::less<>> needs; ///< what a module depends on
    std::vector<std::string> builtins;

    [[nodiscard]] std::vector<std::string> modules_for(std::string_view modalias) const override;
    [[nodiscard]] bool exists(std::string_view module) const override;
    [[nodiscard]] std::vector<std::string> dependencies(std::string_view module) const override;
    [[nodiscard]] bool builtin(std::string_view module) const override;
};

/// Where a function with this address stands if nobody says otherwise: bus 0 is the root bus, and the port at 00:01.0
/// leads to every other.
[[nodiscard]] Path plain_path(const Address& address);

/// Builds a machine function by function: `add("01:00.0", "10de:128b", 0x030000).group(14)`.
class MachineBuilder {
public:
    class Added {
    public:
        explicit Added(Function& function) : function_(function) {}
        Added& group(unsigned number);
        Added& driver(std::string name);
        Added& subsystem(std::uint16_t vendor, std::uint16_t device);
        Added& path(std::string_view text);
        Added& serial(std::uint64_t number);
        Added& vfs(unsigned count);
        /// It has SR-IOV, and none enabled.
        Added& vfs_possible(unsigned count);
        Added& virtual_function_of(std::string_view physical);
        Added& bridge();
        Added& memory(std::uint64_t first, std::uint64_t last);
        Added& boot_vga();

    private:
        Function& function_;
    };

    /// The function's path is plain_path() unless given; its group is none.
    Added add(std::string_view address, std::string_view id, std::uint32_t class_code);
    /// The machine, its functions in order of address.
    [[nodiscard]] Machine build() const;

private:
    std::deque<Function> functions_; ///< a deque: `Added` keeps a reference
};

} // namespace vfio_early::test
