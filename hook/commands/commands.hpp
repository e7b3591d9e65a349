// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/ui/console.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

struct Invocation;

/// Each command is one file of hook/commands; it returns the exit code.
int run_add(const Invocation& invocation);
int run_boot_entries(const Invocation& invocation);
int run_boot_params(const Invocation& invocation);
int run_check(const Invocation& invocation);
int run_confirm(const Invocation& invocation);
int run_doctor(const Invocation& invocation);
int run_export(const Invocation& invocation);
int run_image(const Invocation& invocation);
int run_import(const Invocation& invocation);
int run_inspect(const Invocation& invocation);
int run_journal(const Invocation& invocation);
int run_list(const Invocation& invocation);
int run_overlay(const Invocation& invocation);
int run_plan(const Invocation& invocation);
int run_setup(const Invocation& invocation);
int run_snapshot(const Invocation& invocation);
int run_status(const Invocation& invocation);
int run_metrics(const Invocation& invocation);
int run_compare(const Invocation& invocation);
int run_remove(const Invocation& invocation);

struct Command {
    std::string_view name;
    std::string_view help; ///< one line
    int (*run)(const Invocation&);
};

/// All commands, in the order of the help.
[[nodiscard]] std::span<const Command> commands();

/// The program: `arguments` without its own name. Never throws.
int run_program(const std::vector<std::string>& arguments, Console& console);

} // namespace vfio_early
