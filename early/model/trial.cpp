// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/trial.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace vfio_early {

namespace {

constexpr char record_version = 1;
constexpr std::size_t digest_at = 4;
constexpr std::size_t digest_bytes = 8;

} // namespace

std::string to_bytes(const TrialRecord& record)
{
    std::string bytes{record_version, static_cast<char>(record.state), static_cast<char>(record.boots), '\0'};
    for (unsigned shift = 0; shift < 64; shift += 8)
        bytes += static_cast<char>(record.policy >> shift);
    return bytes;
}

std::optional<TrialRecord> trial_from_bytes(std::string_view bytes)
{
    if (bytes.size() != digest_at + digest_bytes || bytes[0] != record_version || bytes[3] != '\0')
        return std::nullopt;
    TrialRecord record;
    const auto state = static_cast<unsigned char>(bytes[1]);
    if (state > static_cast<unsigned char>(TrialRecord::State::confirmed))
        return std::nullopt;
    record.state = static_cast<TrialRecord::State>(state);
    record.boots = static_cast<unsigned char>(bytes[2]);
    for (std::size_t index = digest_bytes; index-- > 0;)
        record.policy = record.policy << 8U | static_cast<unsigned char>(bytes[digest_at + index]);
    return record;
}

std::uint64_t policy_digest(std::span<const PolicyFile> files)
{
    // http://www.isthe.com/chongo/tech/comp/fnv/
    std::uint64_t digest = 0xcbf29ce484222325U;
    const auto add = [&digest](std::uint64_t byte) { digest = (digest ^ (byte & 0xffU)) * 0x100000001b3U; };
    for (const PolicyFile& file : files) {
        if (file.text.starts_with(facts_mark) && !file.credential)
            continue;
        for (unsigned shift = 0; shift < 64; shift += 8)
            add(file.text.size() >> shift); // so that no text can move from one file to the next unseen
        for (const char byte : file.text)
            add(static_cast<unsigned char>(byte));
    }
    return digest;
}

std::string digest_text(std::uint64_t policy)
{
    return hex_text(policy, 16);
}

std::optional<std::uint64_t> parse_digest(std::string_view text)
{
    return text.size() == 16 ? parse_hex(text) : std::nullopt;
}

TrialDecision decide_trial(const std::optional<TrialRecord>& stored, std::uint64_t policy, unsigned allowed)
{
    const bool known = stored && stored->policy == policy;
    if (known && stored->state == TrialRecord::State::confirmed)
        return {};
    const unsigned begun = known ? stored->boots : 0;
    if (begun >= allowed) {
        return {.bind = false,
                .write = {},
                .reason = (allowed == 1 ? "the last boot" : "the last " + std::to_string(begun) + " boots") +
                          " with this policy did not finish; change the policy, if only a comment, to try it again"};
    }
    // The count saturates only beyond what `set trial` takes.
    constexpr unsigned most = std::numeric_limits<std::uint8_t>::max();
    const auto boots = static_cast<std::uint8_t>(std::min(begun + 1, most));
    return {.bind = true,
            .write = TrialRecord{TrialRecord::State::trying, boots, policy},
            .reason = "boot " + std::to_string(boots) + " of " + std::to_string(allowed) + " to try this policy"};
}

std::optional<TrialRecord> confirm_trial(const std::optional<TrialRecord>& stored, std::uint64_t policy)
{
    if (!stored || stored->policy != policy || stored->state == TrialRecord::State::confirmed)
        return std::nullopt;
    TrialRecord record = *stored;
    record.state = TrialRecord::State::confirmed;
    return record;
}

std::optional<TrialRecord> uncount_boot(const std::optional<TrialRecord>& stored)
{
    if (!stored || stored->state != TrialRecord::State::trying || stored->boots == 0)
        return std::nullopt;
    TrialRecord record = *stored;
    --record.boots;
    return record;
}

Plan refuse_all(Plan plan, Refusal refusal, const std::string& detail)
{
    const auto refuse = [&](const Address& address, std::string id, Location where) {
        plan.refused.push_back({address.text(), std::move(id), address, refusal, detail, std::move(where)});
    };
    for (PlannedFunction& function : plan.functions)
        refuse(function.address, function.ids.id_text(), std::move(function.where));
    for (PlannedVfs& functions : plan.virtual_functions)
        refuse(functions.address, {}, std::move(functions.where));
    plan.functions.clear();
    plan.virtual_functions.clear();
    plan.steps.clear();
    return plan;
}

} // namespace vfio_early
