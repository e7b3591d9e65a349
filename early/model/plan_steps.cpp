// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/plan.hpp"

#include "early/model/guard_rules.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace vfio_early {
namespace {

/// In the order of Step::Kind.
constexpr std::array<std::string_view, 7> step_words{"pin", "evict", "load", "unbind", "set", "bind", "verify"};

std::string options_for(const std::string& module, const std::vector<const ModuleSetting*>& settings)
{
    std::vector<std::string> options;
    for (const ModuleSetting* setting : settings)
        if (normal_module_name(setting->module) == normal_module_name(module))
            options.push_back(setting->options);
    // The last one counts, and an empty one names nothing (vfio_pci_fill_ids(), drivers/vfio/pci/vfio_pci.c): what
    // modprobe.d or the kernel command line say takes no function that no statement names.
    if (module == "vfio-pci")
        options.emplace_back("ids=");
    return join(options, " ");
}

/// The modules in the order in which they are loaded, each once.
std::vector<Step> load_steps(const std::vector<PlannedFunction>& functions,
                             const std::vector<const ModuleSetting*>& settings)
{
    std::vector<Step> steps;
    const auto load = [&](const std::string& module, bool optional) {
        steps.push_back({Step::Kind::load, {}, module, options_for(module, settings), optional});
    };
    std::vector<std::string_view> drivers;
    for (const PlannedFunction& function : functions) {
        if (std::ranges::find(drivers, function.driver) != drivers.end())
            continue;
        if (is_vfio_driver(function.driver) && std::ranges::none_of(drivers, is_vfio_driver)) {
            load("vfio", false);
            // Neither a kernel with iommufd alone nor one for ppc64 has it.
            load("vfio_iommu_type1", true);
            load("vfio_virqfd", true); // a part of vfio since Linux 6.2
        }
        load(function.driver, false);
        drivers.push_back(function.driver);
    }
    return steps;
}

void add_settings(std::vector<Step>& steps, const PlannedFunction& function, bool after_bind)
{
    for (const DeviceSetting& setting : function.settings)
        if ((setting.kind == DeviceSetting::Kind::power) == after_bind)
            steps.push_back({Step::Kind::set, function.address, setting.text(), {}, true});
}

} // namespace

std::string Step::text() const
{
    std::string text(step_words.at(static_cast<std::size_t>(kind)));
    if (address)
        text += " " + address->text();
    text += " " + subject;
    if (!options.empty())
        text += " " + options;
    return optional && kind == Kind::load ? text + " (if the kernel has it)" : text;
}

std::vector<Step> make_steps(const std::vector<PlannedFunction>& functions,
                             const std::vector<const ModuleSetting*>& module_settings)
{
    std::vector<Step> steps;
    steps.reserve(3 * functions.size() + 4);
    for (const PlannedFunction& function : functions)
        steps.push_back({Step::Kind::pin, function.address, function.driver, {}, false});
    for (const PlannedFunction& function : functions)
        if (!function.framebuffer.empty())
            steps.push_back({Step::Kind::evict, function.address, function.framebuffer, {}, false});
    for (const PlannedFunction& function : functions)
        if (function.native_driver.empty())
            add_settings(steps, function, false);
    std::ranges::move(load_steps(functions, module_settings), std::back_inserter(steps));
    for (const PlannedFunction& function : functions) {
        if (!function.native_driver.empty()) {
            steps.push_back({Step::Kind::unbind, function.address, function.native_driver, {}, false});
            add_settings(steps, function, false);
        }
        steps.push_back({Step::Kind::bind, function.address, function.driver, {}, false});
        steps.push_back({Step::Kind::verify, function.address, function.driver, {}, false});
        add_settings(steps, function, true);
    }
    return steps;
}

} // namespace vfio_early
