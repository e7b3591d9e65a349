// SPDX-License-Identifier: GPL-2.0-or-later
// A native driver for QEMU's edu, which has none, with a symbol that its variant needs; so is it with xe and mlx5_core.
#include <linux/module.h>
#include <linux/pci.h>

int test_edu_of_variant(struct pci_dev *function);
int test_edu_of_variant(struct pci_dev *function)
{
	return function ? 0 : -ENODEV;
}
EXPORT_SYMBOL_GPL(test_edu_of_variant);

static int test_edu_probe(struct pci_dev *function, const struct pci_device_id *id)
{
	pci_info(function, "test_edu has it\n");
	return 0;
}

static const struct pci_device_id test_edu_table[] = { { PCI_DEVICE(0x1234, 0x11e8) }, {} };
MODULE_DEVICE_TABLE(pci, test_edu_table);
static struct pci_driver test_edu_driver = {
	.name = "test-edu",
	.id_table = test_edu_table,
	.probe = test_edu_probe,
};
module_pci_driver(test_edu_driver);
MODULE_DESCRIPTION("A native driver for tests");
MODULE_LICENSE("GPL");
