// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vfio_early {

/// The names of a list in the format of pci.ids. Lines that are no part of that format are passed over, so that a list
/// that was cut short or damaged still names what is left of it.
class PciNames {
public:
    /// `file` empty: the list of this system. It is read when the first name is asked for.
    explicit PciNames(std::string file = {}) : file_(std::move(file)) {}

    /// Empty where the list has no name.
    [[nodiscard]] std::string vendor(const Ids& ids) const;
    [[nodiscard]] std::string device(const Ids& ids) const;
    /// The subclass, or else the class; never empty ("Class 1234").
    [[nodiscard]] std::string class_name(const Ids& ids) const;
    /// Vendor and device, as far as known: "NVIDIA Corporation GK208B [GeForce GT 710]".
    [[nodiscard]] std::string full(const Ids& ids) const;

private:
    /// By what is named and its number, see key() in the source.
    using Names = std::map<std::uint64_t, std::string_view>;

    [[nodiscard]] std::string look_up(std::uint64_t key) const;
    void read_list() const;

    std::string file_;
    mutable std::optional<std::string> text_; ///< what the names point into
    mutable Names names_;
};

} // namespace vfio_early
