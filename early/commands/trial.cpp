// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/trial.hpp"

#include "early/model/text.hpp"
#include "early/system/time_limit.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <utility>

namespace vfio_early {

namespace {

/// The mark for confirm_boot() first: a boot that could never be confirmed must not be counted.
Result<void> count_boot(const Root& root, const TrialRecord& record)
{
    if (auto marked = root.replace_file(trial_path, digest_text(record.policy) + "\n"); !marked)
        return marked;
    auto written = write_efi_variable(root, trial_variable, to_bytes(record));
    if (!written && !root.remove_file(trial_path)) {
        // confirm_boot() then finds a record of another policy, and leaves it alone.
    }
    return written;
}

TrialAnswer without_trial(const SystemError& error)
{
    return {.bind = true, .reason = {}, .warning = "no trial protects this policy: " + error.message(), .note = {}};
}

std::string answer_text(const TrialAnswer& answer)
{
    constexpr char end = '\0';
    return (answer.bind ? "1" : "0") + std::string(1, end) + answer.reason + end + answer.warning + end + answer.note;
}

TrialAnswer answer_from(std::string_view text)
{
    const auto parts = split(text, '\0');
    if (parts.size() != 4)
        return without_trial({"read the answer of the trial", {}, EPROTO, {}});
    return {.bind = parts[0] == "1",
            .reason = std::string(parts[1]),
            .warning = std::string(parts[2]),
            .note = std::string(parts[3])};
}

} // namespace

Result<std::optional<TrialRecord>> read_trial_record(const Root& root)
{
    const auto bytes = read_efi_variable(root, trial_variable);
    if (bytes)
        return trial_from_bytes(*bytes);
    if (bytes.error().code == ENOENT)
        return std::nullopt;
    return std::unexpected(bytes.error());
}

TrialAnswer begin_trial_here(const Root& root, std::uint64_t policy, unsigned allowed, const ModuleLoader& load)
{
    if (!booted_by_efi(root))
        return {.bind = true, .reason = {}, .warning = {}, .note = "no trial: the machine was not booted by EFI"};
    if (const auto mounted = mount_efi_variables(root, load); !mounted)
        return without_trial(mounted.error());
    const auto stored = read_trial_record(root);
    if (!stored)
        return without_trial(stored.error());
    TrialDecision decision = decide_trial(*stored, policy, allowed);
    if (!decision.bind)
        return {.bind = false, .reason = std::move(decision.reason), .warning = {}, .note = {}};
    if (!decision.write)
        return {.bind = true, .reason = {}, .warning = {}, .note = "no trial: the policy is confirmed"};
    if (const auto counted = count_boot(root, *decision.write); !counted)
        return without_trial(counted.error());
    return {.bind = true, .reason = {}, .warning = {}, .note = "trial: " + decision.reason};
}

TrialAnswer begin_trial(const Root& root, std::uint64_t policy, unsigned allowed, const ModuleLoader& load,
                        std::chrono::milliseconds timeout)
{
    if (!booted_by_efi(root))
        return begin_trial_here(root, policy, allowed, load);
    const auto answer =
        work_with_limit(timeout, [&] { return answer_text(begin_trial_here(root, policy, allowed, load)); });
    if (answer)
        return answer_from(*answer);
    return without_trial({"EFI variables", {}, answer.error().code, {}});
}

TriedPlan put_on_trial(const Root& root, Plan plan, std::uint64_t policy, std::optional<unsigned> allowed, bool later,
                       const ModuleLoader& load)
{
    if (plan.functions.empty() && plan.virtual_functions.empty())
        return {std::move(plan), {}, {}};
    if (later) {
        if (root.exists(untried_path))
            plan = refuse_all(std::move(plan), Refusal::trial, "the policy was not tried in this boot");
        return {std::move(plan), {}, {}};
    }
    if (!allowed || !is_initramfs(root))
        return {std::move(plan), {}, {}};
    TrialAnswer answer = begin_trial(root, policy, *allowed, load, plan.timeout);
    if (!answer.bind) {
        plan = refuse_all(std::move(plan), Refusal::trial, answer.reason);
        if (const auto marked = root.replace_file(untried_path, ""); !marked)
            answer.warning = "functions that appear later are not kept back: " + marked.error().message();
    }
    return {std::move(plan), std::move(answer.warning), std::move(answer.note)};
}

bool is_initramfs(const Root& root)
{
    if (!root.live())
        return false;
    const auto top = root.open_file("", O_RDONLY | O_DIRECTORY);
    struct statfs status{};
    if (!top || ::fstatfs(top->get(), &status) != 0)
        return false;
    return status.f_type == RAMFS_MAGIC || status.f_type == TMPFS_MAGIC;
}

} // namespace vfio_early
