// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/trial_end.hpp"

#include "early/commands/trial.hpp"

#include <cerrno>

namespace vfio_early {

Result<Confirmation> confirm_boot(const Root& root)
{
    const auto mark = root.read_line(trial_path);
    if (!mark && mark.error().code == ENOENT)
        return Confirmation::nothing_to_do;
    if (!mark)
        return std::unexpected(mark.error());
    const auto policy = parse_digest(*mark);
    if (!policy)
        return system_error("read", root.prefix() + "/" + trial_path, EINVAL, "not the digest of a policy");
    const auto stored = read_trial_record(root);
    if (!stored)
        return std::unexpected(stored.error());
    const auto record = confirm_trial(*stored, *policy);
    if (record) {
        if (const auto written = write_efi_variable(root, trial_variable, to_bytes(*record)); !written)
            return std::unexpected(written.error());
    }
    if (const auto removed = root.remove_file(trial_path); !removed)
        return std::unexpected(removed.error());
    return record ? Confirmation::confirmed : Confirmation::already_confirmed;
}

Result<bool> forget_resume(const Root& root)
{
    if (!booted_by_efi(root))
        return false;
    const auto stored = read_trial_record(root);
    if (!stored)
        return std::unexpected(stored.error());
    const auto record = uncount_boot(*stored);
    if (!record)
        return false;
    if (const auto written = write_efi_variable(root, trial_variable, to_bytes(*record)); !written)
        return std::unexpected(written.error());
    return true;
}

} // namespace vfio_early
