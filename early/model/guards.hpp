// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace vfio_early {

/// Why a function is left alone: the refusal words of the log.
enum class Refusal : std::uint8_t {
    mismatch,       ///< something else is at this place
    missing,        ///< nothing is
    ambiguous,      ///< several slots match, and `all` was not written
    bridge,         ///< bridges stay with pcieport; never overruled
    no_iommu,       ///< without an IOMMU group vfio-pci's probe can only fail
    group,          ///< the group would not be viable
    root_disk,      ///< a file system the host needs is on it
    root_nic,       ///< the root file system comes over it
    last_display,   ///< the only screen of the host
    last_network,   ///< the only network card of the host
    last_keyboard,  ///< a passphrase is typed on it
    vfs_enabled,    ///< a physical function with virtual functions enabled
    in_use,         ///< a native display driver already runs it
    framebuffer,    ///< the firmware's framebuffer lies in its memory, and cannot be taken away
    driver_missing, ///< the module it is to be bound to does not exist
    skipped,        ///< vfio_early.skip= on the kernel command line
    trial,          ///< the policy did not finish its last boots
    policy,         ///< the policy says so (`protect`), or cannot be used
};

[[nodiscard]] std::string_view refusal_word(Refusal refusal);
[[nodiscard]] std::optional<Refusal> parse_refusal(std::string_view word);

/// Those that allow= may name (every guard but `bridge`).
[[nodiscard]] const std::vector<std::string_view>& allowable_guards();

/// A set of refusals.
class RefusalSet {
public:
    void insert(Refusal refusal) { bits_ |= bit(refusal); }
    [[nodiscard]] bool contains(Refusal refusal) const { return (bits_ & bit(refusal)) != 0; }
    [[nodiscard]] bool empty() const { return bits_ == 0; }
    bool operator==(const RefusalSet&) const = default;

private:
    static std::uint32_t bit(Refusal refusal) { return 1U << static_cast<unsigned>(refusal); }
    std::uint32_t bits_ = 0;
};

} // namespace vfio_early
