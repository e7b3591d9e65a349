// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <string_view>

/// The words of the policy language, in the order of the manual page vfio-early.conf(5), which names each.
namespace vfio_early::policy_words {

inline constexpr std::array<std::string_view, 3> statements{"bind", "protect", "set"};

/// Keys that both `bind` and `protect` know.
inline constexpr std::array<std::string_view, 7> selectors{
    "path", "id", "subsystem", "class", "modalias", "serial", "native",
};
/// Keys that only `bind` knows.
inline constexpr std::array<std::string_view, 14> modifiers{
    "with",  "driver", "on-failure", "allow",  "vfs",    "reset",  "d3cold",
    "power", "rebar0", "rebar1",     "rebar2", "rebar3", "rebar4", "rebar5",
};
inline constexpr std::string_view all = "all";
/// Keys that only `protect` knows.
inline constexpr std::array<std::string_view, 2> protections{"guard", "because"};

inline constexpr std::array<std::string_view, 4> settings{"module", "timeout", "trial", "log"};

inline constexpr std::array<std::string_view, 4> scopes{"function", "companions", "slot", "group"};
/// Of the image step alone: whether it knows what / is on.
inline constexpr std::array<std::string_view, 2> knowledge{"known", "unknown"};
inline constexpr std::array<std::string_view, 2> failures{"release", "hold"};
inline constexpr std::array<std::string_view, 2> switches{"on", "off"};
inline constexpr std::array<std::string_view, 2> power_controls{"on", "auto"};
inline constexpr std::array<std::string_view, 3> log_levels{"quiet", "normal", "debug"};
/// reset_method_show() and pci_reset_fn_methods[] in drivers/pci/pci.c.
inline constexpr std::array<std::string_view, 7> reset_methods{
    "device_specific", "acpi", "flr", "af_flr", "pm", "bus", "cxl_bus",
};

} // namespace vfio_early::policy_words
