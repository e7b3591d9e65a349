// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/verdict.hpp"

#include "early/model/text.hpp"
#include "hook/image/staging.hpp"
#include "hook/inspect/winners.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace vfio_early {

namespace {

class Judge {
public:
    explicit Judge(const VerdictInput& input) : input_(input), image_(input.image) {}

    ImageVerdict take()
    {
        verdict_.policy = policy_state(image_.policy, input_.wanted);
        verdict_.machine_seen = input_.machine != nullptr;
        // What an overlay does is known only with an image.
        if (!image_.overlay) {
            verdict_.winners = winners(input_);
            hook();
        }
        policy();
        if (!image_.overlay)
            modules();
        functions();
        lines();
        joined();
        std::ranges::stable_partition(verdict_.remarks, &ImageRemark::problem);
        return std::move(verdict_);
    }

private:
    void problem(std::string id, std::string text) { add(std::move(id), true, std::move(text)); }
    void note(std::string id, std::string text) { add(std::move(id), false, std::move(text)); }
    void add(std::string id, bool is_problem, std::string text)
    {
        verdict_.remarks.push_back({.id = std::move(id), .problem = is_problem, .text = std::move(text)});
    }

    void hook()
    {
        const ImageHook& hook = image_.hook;
        if (!hook.program)
            problem("no-program", "the program vfio-early is not in the image");
        if (hook.started_by.empty())
            problem("no-hook", "nothing in the image starts vfio-early");
        else if (hook.too_late)
            problem("hook-late", fmt::format("{} comes after {}, which loads native drivers", hook.started_by,
                                             join(hook.before, ", ")));
        else if (!hook.before.empty())
            problem("hook-not-first", fmt::format("{} comes after {}", hook.started_by, join(hook.before, ", ")));
    }

    void policy()
    {
        if (verdict_.policy == PolicyState::different)
            problem("old-policy", "the policy in the image is not the one of now");
        else if (verdict_.policy == PolicyState::absent)
            problem("no-policy", "there is no policy in the image");
        else if (verdict_.policy == PolicyState::wrong)
            problem("wrong-policy", "the policy in the image has errors, so nothing is bound");
        if (input_.wanted_is_fallback)
            problem("policy-errors",
                    "the policy of now has errors, so an image has the last good one or binds nothing");
        if (input_.facts_differ)
            note("other-facts", "an image made now would protect other functions of the host than this one does");
        if (image_.command_line) {
            const auto mode = parse_boot_request(*image_.command_line).mode;
            if (mode != BootRequest::Mode::normal)
                problem("switched-off", "the kernel command line in the image has vfio_early=" +
                                            std::string(mode == BootRequest::Mode::off ? "off" : "dry-run"));
        }
    }

    void modules()
    {
        constexpr std::string_view containers = "vfio_iommu_type1";
        // A kernel whose VFIO has no groups has no such module: there iommufd is all that VFIO needs.
        const bool no_containers =
            image_.has_module("iommufd") && (input_.kernel == nullptr || !input_.kernel->exists(containers));
        for (const std::string_view module : {std::string_view("vfio"), containers, std::string_view("vfio-pci")})
            if (!image_.has_module(module) && (module != containers || !no_containers))
                problem("no-module", fmt::format("the module {} is not in the image", module));
        for (const std::string& module : image_.missing_files)
            problem("no-module", fmt::format("the module {}, which VFIO depends on, is not in the image", module));
    }

    void functions()
    {
        for (const Winner& winner : verdict_.winners)
            if (!winner.ours)
                problem("function-lost", fmt::format("{} goes to {}: {}", winner.address.text(),
                                                     winner.driver.empty() ? "nobody" : winner.driver, winner.why));
    }

    void lines()
    {
        for (const ImageLine& line : image_.loads) {
            const bool native = std::ranges::any_of(verdict_.winners, [&line](const Winner& winner) {
                return std::ranges::find(winner.native, line.module) != winner.native.end();
            });
            const bool loses = image_.hook.started_by.empty() || image_.hook.too_late || !image_.hook.program;
            if (native)
                note("native-forced",
                     fmt::format("{} has {}: the native driver {} is loaded whatever the hardware; {}", line.file,
                                 line.text, line.module, loses ? "nothing is before it" : "vfio-early is before it"));
        }
        for (const ImageLine& line : image_.rules)
            note("modprobe-rule", fmt::format("{} speaks of {}: {}", line.file, line.module, line.text));
    }

    /// What only several files that are loaded together can have.
    void joined()
    {
        if (image_.overlay)
            note("overlay", "this is an overlay, which does nothing without an image: inspect IMAGE --with it");
        if (image_.behind_lz4)
            problem("behind-lz4", "the image ends in lz4, and the kernel may not find what comes behind it: load the "
                                  "overlay before the image");
        for (const std::string& release : image_.other_releases)
            problem("other-kernel", fmt::format("the modules that the overlay brings are for kernel {}, not for {}",
                                                release, join(image_.releases, ", ")));
        std::vector<std::string> replaced;
        for (const std::string& path : image_.replaced)
            if (path.find("vfio-early") != path.npos || path.starts_with("usr/lib/modules/"))
                replaced.push_back(path);
        if (!replaced.empty())
            note("replaced", "what comes later wins: it replaces " + join(replaced, ", "));
    }

    const VerdictInput& input_;
    const ImageFacts& image_;
    ImageVerdict verdict_;
};

} // namespace

std::string_view policy_state_word(PolicyState state)
{
    constexpr std::array<std::string_view, 4> words{"current", "different", "absent", "wrong"};
    return words.at(static_cast<std::size_t>(state));
}

PolicyState policy_state(const std::vector<PolicyFile>& files, const std::vector<PolicyFile>& wanted)
{
    if (files.empty())
        return PolicyState::absent;
    if (!parse_policy(files).ok())
        return PolicyState::wrong;
    const bool same = std::ranges::is_permutation(files, wanted, [](const PolicyFile& a, const PolicyFile& b) {
        return name_in_image(a.name) == name_in_image(b.name) && a.text == b.text;
    });
    return same ? PolicyState::current : PolicyState::different;
}

bool ImageVerdict::good() const
{
    return std::ranges::none_of(remarks, &ImageRemark::problem);
}

ImageVerdict judge(const VerdictInput& input)
{
    return Judge(input).take();
}

} // namespace vfio_early
