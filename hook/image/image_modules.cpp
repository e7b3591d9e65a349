// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/image/image_modules.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

/// One name for vfio_pci and vfio-pci, so that it is named once.
std::string plain_name(const std::string& name)
{
    return name == "vfio_pci" ? "vfio-pci" : name;
}

} // namespace

ImageModules image_modules(const Policy& policy, const Plan* plan, const ModuleCatalog& kernel)
{
    ImageModules modules;
    const auto add = [&](const std::string& module, bool needed) {
        const bool present = !module.empty() && kernel.exists(module);
        auto& list = present ? modules.present : modules.missing;
        if ((present || needed) && std::ranges::find(list, module) == list.end())
            list.push_back(module);
    };
    // Always, because vfio_early.bind= on the kernel command line needs no policy.
    add("vfio", true);
    add("vfio_iommu_type1", !kernel.exists("iommufd")); // all that VFIO needs where it has no groups
    add("vfio-pci", true);
    add("vfio_virqfd", false); // part of vfio since Linux 6.2
    add("efivarfs", false);    // where the trial of a policy is counted
    for (const BindStatement& bind : policy.binds)
        if (bind.driver != "auto")
            add(plain_name(bind.driver), true);
    if (plan != nullptr) {
        for (const Step& step : plan->steps)
            if (step.kind == Step::Kind::load)
                add(plain_name(step.subject), !step.optional);
        return modules;
    }
    // Without facts native= is answered at boot out of the image's own modules.alias.
    for (const BindStatement& bind : policy.binds)
        add(bind.selector.native.value_or(""), false);
    for (const ProtectStatement& protect : policy.protects)
        add(protect.selector.native.value_or(""), false);
    return modules;
}

} // namespace vfio_early
