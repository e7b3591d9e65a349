// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/recover_command.hpp"

#include "early/commands/release_command.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <ctime>
#include <unistd.h>

namespace vfio_early {

namespace {

constexpr const char* root_unit = "run/systemd/generator/sysroot.mount";
constexpr const char* questions = "run/systemd/ask-password";
constexpr const char* over = "over"; ///< in place of the time: nothing is to be given back any more

std::chrono::milliseconds clock_now()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) +
           std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(now.tv_nsec));
}

/// dracut keeps more of it in the image: root= in a hostonly one.
std::string whole_command_line(const Root& root)
{
    std::string line = root.read("proc/cmdline").value_or("");
    for (const std::string& name : root.list("etc/cmdline.d").value_or(std::vector<std::string>()))
        line = root.read("etc/cmdline.d/" + name).value_or("") + "\n" + line;
    return line;
}

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

/// Nothing at the first look.
std::optional<std::string> earlier_look(const Root& root)
{
    auto text = root.read_line(wait_path);
    return text ? std::optional(std::move(*text)) : std::nullopt;
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
    release_options.storage = true;
    release_options.network = true;
    return run_release(release_options, recovery_reason(waited));
}

int watch(const Root& root, const Options& options)
{
    constexpr std::chrono::milliseconds interval{500};
    for (;;) {
        // It may change: the generators of systemd run at the same time as we.
        const RootSource source = find_root_source(root);
        if (root_has_come(root, source))
            return 0;
        if (const auto waited = look_at_wait(root, source, options, clock_now()))
            return release(options, *waited);
        ::usleep(static_cast<useconds_t>(std::chrono::microseconds(interval).count()));
    }
}

} // namespace

RootSource find_root_source(const Root& root)
{
    RootSource source = root_source(whole_command_line(root));
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
           " s: disk and network controllers that it may need are given back";
}

std::optional<std::chrono::milliseconds> look_at_wait(const Root& root, const RootSource& source,
                                                      const Options& options, std::chrono::milliseconds clock)
{
    const auto earlier = earlier_look(root);
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
        .grace = recovery_grace(whole_command_line(root)),
        .last = options.last,
        .known = !options.watch || !source.device.empty(),
        .network = source.network || options.network,
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
        const std::string line = "vfio-early: " + root.error().message() + "\n";
        if (::write(STDERR_FILENO, line.data(), line.size()) < 0) {
            // Nobody listens.
        }
        return 2;
    }
    if (options.watch)
        return watch(*root, options);
    const auto waited = look_at_wait(*root, find_root_source(*root), options, clock_now());
    return waited ? release(options, *waited) : 0;
}

} // namespace vfio_early
