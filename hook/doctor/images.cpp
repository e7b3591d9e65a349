// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/doctor/checks.hpp"

namespace vfio_early::checks {

Findings images_without_us(const Survey& survey)
{
    const std::string& tool = survey.other_image_tool;
    if (tool.empty())
        return {};
    const bool lost = !survey.policy.parsed.policy.binds.empty();
    return {{.id = "image-without-vfio-early",
             .severity = lost ? Severity::error : Severity::warning,
             .summary = tool + " makes the images of this system and does not know vfio-early: " +
                        (lost ? "the policy has no effect" : "a policy would have no effect"),
             .evidence = {"/usr/bin/" + tool + " is installed, neither update-initramfs nor dracut is"},
             .remedy = {"Install dracut, which vfio-early works with, and make the images with it."}}};
}

Findings stale_images(const Survey& survey)
{
    Findings findings;
    for (const BootImage& image : survey.images) {
        if (survey.policy_modified == 0 || image.modified >= survey.policy_modified)
            continue;
        const std::string command = image_command(survey.image_tool, image.release);
        findings.push_back({.id = "stale-image",
                            .severity = Severity::warning,
                            .summary = "The image of kernel " + image.release +
                                       " is older than the policy: a boot of it does what the policy said before",
                            .evidence = {image.path + " is older than " + survey.policy_newest},
                            .remedy = {command.empty() ? "Make the image anew." : command}});
    }
    return findings;
}

} // namespace vfio_early::checks
