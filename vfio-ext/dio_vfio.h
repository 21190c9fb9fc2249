/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What dio_vfio_pci offers other rooms: the arrival of a device's interrupts as
 * events, and a hold-off that spaces them.
 */
#ifndef DIO_VFIO_H
#define DIO_VFIO_H

#include <linux/notifier.h>
#include <linux/pci.h>
#include <uapi/linux/dio_vfio.h>

/**
 * enum dio_vfio_irq_action - first argument of an interrupt notifier
 * @DIO_VFIO_IRQ_ARRIVED: an interrupt reached the host. Hard interrupt context,
 *	interrupts off: neither sleep nor take a lock that is not irq-safe.
 * @DIO_VFIO_IRQ_GONE: the device is being unbound, no more calls follow. Process
 *	context, but inside an RCU read-side section: do not sleep.
 */
enum dio_vfio_irq_action {
	DIO_VFIO_IRQ_ARRIVED,
	DIO_VFIO_IRQ_GONE,
};

/**
 * struct dio_vfio_irq - second argument of an interrupt notifier
 * @pdev: the device
 * @index: interrupt type of its owner
 * @vector: number within @index
 */
struct dio_vfio_irq {
	struct pci_dev *pdev;
	enum dio_vfio_irq_index index;
	unsigned int vector;
};

struct dio_vfio_irq_client;

/**
 * dio_vfio_irq_attach() - hear of each interrupt of a device
 * @pdev: a device bound to dio-vfio-pci
 * @nb: notifier; @nb->notifier_call gets an action and a struct dio_vfio_irq
 *
 * Interrupts that dio_vfio_pci serves are told: MSI and MSI-X where the device's
 * setting vectors is "own", and INTx on an MSI. While a client is attached the
 * device is not posted to virtual CPUs by the IOMMU (posted interrupts do not
 * reach the host). Sleeps.
 *
 * Return: a handle for dio_vfio_irq_detach(), or ERR_PTR: -ENODEV if @pdev is
 * not bound to dio-vfio-pci, -ENOMEM.
 */
struct dio_vfio_irq_client *dio_vfio_irq_attach(struct pci_dev *pdev,
						struct notifier_block *nb);

/**
 * dio_vfio_irq_detach() - no call is running or follows when it returns
 * @client: from dio_vfio_irq_attach(); may outlive the device's binding
 *
 * Sleeps (waits for an RCU grace period).
 */
void dio_vfio_irq_detach(struct dio_vfio_irq_client *client);

/**
 * dio_vfio_irq_holdoff() - least time between two deliveries of a vector
 * @pdev: a device bound to dio-vfio-pci, open, with vectors "own"
 * @index: DIO_VFIO_IRQ_INDEX_MSI or DIO_VFIO_IRQ_INDEX_MSIX
 * @vector: number within @index, or -1 for every vector, future ones included
 * @us: microseconds, 0 (off) to DIO_VFIO_HOLDOFF_MAX_US
 *
 * After a delivery the vector is masked for @us; the device's pending bit (or
 * the host, where the vector cannot be masked) merges what comes meanwhile, and
 * the last event is delivered when the interval ends. Holds until the owner
 * closes the device. Sleeps.
 *
 * Return: 0; -ENODEV if @pdev is not bound or not open; -EINVAL if the vector
 * does not exist or @us is out of range; -EOPNOTSUPP if vfio-pci-core serves
 * the vectors, or for INTx.
 */
int dio_vfio_irq_holdoff(struct pci_dev *pdev, enum dio_vfio_irq_index index,
			 int vector, u32 us);

#endif /* DIO_VFIO_H */
