// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/recover_command.hpp"

#include "early/commands/release_command.hpp"
#include "early/model/boot_request.hpp"
#include "early/model/exit_codes.hpp"
#include "early/model/text.hpp"
#include "early/needs/boot_command_line.hpp"
#include "early/tell/kernel_log.hpp"
#include "early/tell/taken.hpp"

#include <algorithm>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr const char* root_unit = "run/systemd/generator/sysroot.mount";
constexpr const char* questions = "run/systemd/ask-password";
constexpr const char* over = "over"; ///< in place of the time: nothing is to be given back any more

bool passphrase_is_asked_for(const Root& root)
{
    const auto names = root.list(questions);
    return names && std::ranges::any_of(*names, [](const std::string& name) { return name.starts_with("ask."); });
}

bool has_network_interface(const Root& root)
{
    const auto names = root.list("sys/class/net");
    // bonding_masters is a file there, not an interface.
    return names && std::ranges::any_of(
                        *names, [](const std::string& name) { return name != "lo" && name != "bonding_masters"; });
}

/// Where this cannot be written, every look is the first, and only the last one releases.
void remember(const Root& root, const std::string& text)
{
    if (!root.replace_file(wait_path, text + "\n"))
        return;
}

int release(const Options& options, std::chrono::milliseconds waited)
{
    Options release_options;
    release_options.command = Options::Command::release;
    release_options.root = options.root;
    release_options.root_holders = true;
    return run_release(release_options, recovery_reason(waited));
}

/// Nothing that was bound could be why / is missing, however long that takes: then there is nothing to wait for.
bool could_be_why(const Root& root)
{
    const auto taken = read_taken(root);
    return std::ranges::any_of(taken, [](const auto& entry) { return entry.second.may_hold_root; });
}

/// One look. Nothing: it is not over yet.
std::optional<int> look(const Root& root, const Options& options)
{
    // It may change: the generators of systemd run at the same time as we.
    const RootSource source = find_root_source(root);
    if (root_has_come(root, source))
        return exit_ok;
    // What is bound later may be.
    if (!could_be_why(root))
        return std::nullopt;
    const auto now = std::chrono::steady_clock::now().time_since_epoch(); // CLOCK_MONOTONIC
    if (const auto waited =
            look_at_wait(root, source, options, std::chrono::duration_cast<std::chrono::milliseconds>(now)))
        return release(options, *waited);
    return std::nullopt;
}

int watch(const Root& root, const Options& options)
{
    for (;;) {
        if (const auto code = look(root, options))
            return *code;
        ::usleep(500'000);
    }
}

} // namespace

RootSource find_root_source(const Root& root)
{
    RootSource source = parse_boot_request(boot_command_line(root).value_or("")).root;
    if (const auto unit = root.read(root_unit); unit && source.device.empty())
        source.device = device_of_mount_unit(*unit);
    return source;
}

bool root_has_come(const Root& root, const RootSource& source)
{
    const auto mounts = root.read("proc/mounts");
    // Not readable: /proc has moved to the new root already.
    if (!mounts || root_is_mounted(*mounts))
        return true;
    return !source.device.empty() && root.exists(source.device);
}

std::string recovery_reason(std::chrono::milliseconds waited)
{
    const auto tenths = waited.count() / 100;
    return "/ has not come in " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) +
           " s: what it may be on is given back";
}

std::optional<std::chrono::milliseconds> look_at_wait(const Root& root, const RootSource& source,
                                                      const Options& options, std::chrono::milliseconds clock)
{
    const auto earlier = root.read_line(wait_path); // not there at the first look
    if (earlier == over)
        return std::nullopt;
    const auto begun = earlier ? parse_decimal(*earlier) : std::nullopt;
    if (!options.last && (!begun || passphrase_is_asked_for(root))) {
        remember(root, std::to_string(clock.count()));
        if (begun)
            return std::nullopt;
    }
    const RootWait wait{
        .waited = begun ? clock - std::chrono::milliseconds(*begun) : std::chrono::milliseconds(0),
        .grace = parse_boot_request(boot_command_line(root).value_or("")).grace,
        .last = options.last,
        .known = !options.watch || !source.device.empty(),
        .network = !source.network_word.empty() || options.network,
        .interfaces = has_network_interface(root),
    };
    if (!is_time_to_recover(wait))
        return std::nullopt;
    remember(root, over);
    return wait.waited;
}

int run_recover(const Options& options)
{
    const auto root = Root::open(options.root);
    if (!root) {
        tell_caller(root.error().message());
        return exit_usage;
    }
    return options.watch ? watch(*root, options) : look(*root, options).value_or(exit_ok);
}

} // namespace vfio_early
