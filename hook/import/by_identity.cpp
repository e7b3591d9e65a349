// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/resolve.hpp"

#include "early/model/text.hpp"
#include "hook/edit/pin.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early::import_parts {

namespace {

using Wishes = std::vector<std::pair<const Wish*, SourceLine*>>;

/// What the wishes match in one slot.
struct Match {
    Functions functions;
    std::set<IdPattern> ids;
    std::set<IdPattern> subsystems; ///< only if a wish asked for them
    std::set<std::string> origins;
};

std::map<Address, Match> matches_of(const Wishes& wishes, const ImportContext& context, Imported& imported)
{
    std::map<Address, Match> matches;
    for (const auto& [wish, line] : wishes) {
        bool found = false;
        for (const Function& function : context.matcher.machine().functions) {
            if (!context.matcher.matches(wish->selector, function))
                continue;
            found = true;
            if (is_bridge(function.ids, function.header_type) || function.virtual_function) {
                imported.notes.push_back(fmt::format("{} is a {}, and is left out ({})", function.address.text(),
                                                     function.virtual_function ? "virtual function" : "bridge",
                                                     line->location()));
                continue;
            }
            if (is_behind_vmd(function)) {
                line->settle(LineFate::keep, behind_vmd_text(function, context.matcher.machine()));
                continue;
            }
            Match& match = matches[function.address.slot()];
            if (std::ranges::find(match.functions, &function) == match.functions.end())
                match.functions.push_back(&function);
            match.ids.insert({.vendor = function.ids.vendor, .device = function.ids.device});
            if (!wish->selector.subsystems.empty() || wish->selector.modalias)
                match.subsystems.insert({.vendor = function.ids.subvendor, .device = function.ids.subdevice});
            match.origins.insert(line->location());
        }
        if (!found)
            line->settle(LineFate::keep, selector_text(wish->selector) + " is not in this machine");
    }
    return matches;
}

/// True if the wishes reach this card only because its sound or USB function is the same as that of `other`.
bool is_bycatch(const Match& match, const Match& other, const Machine& machine)
{
    const auto slot = machine.slot(match.functions.front()->address);
    const bool first_is_free = std::ranges::find(match.functions, &slot.front()) == match.functions.end();
    return first_is_free && match.ids.size() < other.ids.size() && std::ranges::includes(other.ids, match.ids);
}

void drop_bycatch(std::map<Address, Match>& matches, const Machine& machine, Imported& imported)
{
    std::vector<Address> bycatch;
    for (const auto& [slot, match] : matches) {
        const auto found = std::ranges::find_if(matches, [&](const auto& other) {
            return other.first != slot && is_bycatch(match, other.second, machine);
        });
        if (found == matches.end())
            continue;
        bycatch.push_back(slot);
        imported.notes.push_back(
            fmt::format("{0} {1} is the same as a function of {2}, and the old line took it too; it is left "
                        "with its card",
                        match.functions.front()->address.text(), match.functions.front()->ids.id_text(),
                        found->second.functions.front()->address.text()));
    }
    for (const Address& slot : bycatch)
        matches.erase(slot);
}

Wanted wanted_of(const Match& match, const Machine& machine)
{
    Wanted wanted{.origins = match.origins};
    for (const Function* function : match.functions)
        for (const Function* together : companions(machine, *function))
            wanted.functions.insert(together->address);
    return wanted;
}

/// Identical cards: one statement that takes them all, and the lines that take one of them.
PolicyBlock block_for_all(const std::vector<const Match*>& cards, const ImportContext& context)
{
    const Machine& machine = context.matcher.machine();
    BindStatement statement;
    statement.all = true;
    statement.selector.ids.assign(cards.front()->ids.begin(), cards.front()->ids.end());
    std::set<IdPattern> subsystems;
    PolicyBlock block;
    std::vector<std::string> single;
    for (const Match* card : cards) {
        subsystems.insert(card->subsystems.begin(), card->subsystems.end());
        const PolicyBlock pinned = pinned_block(wanted_of(*card, machine), context);
        block.lines.insert(block.lines.end(), pinned.lines.begin(), pinned.lines.end() - 2);
        block.functions.insert(block.functions.end(), pinned.functions.begin(), pinned.functions.end());
        single.push_back("#" + pinned.lines.back());
    }
    statement.selector.subsystems.assign(subsystems.begin(), subsystems.end());
    block.lines.push_back(origin_comment(cards.front()->origins));
    block.lines.push_back(fmt::format(
        "# The old line takes all {} identical cards. To leave one to the host, put in its place:", cards.size()));
    block.lines.insert(block.lines.end(), single.begin(), single.end());
    block.lines.push_back(to_text(statement));
    return block;
}

} // namespace

void resolve_by_identity(const Wishes& wishes, const ImportContext& context, std::map<Address, Wanted>& slots,
                         Imported& imported)
{
    const Machine& machine = context.matcher.machine();
    std::map<Address, Match> matches = matches_of(wishes, context, imported);
    drop_bycatch(matches, machine, imported);
    std::map<std::set<IdPattern>, std::vector<const Match*>> kinds;
    for (const auto& [slot, match] : matches)
        kinds[match.ids].push_back(&match);
    for (const auto& [ids, cards] : kinds) {
        const auto is_known = [&](const Match* card) {
            return std::ranges::includes(context.covered, wanted_of(*card, machine).functions);
        };
        // The policy takes some of them: so the user has decided, and the old line does not change that.
        if (cards.size() > 1 && std::ranges::any_of(cards, is_known)) {
            if (!std::ranges::all_of(cards, is_known))
                imported.notes.push_back(
                    fmt::format("the old line takes all {} identical cards, the policy only {} of them; it stays so",
                                cards.size(), std::ranges::count_if(cards, is_known)));
            continue;
        }
        if (cards.size() > 1) {
            imported.blocks.push_back(block_for_all(cards, context));
            for (const Match* card : cards) // what a domain's XML says of one of them adds nothing
                slots.erase(card->functions.front()->address.slot());
            continue;
        }
        Wanted wanted = wanted_of(*cards.front(), machine);
        Wanted& slot = slots[cards.front()->functions.front()->address.slot()];
        slot.functions.merge(wanted.functions);
        slot.origins.merge(wanted.origins);
    }
}

} // namespace vfio_early::import_parts
