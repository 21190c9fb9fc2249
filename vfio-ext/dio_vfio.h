/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What dio_vfio_pci offers other rooms: the arrival of a device's interrupts as
 * events, a hold-off that spaces them, a guest's MSI-X masks behind its VMM, and its INTx.
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
 * dio_vfio_intx_by_work() - does an INTx reach the owner by a work of KVM's?
 * @client: from dio_vfio_irq_attach()
 *
 * Such a work waits for its turn among the ordinary tasks of the CPU that took the
 * interrupt. Sleeps.
 * Return: true if the owner has an INTx on that this driver serves, and no thread is to
 * raise it (inject thread).
 */
bool dio_vfio_intx_by_work(struct dio_vfio_irq_client *client);

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

/**
 * enum dio_vfio_offer_kind - what another module can do for devices
 * @DIO_VFIO_OFFER_MASK: &struct dio_vfio_mask_ops
 * @DIO_VFIO_OFFER_INJECT: &struct dio_vfio_inject_ops
 * @DIO_VFIO_NR_OFFERS: how many there are
 */
enum dio_vfio_offer_kind {
	DIO_VFIO_OFFER_MASK,
	DIO_VFIO_OFFER_INJECT,
	DIO_VFIO_NR_OFFERS,
};

/**
 * struct dio_vfio_offer - who does it
 * @owner: its module, held while a device is open that has it
 */
struct dio_vfio_offer {
	struct module *owner;
};

/* No address: the owner has not mapped the table. */
#define DIO_VFIO_UNMAPPED	U64_MAX

struct dio_keep;
struct dio_vec;
struct kvm;

/**
 * struct dio_vfio_mask_host - what whoever keeps masks may ask of dio_vfio_pci
 * @begin: the vector, or NULL if it was never used; keeps memory decoding of the device
 *	as it is until @end. @may: it can be masked in the device now, and that is wanted.
 *	Sleeps; taken outside all other locks
 * @end: the end of @begin
 * @idle: has the administrator taken it back? Then no mask is kept any more, what is
 *	kept is handed over, and loads are the owner's. Any context
 * @toggle: mask a vector that @begin has given once, or unmask it, as @silence does, if
 *	@may holds and there is nothing to wait for. False: nothing was done. Outside of
 *	@begin. Any context
 * @silence: mask a vector of @begin in the device, or unmask it. In addition to all
 *	other reasons for a mask, and over changes of its eventfd; what comes meanwhile
 *	stays with the device. A handler may still be running. Any context
 * @audible: unmask, outside of @begin. Any context
 * @sync: wait for that handler of a vector that @silence has masked. Sleeps
 *
 * All between @open and @close of &struct dio_vfio_mask_ops.
 */
struct dio_vfio_mask_host {
	struct dio_vec *(*begin)(struct dio_keep *keep, unsigned int vector, bool *may);
	void (*end)(struct dio_keep *keep);
	bool (*idle)(struct dio_keep *keep);
	bool (*toggle)(struct dio_vec *v, bool on);
	void (*silence)(struct dio_vec *v, bool on);
	void (*audible)(struct dio_keep *keep, unsigned int vector);
	void (*sync)(struct dio_vec *v);
};

/**
 * struct dio_vfio_mask_ops - who keeps the masks of a guest's MSI-X table
 * @offer: DIO_VFIO_OFFER_MASK
 * @open: a device is opened whose setting is mask kernel. Its own handle, or NULL and
 *	why it cannot. Sleeps
 * @close: it is closed. No call follows, and none is running. Sleeps
 * @map: the owner has mapped the table at @gpa, as its configuration space says, or
 *	nowhere (DIO_VFIO_UNMAPPED). Calls do not overlap. Sleeps
 * @control: MSI-X Control is being written, and the owner has not acted yet. Any context
 * @off: MSI-X was switched off, or a vector has no eventfd any more. Any context
 * @forget: the device was reset: the owner may have another table. Any context
 * @switched: the vector has another eventfd, and the one before gets no signal any
 *	more. @from and @to tell them from each other, 0 is none; @drained: the owner
 *	has read all signals of @from. Process context, must not sleep
 */
struct dio_vfio_mask_ops {
	struct dio_vfio_offer offer;
	void *(*open)(const struct dio_vfio_mask_host *host, struct dio_keep *keep,
		      struct kvm *kvm, unsigned int vectors, const char **why);
	void (*close)(void *table);
	void (*map)(void *table, u64 gpa);
	void (*control)(void *table);
	void (*off)(void *table);
	void (*forget)(void *table);
	void (*switched)(void *table, unsigned int vector, u64 from, u64 to, bool drained);
};

/**
 * struct dio_vfio_inject_ops - who can raise a pin of a VM in its caller's context
 * @offer: DIO_VFIO_OFFER_INJECT
 * @open: a device of a VM is opened whose setting is inject thread. Its own handle, or
 *	NULL and why it cannot. Sleeps
 * @close: it is closed. No call follows, and none is running. Sleeps
 * @raise: raise the pin whose irqfd with resample is the only one in @readers, where
 *	the readers of an eventfd wait. False: there is none, nothing was done. Process
 *	context, interrupts on; the eventfd is held
 */
struct dio_vfio_inject_ops {
	struct dio_vfio_offer offer;
	void *(*open)(const char **why);
	void (*close)(void *handle);
	bool (*raise)(void *handle, struct wait_queue_head *readers);
};

/**
 * dio_vfio_offer() - offer to do something for devices
 * @kind: what
 * @offer: the first member of its operations, valid until dio_vfio_withdraw()
 *
 * Devices that are opened from now on have it. Sleeps.
 * Return: 0; -EBUSY if there is somebody.
 */
int dio_vfio_offer(enum dio_vfio_offer_kind kind, const struct dio_vfio_offer *offer);

/* The end of it; no device is open that has it. Sleeps. */
void dio_vfio_withdraw(enum dio_vfio_offer_kind kind, const struct dio_vfio_offer *offer);

#endif /* DIO_VFIO_H */
