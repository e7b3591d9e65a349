// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/trial.hpp"
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/ui/report_error.hpp"

#include <ostream>

namespace vfio_early {

namespace {

const char* text_of(Confirmation confirmation)
{
    switch (confirmation) {
    case Confirmation::nothing_to_do:
        return "the policy of this boot is not on trial";
    case Confirmation::already_confirmed:
        return "nothing had to be confirmed";
    case Confirmation::confirmed:
        return "the policy of this boot is confirmed";
    }
    return "";
}

} // namespace

int run_confirm(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(invocation, "[OPTION...]",
                     "Remembers that a boot with the policy has finished: it is no longer on trial.\n"
                     "vfio-early-confirm.service runs this at the end of every boot that is on trial.");
    line.options().add_options()("root", boost::program_options::value<std::string>()->value_name("DIR"),
                                 "look at the file system below DIR instead of /")(
        "resumed", "this was no boot but a resume from hibernation: take back its count");
    if (const auto code = line.parse())
        return *code;
    const auto root = Root::open(line.host_options().root);
    if (!root)
        return report_error(root.error(), console);
    if (line.has("resumed")) {
        const auto forgotten = forget_resume(*root);
        if (!forgotten)
            return report_error(forgotten.error(), console);
        console.out << (*forgotten ? "the boot of this resume is not counted\n" : "no policy is on trial\n");
        return exit_ok;
    }
    const auto confirmation = confirm_boot(*root);
    if (!confirmation)
        return report_error(confirmation.error(), console);
    console.out << text_of(*confirmation) << '\n';
    return exit_ok;
}

} // namespace vfio_early
