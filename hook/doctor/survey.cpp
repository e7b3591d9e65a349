// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what the checks need.
#include "hook/doctor/survey.hpp"
#include "hook/doctor/survey_parts.hpp"

#include "early/model/text.hpp"
#include "hook/boot_params/wanted.hpp"
#include "hook/host/facts.hpp"
#include "hook/import/run_import.hpp"
#include "hook/import/system_files.hpp"
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

void read_images(Survey& survey, const Root& root)
{
    for (const InstalledImage& image : installed_images(root))
        if (!image.unified)
            survey.images.push_back(
                {.path = "/" + image.path, .release = image.release, .modified = modified(root, image.path)});
}

void read_policy_time(Survey& survey, const Root& root, const HostOptions& options)
{
    if (options.policy)
        return; // images are not made of that file
    for (const PolicyFile& file : survey.policy.files) {
        const std::int64_t time = modified(root, file.name.substr(1));
        if (time > survey.policy_modified || survey.policy_newest.empty()) {
            survey.policy_modified = time;
            survey.policy_newest = file.name;
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

Result<Survey> examine(const Host& host, const HostOptions& options, PolicyText policy)
{
    const Root& root = host.root;
    Survey survey;
    survey.policy = std::move(policy);
    auto outlook = look_ahead(root, survey.policy.effective());
    if (!outlook)
        return std::unexpected(outlook.error());
    survey.outlook = std::move(*outlook);
    const std::vector<SourceLine> lines = read_sources(read_system_files(root, survey.unreadable));
    survey.domains = survey_parts::domains_of(lines);
    survey.modules_early = survey_parts::early_loaders(lines, survey_parts::read_image_settings(root));
    survey.hooks = survey_parts::find_hooks(survey_parts::read_own_files(root));
    survey.imported = import_lines(lines, root, survey.policy.parsed.policy, survey.outlook, PciNames(host.pci_ids));
    survey.wanted = wanted_functions(survey.outlook, survey.imported);
    survey.boot = read_boot_facts(root, survey.machine());
    survey.boot_loader = find_boot_loader(root);
    survey.limits = read_kernel_limits(root, survey.outlook.plan);
    survey.image_tool = find_image_tool(root);
    survey.other_image_tool = other_image_tool(root);
    if (!options.machine) // a recording does not tell when files were written
        read_images(survey, root);
    read_policy_time(survey, root, options);
    return survey;
}

} // namespace vfio_early
