// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/pci_ancestors.hpp"

#include "early/machine/scan.hpp"
#include "early/model/text.hpp"

#include <algorithm>

namespace vfio_early {

void add_pci_ancestors(const Root& root, std::string_view link, std::vector<Address>& functions)
{
    constexpr std::size_t standard_header = 64;
    for (const std::string_view part : split(link, '/')) {
        const auto address = parse_address(part);
        if (!address || std::ranges::find(functions, *address) != functions.end())
            continue;
        Function function;
        const auto config = root.read_prefix("sys/bus/pci/devices/" + address->text() + "/config", standard_header);
        if (config)
            read_config(*config, function);
        if (function.header_type == 0)
            functions.push_back(*address);
    }
}

} // namespace vfio_early
