// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/host/host.hpp"
#include "hook/ui/console.hpp"

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

/// Opens the root that the options name. Errors: those of opening the directory, or of unpacking the recording.
[[nodiscard]] Result<Host> open_host(const HostOptions& options);

/// The options of one command, with --help and a usage error that look the same for all.
class CommandLine {
public:
    /// `synopsis`: what follows the command's name in the usage line; `about`: one paragraph.
    CommandLine(const Invocation& invocation, std::string synopsis, std::string about);

    /// The command's own options.
    [[nodiscard]] boost::program_options::options_description& options() { return options_; }
    /// Adds --root, --policy, --machine and --json.
    void add_reading_options();
    /// Adds --profile.
    void add_profile_option();
    /// Adds --root and --policy.
    void add_host_options();
    /// Allows up to `limit` arguments that are no option (-1: any number).
    void allow_operands(int limit) { operand_limit_ = limit; }

    /// Reads the arguments. A value: the exit code with which the command ends here (help was printed, or an error).
    [[nodiscard]] std::optional<int> parse();

    [[nodiscard]] bool has(const std::string& name) const { return values_.count(name) != 0; }
    /// The value of an option that takes one; empty if it was not given.
    [[nodiscard]] std::string text(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> list(const std::string& name) const;
    [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
    [[nodiscard]] HostOptions host_options() const;

    /// Says what is wrong on the error stream and returns exit_usage.
    [[nodiscard]] int usage_error(const std::string& message) const;

private:
    void print_help() const;

    const Invocation& invocation_;
    std::string synopsis_;
    std::string about_;
    boost::program_options::options_description options_{"Options"};
    boost::program_options::variables_map values_;
    std::vector<std::string> operands_;
    int operand_limit_ = 0;
};

} // namespace vfio_early
