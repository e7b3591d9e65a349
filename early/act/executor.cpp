// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/executor.hpp"

#include "early/act/function_progress.hpp"
#include "early/model/driver_choice.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

namespace vfio_early {

namespace {

class Execution {
public:
    Execution(const Plan& plan, Kernel& kernel) : plan_(plan), kernel_(kernel)
    {
        functions_.reserve(plan.functions.size());
        for (const PlannedFunction& planned : plan.functions)
            functions_.emplace_back(planned, kernel);
        report_.mode = plan.mode;
        report_.warnings = plan.warnings;
        report_.log = plan.log;
    }

    Report run()
    {
        for (const Step& step : plan_.steps)
            carry_out(step);
        overrule_ids();
        for (FunctionProgress& function : functions_)
            function.settle();
        // Only now: a native driver that comes back takes time, and its group has no hurry any more.
        for (FunctionProgress& function : functions_)
            function.give_back();
        collect_outcomes();
        return std::move(report_);
    }

private:
    void carry_out(const Step& step)
    {
        if (plan_.log == LogLevel::debug)
            report_.notes.push_back(step.text());
        if (step.kind == Step::Kind::load)
            return load(step);
        FunctionProgress* function = step.address ? find(*step.address) : nullptr;
        if (function == nullptr)
            return;
        switch (step.kind) {
        case Step::Kind::pin:
            return function->pin();
        case Step::Kind::evict:
            return function->evict(step.subject);
        case Step::Kind::unbind:
            return function->unbind(step.subject);
        case Step::Kind::set:
            return function->set(step.subject);
        case Step::Kind::bind:
            return function->bind();
        case Step::Kind::verify:
            return function->settle();
        case Step::Kind::load:
            return;
        }
    }

    FunctionProgress* find(const Address& address)
    {
        // In order of address, as the plan has them.
        const auto address_of = [](const FunctionProgress& function) -> const Address& {
            return function.planned().address;
        };
        const auto found = std::ranges::lower_bound(functions_, address, {}, address_of);
        return found == functions_.end() || address_of(*found) != address ? nullptr : &*found;
    }

    void load(const Step& step)
    {
        std::vector<FunctionProgress*> users;
        bool wanted = false;
        for (FunctionProgress& function : functions_) {
            if (!function.needs(step.subject))
                continue;
            users.push_back(&function);
            wanted = wanted || !function.failed();
        }
        // Nothing left that the module could serve.
        if (!users.empty() && !wanted)
            return;
        if (step.subject == "vfio-pci") {
            vfio_pci_asked_for_ = true;
            tell_of_ids();
        }
        const auto loaded = kernel_.load_module(step.subject, step.options);
        if (loaded) {
            for (FunctionProgress* function : users)
                function->loaded(step.subject);
            return;
        }
        if (step.optional && loaded.error().code == ENOENT)
            return;
        if (users.empty() || step.optional) {
            report_.warnings.push_back(trouble_text("load " + step.subject, loaded.error()));
            return;
        }
        for (FunctionProgress* function : users)
            function->load_failed(step.subject, loaded.error());
    }

    /// The ids= that somebody has written for vfio-pci; empty if none.
    std::string configured_ids()
    {
        const std::string options = kernel_.configured_options("vfio-pci").value_or("");
        for (const std::string_view option : split(options, ' '))
            if (option.starts_with("ids=") && option != "ids=")
                return std::string(option);
        return {};
    }

    /// Whoever has written ids= should hear that it takes nothing any more: the options of this plan end with an empty
    /// one (make_steps()). True if somebody has.
    bool tell_of_ids()
    {
        const std::string ids = configured_ids();
        if (!ids.empty())
            report_.warnings.push_back("vfio-pci " + ids + " is overruled: only what the policy names is bound");
        return !ids.empty();
    }

    /// Nothing of the policy can be bound, but it says what is: whoever inserts vfio-pci next would bind by ids=.
    void overrule_ids()
    {
        if (!plan_.overrules_ids || vfio_pci_asked_for_ || !tell_of_ids())
            return;
        if (const auto loaded = kernel_.load_module("vfio-pci", "ids="); !loaded && loaded.error().code != ENOENT)
            report_.warnings.push_back(trouble_text("load vfio-pci", loaded.error()));
    }

    /// What VFIO says of a group, asked once.
    std::optional<bool> viable(unsigned group)
    {
        const auto known = groups_.find(group);
        if (known != groups_.end())
            return known->second;
        std::optional<bool> answer;
        if (const auto asked = kernel_.group_viable(group))
            answer = *asked;
        else
            report_.warnings.push_back(trouble_text("ask VFIO about group " + std::to_string(group), asked.error()));
        return groups_[group] = answer;
    }

    void collect_outcomes()
    {
        for (const FunctionProgress& function : functions_) {
            Outcome outcome = function.outcome();
            const bool bound = outcome.kind == Outcome::Kind::bound && is_vfio_driver(outcome.driver);
            if (bound && !outcome.group) // it may have come with the driver
                outcome.group = parse_decimal(kernel_.group_of(*outcome.address).value_or(""));
            if (bound && outcome.group)
                outcome.viable = viable(*outcome.group);
            report_.outcomes.push_back(std::move(outcome));
        }
        for (Outcome& outcome : refusals_of(plan_))
            report_.outcomes.push_back(std::move(outcome));
        // In order of address; what no function was found for comes last.
        std::ranges::stable_sort(report_.outcomes, [](const Outcome& left, const Outcome& right) {
            if (left.address.has_value() != right.address.has_value())
                return left.address.has_value();
            return left.address && *left.address < *right.address;
        });
    }

    const Plan& plan_;
    Kernel& kernel_;
    std::vector<FunctionProgress> functions_;
    std::map<unsigned, std::optional<bool>> groups_;
    bool vfio_pci_asked_for_ = false;
    Report report_;
};

} // namespace

Report execute(const Plan& plan, Kernel& kernel)
{
    return Execution(plan, kernel).run();
}

} // namespace vfio_early
