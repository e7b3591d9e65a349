// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/diagnostic.hpp"
#include "early/model/guards.hpp"
#include "early/model/pci.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// What a statement speaks of. Every selector given must match.
struct Selector {
    // Where the function is.
    std::optional<AddressPattern> address;
    std::optional<PathPattern> path;
    // What the function is.
    std::vector<IdPattern> ids;
    std::vector<IdPattern> subsystems;
    std::vector<ClassPattern> classes;
    std::optional<std::string> modalias; ///< a glob, as in modprobe.d alias lines
    std::optional<std::uint64_t> serial; ///< Device Serial Number
    std::optional<std::string> native;   ///< module that modules.alias names, '_' for '-'

    [[nodiscard]] bool has_place() const { return address || path; }
};

/// Which other functions a match brings along.
enum class Scope : std::uint8_t {
    function,   ///< none
    companions, ///< those of the same slot and the same IOMMU group: neither is usable without the other
    slot,       ///< the whole slot, whatever the groups
    group,      ///< the whole IOMMU group, whatever the slots
};
/// What becomes of a function that could not be bound.
enum class OnFailure : std::uint8_t { release, hold };

/// One setting of a device, applied while no driver has it (power: after the bind, because
/// vfio-pci's own probe resets power/control).
struct DeviceSetting {
    enum class Kind : std::uint8_t {
        reset,  ///< reset_method, a list such as "flr bus"
        d3cold, ///< d3cold_allowed: "on" or "off"
        power,  ///< power/control: "on" or "auto"
        rebar,  ///< resourceN_resize
    };
    Kind kind = Kind::reset;
    unsigned bar = 0;                       ///< for rebar: 0 to 5
    std::uint64_t bytes = 0;                ///< for rebar: a power of two of at least 1 MiB
    std::string value;                      ///< as written, and as it goes into the attribute for the others
    [[nodiscard]] std::string text() const; ///< "rebar0=256M"
};

struct BindStatement {
    Selector selector;
    bool all = false;
    Scope with = Scope::companions;
    std::string driver = "auto"; ///< "auto" or a module name
    OnFailure on_failure = OnFailure::release;
    RefusalSet allow;
    std::vector<DeviceSetting> settings;
    std::optional<unsigned> vfs; ///< create so many virtual functions and bind those instead
    std::string profile;         ///< empty: always
    Location where;
};

struct ProtectStatement {
    Selector selector;
    Refusal guard = Refusal::policy; ///< which allow= overrules it
    bool root = false;               ///< / itself is behind the function (only among the facts)
    std::string because;             ///< what would be lost; may be empty
    std::string profile;
    Location where;
};

/// `set module NAME KEY=VALUE…`
struct ModuleSetting {
    std::string module;  ///< '_' for '-'
    std::string options; ///< "disable_idle_d3=1 enable_sriov=1"
    std::string profile;
    Location where;
};

/// What only the running system knows of its machine, written into the image when that is made. The image cannot find
/// it out: it has few of the kernel's modules, and its disks have no drivers yet. bind hands it on to the running
/// system, where later runs are to decide as the boot did.
struct SystemFacts {
    /// The native modules of one modalias, '_' for '-'; empty: no module of the kernel takes it.
    struct Native {
        std::string modalias;
        std::vector<std::string> modules;
    };
    /// Why nobody knows what / is on; empty: it is known, and `protect` statements say it.
    std::string root_unknown = "no vfio-earlyctl has written into the image what its machine needs";
    bool few_modules = true; ///< the module index at hand is an image's: what it lacks the system may have
    std::vector<Native> natives;
};

enum class LogLevel : std::uint8_t { quiet, normal, debug };

/// What the policy's text says, and nothing about any machine.
struct Policy {
    std::vector<BindStatement> binds;
    std::vector<ProtectStatement> protects;
    std::vector<ModuleSetting> modules;
    std::chrono::milliseconds timeout{10'000};
    std::optional<unsigned> trial = 2; ///< unfinished boots allowed; nothing: off
    LogLevel log = LogLevel::normal;
    std::vector<std::string> profiles; ///< the names of all [sections], in order
    std::optional<SystemFacts> facts;  ///< nothing: all that is asked is known now
};

/// One file of the policy.
struct PolicyFile {
    std::string name; ///< for diagnostics
    std::string text;
    bool credential = false; ///< it came with the boot, behind the system's own files, and may not cost those their say
};

/// How the drop-in begins that `vfio-earlyctl image` makes of what it knows of the machine (SystemFacts, and `protect`
/// statements). Only such a file may have the statements `image`, `native` and `root`, which is `protect` for what / is
/// on.
inline constexpr std::string_view facts_mark = "# Made by vfio-earlyctl image";

struct ParsedPolicy {
    Policy policy;                       ///< complete only if `ok()`
    std::vector<Diagnostic> diagnostics; ///< at most max_diagnostics, in order of place
    std::size_t suppressed = 0;          ///< errors beyond those
    [[nodiscard]] bool ok() const;       ///< no error among the diagnostics
};

/// Reads a policy: the main file, then the drop-ins in the order given. Statements add up; `set timeout`, `set trial`
/// and `set log` override what an earlier file says, and are an error twice in one. The same text always gives
/// the same result, and no input makes it fail otherwise than by a diagnostic. A file over 1 MiB is an error.
/// A credential with an error is left out whole, and its first error is a warning; the rest holds as if there were
/// none.
[[nodiscard]] ParsedPolicy parse_policy(std::span<const PolicyFile> files);

/// `statement` as one policy line that parses back to the same value (the tool's writing commands).
[[nodiscard]] std::string to_text(const BindStatement& statement);
[[nodiscard]] std::string to_text(const ProtectStatement& statement);
/// The selector as a policy line has it, and a log line where no function can be named: "id=144d:a808 class=nvme".
[[nodiscard]] std::string selector_text(const Selector& selector);
/// Its ids, "10de:128b,10de:0e0f"; empty if it has none.
[[nodiscard]] std::string ids_text(const Selector& selector);
/// The statements `image` and `native`, a line each.
[[nodiscard]] std::string to_text(const SystemFacts& facts);

} // namespace vfio_early
