// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/export_text.hpp"

#include "early/model/driver_choice.hpp"
#include "early/model/printable.hpp"
#include "early/tell/report_lines.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace vfio_early {

namespace {

/// The functions of each kind, by "10de:1eb8".
std::map<std::string, std::vector<Function>> by_kind(const std::vector<Function>& functions)
{
    std::map<std::string, std::vector<Function>> kinds;
    for (const Function& function : functions)
        kinds[function.ids.id_text()].push_back(function);
    return kinds;
}

/// "10de:1eb8" with `separator` for the colon, where the reader takes no colon.
std::string id_with(const Ids& ids, char separator)
{
    std::string text = ids.id_text();
    std::ranges::replace(text, ':', separator);
    return text;
}

std::string kind_name(const Function& function, const PciNames& names)
{
    const std::string name = names.full(function.ids);
    return printable(name.empty() ? names.class_name(function.ids) : name);
}

std::string upper_case(std::string text)
{
    std::ranges::transform(text, text.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return text;
}

std::string slot_text(const Address& address)
{
    const std::string text = address.text();
    return text.substr(0, text.rfind('.'));
}

std::string map_line(const Function& function, const std::string& path, const std::string& node)
{
    return fmt::format("\tmap id={}{},node={},path={},subsystem-id={}\n", function.ids.id_text(),
                       function.group ? fmt::format(",iommugroup={}", *function.group) : "", node, path,
                       function.ids.subsystem_text());
}

} // namespace

std::string kubevirt_text(const std::vector<Function>& functions, const PciNames& names)
{
    std::string text = "configuration:\n  permittedHostDevices:\n    pciHostDevices:";
    std::string entries;
    for (const auto& [id, of_kind] : by_kind(functions)) {
        std::string taken;
        for (const Function& function : of_kind)
            if (function.driver == "vfio-pci")
                taken += (taken.empty() ? "" : ", ") + function.address.text();
            else
                entries += fmt::format("    # {} has {}, which KubeVirt does not take\n", function.address.text(),
                                       printable(function.driver));
        if (!taken.empty())
            entries += fmt::format("    # {}: {}\n    - pciVendorSelector: \"{}\"\n      resourceName: "
                                   "\"devices.kubevirt.io/pci-{}\"\n",
                                   kind_name(of_kind.front(), names), taken, upper_case(id),
                                   id_with(of_kind.front().ids, '_'));
    }
    const bool any = entries.find("- pciVendorSelector") != entries.npos;
    return text + (any ? "\n" : " []\n") + entries;
}

std::string nova_text(const std::vector<Function>& functions, const PciNames& names)
{
    constexpr std::uint32_t last_domain = 0xffff;
    std::string text = "[pci]\n";
    for (const Function& function : functions) {
        text += fmt::format("# {}\n", kind_name(function, names));
        if (function.address.domain > last_domain) {
            text += fmt::format("# {}: Nova takes no domain above ffff\n", function.address.text());
            continue;
        }
        const std::string id = function.ids.id_text();
        text += fmt::format(R"(device_spec = {{"vendor_id": "{}", "product_id": "{}", "address": "{}"}})"
                            "\n",
                            id.substr(0, id.find(':')), id.substr(id.find(':') + 1), function.address.text());
    }
    return text;
}

std::string proxmox_text(const std::vector<Function>& functions, const Machine& now, const PciNames& names,
                         const std::string& node)
{
    const auto is_bound = [&](const Function& function) {
        return std::ranges::find(functions, function.address, &Function::address) != functions.end();
    };
    // One function is whole, too, but a path with it says so in any case.
    const auto is_whole = [&](const Function& function) {
        const auto slot = now.slot(function.address);
        return slot.size() > 1 && slot.front().address.function == 0 && std::ranges::all_of(slot, is_bound);
    };
    std::string text;
    for (const auto& [id, of_kind] : by_kind(functions)) {
        std::string maps;
        for (const Function& function : of_kind)
            if (!is_whole(function))
                maps += map_line(function, function.address.text(), node);
            else if (function.address.function == 0)
                maps += map_line(function, slot_text(function.address), node);
        if (!maps.empty())
            text += fmt::format("vfio-{}\n\tdescription {}\n{}\n", id_with(of_kind.front().ids, '-'),
                                kind_name(of_kind.front(), names), maps);
    }
    return text;
}

std::string nfd_text(const ThisBoot& boot)
{
    using namespace report_words;
    // Without a namespace of its own a name is one of a past that NFD is about to leave.
    constexpr std::string_view prefix = "feature.node.kubernetes.io/vfio-early";
    std::string text =
        fmt::format("{0}.mode={1}\n{0}.ok={2}\n", prefix, boot.report ? word_of(modes, boot.report->mode) : "none",
                    boot.ok() ? "true" : "false");
    for (const auto& [id, of_kind] : by_kind(bound_functions(boot)))
        text += fmt::format("{}.pci-{}.count={}\n", prefix, id_with(of_kind.front().ids, '_'), of_kind.size());
    return text;
}

} // namespace vfio_early
