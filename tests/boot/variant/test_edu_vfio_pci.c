// SPDX-License-Identifier: GPL-2.0-or-later
// For edu; links against its native driver: who loads it loads that, too.
#include <linux/pci.h>

#define VARIANT_NAME "test-edu-vfio-pci"
static const struct pci_device_id variant_table[] = { { PCI_DRIVER_OVERRIDE_DEVICE_VFIO(0x1234, 0x11e8) }, {} };
#include "variant.h"

int test_edu_of_variant(struct pci_dev *function);

static int probe(struct pci_dev *function, const struct pci_device_id *id)
{
	int error = test_edu_of_variant(function);

	return error ? error : variant_probe(function, id);
}

static int __init start(void)
{
	variant_driver.probe = probe;
	return pci_register_driver(&variant_driver);
}
module_init(start);

static void __exit stop(void)
{
	pci_unregister_driver(&variant_driver);
}
module_exit(stop);

MODULE_DEVICE_TABLE(pci, variant_table);
MODULE_DESCRIPTION("A variant of vfio-pci for tests, of a native driver");
MODULE_LICENSE("GPL");
