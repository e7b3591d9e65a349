// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/trial_end.hpp"
#include "hook/ui/report_error.hpp"

#include <ostream>

namespace vfio_early {

namespace {

std::string_view text_of(Confirmation confirmation)
{
    return confirmation == Confirmation::nothing_to_do       ? "the policy of this boot is not on trial"
           : confirmation == Confirmation::already_confirmed ? "nothing had to be confirmed"
                                                             : "the policy of this boot is confirmed";
}

} // namespace

int run_confirm(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(invocation, "[OPTION...]",
                     "Remembers that a boot with the policy has finished: it is no longer on trial.\n"
                     "vfio-early-confirm.service runs this at the end of every boot that is on trial.");
    line.add_root_option();
    line.add_flag("resumed", "this was no boot but a resume from hibernation: take back its count");
    line.parse();
    const Root root = or_end(Root::open(line.host_options().root), console);
    if (line.has("resumed"))
        console.out << (or_end(forget_resume(root), console) ? "the boot of this resume is not counted\n"
                                                             : "no policy is on trial\n");
    else
        console.out << text_of(or_end(confirm_boot(root), console)) << '\n';
    return exit_ok;
}

} // namespace vfio_early
