// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/denylist.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

bool is_denied_by_vfio_pci(const Ids& ids)
{
    constexpr std::uint16_t intel = 0x8086;
    constexpr std::array<std::uint16_t, 8> devices{
        0x0435, 0x0443, // QuickAssist DH895xCC and its virtual functions
        0x19e2, 0x19e3, // C3xxx
        0x37c8, 0x37c9, // C62x
        0x0b25, 0x0cfe, // DSA and IAA of Sapphire Rapids
    };
    return ids.vendor == intel && std::ranges::find(devices, ids.device) != devices.end();
}

} // namespace vfio_early
