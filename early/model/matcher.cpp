// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/matcher.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <utility>

namespace vfio_early {
namespace {

bool any_id(const std::vector<IdPattern>& patterns, std::uint16_t vendor, std::uint16_t device)
{
    return std::ranges::any_of(patterns, [&](const IdPattern& id) { return id.matches(vendor, device); });
}

bool ids_match(const Selector& selector, const Ids& ids)
{
    return selector.ids.empty() || any_id(selector.ids, ids.vendor, ids.device);
}

bool subsystems_match(const Selector& selector, const Ids& ids)
{
    return selector.subsystems.empty() || any_id(selector.subsystems, ids.subvendor, ids.subdevice);
}

bool classes_match(const Selector& selector, const Ids& ids)
{
    return selector.classes.empty() ||
           std::ranges::any_of(selector.classes, [&](const ClassPattern& c) { return c.matches(ids.class_code); });
}

} // namespace

Matcher::Matcher(const Machine& machine, const ModuleCatalog& modules, const SystemFacts* facts)
    : machine_(machine), modules_(modules), facts_(facts), native_(machine.functions.size())
{
}

bool Matcher::place_matches(const Selector& selector, const Function& function)
{
    return (!selector.address || selector.address->matches(function.address)) &&
           (!selector.path || selector.path->matches(function.path));
}

bool Matcher::identity_matches(const Selector& selector, const Function& function) const
{
    // The cheap ones first: with many statements this is where a plan's time goes.
    return ids_match(selector, function.ids) && subsystems_match(selector, function.ids) &&
           classes_match(selector, function.ids) && (!selector.serial || selector.serial == function.serial) &&
           (!selector.modalias || glob_match(*selector.modalias, function.ids.modalias())) &&
           (!selector.native || is_native(*selector.native, function));
}

std::vector<const Function*> Matcher::find(const Selector& selector) const
{
    std::vector<const Function*> found;
    for (const Function& function : machine_.functions)
        if (matches(selector, function))
            found.push_back(&function);
    return found;
}

bool Matcher::names_one_slot(const Selector& selector)
{
    if (selector.address) {
        const AddressPattern& address = *selector.address;
        if (address.domain && address.buses.count() == 1 && address.devices.count() == 1)
            return true;
    }
    if (!selector.path)
        return false;
    const PathPattern& path = *selector.path;
    const auto one_hop = [](const PathPattern::Hop& hop) {
        return hop.devices.count() == 1 && hop.functions.count() == 1;
    };
    if (!path.root.domain || path.root.buses.count() != 1 || path.root.devices.count() != 1)
        return false;
    if (path.hops.empty())
        return true;
    return path.root.functions.count() == 1 && std::all_of(path.hops.begin(), path.hops.end() - 1, one_hop) &&
           path.hops.back().devices.count() == 1;
}

std::string Matcher::difference(const Selector& selector, const Function& function) const
{
    if (!ids_match(selector, function.ids))
        return "is " + function.ids.id_text();
    if (!subsystems_match(selector, function.ids))
        return "has subsystem " + function.ids.subsystem_text();
    if (!classes_match(selector, function.ids))
        return "has class " + hex_text(function.ids.class_code, 6);
    if (selector.serial && selector.serial != function.serial)
        return function.serial ? "has serial " + serial_text(*function.serial) : "has no serial number";
    if (selector.modalias && !glob_match(*selector.modalias, function.ids.modalias()))
        return "has modalias " + function.ids.modalias();
    const NativeModules& native = native_modules(function);
    if (!native.names.empty())
        return "has native module " + join(native.names, ",");
    return native.known ? "has no native module" : "has a native module that is not known in this image";
}

NativeModules Matcher::look_up(const std::string& modalias) const
{
    if (facts_ != nullptr) {
        const auto fact = std::ranges::find(facts_->natives, modalias, &SystemFacts::Native::modalias);
        if (fact != facts_->natives.end())
            return {fact->modules, true};
    }
    std::vector<std::string> names = modules_.modules_for(modalias);
    const bool known = facts_ == nullptr || !facts_->few_modules || !names.empty();
    return {std::move(names), known};
}

const NativeModules& Matcher::native_modules(const Function& function) const
{
    auto& known = native_.at(static_cast<std::size_t>(&function - machine_.functions.data()));
    if (!known)
        known = look_up(function.ids.modalias());
    return *known;
}

bool Matcher::is_native(const std::string& module, const Function& function) const
{
    const std::string wanted = normal_module_name(module);
    if (normal_module_name(function.driver) == wanted)
        return true;
    const std::vector<std::string>& native = native_modules(function).names;
    return std::ranges::find(native, wanted) != native.end();
}

} // namespace vfio_early
