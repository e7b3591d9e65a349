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
    ImagePolicy chosen;
    auto kept = read_last_good(root);
    ParsedPolicy parsed = kept ? parse_policy(*kept) : ParsedPolicy{};
    if (kept && parsed.ok()) {
        chosen.warnings.emplace_back("THE POLICY HAS ERRORS; the last good one, kept in /" +
                                     std::string(last_good_directory) + ", goes into the image instead");
        chosen.policy = std::move(parsed.policy);
        chosen.files = with_main_file(std::move(*kept));
        return chosen;
    }
    chosen.warnings.emplace_back("THE POLICY HAS ERRORS and there is no last good one; nothing will be bound");
    if (!kept && kept.error().code != ENOENT)
        chosen.warnings.push_back(kept.error().message());
    chosen.files = {empty_policy("The policy had errors when this image was made")};
    return chosen;
}

} // namespace

ImagePolicy image_policy(const Root& root, const PolicyText& found, bool override)
{
    if (!found.ok())
        return last_good(root);
    ImagePolicy chosen;
    if (found.absent) {
        chosen.warnings.emplace_back("there is no /etc/vfio-early.conf; nothing will be bound");
        chosen.files = {empty_policy("There was no policy when this image was made")};
        return chosen;
    }
    chosen.policy = found.parsed.policy;
    if (override) {
        chosen.files = {{.name = main_file, .text = found.files.front().text}};
        return chosen;
    }
    chosen.files = with_main_file(found.files);
    return chosen;
}

ImagePolicy choose_image_policy(const Root& root, const PolicyText& found, bool override)
{
    ImagePolicy chosen = image_policy(root, found, override);
    if (!found.ok() || found.absent || override)
        return chosen;
    if (const auto kept = keep_last_good(root, found.files); !kept)
        chosen.warnings.push_back("cannot keep a copy of the policy: " + kept.error().message());
    return chosen;
}

} // namespace vfio_early
