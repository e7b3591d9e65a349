/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A variant of vfio-pci that does what vfio-pci does: for the choice of a driver its name and its alias are all. */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

static int variant_open(struct vfio_device *device)
{
	struct vfio_pci_core_device *core = container_of(device, struct vfio_pci_core_device, vdev);
	int error = vfio_pci_core_enable(core);

	if (!error)
		vfio_pci_core_finish_enable(core);
	return error;
}

static const struct vfio_device_ops variant_ops = {
	.name = VARIANT_NAME,
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = variant_open,
	.close_device = vfio_pci_core_close_device,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
};

static int variant_probe(struct pci_dev *function, const struct pci_device_id *id)
{
	struct vfio_pci_core_device *core;
	int error;

	core = vfio_alloc_device(vfio_pci_core_device, vdev, &function->dev, &variant_ops);
	if (IS_ERR(core))
		return PTR_ERR(core);
	dev_set_drvdata(&function->dev, core);
	error = vfio_pci_core_register_device(core);
	if (error)
		vfio_put_device(&core->vdev);
	return error;
}

static void variant_remove(struct pci_dev *function)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&function->dev);

	vfio_pci_core_unregister_device(core);
	vfio_put_device(&core->vdev);
}

static struct pci_driver variant_driver = {
	.name = VARIANT_NAME,
	.id_table = variant_table,
	.probe = variant_probe,
	.remove = variant_remove,
	.err_handler = &vfio_pci_core_err_handlers,
	.driver_managed_dma = true,
};
