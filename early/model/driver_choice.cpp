// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/driver_choice.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {
namespace {

/// True where it cannot be told.
bool loads_native_driver(const std::string& variant, const Function& function, const Matcher& matcher)
{
    const auto& [native, known] = matcher.native_modules(function);
    if (!known)
        return true;
    return std::ranges::any_of(matcher.modules().dependencies(variant), [&](const std::string& needed) {
        return std::ranges::find(native, needed) != native.end();
    });
}

} // namespace

std::string choose_driver(const BindStatement& statement, const Function& function, const Matcher& matcher,
                          const BootRequest& request)
{
    if (statement.driver != "auto")
        return statement.driver;
    // Variant drivers carry their ids with this prefix since Linux 5.16 (PCI_ID_F_VFIO_DRIVER_OVERRIDE).
    const ModuleCatalog& modules = matcher.modules();
    for (const std::string& module : modules.modules_for("vfio_" + function.ids.modalias())) {
        const bool blacklisted = std::ranges::find(request.blacklist, module) != request.blacklist.end();
        if (module != "vfio_pci" && modules.exists(module) && !blacklisted &&
            (function.virtual_function || !loads_native_driver(module, function, matcher)))
            return module;
    }
    return "vfio-pci";
}

bool is_vfio_driver(std::string_view driver)
{
    return driver.find("vfio") != std::string_view::npos;
}

bool is_named_by_module(std::string_view driver)
{
    return driver != "vfio-pci" && driver != "pci-stub";
}

bool is_denied_by_vfio_pci(const Ids& ids)
{
    constexpr std::uint16_t intel = 0x8086;
    constexpr std::array<std::uint16_t, 8> devices{
        0x0435, 0x0443, // QuickAssist DH895xCC and its virtual functions
        0x19e2, 0x19e3, // C3xxx
        0x37c8, 0x37c9, // C62x
        0x0b25, 0x0cfe, // DSA and IAA of Sapphire Rapids
    };
    return ids.vendor == intel && std::ranges::find(devices, ids.device) != devices.end();
}

} // namespace vfio_early
