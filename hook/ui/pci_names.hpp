// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/pci.hpp"

#include <memory>
#include <string>

struct pci_access; // NOLINT(readability-identifier-naming): libpci's

namespace vfio_early {

/// The names of pci.ids, looked up by libpci.
class PciNames {
public:
    /// `file` empty: the list of this system.
    explicit PciNames(const std::string& file = {});

    /// Empty where the list has no name.
    [[nodiscard]] std::string vendor(const Ids& ids) const;
    [[nodiscard]] std::string device(const Ids& ids) const;
    /// The subclass, or else the class; never empty ("Class 1234").
    [[nodiscard]] std::string class_name(const Ids& ids) const;
    /// Vendor and device, as far as known: "NVIDIA Corporation GK208B [GeForce GT 710]".
    [[nodiscard]] std::string full(const Ids& ids) const;

private:
    [[nodiscard]] std::string look_up(int what, unsigned first, unsigned second = 0) const;

    struct Deleter {
        void operator()(pci_access* access) const;
    };
    std::unique_ptr<pci_access, Deleter> access_;
};

} // namespace vfio_early
