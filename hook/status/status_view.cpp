// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/status/status_view.hpp"

#include "early/model/printable.hpp"
#include "early/tell/report_lines.hpp"

#include <array>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

using State = FunctionStatus::State;

std::string_view state_word(State state)
{
    switch (state) {
    case State::ok:
        return "ok";
    case State::changed:
        return "changed";
    case State::refused:
        return "refused";
    case State::failed:
        return "failed";
    case State::unusable:
        break;
    }
    return "unusable";
}

Style state_style(State state)
{
    switch (state) {
    case State::ok:
        return Style::green;
    case State::refused:
        return Style::yellow;
    default:
        return Style::red;
    }
}

std::string boot_text(const Outcome& outcome)
{
    switch (outcome.kind) {
    case Outcome::Kind::bound:
        return "bound to " + outcome.driver;
    case Outcome::Kind::kept:
        return (outcome.driver.empty() ? "was without its native driver: " : "kept by " + outcome.driver + ": ") +
               outcome.detail;
    case Outcome::Kind::refused:
        return "refused: " + std::string(outcome.refusal ? refusal_word(*outcome.refusal) : "") +
               (outcome.detail.empty() ? "" : ": ") + outcome.detail;
    case Outcome::Kind::failed:
        break;
    }
    std::string text = "failed: " + outcome.detail;
    if (outcome.state)
        text += *outcome.state == Outcome::State::released ? "; released" : "; held";
    return text;
}

/// 16777216 to "16 MiB"
std::string size_text(std::uint64_t bytes)
{
    constexpr std::uint64_t step = 1024;
    std::size_t unit = 0;
    constexpr std::array<std::string_view, 5> units{"bytes", "KiB", "MiB", "GiB", "TiB"};
    while (bytes >= step && unit + 1 < units.size()) {
        bytes /= step;
        ++unit;
    }
    return fmt::format("{} {}", bytes, units.at(unit));
}

std::string vfio_text(const VfioView& view)
{
    if (view.busy)
        return "a virtual machine has it";
    return fmt::format("opened through VFIO ({}): {}, {} of BARs, {}", view.interface,
                       count_text(view.regions, "region"), size_text(view.bytes),
                       count_text(view.interrupts, "kind") + " of interrupt");
}

std::string mode_text(const Report& report)
{
    switch (report.mode) {
    case BootRequest::Mode::off:
        return "vfio-early was off in this boot, and bound nothing: " + report.off_because + ".";
    case BootRequest::Mode::dry_run:
        return "This boot was started with vfio_early=dry-run: nothing was bound; below is what would have been.";
    case BootRequest::Mode::normal:
        break;
    }
    return {};
}

} // namespace

void print_status(const StatusResult& result, Console& console)
{
    if (const std::string mode = mode_text(result.report); !mode.empty())
        console.out << mode << '\n';
    for (const FunctionStatus& status : result.functions) {
        const Outcome& outcome = status.outcome;
        console.out << fmt::format("{} {} {}",
                                   paint(console.colour_out, state_style(status.state), state_word(status.state)),
                                   printable(outcome.subject), outcome.id);
        console.out << printable(fmt::format("  {}", boot_text(outcome)));
        if (outcome.where.line != 0)
            console.out << printable(" (" + outcome.where.short_text() + ")");
        console.out << '\n';
        if (!status.detail.empty())
            console.out << "    " << printable(status.detail) << '\n';
        if (status.vfio)
            console.out << "    " << vfio_text(*status.vfio) << '\n';
    }
    for (const std::string& text : result.bound_since)
        console.out << "also bound, but not by this boot: " << printable(text) << '\n';
    for (const std::string& warning : result.report.warnings)
        console.out << "warning: " << printable(warning) << '\n';
    console.out << fmt::format(
        "{} bound, {} refused, {} failed at boot; {}\n", result.report.count(Outcome::Kind::bound),
        result.report.count(Outcome::Kind::refused), result.report.count(Outcome::Kind::failed),
        all_is_well(result.functions) ? "all is as the policy says" : "not all is as the policy says");
}

nlohmann::ordered_json status_json(const StatusResult& result)
{
    using namespace report_words;
    using Json = nlohmann::ordered_json;
    const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
    Json json{{"schema", 1},
              {"ok", all_is_well(result.functions) && result.report.mode == BootRequest::Mode::normal},
              {"mode", word_of(modes, result.report.mode)},
              {"functions", Json::array()}};
    for (const FunctionStatus& status : result.functions) {
        const Outcome& outcome = status.outcome;
        Json entry{{"subject", outcome.subject},
                   {"address", outcome.address ? Json(outcome.address->text()) : Json(nullptr)},
                   {"id", or_null(outcome.id)},
                   {"state", state_word(status.state)},
                   {"boot", word_of(kinds, outcome.kind)},
                   {"boot_driver", or_null(outcome.driver)},
                   {"refusal", outcome.refusal ? Json(refusal_word(*outcome.refusal)) : Json(nullptr)},
                   {"boot_detail", or_null(outcome.detail)},
                   {"driver", or_null(status.driver)},
                   {"detail", or_null(status.detail)},
                   {"statement", outcome.where.line != 0 ? Json(outcome.where.full_text()) : Json(nullptr)}};
        entry["vfio"] = nullptr;
        if (status.vfio) {
            entry["vfio"] = {{"busy", status.vfio->busy},
                             {"interface", or_null(status.vfio->interface)},
                             {"regions", status.vfio->regions},
                             {"bytes", status.vfio->bytes},
                             {"interrupts", status.vfio->interrupts},
                             {"mapped", status.vfio->mapped}};
        }
        json["functions"].push_back(std::move(entry));
    }
    json["bound_since"] = result.bound_since;
    json["warnings"] = result.report.warnings;
    json["notes"] = result.notes;
    return json;
}

} // namespace vfio_early
