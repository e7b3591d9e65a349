// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "early/model/policy.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vfio_early {

/// What is remembered of the policy that was last on trial, from one boot to the next.
struct TrialRecord {
    enum class State : std::uint8_t {
        trying,    ///< no boot with it has finished yet
        confirmed, ///< one has
    };
    State state = State::trying;
    std::uint8_t boots = 0;   ///< how many boots have begun with it; not counted any more once confirmed
    std::uint64_t policy = 0; ///< policy_digest()

    bool operator==(const TrialRecord&) const = default;
};

/// The record as it is stored: version 1, state, boots, a zero byte, the digest from its lowest byte on.
[[nodiscard]] std::string to_bytes(const TrialRecord& record);
/// Nothing for bytes of any other form: an unknown record is as good as none, and is written anew.
[[nodiscard]] std::optional<TrialRecord> trial_from_bytes(std::string_view bytes);

/// Tells one policy from another: FNV-1a of 64 bits over the text of its files. The facts of the image are
/// left out, because a new disk does not change the policy. Nobody is to be kept from making two policies with the
/// same digest (only root writes them, and gains nothing); two that differ by chance have it once in 2^64.
[[nodiscard]] std::uint64_t policy_digest(std::span<const PolicyFile> files);

/// The digest as 16 hex digits, and back.
[[nodiscard]] std::string digest_text(std::uint64_t policy);
[[nodiscard]] std::optional<std::uint64_t> parse_digest(std::string_view text);

struct TrialDecision {
    bool bind = true;
    std::optional<TrialRecord> write; ///< to be stored before anything is bound; the boot is then on trial
    std::string reason;               ///< why nothing is bound, or which boot of the trial this is; may be empty
};

/// What a boot does with a policy of which `stored` is known, when `allowed` boots (at least 1) may fail to finish.
/// A policy that is confirmed, or has used up its boots, leads to no write. So one whose first boot finishes costs
/// two writes (the boot, the confirmation), and one that never finishes a boot costs `allowed`.
[[nodiscard]] TrialDecision decide_trial(const std::optional<TrialRecord>& stored, std::uint64_t policy,
                                         unsigned allowed);

/// What is to be stored now that a boot with `policy` has finished; nothing if that is known already, or the record
/// is of another policy.
[[nodiscard]] std::optional<TrialRecord> confirm_trial(const std::optional<TrialRecord>& stored, std::uint64_t policy);

/// What is to be stored after a resume from hibernation: the boot that it began with was counted, and cannot finish.
/// Nothing if none was counted.
[[nodiscard]] std::optional<TrialRecord> uncount_boot(const std::optional<TrialRecord>& stored);

/// The plan with every function refused as `refusal`, and nothing left to do.
[[nodiscard]] Plan refuse_all(Plan plan, Refusal refusal, const std::string& detail);

} // namespace vfio_early
