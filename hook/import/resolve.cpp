// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/import/resolve.hpp"

#include "early/model/text.hpp"
#include "hook/edit/pin.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vfio_early {

using namespace import_parts;

namespace {

class Resolver {
public:
    explicit Resolver(const ImportContext& context) : context_(context), machine_(context.matcher.machine()) {}

    Imported resolve(std::vector<SourceLine> lines)
    {
        imported_.lines = std::move(lines);
        leave_other_hosts();
        leave_overruled_ids(imported_.lines);
        find_mappings();
        for (SourceLine& line : imported_.lines) {
            for (const Wish& wish : line.wishes)
                if (wish.selector.address)
                    take_at_address(wish, line);
                else
                    by_identity_.emplace_back(&wish, &line);
        }
        resolve_by_identity(by_identity_, context_, slots_, imported_);
        settle_xen();
        write_blocks();
        write_settings();
        settle_blacklists(imported_.lines, taken(), context_);
        leave_files_of_packages();
        return std::move(imported_);
    }

private:
    void leave_other_hosts()
    {
        for (SourceLine& line : imported_.lines) {
            if (line.node.empty() || context_.host_name.empty() || line.node == context_.host_name)
                continue;
            line.wishes.clear();
            line.why = "of the host " + line.node;
        }
    }

    /// They come back with the next version of the package, and the user has not written them.
    void leave_files_of_packages()
    {
        for (SourceLine& line : imported_.lines)
            if (!line.package.empty() && line.fate == LineFate::remove)
                line.settle(LineFate::keep, "the package " + line.package + " brings this file");
    }

    /// A guest's line that names a mapping of which nothing is known.
    void find_mappings()
    {
        std::set<std::string> known;
        for (const SourceLine& line : imported_.lines)
            if (!line.wishes.empty() && !line.mapping.empty())
                known.insert(line.mapping);
        for (SourceLine& line : imported_.lines) {
            if (line.mapping.empty() || !line.wishes.empty() || !line.text.starts_with("hostpci"))
                continue;
            if (known.contains(line.mapping))
                line.why += "; the mapping " + line.mapping + " says which function";
            else
                line.settle(LineFate::not_understood,
                            "there is no mapping " + line.mapping +
                                " for this host; name its file too (/etc/pve/mapping/pci.cfg)");
        }
    }

    void take_at_address(const Wish& wish, SourceLine& line)
    {
        bool someone_there = false;
        for (const Function& function : machine_.functions) {
            if (!Matcher::place_matches(wish.selector, function))
                continue;
            someone_there = true;
            if (context_.matcher.identity_matches(wish.selector, function))
                take(function, wish, line);
            else
                line.settle(LineFate::keep, function.address.text() + " " +
                                                context_.matcher.difference(wish.selector, function) + ", not " +
                                                ids_text(wish.selector));
        }
        if (!someone_there)
            line.settle(LineFate::keep, wish.selector.address->text + " is not in this machine");
    }

    void take(const Function& function, const Wish& wish, SourceLine& line)
    {
        const std::string address = function.address.text();
        if (is_bridge(function.ids, function.header_type))
            return imported_.notes.push_back(address + " is a bridge, and bridges stay with the host (" +
                                             line.location() + ")");
        if (function.virtual_function)
            return line.settle(LineFate::keep, address +
                                                   " is a virtual function, which does not exist yet at boot; see "
                                                   "vfs= in vfio-early.conf(5)");
        if (is_behind_vmd(function))
            return line.settle(LineFate::keep, behind_vmd_text(function, machine_));
        Functions together = companions(machine_, function);
        if (wish.whole_group && function.group)
            for (const Function& other : machine_.functions)
                if (other.group == function.group && !is_bridge(other.ids, other.header_type))
                    together.push_back(&other);
        for (const Function* other : together) {
            Wanted& wanted = slots_[other->address.slot()];
            wanted.functions.insert(other->address);
            wanted.origins.insert(line.location());
            if (wish.driver != "auto")
                wanted.driver = wish.driver;
        }
    }

    void settle_xen()
    {
        for (SourceLine& line : imported_.lines) {
            if (line.text.find("pciback.hide") == std::string::npos || line.fate != LineFate::remove)
                continue;
            if (context_.xen) {
                line.settle(LineFate::keep,
                            "this machine runs below Xen, which needs it; vfio-early binds for VFIO, that is for KVM");
            } else {
                line.why += "; without Xen it does nothing";
            }
        }
    }

    void write_blocks()
    {
        for (const auto& [slot, wanted] : slots_)
            if (std::ranges::includes(context_.covered, wanted.functions))
                imported_.notes.push_back("the policy takes " + address_list(wanted.functions) + " already");
            else
                imported_.blocks.push_back(pinned_block(wanted, context_));
    }

    void write_settings()
    {
        std::map<std::string, std::vector<std::string>> options;
        for (const SourceLine& line : imported_.lines) {
            for (const ModuleSetting& setting : line.settings) {
                const auto policy = context_.options.find(setting.module);
                if (policy != context_.options.end() && policy->second.contains(setting.options))
                    continue;
                auto& known = options[setting.module];
                if (std::ranges::find(known, setting.options) == known.end())
                    known.push_back(setting.options);
            }
        }
        for (const auto& [module, values] : options)
            imported_.blocks.push_back(
                {.lines = {"set module " + (module == "vfio_pci" ? "vfio-pci" : module) + " " + join(values, " ")}});
    }

    std::set<Address> taken() const
    {
        std::set<Address> all = context_.covered;
        for (const PolicyBlock& block : imported_.blocks)
            all.insert(block.functions.begin(), block.functions.end());
        return all;
    }

    const ImportContext& context_;
    const Machine& machine_;
    Imported imported_;
    std::map<Address, Wanted> slots_;
    std::vector<std::pair<const Wish*, SourceLine*>> by_identity_;
};

} // namespace

std::string import_parts::origin_comment(const std::set<std::string>& origins)
{
    constexpr std::size_t most = 5; // a line of a policy has an end
    std::vector<std::string> named(origins.begin(), origins.end());
    const std::size_t more = named.size() - std::min(named.size(), most);
    named.resize(named.size() - more);
    return "# from " + join(named, ", ") + (more == 0 ? "" : fmt::format(" and {} more", more));
}

PolicyBlock import_parts::pinned_block(const Wanted& wanted, const ImportContext& context)
{
    const Machine& machine = context.matcher.machine();
    const Functions functions = functions_at(machine, wanted.functions);
    BindStatement statement = pinned_statement(machine, functions);
    statement.driver = wanted.driver;
    PolicyBlock block{.lines = pinned_lines(statement, functions, context.names),
                      .functions = {wanted.functions.begin(), wanted.functions.end()}};
    block.lines.insert(block.lines.end() - 1, origin_comment(wanted.origins));
    return block;
}

Imported resolve_import(std::vector<SourceLine> lines, const ImportContext& context)
{
    return Resolver(context).resolve(std::move(lines));
}

} // namespace vfio_early
