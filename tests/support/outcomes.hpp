// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/report.hpp"

#include <string>

namespace vfio_early::test {

/// What the report has on a function, whose statement is in line 2 of the policy.
inline Outcome outcome(Outcome::Kind kind, std::string_view address, std::string id, std::string driver = {})
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.address = parse_address(address);
    outcome.subject = outcome.address->text();
    outcome.id = std::move(id);
    outcome.driver = std::move(driver);
    outcome.where = {.file = "/etc/vfio-early.conf", .line = 2, .column = 1};
    return outcome;
}

} // namespace vfio_early::test
