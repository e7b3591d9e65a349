// SPDX-License-Identifier: GPL-2.0-or-later
// For e1000e's 82574L; links against vfio_pci_core alone. The driver's name is not the module's, as with xe-vfio-pci.
#include <linux/pci.h>

#define VARIANT_NAME "test-vfio-pci"
static const struct pci_device_id variant_table[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_INTEL, 0x10d3) },
	{}
};
#include "variant.h"

MODULE_DEVICE_TABLE(pci, variant_table);
module_pci_driver(variant_driver);
MODULE_DESCRIPTION("A variant of vfio-pci for tests");
MODULE_LICENSE("GPL");
