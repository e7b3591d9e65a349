// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/guards.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 18> words{
    "mismatch",  "missing",     "ambiguous",      "bridge",       "no-iommu",      "group",
    "root-disk", "root-nic",    "last-display",   "last-network", "last-keyboard", "vfs-enabled",
    "in-use",    "framebuffer", "driver-missing", "skipped",      "trial",         "policy",
};
static_assert(words.size() == static_cast<std::size_t>(Refusal::policy) + 1);

} // namespace

std::string_view refusal_word(Refusal refusal)
{
    return words.at(static_cast<std::size_t>(refusal));
}

std::optional<Refusal> parse_refusal(std::string_view word)
{
    const auto* const found = std::ranges::find(words, word);
    if (found == words.end())
        return std::nullopt;
    return static_cast<Refusal>(found - words.begin());
}

const std::vector<std::string_view>& allowable_guards()
{
    // The refusals that are about the host's good, not about whether the function is the right one.
    static const std::vector<std::string_view> guards{
        "root-disk", "root-nic",    "last-display", "last-network", "last-keyboard", "vfs-enabled",
        "in-use",    "framebuffer", "group",        "no-iommu",     "policy",
    };
    return guards;
}

} // namespace vfio_early
