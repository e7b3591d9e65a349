// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/machine/module_catalog.hpp"
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/host/facts.hpp"
#include "hook/host/outlook.hpp"
#include "hook/image/image_modules.hpp"
#include "hook/image/image_policy.hpp"
#include "hook/image/staging.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

namespace po = boost::program_options;

constexpr const char* program_path = "/usr/sbin/vfio-early";
constexpr const char* udev_rules = "usr/lib/udev/rules.d/60-vfio-early.rules";

/// The facts get a name of their own among the policy's files.
PolicyFile named_apart(PolicyFile facts, const std::vector<PolicyFile>& files)
{
    while (std::ranges::find(files, facts.name, &PolicyFile::name) != files.end())
        facts.name.insert(facts.name.rfind('/') + 1, "0");
    return facts;
}

/// Makes the files, and returns the lines that the generator reads.
Result<std::string> stage(const Root& root, const std::string& directory, const ImagePolicy& policy,
                          const PolicyFile& facts, const ImageModules& modules)
{
    auto staging = Staging::open(directory);
    if (!staging)
        return std::unexpected(staging.error());
    staging->add("program", program_path);
    std::vector<PolicyFile> files = policy.files;
    files.push_back(named_apart(facts, policy.files));
    for (const PolicyFile& file : files)
        if (auto added = staging->add_text(file); !added)
            return std::unexpected(added.error());
    // For functions that appear while the initramfs waits for the root file system.
    if (root.exists(udev_rules))
        staging->add("file", std::string("/") + udev_rules);
    for (const std::string& module : modules.present)
        staging->add_module(module);
    return staging->lines();
}

std::string verdict(const Policy& policy, const Plan* plan)
{
    std::string text = summary_text(policy, plan);
    if (plan == nullptr)
        text += "; the machine cannot be seen from here";
    else if (!plan->refused.empty())
        text += " (vfio-earlyctl plan says why)";
    return text;
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
                                 "initramfs-tools, dracut, mkinitcpio or mkosi-initrd");
    line.add_host_options();
    line.parse();
    const std::string generator = line.text("generator");
    constexpr std::array<std::string_view, 4> generators{"initramfs-tools", "dracut", "mkinitcpio", "mkosi-initrd"};
    if (std::ranges::find(generators, generator) == generators.end())
        return line.usage_error("unknown generator " + generator);
    // Warnings have the form of the generator's own.
    const char* const mark = generator == "initramfs-tools" ? "W: vfio-early: " : "vfio-early: warning: ";
    const auto warn = [&](const std::string& text) { console.err << mark << printable(text) << '\n'; };

    // A bad policy or a strange machine never stops an image from being made: warnings, and exit code 0.
    const Host host = line.open_host();
    const ImagePolicy policy = choose_image_policy(host.root, line.load_policy(host), line.has("policy"));
    for (const std::string& warning : policy.warnings)
        warn(warning);

    const std::string release = line.text("kernel");
    std::optional<Outlook> outlook;
    if (tells_of_its_machine(host.root))
        if (auto seen = look_ahead(host.root, policy.policy, {.kernel = release}))
            outlook.emplace(std::move(*seen));
    const Plan* const plan = outlook ? &outlook->plan : nullptr;
    const std::unique_ptr<ModuleCatalog> kernel =
        outlook ? std::move(outlook->modules) : open_module_catalog(host.root, release);
    Facts facts = outlook ? std::move(outlook->facts) : collect_facts(host.root);
    if (outlook)
        facts.image.natives = native_modules(outlook->machine, *kernel);
    const ImageModules modules = image_modules(policy.policy, plan, *kernel);
    if (!policy.policy.binds.empty()) {
        if (!facts.left_out.empty())
            warn("the image knows nothing of its machine: " + facts.left_out);
        for (const std::string& module : modules.missing)
            warn("kernel " + release + " has no module " + module);
    }

    console.out << or_end(stage(host.root, line.text("out"), policy, facts_file(facts), modules), console);
    console.err << "vfio-early: " << printable(verdict(policy.policy, plan)) << '\n';
    return exit_ok;
}

} // namespace vfio_early
