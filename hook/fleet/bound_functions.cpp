// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/bound_functions.hpp"

#include "early/model/driver_choice.hpp"

#include <algorithm>

namespace vfio_early {

std::vector<Function> bound_functions(const ThisBoot& boot)
{
    std::vector<Function> functions;
    if (!boot.report || boot.report->mode != BootRequest::Mode::normal)
        return functions;
    for (const FunctionStatus& status : boot.functions) {
        const Outcome& outcome = status.outcome;
        if (outcome.kind != Outcome::Kind::bound || status.state != FunctionStatus::State::ok || !outcome.address)
            continue;
        const Function* function = boot.now.find(*outcome.address);
        if (function != nullptr && is_vfio_driver(function->driver))
            functions.push_back(*function);
    }
    std::ranges::sort(functions, {}, &Function::address);
    return functions;
}

} // namespace vfio_early
