// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/host/policy_text.hpp"

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

namespace vfio_early {

/// One run of one command.
struct Invocation {
    std::string command;                ///< its name
    std::vector<std::string> arguments; ///< all others, options of every command among them
    Console& console;
};

/// The first argument that is neither an option nor the value of an option that stands before the command.
[[nodiscard]] std::vector<std::string>::const_iterator find_command_name(const std::vector<std::string>& arguments);

/// Opens what the options name; ends the command where that cannot be done.
[[nodiscard]] Host open_host(const HostOptions& options, Console& console);

/// The options of one command, with --help and a usage error that look the same for all.
class CommandLine {
public:
    /// `synopsis`: what follows the command's name in the usage line; `about`: one paragraph.
    CommandLine(const Invocation& invocation, std::string synopsis, std::string about);

    /// An option without a value. A letter may follow the name: "all,a".
    void add_flag(const char* name, const char* help) { options_.add_options()(name, help); }
    /// An option with a value, which the help calls `value`.
    void add_option(const char* name, const char* value, const char* help);
    /// The same, and it may be given several times.
    void add_list_option(const char* name, const char* value, const char* help);
    /// Options of another kind.
    [[nodiscard]] boost::program_options::options_description& options() { return options_; }
    /// Adds --root.
    void add_root_option();
    /// Adds --root, --policy, --machine and --json.
    void add_reading_options();
    /// Adds --machine.
    void add_machine_option();
    /// Adds --profile.
    void add_profile_option();
    /// Adds --root and --policy.
    void add_host_options();
    /// Allows up to `limit` arguments that are no option (-1: any number).
    void allow_operands(int limit) { operand_limit_ = limit; }

    /// Reads the arguments. Ends the command where --help was asked for, and where an argument is wrong.
    void parse();

    [[nodiscard]] bool has(const std::string& name) const { return values_.count(name) != 0; }
    /// The value of an option that takes one; empty if it was not given.
    [[nodiscard]] std::string text(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> list(const std::string& name) const;
    [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
    [[nodiscard]] HostOptions host_options() const;

    /// Opens what --root or --machine names; ends the command where that cannot be done.
    [[nodiscard]] Host open_host() const;
    /// The policy of the host, or of --policy. What is wrong with it is printed.
    [[nodiscard]] PolicyText load_policy(const Host& host) const;

    /// Says what is wrong on the error stream and returns exit_usage.
    [[nodiscard]] int usage_error(const std::string& message) const;

private:
    const Invocation& invocation_;
    std::string synopsis_;
    std::string about_;
    boost::program_options::options_description options_{"Options"};
    boost::program_options::variables_map values_;
    std::vector<std::string> operands_;
    int operand_limit_ = 0;
};

} // namespace vfio_early
