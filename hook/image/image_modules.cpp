// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/image/image_modules.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

class Collector {
public:
    explicit Collector(const ModuleCatalog& kernel) : kernel_(kernel) {}

    void add(const std::string& module, bool needed)
    {
        const bool present = !module.empty() && kernel_.exists(module);
        if (!present && !needed)
            return;
        auto& list = present ? modules_.present : modules_.missing;
        if (std::ranges::find(list, module) == list.end())
            list.push_back(module);
    }

    ImageModules take() { return std::move(modules_); }

private:
    const ModuleCatalog& kernel_;
    ImageModules modules_;
};

/// One name for vfio_pci and vfio-pci, so that it is named once.
std::string plain_name(const std::string& name)
{
    return name == "vfio_pci" ? "vfio-pci" : name;
}

} // namespace

ImageModules image_modules(const Policy& policy, const Plan* plan, const ModuleCatalog& kernel)
{
    Collector modules(kernel);
    // Always, because vfio_early.bind= on the kernel command line needs no policy.
    modules.add("vfio", true);
    modules.add("vfio_iommu_type1", true);
    modules.add("vfio-pci", true);
    modules.add("vfio_virqfd", false); // part of vfio since Linux 6.2
    modules.add("efivarfs", false);    // where the trial of a policy is counted
    for (const BindStatement& bind : policy.binds)
        if (bind.driver != "auto")
            modules.add(plain_name(bind.driver), true);
    // Without facts native= is answered at boot out of the image's own modules.alias.
    if (plan == nullptr) {
        for (const BindStatement& bind : policy.binds)
            modules.add(bind.selector.native.value_or(""), false);
        for (const ProtectStatement& protect : policy.protects)
            modules.add(protect.selector.native.value_or(""), false);
    }
    if (plan != nullptr) {
        for (const Step& step : plan->steps)
            if (step.kind == Step::Kind::load)
                modules.add(plain_name(step.subject), !step.optional);
    }
    return modules.take();
}

} // namespace vfio_early
