// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/machine_builder.hpp"

#include "early/model/text.hpp"
#include "tests/support/parse_path.hpp"

#include <algorithm>

namespace vfio_early::test {

std::vector<std::string> MapCatalog::modules_for(std::string_view modalias) const
{
    std::vector<std::string> found;
    for (const auto& [alias, module] : aliases)
        if (glob_match(alias, modalias))
            found.push_back(module);
    return found;
}

bool MapCatalog::exists(std::string_view module) const
{
    return std::ranges::find(modules, module) != modules.end();
}

std::vector<std::string> MapCatalog::dependencies(std::string_view module) const
{
    const auto found = needs.find(module);
    return found == needs.end() ? std::vector<std::string>() : found->second;
}

bool MapCatalog::builtin(std::string_view module) const
{
    return std::ranges::find(builtins, module) != builtins.end();
}

Path plain_path(const Address& address)
{
    if (address.bus == 0)
        return {address, {}};
    return {{address.domain, 0, 1, 0}, {{address.device, address.function}}};
}

MachineBuilder::Added& MachineBuilder::Added::group(unsigned number)
{
    function_.group = number;
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::driver(std::string name)
{
    function_.driver = std::move(name);
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::subsystem(std::uint16_t vendor, std::uint16_t device)
{
    function_.ids.subvendor = vendor;
    function_.ids.subdevice = device;
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::path(std::string_view text)
{
    function_.path = parse_path(text).value();
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::serial(std::uint64_t number)
{
    function_.serial = number;
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::vfs(unsigned count)
{
    function_.vfs_enabled = count;
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::vfs_possible(unsigned count)
{
    function_.vfs_possible = count;
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::virtual_function_of(std::string_view physical)
{
    function_.virtual_function = true;
    function_.physical_function = parse_address(physical).value();
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::bridge()
{
    function_.header_type = 1;
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::memory(std::uint64_t first, std::uint64_t last)
{
    function_.memory.push_back({first, last});
    return *this;
}

MachineBuilder::Added& MachineBuilder::Added::boot_vga()
{
    function_.boot_vga = true;
    return *this;
}

MachineBuilder::Added MachineBuilder::add(std::string_view address, std::string_view id, std::uint32_t class_code)
{
    Function function;
    function.address = parse_address(address).value();
    function.path = plain_path(function.address);
    const IdPattern ids = parse_id_pattern(id).value();
    function.ids.vendor = ids.vendor;
    function.ids.device = ids.device.value();
    function.ids.class_code = class_code;
    functions_.push_back(std::move(function));
    return Added(functions_.back());
}

Machine MachineBuilder::build() const
{
    Machine machine;
    machine.functions.assign(functions_.begin(), functions_.end());
    std::ranges::sort(machine.functions, {}, &Function::address);
    return machine;
}

} // namespace vfio_early::test
