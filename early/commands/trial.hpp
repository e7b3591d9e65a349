// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/trial.hpp"
#include "early/system/efi_variable.hpp"
#include "early/system/root.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace vfio_early {

/// The EFI variable that outlives a boot which does not finish. The GUID is ours alone.
inline constexpr const char* trial_variable = "VfioEarlyTrial-0b6aef04-b03a-40e7-8a47-cd23351fe7ad";
/// Holds the digest of the policy on trial in this boot. It is there only while the boot has yet to be
/// confirmed: a boot that bound nothing, or that needs no trial, leaves none.
inline constexpr const char* trial_path = "run/vfio-early/trial";

/// There if the trial kept this boot from binding: functions that appear later are then left alone as well.
inline constexpr const char* untried_path = "run/vfio-early/untried";

/// What a trial says of this boot.
struct TrialAnswer {
    bool bind = true;
    std::string reason;  ///< why nothing is to be bound
    std::string warning; ///< why there is no trial although there should be one; may be empty
    std::string note;    ///< for the debug log; may be empty
};

/// Looks the policy up, and counts this boot before anything is bound. Whatever fails, a boot that cannot be
/// counted is not a reason to refuse: it binds, and the warning says that no trial protects it. Blocking calls are
/// given up after `timeout`. `load` is called in a child process.
[[nodiscard]] TrialAnswer begin_trial(const Root& root, std::uint64_t policy, unsigned allowed,
                                      const ModuleLoader& load, std::chrono::milliseconds timeout);

/// The same without a limit of time, and without a process of its own.
[[nodiscard]] TrialAnswer begin_trial_here(const Root& root, std::uint64_t policy, unsigned allowed,
                                           const ModuleLoader& load);

/// What is stored. Nothing: no record, or none that can be understood. Fails if it cannot be read.
[[nodiscard]] Result<std::optional<TrialRecord>> read_trial_record(const Root& root);

/// A plan after the trial was asked.
struct TriedPlan {
    Plan plan;           ///< as it was, or with every function refused
    std::string warning; ///< why no trial protects this boot; may be empty
    std::string note;    ///< for the debug log; may be empty
};

/// Puts the boot on trial, before the plan is carried out. Only a boot is counted, and only one that
/// would bind something. `later`: the plan is for functions that appeared after the boot; nothing is counted for
/// them, but what the trial said of the boot holds for them, too. `allowed`: as in Policy::trial.
[[nodiscard]] TriedPlan put_on_trial(const Root& root, Plan plan, std::uint64_t policy, std::optional<unsigned> allowed,
                                     bool later, const ModuleLoader& load);

/// True while this root is that of an initramfs, as systemd's in_initrd() told before there was
/// /etc/initrd-release: only a boot is counted, not what somebody does by hand later.
[[nodiscard]] bool is_initramfs(const Root& root);

} // namespace vfio_early
