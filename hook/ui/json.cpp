// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/json.hpp"

#include <ostream>

namespace vfio_early {

void print_json(const nlohmann::ordered_json& json, Console& console)
{
    console.out << json.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

} // namespace vfio_early
