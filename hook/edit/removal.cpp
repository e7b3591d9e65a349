// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/edit/removal.hpp"

#include "early/model/printable.hpp"
#include "early/model/selection.hpp"
#include "early/model/text.hpp"
#include "hook/edit/lines.hpp"
#include "hook/edit/operands.hpp"
#include "hook/edit/pin.hpp"
#include "hook/edit/policy_edit.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace vfio_early {

namespace {

using Addresses = std::set<Address>;

/// What one operand means.
struct Wanted {
    std::string text;
    std::optional<AddressPattern> address;
    std::optional<PathPattern> path;

    [[nodiscard]] bool matches(const Function& function) const
    {
        return (address && address->matches(function.address)) || (path && path->matches(function.path));
    }
};

std::optional<Wanted> read_operand(const std::string& text)
{
    Wanted wanted{.text = text, .address = {}, .path = {}};
    if (text.find('/') != std::string::npos)
        wanted.path = parse_path_pattern(text);
    else
        wanted.address = parse_operand(text);
    return wanted.address || wanted.path ? std::optional(wanted) : std::nullopt;
}

/// The functions that a statement takes here: those it matches, and those that come along.
Addresses taken_by(const BindStatement& statement, const Matcher& matcher)
{
    Addresses taken;
    const Machine& machine = matcher.machine();
    for (const Function& function : machine.functions) {
        if (!matcher.matches(statement.selector, function))
            continue;
        taken.insert(function.address);
        for (const Function& other : machine.functions)
            if (are_companions(function, other, statement.with) && !is_bridge(other.ids, other.header_type))
                taken.insert(other.address);
    }
    return taken;
}

using LinesOfFiles = std::map<std::string, std::vector<std::string_view>, std::less<>>;

/// True if a statement that finds nothing here was written for what the operand means.
bool was_meant(const BindStatement& statement, const Wanted& wanted, const LinesOfFiles& files)
{
    if (wanted.path)
        return statement.selector.path && statement.selector.path->text == wanted.path->text;
    const auto& pattern = statement.selector.address;
    if (pattern && pattern->text == wanted.address->text)
        return true;
    if (const auto single = wanted.address->single(); single && pattern && pattern->domain &&
                                                      pattern->buses.count() == 1 && pattern->devices.count() == 1 &&
                                                      pattern->matches(*single))
        return true;
    const auto lines = files.find(statement.where.file);
    const std::size_t comments = lines == files.end() ? 0 : own_comments_above(lines->second, statement.where.line);
    for (std::size_t above = 0; above < comments; ++above)
        if (wanted.address->matches(*commented_address(lines->second[statement.where.line - 2 - above])))
            return true;
    return false;
}

} // namespace

Removal find_removal(const Policy& policy, std::span<const PolicyFile> files, const Matcher& matcher,
                     const std::vector<std::string>& operands)
{
    Removal removal;
    std::vector<Wanted> all;
    Addresses named; ///< what the operands say
    Addresses cards; ///< and their cards
    for (const std::string& operand : operands) {
        const auto wanted = read_operand(operand);
        if (!wanted) {
            removal.problems.push_back(
                vfio_early::quoted(operand) +
                " is neither an address, such as 01:00.0, nor a path, such as 0000:00:01.1/00.0");
            continue;
        }
        for (const Function& function : matcher.machine().functions) {
            if (!wanted->matches(function))
                continue;
            named.insert(function.address);
            for (const Function* other : companions(matcher.machine(), function))
                cards.insert(other->address);
        }
        all.push_back(*wanted);
    }
    LinesOfFiles lines;
    for (const PolicyFile& file : files)
        lines.emplace(file.name, lines_of(file.text));
    std::set<std::string> found;
    for (const BindStatement& statement : policy.binds) {
        const Addresses taken = taken_by(statement, matcher);
        Addresses more;
        std::ranges::set_difference(taken, cards, std::inserter(more, more.end()));
        bool hit = false;
        for (const Wanted& wanted : all) {
            const bool takes = std::ranges::any_of(
                taken, [&](const Address& address) { return wanted.matches(*matcher.machine().find(address)); });
            if (!takes && !(taken.empty() && was_meant(statement, wanted, lines)))
                continue;
            found.insert(wanted.text);
            hit = true;
        }
        if (!hit)
            continue;
        if (const auto file = std::ranges::find(files, statement.where.file, &PolicyFile::name);
            file != files.end() && file->credential) {
            removal.problems.push_back(fmt::format("{} came with this boot; take it away where the credential is made",
                                                   location_text(statement.where)));
            continue;
        }
        if (!more.empty()) {
            removal.problems.push_back(fmt::format("{} takes {} too; name {} as well, or edit the line",
                                                   location_text(statement.where), address_list(more),
                                                   more.size() == 1 ? "it" : "them"));
            continue;
        }
        removal.statements.push_back(statement.where);
        removal.functions.insert(taken.begin(), taken.end());
        Addresses along;
        std::ranges::set_difference(taken, named, std::inserter(along, along.end()));
        if (!along.empty())
            removal.notes.push_back("the line takes " + address_list(along) +
                                    " too, which the host gets back with the rest");
    }
    for (const Wanted& wanted : all)
        if (!found.contains(wanted.text))
            removal.problems.push_back("no statement takes " + wanted.text);
    return removal;
}

} // namespace vfio_early
