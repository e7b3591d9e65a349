// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hook/fleet/bound_functions.hpp"
#include "hook/host/pci_names.hpp"

#include <string>
#include <vector>

namespace vfio_early {

/// What is bound here as others want to be told of it. All are pure; `functions` are those of bound_functions().

/// `configuration` of a KubeVirt resource: one entry of permittedHostDevices.pciHostDevices for each kind of function
/// (docs/compute/host-devices.md of kubevirt/user-guide, "Listing permitted devices"). KubeVirt takes functions of
/// vfio-pci alone (there, "Preparation of PCI devices for passthrough"); the others are comments.
[[nodiscard]] std::string kubevirt_text(const std::vector<Function>& functions, const PciNames& names);

/// [pci] of nova.conf: one device_spec for each function, with vendor_id, product_id and address (nova/conf/pci.py of
/// openstack/nova, the help of device_spec). What has a domain above its maximum, ffff, is a comment.
[[nodiscard]] std::string nova_text(const std::vector<Function>& functions, const PciNames& names);

/// Mappings for /etc/pve/mapping/pci.cfg, one for each kind of function (src/PVE/Mapping/PCI.pm of
/// proxmox/pve-guest-common: map_fmt; pve-docs, qm.adoc, "Resource Mapping"). A map line is for one function, and for
/// the whole slot, named without a function and with what its first function has, where all of its functions are bound.
/// `node`: the name of this host in the cluster.
[[nodiscard]] std::string proxmox_text(const std::vector<Function>& functions, const Machine& now,
                                       const PciNames& names, const std::string& node);

/// A feature file of node-feature-discovery, whose worker makes labels of the node out of it
/// (docs/usage/customization-guide.md of kubernetes-sigs/node-feature-discovery, "Local feature source"): what kind of
/// boot it was, whether all is as the policy says, and how many of each kind of function are bound.
[[nodiscard]] std::string nfd_text(const ThisBoot& boot);

} // namespace vfio_early
