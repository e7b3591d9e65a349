// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/plan.hpp"
#include "hook/edit/pin.hpp"

#include <set>
#include <string>
#include <vector>

namespace vfio_early {

/// What `setup` offers: the functions of a card, which go to a virtual machine together.
using Card = Functions;

/// The cards of a machine that people give to virtual machines, displays first. Parts of the board other than displays
/// are left out: they seldom have a group of their own.
[[nodiscard]] std::vector<Card> offered_cards(const Machine& machine);

/// "NVIDIA Corporation GK208B [GeForce GT 710]"
[[nodiscard]] std::string card_name(const Card& card, const PciNames& names);

/// "0000:01:00.0, 0000:01:00.1 (nouveau, snd_hda_intel); the boot display"
[[nodiscard]] std::string card_place(const Card& card);

/// "0000:01:00.0 VGA compatible controller: NVIDIA Corporation GK208B [GeForce GT 710] (nouveau)", a line a function.
[[nodiscard]] std::vector<std::string> function_lines(const Functions& functions, const PciNames& names);

/// The displays that are in none of the planned or refused functions, and so stay with the host.
[[nodiscard]] Functions displays_of_host(const Machine& machine, const std::set<Address>& given);

} // namespace vfio_early
