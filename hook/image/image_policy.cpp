// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/image/image_policy.hpp"

#include "hook/image/policy_store.hpp"

#include <algorithm>
#include <cerrno>

namespace vfio_early {

namespace {

constexpr const char* main_file = "/etc/vfio-early.conf";

PolicyFile empty_policy(const std::string& reason)
{
    return {.name = main_file, .text = "# " + reason + ": nothing is bound.\n"};
}

/// The program in the image expects the main file.
std::vector<PolicyFile> with_main_file(std::vector<PolicyFile> files)
{
    if (std::ranges::find(files, main_file, &PolicyFile::name) == files.end())
        files.insert(files.begin(), empty_policy("There is no main file"));
    return files;
}

ImagePolicy last_good(const Root& root)
{
    auto kept = read_last_good(root);
    ParsedPolicy parsed = kept ? parse_policy(*kept) : ParsedPolicy{};
    if (kept && parsed.ok())
        return {.files = with_main_file(std::move(*kept)),
                .policy = std::move(parsed.policy),
                .warnings = {"THE POLICY HAS ERRORS; the last good one, kept in /" + std::string(last_good_directory) +
                             ", goes into the image instead"}};
    ImagePolicy nothing{.files = {empty_policy("The policy had errors when this image was made")},
                        .warnings = {"THE POLICY HAS ERRORS and there is no last good one; nothing will be bound"}};
    if (!kept && kept.error().code != ENOENT)
        nothing.warnings.push_back(kept.error().message());
    return nothing;
}

} // namespace

ImagePolicy image_policy(const Root& root, const PolicyText& found, bool override)
{
    if (!found.ok())
        return last_good(root);
    if (found.absent)
        return {.files = {empty_policy("There was no policy when this image was made")},
                .warnings = {"there is no /etc/vfio-early.conf; nothing will be bound"}};
    if (override)
        return {.files = {{.name = main_file, .text = found.files.front().text}}, .policy = found.parsed.policy};
    // A credential comes with each boot, and one that no longer does must not live on in the image.
    return {.files = with_main_file(found.own_files()), .policy = found.parsed.policy};
}

ImagePolicy choose_image_policy(const Root& root, const PolicyText& found, bool override)
{
    ImagePolicy chosen = image_policy(root, found, override);
    if (!found.ok() || found.absent || override)
        return chosen;
    if (const auto kept = keep_last_good(root, found.own_files()); !kept)
        chosen.warnings.push_back("cannot keep a copy of the policy: " + kept.error().message());
    return chosen;
}

} // namespace vfio_early
