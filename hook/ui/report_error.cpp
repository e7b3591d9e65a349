// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/report_error.hpp"

#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"

#include <ostream>

namespace vfio_early {

int report_error(const SystemError& error, Console& console)
{
    console.err << "vfio-earlyctl: " << printable(error.message()) << '\n';
    return exit_usage;
}

void print_notes(const std::vector<std::string>& notes, Console& console)
{
    for (const std::string& note : notes)
        console.err << "note: " << printable(note) << '\n';
}

} // namespace vfio_early
