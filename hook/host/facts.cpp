// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/facts.hpp"

#include "early/model/trial.hpp"

#include <sys/stat.h>

namespace vfio_early {

namespace {

/// As ischroot(1) and systemd-detect-virt --chroot find out. Without /proc nothing can be said: a bare chroot.
bool in_chroot()
{
    struct stat ours{};
    struct stat of_init{};
    if (::stat("/", &ours) != 0 || ::stat("/proc/1/root/.", &of_init) != 0)
        return true;
    return ours.st_dev != of_init.st_dev || ours.st_ino != of_init.st_ino;
}

} // namespace

bool tells_of_its_machine(const Root& root)
{
    if (!root.live())
        return true;
    // Container managers leave one of these (systemd's CONTAINER_INTERFACE, podman, docker).
    for (const char* mark : {"run/systemd/container", "run/.containerenv", ".dockerenv"}) {
        if (root.exists(mark))
            return false;
    }
    return !in_chroot();
}

Facts collect_facts(const Root& root)
{
    Facts facts;
    if (!tells_of_its_machine(root))
        facts.left_out = "this is a chroot or a container, which says nothing of the machine";
    return facts;
}

PolicyFile facts_file(const Facts& facts)
{
    std::string text = std::string(facts_mark) + ": what this machine cannot do without.\n";
    if (!facts.left_out.empty())
        text += "# Nothing is known: " + facts.left_out + ".\n";
    for (const ProtectStatement& protect : facts.protects)
        text += to_text(protect) + "\n";
    return {.name = facts_file_name, .text = std::move(text)};
}

} // namespace vfio_early
