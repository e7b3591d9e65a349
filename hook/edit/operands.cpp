// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/operands.hpp"

#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/edit/pin.hpp"

#include <algorithm>

namespace vfio_early {

std::optional<AddressPattern> parse_operand(const std::string& text)
{
    return parse_address_pattern(text.find('.') == std::string::npos ? text + ".*" : text);
}

std::expected<Slots, std::string> find_functions(const std::vector<std::string>& operands, const Machine& machine,
                                                 bool exact)
{
    Slots slots;
    for (const std::string& operand : operands) {
        const auto pattern = parse_operand(operand);
        if (!pattern)
            return std::unexpected(vfio_early::quoted(operand) + " is no address of a PCI function, such as 01:00.0");
        bool found = false;
        for (const Function& function : machine.functions) {
            if (!pattern->matches(function.address))
                continue;
            found = true;
            if (is_bridge(function.ids, function.header_type)) {
                if (pattern->single())
                    return std::unexpected(function.address.text() + " is a bridge, and bridges stay with the host");
                continue;
            }
            if (is_behind_vmd(function))
                return std::unexpected(behind_vmd_text(function, machine));
            auto& slot = slots[function.address.slot()];
            slot.insert(function.address);
            if (exact)
                continue;
            for (const Function* other : companions(machine, function))
                slot.insert(other->address);
        }
        if (!found)
            return std::unexpected("there is no function " + pattern->text +
                                   " in this machine; `vfio-earlyctl list` shows them");
    }
    return slots;
}

std::expected<RefusalSet, std::string> read_allow(const std::vector<std::string>& values)
{
    RefusalSet allow;
    for (const std::string& value : values) {
        for (const std::string_view word : split(value, ',')) {
            const auto refusal = parse_refusal(word);
            const auto& known = allowable_guards();
            if (!refusal || std::ranges::find(known, word) == known.end())
                return std::unexpected(vfio_early::quoted(word) + " is no guard; there are " +
                                       join({known.begin(), known.end()}, ", "));
            allow.insert(*refusal);
        }
    }
    return allow;
}

} // namespace vfio_early
