// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/plan.hpp"

#include "early/model/guard_rules.hpp"
#include "early/model/selection.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace vfio_early {
namespace {

/// The statements that hold in this boot.
template <typename Statement>
std::vector<const Statement*> active_of(const std::vector<Statement>& statements, const BootRequest& request)
{
    std::vector<const Statement*> found;
    for (const Statement& statement : statements)
        if (statement.profile.empty() ||
            std::ranges::find(request.profiles, statement.profile) != request.profiles.end())
            found.push_back(&statement);
    return found;
}

/// vfio_early.bind= as statements of their own.
std::vector<BindStatement> requested_statements(const BootRequest& request)
{
    std::vector<BindStatement> statements;
    for (const AddressPattern& pattern : request.bind) {
        BindStatement statement;
        statement.selector.address = pattern;
        statement.where.file = "kernel command line";
        statements.push_back(std::move(statement));
    }
    return statements;
}

bool brings_along(const Candidate& leader, const Candidate& companion)
{
    return leader.taken() && leader.brought_by == nullptr && leader.statement == companion.statement &&
           are_companions(*leader.function, *companion.function, leader.statement->with);
}

/// A function that came along with others has no reason to be taken once they are all refused.
bool drop_companions_of_refused(Selection& selection)
{
    bool dropped = false;
    for (Candidate& candidate : selection.candidates) {
        if (!candidate.taken() || candidate.brought_by == nullptr)
            continue;
        const Candidate* leader = selection.find(*candidate.brought_by);
        if (leader == nullptr || leader->taken())
            continue;
        const auto other = std::ranges::find_if(selection.candidates,
                                                [&](const Candidate& one) { return brings_along(one, candidate); });
        if (other != selection.candidates.end()) {
            candidate.brought_by = other->function;
            continue;
        }
        candidate.refuse(leader->refused->refusal, "it comes along with " + leader->function->address.text());
        dropped = true;
    }
    return dropped;
}

/// Each refusal can be the cause of another; every pass refuses at least one more, so this ends.
void guard_together(Selection& selection, const GuardContext& context)
{
    while (drop_companions_of_refused(selection) || guard_groups(selection, context) ||
           guard_last_of_kind(selection, context.matcher))
        continue;
}

/// The texts of selectors, made once a statement.
using SelectorTexts = std::map<const BindStatement*, std::string>;

std::string reason_of(const Candidate& candidate, SelectorTexts& texts)
{
    if (candidate.brought_by == nullptr) {
        std::string& text = texts[candidate.statement];
        if (text.empty())
            text = selector_text(candidate.statement->selector);
        return text;
    }
    const Address& by = candidate.brought_by->address;
    return (by.slot() == candidate.function->address.slot() ? "same slot as " : "same group as ") + by.text();
}

PlannedFunction planned(const Candidate& candidate, SelectorTexts& texts)
{
    const Function& function = *candidate.function;
    PlannedFunction result;
    result.address = function.address;
    result.ids = function.ids;
    result.group = function.group;
    result.driver = candidate.driver;
    result.native_driver = is_same_name(function.driver, candidate.driver) ? "" : function.driver;
    result.framebuffer = candidate.framebuffer;
    result.on_failure = candidate.statement->on_failure;
    if (candidate.brought_by == nullptr)
        result.settings = candidate.statement->settings;
    result.reason = reason_of(candidate, texts);
    result.where = candidate.statement->where;
    result.may_hold_root = candidate.may_hold_root;
    return result;
}

/// A vfio-pci that is a part of the kernel reads ids= of the kernel command line long before us, and takes every
/// function that has one of them. Where it is a module, the options it is loaded with end with an ids= of ours.
std::vector<std::string> warn_of_ids(const BootRequest& request, const Machine& machine, const ModuleCatalog& modules,
                                     const std::vector<PlannedFunction>& taken)
{
    if (request.vfio_pci_ids.empty() || !modules.builtin("vfio_pci"))
        return {};
    std::vector<std::string> others;
    for (const Function& function : machine.functions) {
        const bool named = std::ranges::any_of(request.vfio_pci_ids, [&](const IdPattern& id) {
            return id.matches(function.ids.vendor, function.ids.device);
        });
        const bool planned = std::ranges::binary_search(taken, function.address, {}, &PlannedFunction::address);
        if (named && !planned && !is_bridge(function.ids, function.header_type))
            others.push_back(function.address.text() + " " + function.ids.id_text());
    }
    if (others.empty())
        return {};
    return {"vfio-pci ids= also takes " + join(others, ", ") + ", which the policy leaves alone; take the ids= away"};
}

PlannedVfs planned_vfs(const Candidate& candidate)
{
    const Function& function = *candidate.function;
    return {function.address,     candidate.statement->vfs.value_or(0),
            candidate.driver,     candidate.statement->where,
            function.ids,         function.driver,
            function.vfs_enabled, *candidate.statement};
}

} // namespace

Plan plan_virtual_functions(const PlannedVfs& vfs, const Policy& policy, const Machine& machine,
                            const BootRequest& request, const ModuleCatalog& modules)
{
    Policy own = policy;
    own.binds.clear();
    for (const Function& function : machine.functions) {
        if (function.physical_function != vfs.address)
            continue;
        BindStatement statement;
        statement.selector.address = parse_address_pattern(function.address.text());
        statement.with = Scope::function;
        statement.driver = vfs.statement.driver;
        statement.allow = vfs.statement.allow;
        statement.where = vfs.where;
        own.binds.push_back(std::move(statement));
    }
    BootRequest own_request = request;
    own_request.bind.clear();
    Plan plan = make_plan(own, machine, own_request, modules);
    plan.warnings.clear(); // they have been given with the plan for the whole machine
    return plan;
}

bool needs_serials(const Policy& policy)
{
    const auto asks = [](const auto& statement) { return statement.selector.serial.has_value(); };
    return std::ranges::any_of(policy.binds, asks) || std::ranges::any_of(policy.protects, asks);
}

bool needs_vfs(const Policy& policy)
{
    return std::ranges::any_of(policy.binds, [](const BindStatement& bind) { return bind.vfs.has_value(); });
}

Plan make_plan(const Policy& policy, const Machine& machine, const BootRequest& request, const ModuleCatalog& modules)
{
    Plan plan;
    plan.mode = request.mode;
    plan.timeout = policy.timeout;
    plan.log = request.debug ? LogLevel::debug : policy.log;
    if (request.mode == BootRequest::Mode::off)
        return plan;
    for (const std::string& name : request.profiles)
        if (std::ranges::find(policy.profiles, name) == policy.profiles.end())
            plan.warnings.push_back("vfio_early.profile=" + name + ": the policy has no such profile");

    const SystemFacts* const facts = policy.facts ? &*policy.facts : nullptr;
    const Matcher matcher(machine, modules, facts);
    const std::vector<BindStatement> requested = requested_statements(request);
    std::vector<const BindStatement*> statements = active_of(policy.binds, request);
    for (const BindStatement& statement : requested)
        statements.push_back(&statement);
    plan.overrules_ids = !statements.empty();
    const std::vector<const ProtectStatement*> protects = active_of(policy.protects, request);
    const GuardContext context{matcher, request, protects, root_knowledge(matcher, protects, facts)};

    Selection selection = select(statements, matcher);
    for (Candidate& candidate : selection.candidates)
        guard_function(candidate, context);
    guard_together(selection, context);

    plan.functions.reserve(selection.candidates.size());
    SelectorTexts texts;
    for (Candidate& candidate : selection.candidates)
        if (candidate.taken())
            plan.functions.push_back(planned(candidate, texts));
        else
            plan.refused.push_back(std::move(*candidate.refused));
    std::ranges::move(selection.refused, std::back_inserter(plan.refused));
    for (Candidate& candidate : selection.virtual_functions) {
        guard_virtual_functions(candidate, context);
        if (candidate.taken()) {
            plan.virtual_functions.push_back(planned_vfs(candidate));
        } else {
            candidate.refused->virtual_functions = true;
            plan.refused.push_back(std::move(*candidate.refused));
        }
    }
    std::ranges::move(warn_of_ids(request, machine, modules, plan.functions), std::back_inserter(plan.warnings));
    plan.steps = make_steps(plan.functions, active_of(policy.modules, request));
    return plan;
}

Plan keep_only(Plan plan, std::span<const Address> functions)
{
    const auto other = [&](const auto& part) { return std::ranges::find(functions, part.address) == functions.end(); };
    const std::vector<PlannedFunction> all = plan.functions;
    std::erase_if(plan.functions, other);
    std::erase_if(plan.virtual_functions, other);
    std::erase_if(plan.refused, [&](const RefusedFunction& refused) {
        return !refused.address || std::ranges::find(functions, *refused.address) == functions.end();
    });
    // Not the drivers of others; vfio's own modules serve all.
    const auto is_driver_of = [](const std::string& module) {
        return [&](const PlannedFunction& function) { return function.driver == module; };
    };
    std::erase_if(plan.steps, [&](const Step& step) {
        if (step.kind == Step::Kind::load)
            return plan.functions.empty() || (std::ranges::any_of(all, is_driver_of(step.subject)) &&
                                              std::ranges::none_of(plan.functions, is_driver_of(step.subject)));
        return step.address && std::ranges::find(functions, *step.address) == functions.end();
    });
    plan.overrules_ids = false;
    return plan;
}

Plan keep_virtual_functions(Plan plan)
{
    plan.functions.clear();
    plan.steps.clear();
    plan.overrules_ids = false;
    std::erase_if(plan.refused, [](const RefusedFunction& refused) { return !refused.virtual_functions; });
    return plan;
}

} // namespace vfio_early
