// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/image/image_contents.hpp"
#include "hook/image/staging.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <array>
#include <ostream>

namespace vfio_early {

namespace {

namespace po = boost::program_options;

constexpr const char* program_path = "/usr/sbin/vfio-early";
constexpr const char* udev_rules = "usr/lib/udev/rules.d/60-vfio-early.rules";

/// Makes the files, and returns the lines that the generator reads.
Result<std::string> stage(const Root& root, const std::string& directory, const ImageContents& contents)
{
    auto staging = Staging::open(directory);
    if (!staging)
        return std::unexpected(staging.error());
    staging->add("program", program_path);
    for (const PolicyFile& file : contents.files)
        if (auto added = staging->add_text(file); !added)
            return std::unexpected(added.error());
    // For functions that appear while the initramfs waits for the root file system.
    if (root.exists(udev_rules))
        staging->add("file", std::string("/") + udev_rules);
    for (const std::string& module : contents.modules.present)
        staging->add_module(module);
    return staging->lines();
}

} // namespace

int run_image(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "--kernel RELEASE --out DIR [OPTION...]",
        "Prints what an initramfs generator must copy, one line each: \"program SOURCE DEST\", \"file SOURCE DEST\",\n"
        "\"module NAME\". Files that must be made first are made in DIR. Used by the hooks of the generators.");
    line.options().add_options()("kernel", po::value<std::string>()->value_name("RELEASE")->required(),
                                 "the kernel the image is for");
    line.options().add_options()("out", po::value<std::string>()->value_name("DIR")->required(),
                                 "an existing directory for files");
    line.options().add_options()("generator",
                                 po::value<std::string>()->value_name("NAME")->default_value("initramfs-tools"),
                                 "initramfs-tools, dracut or mkinitcpio");
    line.add_host_options();
    line.parse();
    const std::string generator = line.text("generator");
    constexpr std::array<std::string_view, 3> generators{"initramfs-tools", "dracut", "mkinitcpio"};
    if (std::ranges::find(generators, generator) == generators.end())
        return line.usage_error("unknown generator " + generator);
    // Warnings have the form of the generator's own.
    const char* const mark = generator == "initramfs-tools" ? "W: vfio-early: " : "vfio-early: warning: ";
    const auto warn = [&](const std::string& text) { console.err << mark << printable(text) << '\n'; };

    // A bad policy or a strange machine never stops an image from being made: warnings, and exit code 0.
    const Host host = line.open_host();
    const ImagePolicy policy = choose_image_policy(host.root, line.load_policy(host), line.has("policy"));
    const std::string release = line.text("kernel");
    const ImageContents contents = image_contents(host.root, policy, release);
    for (const std::string& warning : contents.warnings)
        warn(warning);
    if (!policy.policy.binds.empty())
        for (const std::string& module : contents.modules.missing)
            warn("kernel " + release + " has no module " + module);

    console.out << or_end(stage(host.root, line.text("out"), contents), console);
    console.err << "vfio-early: " << printable(contents.verdict) << '\n';
    return exit_ok;
}

} // namespace vfio_early
