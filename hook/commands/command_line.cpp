// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/commands/command_line.hpp"

#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>

namespace po = boost::program_options;

namespace vfio_early {

std::vector<std::string>::const_iterator find_command_name(const std::vector<std::string>& arguments)
{
    constexpr std::array<std::string_view, 18> with_value{
        "--out",   "--generator", "--root",   "--policy", "--machine",      "--profile",
        "--allow", "--driver",    "--from",   "--kernel", "--write-policy", "--boot-params",
        "--image", "--with",      "--before", "--base",   "--key",          "--cert"};
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
        if (!argument->starts_with('-'))
            return argument;
        if (std::ranges::find(with_value, *argument) != with_value.end() && std::next(argument) != arguments.end())
            ++argument;
    }
    return arguments.end();
}

CommandLine::CommandLine(const Invocation& invocation, std::string synopsis, std::string about)
    : invocation_(invocation), synopsis_(std::move(synopsis)), about_(std::move(about))
{
    options_.add_options()("help,h", "this text");
}

void CommandLine::add_option(const char* name, const char* value, const char* help)
{
    options_.add_options()(name, po::value<std::string>()->value_name(value), help);
}

void CommandLine::add_list_option(const char* name, const char* value, const char* help)
{
    options_.add_options()(name, po::value<std::vector<std::string>>()->value_name(value), help);
}

void CommandLine::add_profile_option()
{
    add_list_option("profile", "NAME", "as if the kernel command line said vfio_early.profile=NAME");
}

void CommandLine::add_root_option()
{
    add_option("root", "DIR", "look at the file system below DIR instead of /");
}

void CommandLine::add_host_options()
{
    add_root_option();
    add_option("policy", "FILE", "use this policy file, and no drop-ins, instead of /etc/vfio-early.conf");
}

void CommandLine::add_machine_option()
{
    add_option("machine", "FILE|DIR", "look at a recorded machine instead of this one");
}

void CommandLine::add_reading_options()
{
    add_host_options();
    add_machine_option();
    add_flag("json", "print JSON");
}

void CommandLine::parse()
{
    namespace style = po::command_line_style;
    po::options_description all;
    all.add(options_);
    all.add_options()("operand", po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add("operand", operand_limit_);
    try {
        po::store(po::command_line_parser(invocation_.arguments)
                      .options(all)
                      .positional(positional)
                      .style(style::unix_style & ~style::allow_guessing)
                      .run(),
                  values_);
        if (has("help")) {
            invocation_.console.out << fmt::format("Usage: vfio-earlyctl {} {}\n\n{}\n\n", invocation_.command,
                                                   synopsis_, about_)
                                    << options_;
            throw CommandEnd(exit_ok);
        }
        po::notify(values_);
    } catch (const po::too_many_positional_options_error&) {
        throw CommandEnd(usage_error("too many arguments"));
    } catch (const po::error& error) {
        throw CommandEnd(usage_error(error.what()));
    }
    operands_ = list("operand");
}

std::string CommandLine::text(const std::string& name) const
{
    return has(name) ? values_[name].as<std::string>() : std::string();
}

std::vector<std::string> CommandLine::list(const std::string& name) const
{
    return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

HostOptions CommandLine::host_options() const
{
    HostOptions options;
    if (has("root"))
        options.root = text("root");
    if (has("policy"))
        options.policy = text("policy");
    if (has("machine"))
        options.machine = text("machine");
    return options;
}

PolicyText CommandLine::load_policy(const Host& host) const
{
    PolicyText policy = vfio_early::load_policy(host.root, host_options().policy);
    print_diagnostics(policy, invocation_.console);
    return policy;
}

int CommandLine::usage_error(const std::string& message) const
{
    invocation_.console.err << fmt::format("vfio-earlyctl {0}: {1}\nTry \"vfio-earlyctl {0} --help\".\n",
                                           invocation_.command, printable(message));
    return exit_usage;
}

} // namespace vfio_early
