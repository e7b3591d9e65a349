// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// How one device setting went.
struct SettingOutcome {
    std::string setting; ///< "reset=flr"
    enum class Result { applied, unsupported, failed };
    Result result = Result::applied;
    std::string detail;
};

/// How it ended for one function (or one statement that found none).
struct Outcome {
    enum class Kind {
        bound,   ///< the driver link was read back and names the wanted driver
        refused, ///< untouched
        failed,  ///< could not be bound; see `state`
        kept,    ///< stays with its native driver and gets virtual functions (vfs=)
    };
    /// Where a failed function was left. There is no third state.
    enum class State { released, held };

    Kind kind = Kind::refused;
    std::string subject; ///< the address, or a selector's text
    std::string id;      ///< "10de:128b"
    std::optional<Address> address;
    std::optional<unsigned> group;
    std::string driver;             ///< bound: the driver; kept: the native driver, empty until it is there
    std::optional<Refusal> refusal; ///< refused: why
    std::string detail;             ///< refused, failed, kept: the words after the colon
    std::optional<State> state;     ///< failed: where it was left
    std::optional<bool> viable;     ///< bound: what VFIO says of the group; nothing: could not be asked
    std::vector<SettingOutcome> settings;
    Location where;
    bool may_hold_root = false; ///< as in PlannedFunction

    bool released_later = false; ///< failed: a call hangs, and until it ends the function may still be bound by it

    /// True if no native driver can get the function until it is released: it is bound, or held.
    [[nodiscard]] bool taken() const { return kind == Kind::bound || state == State::held || released_later; }
};

struct Report {
    BootRequest::Mode mode = BootRequest::Mode::normal;
    std::string off_because; ///< as in BootRequest
    std::vector<Outcome> outcomes;
    std::vector<std::string> warnings;
    std::chrono::microseconds duration{0};
    LogLevel log = LogLevel::normal;
    std::vector<std::string> notes; ///< debug lines

    [[nodiscard]] unsigned count(Outcome::Kind kind) const;
    /// 0: all as the policy says; 1: something was refused or failed.
    [[nodiscard]] int exit_code() const;
};

/// The outcomes of a plan of which nothing was carried out: refusals as they are, everything else left out.
[[nodiscard]] std::vector<Outcome> refusals_of(const Plan& plan);

/// "4 virtual functions"
[[nodiscard]] std::string vfs_text(unsigned count);

/// An outcome that names the function, and says nothing more of it.
[[nodiscard]] Outcome outcome_of(Outcome::Kind kind, const Address& address, const Ids& ids);
/// The outcome for a function that stays with its native driver and is to have virtual functions.
[[nodiscard]] Outcome kept_outcome(const PlannedVfs& vfs);

/// The outcome for a function once its driver has taken it, as the plan has it.
[[nodiscard]] Outcome bound_outcome(const PlannedFunction& function);
/// What a plan would lead to if all went well, for a report in mode dry_run: bound outcomes stand for what would be
/// done, and log and JSON say so.
[[nodiscard]] std::vector<Outcome> intended_outcomes(const Plan& plan);

/// One record of the kernel log.
struct LogRecord {
    enum Level { error = 3, warning, notice, info, debug }; // as in syslog(3)

    /// `text` behind "vfio-early: ", as one line that the kernel neither parts nor cuts, whatever came in.
    LogRecord(Level record_level, std::string_view record_text);

    Level level;
    std::string text; ///< under 900 bytes, printable ASCII or UTF-8 only
};

/// The records of one outcome, and those of the whole report (warnings, outcomes, the done line).
/// `quiet` leaves out bound lines; `debug` adds notes.
[[nodiscard]] LogRecord log_record(const Outcome& outcome);
[[nodiscard]] std::vector<LogRecord> log_records(const Report& report);

} // namespace vfio_early
