// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/inspection.hpp"

#include "early/machine/module_catalog.hpp"
#include "early/machine/scan.hpp"
#include "hook/host/facts.hpp"
#include "hook/host/outlook.hpp"
#include "hook/host/text_catalog.hpp"
#include "hook/image/image_policy.hpp"
#include "hook/inspect/addons.hpp"
#include "hook/inspect/winners.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

/// All modules of the image's kernel; where this system has not got them, those of the image.
std::unique_ptr<ModuleCatalog> kernel_catalog(const Root& root, const ImageFacts& image, const std::string& release)
{
    if (!release.empty() && root.exists("lib/modules/" + release)) {
        auto catalog = open_text_catalog(root, release);
        return catalog ? std::move(catalog) : open_module_catalog(root, release);
    }
    TextCatalog::Dependencies modules;
    TextCatalog::Dependencies builtin;
    for (const std::string& name : image.modules)
        modules[name];
    for (const std::string& name : image.built_in)
        builtin[name];
    return std::make_unique<TextCatalog>(parse_module_aliases(image.aliases), std::move(modules), std::move(builtin));
}

/// modules.builtin of the installed kernel, for images that leave it out.
void add_built_in(ImageFacts& image, const Root& root, const std::string& release)
{
    if (image.built_in.empty() && !release.empty())
        image.add_built_in(root.read("lib/modules/" + release + "/modules.builtin").value_or(""));
}

} // namespace

Inspector::Inspector(const Host& host, const PolicyText& policy, bool policy_is_a_file,
                     std::vector<std::string> profiles)
    : root_(host.root), wanted_is_fallback_(!policy.ok()), profiles_(std::move(profiles))
{
    ImagePolicy wanted = image_policy(root_, policy, policy_is_a_file);
    notes_ = std::move(wanted.warnings);
    wanted_ = std::move(wanted.files);
    facts_ = collect_facts(root_);
    secure_boot_ = secure_boot_is_on(root_);
    std::vector<PolicyFile> files = wanted_;
    files.push_back(facts_file(facts_));
    policy_ = parse_policy(files).policy;
    if (!tells_of_its_machine(root_)) {
        notes_.push_back("who gets which function is not told: " + facts_.left_out);
        return;
    }
    // Serial numbers: an image's policy may ask for them where that of now does not.
    auto machine = scan_pci(root_, {.serials = true, .vfs = true});
    if (machine)
        machine_ = before_modules(std::move(*machine), root_);
    else
        notes_.push_back("who gets which function is not told: " + machine.error().message());
}

BootRequest Inspector::request_for(const ImageFacts& image) const
{
    // The stub of a unified kernel image gives the kernel what is built in.
    BootRequest request =
        parse_boot_request(image.command_line ? *image.command_line : root_.read("proc/cmdline").value_or(""));
    request.mode = BootRequest::Mode::normal;
    request.profiles.insert(request.profiles.end(), profiles_.begin(), profiles_.end());
    return request;
}

void Inspector::judge_image(Inspection& inspection) const
{
    ImageFacts& image = inspection.facts;
    add_built_in(image, root_, inspection.release);
    VerdictInput input{.image = image, .wanted = wanted_, .wanted_is_fallback = wanted_is_fallback_};
    if (!machine_) {
        inspection.verdict = judge(input);
        return;
    }
    const auto kernel = kernel_catalog(root_, image, inspection.release);
    const BootRequest request = request_for(image);
    // What an image of this kernel would be told, were it made now.
    Facts facts = facts_;
    facts.image.natives = native_modules(*machine_, *kernel);
    Policy policy = policy_;
    policy.facts = facts.image;
    const Plan now = make_plan(policy, *machine_, request, *kernel);
    std::vector<PolicyFile> files = image.policy;
    files.insert(files.end(), image.facts.begin(), image.facts.end());
    ParsedPolicy parsed = parse_policy(files);
    // As vfio-early itself takes an image that nobody wrote facts into.
    if (!parsed.policy.facts)
        parsed.policy.facts.emplace();
    const Plan inside =
        make_plan(parsed.ok() ? parsed.policy : Policy{}, *machine_, request, ImageCatalog(*kernel, image));
    input.machine = &*machine_;
    input.now = &now;
    input.inside = &inside;
    input.kernel = kernel.get();
    input.facts_differ = image.facts.empty() || image.facts.front().text != facts_file(facts).text;
    inspection.verdict = judge(input);
}

Inspection Inspector::inspect(const std::vector<LoadedFile>& files, const std::string& release, std::size_t named) const
{
    Inspection inspection{.path = files.at(named).path, .release = release};
    std::optional<ImageContent> whole;
    std::vector<ImageRemark> said;
    for (const LoadedFile& file : files) {
        auto content = read_image(file.bytes);
        if (!content) {
            inspection.unreadable = content.error();
            if (files.size() > 1)
                inspection.unreadable->on = file.path;
            return inspection;
        }
        const bool unsigned_addon = content->addon && !content->is_signed;
        if (!whole)
            whole = std::move(*content);
        else if (unsigned_addon && secure_boot_) {
            said.push_back({.id = "addon-unsigned",
                            .problem = true,
                            .text = file.path + " is not signed, and Secure Boot is on: the firmware refuses it"});
            continue;
        } else if (!unpack_behind(*whole, std::move(*content))) {
            said.push_back({.id = "addon-kernel",
                            .problem = true,
                            .text = file.path + " is for another kernel, and systemd-stub leaves it out"});
            continue;
        } else if (unsigned_addon)
            said.push_back({.id = "addon-unsigned",
                            .problem = false,
                            .text = file.path + " is not signed: with Secure Boot on, the firmware would refuse it"});
        if (&file != &files.at(named))
            inspection.with.push_back(file.path);
    }
    inspection.facts = image_facts(*whole);
    const std::vector<std::string>& releases = inspection.facts.releases;
    if (!releases.empty() && std::ranges::find(releases, release) == releases.end())
        inspection.release = releases.front();
    judge_image(inspection);
    std::vector<ImageRemark>& remarks = inspection.verdict.remarks;
    std::ranges::move(said, std::back_inserter(remarks));
    std::ranges::stable_partition(remarks, &ImageRemark::problem);
    return inspection;
}

} // namespace vfio_early
