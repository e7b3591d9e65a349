// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/recording/recorder.hpp"

#include "early/machine/scan.hpp"
#include "early/model/text.hpp"
#include "hook/host/module_file.hpp"
#include "hook/host/pci_names.hpp"
#include "hook/host/text_catalog.hpp"

#include <fmt/format.h>
#include <map>
#include <set>
#include <sys/utsname.h>

namespace vfio_early {

namespace {

/// The alias lines that some function of the machine matches, also with the prefix of variant drivers.
std::string matching_aliases(const Machine& machine, std::string_view text, std::set<std::string>& modules)
{
    std::set<std::string> modaliases;
    for (const Function& function : machine.functions) {
        modaliases.insert(function.ids.modalias());
        modaliases.insert("vfio_" + function.ids.modalias());
    }
    std::string lines;
    for (const ModuleAlias& alias : parse_module_aliases(text)) {
        if (!alias.pattern.starts_with("pci:") && !alias.pattern.starts_with("vfio_pci:"))
            continue;
        for (const std::string& modalias : modaliases) {
            if (!glob_match(alias.pattern, modalias))
                continue;
            lines += "alias " + alias.pattern + " " + alias.module + "\n";
            modules.insert(alias.module);
            break;
        }
    }
    return lines;
}

} // namespace

void record_modules(Recorder& recorder)
{
    constexpr std::size_t limit = 16U << 20U;
    const auto machine = scan_pci(recorder.root());
    const std::string release = kernel_release(recorder.root());
    if (!machine || release.empty())
        return;
    const std::string directory = "lib/modules/" + release + "/";
    const auto aliases = recorder.root().read(directory + "modules.alias", limit);
    if (!aliases)
        return;
    std::set<std::string> modules{"pci_stub", "xen_pciback"};
    recorder.text(directory + "modules.alias", matching_aliases(*machine, *aliases, modules));
    recorder.file(directory + "modules.builtin");
    const auto files = recorder.root().read(directory + "modules.dep", limit);
    recorder.text(directory + "modules.dep", kept_lines(files.value_or(""), [&modules](std::string_view line) {
                      const std::string module = module_of_file(line.substr(0, line.find(':')));
                      return modules.contains(module) || module.starts_with("vfio") || module.ends_with("vfio_pci");
                  }));
}

void record_names(Recorder& recorder)
{
    const auto machine = scan_pci(recorder.root());
    if (!machine)
        return;
    const PciNames names(recorder.options().pci_ids);
    std::map<std::uint16_t, std::map<std::uint16_t, std::string>> devices;
    std::map<unsigned, std::map<unsigned, std::string>> classes;
    std::map<std::uint16_t, std::string> vendors;
    for (const Function& function : machine->functions) {
        const Ids& ids = function.ids;
        vendors[ids.vendor] = names.vendor(ids);
        devices[ids.vendor][ids.device] = names.device(ids);
        classes[ids.base_class()][ids.subclass()] = names.class_name(ids);
    }
    std::string text; // in the format of pci.ids
    for (const auto& [vendor, name] : vendors) {
        if (name.empty())
            continue;
        text += fmt::format("{:04x}  {}\n", vendor, name);
        for (const auto& [device, device_name] : devices[vendor])
            text += device_name.empty() ? "" : fmt::format("\t{:04x}  {}\n", device, device_name);
    }
    for (const auto& [base, subclasses] : classes) {
        text += fmt::format("C {0:02x}  Class {0:02x}\n", base);
        for (const auto& [subclass, name] : subclasses)
            text += fmt::format("\t{:02x}  {}\n", subclass, name);
    }
    recorder.text("usr/share/misc/pci.ids", std::move(text));
}

} // namespace vfio_early
