// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/selection.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace vfio_early {
namespace {

using Functions = std::vector<const Function*>;

/// How many candidates or addresses one log line names before it only counts them: a record has 900 bytes.
constexpr std::size_t names_in_a_line = 4;

bool has_identity(const Selector& selector)
{
    return !selector.ids.empty() || !selector.subsystems.empty() || !selector.classes.empty() || selector.modalias ||
           selector.serial || selector.native;
}

/// "0000:01:00.0, 0000:02:00.0 and 3 more"
std::string names_of(const Functions& functions, std::string (*name_of)(const Function&))
{
    const std::size_t count = std::min(functions.size(), names_in_a_line);
    std::vector<std::string> names;
    for (const Function* function : std::span(functions).first(count))
        names.push_back(name_of(*function));
    const std::size_t more = functions.size() - count;
    return join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

/// "10de:1b80 is now at 0000:04:00.0": where the thing went that the statement means.
std::string where_it_went(const Selector& selector, const Matcher& matcher)
{
    Selector anywhere = selector;
    anywhere.address.reset();
    anywhere.path.reset();
    std::string what = selector_text(anywhere);
    if (what == "id=" + ids_text(selector))
        what = ids_text(selector);
    const Functions found = matcher.find(anywhere);
    if (found.empty())
        return what + " is not in this machine";
    return what + " is now at " + names_of(found, [](const Function& function) { return function.address.text(); });
}

RefusedFunction refused_statement(const BindStatement& statement, Refusal why, std::string detail)
{
    return {selector_text(statement.selector), {}, {}, why, std::move(detail), statement.where};
}

/// The refusal of a statement that matches no function wholly.
RefusedFunction nothing_found(const BindStatement& statement, const Matcher& matcher)
{
    const Selector& selector = statement.selector;
    if (!has_identity(selector))
        return refused_statement(statement, Refusal::missing, "no function is there");
    if (selector.has_place() && Matcher::names_one_slot(selector)) {
        Selector place;
        place.address = selector.address;
        place.path = selector.path;
        if (const Functions there = matcher.find(place); !there.empty()) {
            const Function& function = *there.front();
            std::string detail = matcher.difference(selector, function) + "; " + where_it_went(selector, matcher);
            return {function.address.text(), ids_text(selector), function.address,
                    Refusal::mismatch,       std::move(detail),  statement.where};
        }
    }
    RefusedFunction refused = refused_statement(statement, Refusal::missing, where_it_went(selector, matcher));
    if (selector.address && !selector.path) {
        refused.subject = selector.address->text;
        refused.id = ids_text(selector);
    }
    return refused;
}

/// The refusal of a statement that could mean several slots and does not say that it means all of them.
RefusedFunction too_much_found(const BindStatement& statement, const Functions& found)
{
    const auto name_of = [](const Function& function) {
        return function.address.text() + " (path=" + function.path.text() + ")";
    };
    return refused_statement(statement, Refusal::ambiguous,
                             "matches " + names_of(found, name_of) + "; add the path of one, or `all`");
}

bool in_several_slots(const Functions& found)
{
    return std::ranges::any_of(
        found, [&](const Function* function) { return function->address.slot() != found.front()->address.slot(); });
}

/// What two statements can say differently of one function.
bool agree(const BindStatement& one, const BindStatement& other)
{
    const auto texts = [](const BindStatement& statement) {
        std::vector<std::string> all;
        for (const DeviceSetting& setting : statement.settings)
            all.push_back(setting.text());
        std::ranges::sort(all);
        return all;
    };
    return normal_module_name(one.driver) == normal_module_name(other.driver) && one.on_failure == other.on_failure &&
           texts(one) == texts(other);
}

std::string disagreement(const BindStatement& one, const BindStatement& other)
{
    return one.where.short_text() + " and " + other.where.short_text() +
           " name this function and disagree; keep one of them";
}

class SelectionRun {
public:
    explicit SelectionRun(const Matcher& matcher) : matcher_(matcher), by_function_(matcher.machine().functions.size())
    {
        for (const Function& function : matcher.machine().functions)
            if (function.group)
                groups_[*function.group].push_back(&function);
    }

    void apply(const BindStatement& statement)
    {
        Functions found = matcher_.find(statement.selector);
        if (statement.vfs)
            leave_out_virtual(found);
        if (found.empty()) {
            refused_.push_back(nothing_found(statement, matcher_));
            return;
        }
        if (!statement.selector.has_place() && !statement.all && in_several_slots(found)) {
            refused_.push_back(too_much_found(statement, found));
            return;
        }
        for (const Function* function : found)
            if (statement.vfs)
                name_for_virtual_functions(statement, *function);
            else
                name(statement, *function);
        if (!statement.vfs && statement.with != Scope::function)
            bring_along(statement, found);
    }

    Selection result() &&
    {
        Selection selection;
        for (auto& [address, candidate] : virtual_functions_) {
            Candidate*& other = of(*candidate.function);
            if (other != nullptr && other->brought_by == nullptr) {
                other->refuse(Refusal::policy, disagreement(*other->statement, *candidate.statement));
                continue;
            }
            other = nullptr; // who names the function goes before who brings it along
            selection.virtual_functions.push_back(std::move(candidate));
        }
        for (Candidate* candidate : by_function_)
            if (candidate != nullptr)
                selection.candidates.push_back(std::move(*candidate));
        selection.refused = std::move(refused_);
        return selection;
    }

private:
    /// Once they are there, a statement such as `class=ethernet all vfs=4` matches virtual functions, too.
    static void leave_out_virtual(Functions& found)
    {
        const auto is_virtual = [](const Function* function) { return function->virtual_function; };
        if (!std::ranges::all_of(found, is_virtual))
            std::erase_if(found, is_virtual);
    }

    void name_for_virtual_functions(const BindStatement& statement, const Function& function)
    {
        auto [place, added] = virtual_functions_.try_emplace(function.address, Candidate{&function, &statement});
        const BindStatement& first = *place->second.statement;
        if (!added && !place->second.refused && (first.vfs != statement.vfs || !agree(first, statement)))
            place->second.refuse(Refusal::policy, disagreement(first, statement));
    }

    void name(const BindStatement& statement, const Function& function)
    {
        Candidate*& candidate = of(function);
        if (candidate == nullptr || candidate->brought_by != nullptr)
            candidate = &candidates_.emplace_back(&function, &statement);
        else if (candidate->statement != &statement && !agree(*candidate->statement, statement))
            candidate->refuse(Refusal::policy, disagreement(*candidate->statement, statement));
    }

    /// `named`: what the statement names itself, by now candidates. The first of a group brings all of it along; with
    /// hundreds in one group the others must not try it again.
    void bring_along(const BindStatement& statement, const Functions& named)
    {
        std::set<unsigned> groups;
        for (const Function* by : named) {
            if (is_bridge(by->ids, by->header_type))
                continue;
            if (statement.with == Scope::group) {
                if (by->group && groups.insert(*by->group).second)
                    for (const Function* function : groups_.at(*by->group))
                        bring(statement, *by, *function);
                continue;
            }
            for (const Function& function : matcher_.machine().slot(by->address))
                if (are_companions(*by, function, statement.with))
                    bring(statement, *by, function);
        }
    }

    void bring(const BindStatement& statement, const Function& by, const Function& function)
    {
        // Bridges stay with pcieport and do not harm the group (vfio-pci and pcieport both have driver_managed_dma).
        if (!is_bridge(function.ids, function.header_type))
            if (Candidate*& candidate = of(function); candidate == nullptr)
                candidate = &candidates_.emplace_back(&function, &statement, &by);
    }

    /// Null: nothing asks for the function.
    Candidate*& of(const Function& function)
    {
        return by_function_.at(static_cast<std::size_t>(&function - matcher_.machine().functions.data()));
    }

    const Matcher& matcher_;
    std::map<unsigned, Functions> groups_;
    std::deque<Candidate> candidates_;    ///< which stay where they are
    std::vector<Candidate*> by_function_; ///< in order of the machine's functions
    std::vector<RefusedFunction> refused_;
    std::map<Address, Candidate> virtual_functions_;
};

} // namespace

bool are_companions(const Function& one, const Function& other, Scope scope)
{
    switch (scope) {
    case Scope::function:
        return false;
    case Scope::companions:
        // What shares a device number on a root bus was put there by the maker of the chipset: it is no card.
        return one.address.slot() == other.address.slot() && one.group == other.group && !one.path.hops.empty();
    case Scope::slot:
        return one.address.slot() == other.address.slot();
    case Scope::group:
        return one.group && one.group == other.group;
    }
    return false;
}

void Candidate::refuse(Refusal why, std::string detail)
{
    refused = RefusedFunction{function->address.text(), function->ids.id_text(), function->address, why,
                              std::move(detail),        statement->where};
}

Candidate* Selection::find(const Function& function)
{
    const auto place = std::ranges::lower_bound(candidates, function.address, {},
                                                [](const Candidate& candidate) { return candidate.function->address; });
    return place != candidates.end() && place->function->address == function.address ? &*place : nullptr;
}

Selection select(const std::vector<const BindStatement*>& statements, const Matcher& matcher)
{
    SelectionRun run(matcher);
    for (const BindStatement* statement : statements)
        run.apply(*statement);
    return std::move(run).result();
}

} // namespace vfio_early
