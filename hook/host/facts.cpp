// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/facts.hpp"

#include "early/machine/scan.hpp"
#include "early/model/printable.hpp"
#include "early/model/trial.hpp"
#include "early/needs/boot_command_line.hpp"
#include "early/needs/root_chain.hpp"
#include "early/needs/root_network.hpp"
#include "hook/host/keyboards.hpp"
#include "hook/host/read_block_tags.hpp"

#include <map>
#include <sys/stat.h>

namespace vfio_early {

namespace {

constexpr std::size_t longest_reason = 200;

/// As ischroot(1) and systemd-detect-virt --chroot find out. Without /proc nothing can be said: a bare chroot.
bool in_chroot()
{
    struct stat ours{};
    struct stat of_init{};
    if (::stat("/", &ours) != 0 || ::stat("/proc/1/root/.", &of_init) != 0)
        return true;
    return ours.st_dev != of_init.st_dev || ours.st_ino != of_init.st_ino;
}

/// Pinned by path and id: an address alone would protect whatever stands there once bus numbers have moved.
ProtectStatement protection(const NeededFunction& needed, Refusal guard, const Machine& machine)
{
    ProtectStatement statement;
    statement.guard = guard;
    statement.root = needed.root;
    // Names of mount points and devices can hold anything: what the policy's parser refuses would leave the image
    // without a policy.
    statement.because = printable(utf8_prefix(needed.what, longest_reason));
    if (const Function* function = machine.find(needed.address)) {
        statement.selector.path = parse_path_pattern(function->path.text());
        statement.selector.ids = {{.vendor = function->ids.vendor, .device = function->ids.device}};
    } else {
        statement.selector.address = parse_address_pattern(needed.address.text());
    }
    return statement;
}

} // namespace

bool tells_of_its_machine(const Root& root)
{
    if (!root.live())
        return true;
    // Container managers leave one of these (systemd's CONTAINER_INTERFACE, podman, docker).
    for (const char* mark : {"run/systemd/container", "run/.containerenv", ".dockerenv"})
        if (root.exists(mark))
            return false;
    return !in_chroot();
}

Facts collect_facts(const Root& root)
{
    Facts facts;
    if (!tells_of_its_machine(root)) {
        facts.left_out = "this is a chroot or a container, which says nothing of the machine";
        facts.image.root_unknown = "a chroot or a container shows nothing of the machine";
        return facts;
    }
    const Machine machine = scan_pci(root).value_or(Machine());
    const auto tags = read_block_tags(root);
    const auto add = [&](const NeededFunctions& needed, Refusal guard) {
        for (const NeededFunction& function : needed.functions)
            facts.protects.push_back(protection(function, guard, machine));
    };
    const BootRequest request = parse_boot_request(boot_command_line(root).value_or(""));
    const NeededFunctions disks = functions_behind_root(root, request, tags.get());
    add(disks, Refusal::root_disk);
    const NetworkRoot network = functions_behind_network_root(root, request);
    add(network.needed, Refusal::root_nic);
    facts.image.root_unknown = printable(network.root_itself ? network.needed.root_unknown : disks.root_unknown);
    add(functions_behind_keyboards(root), Refusal::last_keyboard);
    return facts;
}

std::vector<SystemFacts::Native> native_modules(const Machine& machine, const ModuleCatalog& modules)
{
    std::map<std::string, std::vector<std::string>> known;
    for (const Function& function : machine.functions)
        if (function.header_type == 0) // a host bridge has no driver as a rule, and may share a group with a card
            known.try_emplace(function.ids.modalias(), modules.modules_for(function.ids.modalias()));
    std::vector<SystemFacts::Native> natives;
    for (auto& [modalias, names] : known)
        natives.push_back({.modalias = modalias, .modules = std::move(names)});
    return natives;
}

PolicyFile facts_file(const Facts& facts)
{
    std::string text = std::string(facts_mark) + ": what this machine cannot do without.\n";
    if (!facts.left_out.empty())
        text += "# Nothing is known: " + facts.left_out + ".\n";
    text += to_text(facts.image);
    for (const ProtectStatement& protect : facts.protects)
        text += to_text(protect) + "\n";
    return {.name = facts_file_name, .text = std::move(text)};
}

} // namespace vfio_early
