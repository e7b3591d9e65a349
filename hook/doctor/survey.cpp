// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what the checks look at.
#include "hook/doctor/case.hpp"
#include "hook/doctor/survey_parts.hpp"

#include "early/model/text.hpp"
#include "hook/host/facts.hpp"
#include "hook/import/places.hpp"
#include "hook/import/run_import.hpp"
#include "hook/import/wanted.hpp"
#include "hook/inspect/installed_images.hpp"

#include <fcntl.h>
#include <map>
#include <sys/stat.h>

namespace vfio_early {

namespace {

/// 0 if it cannot be told.
std::int64_t modified(const Root& root, const std::string& path)
{
    const auto file = root.open_file(path, O_PATH);
    struct stat status{};
    return file && ::fstat(file->get(), &status) == 0 ? std::int64_t{status.st_mtim.tv_sec} : 0;
}

void read_images(Case& the_case, const Root& root)
{
    for (const InstalledImage& image : installed_images(root))
        if (!image.unified)
            the_case.images.push_back(
                {.path = "/" + image.path, .release = image.release, .modified = modified(root, image.path)});
}

void read_policy_time(Case& the_case, const Root& root, const HostOptions& options)
{
    if (options.policy)
        return; // not what images are made of
    for (const PolicyFile& file : the_case.policy.files) {
        const std::int64_t time = modified(root, file.name.substr(1));
        if (time > the_case.policy_modified || the_case.policy_newest.empty()) {
            the_case.policy_modified = time;
            the_case.policy_newest = file.name;
        }
    }
}

} // namespace

std::vector<Domain> survey_parts::domains_of(const std::vector<SourceLine>& lines)
{
    std::vector<Domain> domains;
    for (const SourceLine& line : lines) {
        if (!line.file.ends_with(".xml"))
            continue;
        if (domains.empty() || domains.back().file != line.file) {
            const std::string_view name = base_name(line.file);
            domains.push_back(
                {.name = std::string(name.substr(0, name.size() - 4)), .file = line.file, .functions = {}});
        }
        for (const Wish& wish : line.wishes)
            if (wish.selector.address && wish.selector.address->single())
                domains.back().functions.emplace_back(*wish.selector.address->single(), line.number);
    }
    return domains;
}

Result<Case> examine(const Host& host, const HostOptions& options, PolicyText policy)
{
    const Root& root = host.root;
    Case the_case;
    the_case.policy = std::move(policy);
    auto outlook = look_ahead(root, the_case.policy.ok() ? the_case.policy.parsed.policy : Policy{});
    if (!outlook)
        return std::unexpected(outlook.error());
    the_case.outlook = std::move(*outlook);
    const std::vector<SourceLine> lines = read_sources(read_places(root, the_case.unreadable));
    the_case.domains = survey_parts::domains_of(lines);
    the_case.modules_early = survey_parts::early_loaders(lines, survey_parts::read_image_settings(root));
    the_case.hooks = survey_parts::find_hooks(survey_parts::read_own_files(root));
    the_case.imported =
        import_lines(lines, root, the_case.policy.parsed.policy, the_case.outlook, PciNames(host.pci_ids));
    the_case.wanted = wanted_functions(the_case.outlook, the_case.imported);
    the_case.boot = read_boot_facts(root, the_case.machine());
    the_case.place = find_boot_place(root);
    the_case.image_tool = find_image_tool(root);
    the_case.other_image_tool = other_image_tool(root);
    if (!options.machine) // a recording does not tell when files were written
        read_images(the_case, root);
    read_policy_time(the_case, root, options);
    return the_case;
}

} // namespace vfio_early
