// SPDX-License-Identifier: GPL-2.0-or-later
#include "libkmodctl/probe_order.hpp"

#include <algorithm>
#include <map>

namespace libkmodctl {

namespace {

class Walk {
public:
    Walk(const std::string& target, const std::function<Wants(const std::string&)>& ask) : ask_(ask)
    {
        required_ = wants_of(target).dependencies;
        required_.push_back(target);
        add(target);
    }

    [[nodiscard]] std::vector<ProbeStep> take() { return std::move(steps_); }

private:
    void add(const std::string& module)
    {
        if (std::ranges::find(visited_, module) != visited_.end())
            return;
        visited_.push_back(module);
        for (const std::string& needed : wants_of(module).dependencies)
            add_between_softdeps(needed);
        add_between_softdeps(module);
    }

    // Not stopped by visited_: where B is wanted before A and depends on A, A must come first all the same. It
    // ends because each call of add() visits one module more.
    void add_between_softdeps(const std::string& module)
    {
        const Wants& wants = wants_of(module);
        for (const std::string& name : wants.before)
            add(name);
        if (std::ranges::find(steps_, module, &ProbeStep::module) == steps_.end())
            steps_.push_back({module, std::ranges::find(required_, module) != required_.end()});
        for (const std::string& name : wants.after)
            add(name);
    }

    /// Asked once: libkmod goes through its whole configuration for each answer.
    const Wants& wants_of(const std::string& module)
    {
        const auto known = known_.find(module);
        return known != known_.end() ? known->second : known_.emplace(module, ask_(module)).first->second;
    }

    const std::function<Wants(const std::string&)>& ask_;
    std::map<std::string, Wants> known_;
    std::vector<std::string> required_;
    std::vector<std::string> visited_;
    std::vector<ProbeStep> steps_;
};

} // namespace

std::vector<ProbeStep> probe_order(const std::string& target, const std::function<Wants(const std::string&)>& wants_of)
{
    return Walk(target, wants_of).take();
}

} // namespace libkmodctl
