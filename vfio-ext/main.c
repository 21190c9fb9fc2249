// SPDX-License-Identifier: GPL-2.0-only
/*
 * dio_vfio_pci: a VFIO variant driver whose resets are verified. Bound only by
 * driver_override; in every respect vfio-pci until an administrator sets a
 * policy. This file is the two tables of entry points and nothing else.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "dio_dev.h"

static int dio_vfio_open(struct vfio_device *vdev)
{
	return dio_life_open(dio_from_vdev(vdev));
}

static void dio_vfio_close(struct vfio_device *vdev)
{
	dio_life_close(dio_from_vdev(vdev));
}

static long dio_vfio_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct dio_vfio_dev *d = dio_from_vdev(vdev);

	switch (cmd) {
	case VFIO_DEVICE_RESET:
	case VFIO_DEVICE_PCI_HOT_RESET:
		return dio_trigger_ioctl(d, cmd, arg);
	case VFIO_DEVICE_SET_IRQS:
		return dio_irqs_set(d, (void __user *)arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return dio_irqs_info(d, (void __user *)arg);
	default:
		return vfio_pci_core_ioctl(vdev, cmd, arg);
	}
}

static bool dio_is_config(const loff_t *ppos)
{
	return VFIO_PCI_OFFSET_TO_INDEX(*ppos) == VFIO_PCI_CONFIG_REGION_INDEX;
}

static ssize_t dio_vfio_read(struct vfio_device *vdev, char __user *buf, size_t count,
			     loff_t *ppos)
{
	if (dio_is_config(ppos))
		return dio_irqs_config_read(dio_from_vdev(vdev), buf, count, ppos);
	return vfio_pci_core_read(vdev, buf, count, ppos);
}

static ssize_t dio_vfio_write(struct vfio_device *vdev, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	if (dio_is_config(ppos))
		return dio_trigger_write(dio_from_vdev(vdev), buf, count, ppos);
	return vfio_pci_core_write(vdev, buf, count, ppos);
}

static void dio_vfio_release(struct vfio_device *vdev)
{
	struct dio_vfio_dev *d = dio_from_vdev(vdev);

	dio_record_free_all(d);
	dio_config_release(d);
	mutex_destroy(&d->user_lock);
	mutex_destroy(&d->irqs.msi_lock);
	mutex_destroy(&d->lock);
	vfio_pci_core_release_dev(vdev);
}

static struct vfio_device_ops dio_vfio_ops __ro_after_init = {
	.name		= DIO_DRIVER_NAME,
	.init		= vfio_pci_core_init_dev,
	.release	= dio_vfio_release,
	.open_device	= dio_vfio_open,
	.close_device	= dio_vfio_close,
	.ioctl		= dio_vfio_ioctl,
	.device_feature	= vfio_pci_core_ioctl_feature,
	.read		= dio_vfio_read,
	.write		= dio_vfio_write,
	.mmap		= vfio_pci_core_mmap,
	.request	= vfio_pci_core_request,
	.match		= vfio_pci_core_match,
};

static int dio_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct dio_vfio_dev *d;
	int ret;

	d = vfio_alloc_device(dio_vfio_dev, core.vdev, &pdev->dev, &dio_vfio_ops);
	if (IS_ERR(d))
		return PTR_ERR(d);
	dio_dev_init(d, pdev);
	dev_set_drvdata(&pdev->dev, &d->core);
	ret = dio_config_keep(d);
	if (!ret)
		ret = vfio_pci_core_register_device(&d->core);
	if (ret) {
		vfio_put_device(&d->core.vdev);
		return ret;
	}
	dio_dev_add(d);
	dio_netlink_dev_event(d, DIO_VFIO_CMD_DEV_NTF);
	return 0;
}

static void dio_pci_remove(struct pci_dev *pdev)
{
	struct dio_vfio_dev *d = dio_from_pdev(pdev);

	dio_life_remove(d);
	dio_notify_gone(d);
	dio_dev_del(d);
	vfio_pci_core_unregister_device(&d->core);
	dio_fence_remove(d);
	dio_mmio_release(d);
	dio_netlink_dev_event(d, DIO_VFIO_CMD_DEV_DEL_NTF);
	vfio_put_device(&d->core.vdev);
}

static int dio_pci_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
	return vfio_pci_core_sriov_configure(dev_get_drvdata(&pdev->dev), nr_virtfn);
}

static const struct pci_error_handlers dio_pci_err_handler = {
	.error_detected	= vfio_pci_core_aer_err_detected,
	.reset_prepare	= dio_trigger_prepare,
	.reset_done	= dio_trigger_done,
};

/* Empty, so that only driver_override binds: vfio-pci keeps what is its own. */
static const struct pci_device_id dio_pci_ids[] = { {} };

struct pci_driver dio_pci_driver = {
	.name			= DIO_DRIVER_NAME,
	.id_table		= dio_pci_ids,
	.probe			= dio_pci_probe,
	.remove			= dio_pci_remove,
	.sriov_configure	= dio_pci_sriov_configure,
	.err_handler		= &dio_pci_err_handler,
	.driver_managed_dma	= true,
};

static int __init dio_vfio_init(void)
{
	int ret;

	dio_vfio_ops_complete(&dio_vfio_ops);
	ret = dio_netlink_init();
	if (ret)
		return ret;
	ret = pci_register_driver(&dio_pci_driver);
	if (ret)
		dio_netlink_exit();
	return ret;
}
module_init(dio_vfio_init);

static void __exit dio_vfio_exit(void)
{
	/* the last events are sent while the devices go */
	pci_unregister_driver(&dio_pci_driver);
	dio_netlink_exit();
}
module_exit(dio_vfio_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("VFIO variant driver with verified reset");
MODULE_VERSION("0.1.0");
