// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/fleet/journal_entries.hpp"

#include "early/model/printable.hpp"
#include "early/tell/report_lines.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace vfio_early {

namespace {

using namespace report_words;

/// In the order of the enumeration. Never changed: people search by them. systemd/catalog has the texts.
constexpr std::array<std::string_view, 18> refused_ids{
    "bc9cca7d93fd4fe2987bd80a2538aa5f", // mismatch
    "55e9ab125f454a77a842a65ca452a328", // missing
    "5b3672eee24b499a9e7514621546aadc", // ambiguous
    "134c4d32e5604d2a83bbcfde6bfb66c5", // bridge
    "b5b45f44752d4b8aa61ceb14cc81b61c", // no-iommu
    "efb924932aec47a7b970aa4332713a79", // group
    "43b95454bee744bf9d0597065870dd1a", // root-disk
    "746eda6d59864476bbf2e8aefee6e944", // root-nic
    "4a3f0611139f48b29a5cbb13266f7f3f", // last-display
    "fbfc5962ce694398b19d471c93567104", // last-network
    "ddc90f70374a4d77b3263188cc191652", // last-keyboard
    "a32b68c056a344e79a2b80691dee717c", // vfs-enabled
    "312d614446ec4efa971f0d77d524c4b4", // in-use
    "3794106f48124cc1b15eb76528136ed3", // framebuffer
    "0753ca6917c641068556ce75657e2652", // driver-missing
    "112e407a961248d69419e2c137e2a58a", // skipped
    "a7465b52c9f343de9ca4bc5ec00998cd", // trial
    "acc6f018040b4226ad264234494e3c0a", // policy
};
static_assert(refused_ids.size() == static_cast<std::size_t>(Refusal::policy) + 1);

void add_field(JournalEntry& entry, std::string_view name, std::string_view value)
{
    entry.push_back(fmt::format("{}={}", name, printable(value)));
}

JournalEntry begin_entry(std::string_view message, std::string_view id, LogRecord::Level level, const Report& report)
{
    JournalEntry entry;
    add_field(entry, "MESSAGE", message);
    add_field(entry, "MESSAGE_ID", id);
    add_field(entry, "PRIORITY", std::to_string(level));
    add_field(entry, "SYSLOG_IDENTIFIER", "vfio-early");
    add_field(entry, "VFIO_EARLY_MODE", word_of(modes, report.mode));
    return entry;
}

JournalEntry verdict_entry(const ThisBoot& boot)
{
    const Report& report = *boot.report;
    const auto changed = std::ranges::count(boot.functions, FunctionStatus::State::changed, &FunctionStatus::state);
    std::string text;
    switch (report.mode) {
    case BootRequest::Mode::off:
        text = "off, nothing was bound: " + report.off_because;
        break;
    case BootRequest::Mode::dry_run:
        text = fmt::format("dry-run, nothing was bound: would bind {}, {} refused", report.count(Outcome::Kind::bound),
                           report.count(Outcome::Kind::refused));
        break;
    case BootRequest::Mode::normal:
        text = fmt::format("{} bound, {} refused, {} failed at boot; {}", report.count(Outcome::Kind::bound),
                           report.count(Outcome::Kind::refused), report.count(Outcome::Kind::failed),
                           boot.ok() ? "all is as the policy says" : "not all is as the policy says");
        break;
    }
    JournalEntry entry =
        begin_entry(text, verdict_message_id, boot.ok() ? LogRecord::notice : LogRecord::warning, report);
    add_field(entry, "VFIO_EARLY_OK", boot.ok() ? "true" : "false");
    for (const auto& [name, kind] :
         {std::pair("BOUND", Outcome::Kind::bound), std::pair("KEPT", Outcome::Kind::kept),
          std::pair("REFUSED", Outcome::Kind::refused), std::pair("FAILED", Outcome::Kind::failed)})
        add_field(entry, fmt::format("VFIO_EARLY_{}", name), std::to_string(report.count(kind)));
    add_field(entry, "VFIO_EARLY_CHANGED", std::to_string(changed));
    add_field(entry, "VFIO_EARLY_DURATION_USEC", std::to_string(report.duration.count()));
    return entry;
}

JournalEntry trouble_entry(const Outcome& outcome, const Report& report)
{
    constexpr std::string_view prefix = "vfio-early: "; // which the journal puts before each message itself
    const LogRecord record = log_record(outcome);
    const Refusal refusal = outcome.refusal.value_or(Refusal::policy);
    const bool refused = outcome.kind == Outcome::Kind::refused;
    JournalEntry entry = begin_entry(std::string_view(record.text).substr(prefix.size()),
                                     refused ? refused_message_id(refusal) : failed_message_id, record.level, report);
    // The texts of the catalog name these, so they are there even when they are empty.
    add_field(entry, "VFIO_EARLY_SUBJECT", outcome.subject);
    add_field(entry, "VFIO_EARLY_DETAIL", outcome.detail);
    add_field(entry, "VFIO_EARLY_STATEMENT", outcome.where.line != 0 ? outcome.where.full_text() : "");
    add_field(entry, "VFIO_EARLY_OUTCOME", word_of(kinds, outcome.kind));
    if (outcome.address)
        add_field(entry, "VFIO_EARLY_ADDRESS", outcome.address->text());
    if (!outcome.id.empty())
        add_field(entry, "VFIO_EARLY_ID", outcome.id);
    if (outcome.group)
        add_field(entry, "VFIO_EARLY_GROUP", std::to_string(*outcome.group));
    if (refused)
        add_field(entry, "VFIO_EARLY_REFUSAL", refusal_word(refusal));
    if (outcome.state)
        add_field(entry, "VFIO_EARLY_STATE", word_of(states, *outcome.state));
    return entry;
}

} // namespace

std::string_view refused_message_id(Refusal refusal)
{
    return refused_ids.at(static_cast<std::size_t>(refusal));
}

std::vector<JournalEntry> journal_entries(const ThisBoot& boot)
{
    std::vector<JournalEntry> entries;
    if (!boot.report)
        return entries;
    entries.push_back(verdict_entry(boot));
    for (const Outcome& outcome : boot.report->outcomes)
        if (outcome.kind == Outcome::Kind::refused || outcome.kind == Outcome::Kind::failed)
            entries.push_back(trouble_entry(outcome, *boot.report));
    return entries;
}

} // namespace vfio_early
