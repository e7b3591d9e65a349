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
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

namespace po = boost::program_options;

constexpr const char* program_path = "/usr/sbin/vfio-early";
constexpr const char* udev_rules = "usr/lib/udev/rules.d/60-vfio-early.rules";

/// Prints messages on the error stream in the form of the generator.
class Speaker {
public:
    Speaker(Console& console, bool initramfs_tools) : console_(console), initramfs_tools_(initramfs_tools) {}

    void warn(const std::string& text) const
    {
        console_.err << (initramfs_tools_ ? "W: vfio-early: " : "vfio-early: warning: ") << printable(text) << '\n';
    }
    void say(const std::string& text) const { console_.err << "vfio-early: " << printable(text) << '\n'; }

private:
    Console& console_;
    bool initramfs_tools_;
};

/// The facts get a name of their own among the policy's files.
PolicyFile named_apart(PolicyFile facts, const std::vector<PolicyFile>& files)
{
    while (std::ranges::find(files, facts.name, &PolicyFile::name) != files.end())
        facts.name.insert(facts.name.rfind('/') + 1, "0");
    return facts;
}

Result<std::string> stage(const Root& root, const std::string& directory, const ImagePolicy& policy,
                          const PolicyFile& facts, const ImageModules& modules)
{
    auto staging = Staging::open(directory);
    if (!staging)
        return std::unexpected(staging.error());
    staging->add_program(program_path);
    for (const PolicyFile& file : policy.files)
        if (auto added = staging->add_text(file); !added)
            return std::unexpected(added.error());
    if (auto added = staging->add_text(named_apart(facts, policy.files)); !added)
        return std::unexpected(added.error());
    // For functions that appear while the initramfs waits for the root file system.
    if (root.exists(udev_rules))
        staging->add_file(std::string("/") + udev_rules);
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
                                 "the kernel the image is for")(
        "out", po::value<std::string>()->value_name("DIR")->required(), "an existing directory for files")(
        "generator", po::value<std::string>()->value_name("NAME")->default_value("initramfs-tools"),
        "initramfs-tools or dracut");
    line.add_host_options();
    if (const auto code = line.parse())
        return *code;
    const std::string generator = line.text("generator");
    if (generator != "initramfs-tools" && generator != "dracut")
        return line.usage_error("unknown generator " + generator);
    const Speaker speaker(console, generator == "initramfs-tools");

    const HostOptions options = line.host_options();
    const auto host = open_host(options);
    if (!host)
        return report_error(host.error(), console);
    // A bad policy or a strange machine never stops an image from being made: warnings, and exit code 0.
    const PolicyText found = load_policy(host->root, options.policy);
    print_diagnostics(found, console);
    const ImagePolicy policy = choose_image_policy(host->root, found, options.policy.has_value());
    for (const std::string& warning : policy.warnings)
        speaker.warn(warning);

    std::optional<Outlook> outlook;
    if (tells_of_its_machine(host->root))
        if (auto seen = look_ahead(host->root, policy.policy, {.profiles = {}, .kernel = line.text("kernel")}))
            outlook.emplace(std::move(*seen));
    const Plan* const plan = outlook ? &outlook->plan : nullptr;
    const std::unique_ptr<ModuleCatalog> kernel =
        outlook ? std::move(outlook->modules) : open_module_catalog(host->root, line.text("kernel"));
    Facts facts = outlook ? std::move(outlook->facts) : collect_facts(host->root);
    if (outlook)
        facts.image.natives = native_modules(outlook->machine, *kernel);
    const bool binds = !policy.policy.binds.empty();
    if (binds && !facts.left_out.empty())
        speaker.warn("the image knows nothing of its machine: " + facts.left_out);
    const ImageModules modules = image_modules(policy.policy, plan, *kernel);
    for (const std::string& module : binds ? modules.missing : std::vector<std::string>{})
        speaker.warn("kernel " + line.text("kernel") + " has no module " + module);

    const auto lines = stage(host->root, line.text("out"), policy, facts_file(facts), modules);
    if (!lines)
        return report_error(lines.error(), console);
    console.out << *lines;
    speaker.say(verdict(policy.policy, plan));
    return exit_ok;
}

} // namespace vfio_early
