// SPDX-License-Identifier: GPL-2.0-only
/*
 * Masks of a guest that its VMM does not see: the side of the device. Who keeps them
 * (kvm-dio's table) learns from here where the owner has mapped its MSI-X table, what
 * it does to the eventfds, and when nothing it knows may hold any more; and it masks
 * vectors. The rule: dio_irqs.keep is there from open to close, and who is not the
 * owner looks at it under RCU.
 */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "dio_dev.h"
#include "dio_vfio.h"

#define DIO_BARS_LEN	(PCI_STD_NUM_BARS * 4)

struct dio_keep {
	struct dio_vfio_dev *d;
	const struct dio_vfio_mask_ops *ops;
	void *table;
	struct mutex lock;		/* of calls to ops->map() */
};

static bool dio_keep_idle(struct dio_keep *keep)
{
	return READ_ONCE(keep->d->irqs.keep_idle);
}

/* One that has been requested lives until the owner closes, and another one is not told. */
static struct dio_vec *dio_keep_vector(struct dio_keep *keep, unsigned int vector)
{
	struct dio_vec *v;

	rcu_read_lock();
	v = xa_load(&keep->d->irqs.vecs, vector);
	if (v && !READ_ONCE(v->irq))
		v = NULL;
	rcu_read_unlock();
	return v;
}

static struct dio_vec *dio_keep_begin(struct dio_keep *keep, unsigned int vector, bool *may)
{
	struct dio_vec *v;

	down_read(&keep->d->core.memory_lock);
	v = dio_keep_vector(keep, vector);
	*may = v && dio_vec_may_keep(v);
	return v;
}

static void dio_keep_end(struct dio_keep *keep)
{
	up_read(&keep->d->core.memory_lock);
}

/* From dio_keep_switched(), whose igate keeps the vector. */
static void dio_keep_audible(struct dio_keep *keep, unsigned int vector)
{
	struct dio_vec *v = xa_load(&keep->d->irqs.vecs, vector);

	if (v)
		dio_vec_keep(v, false);
}

static const struct dio_vfio_mask_host dio_keep_host = {
	.begin		= dio_keep_begin,
	.end		= dio_keep_end,
	.idle		= dio_keep_idle,
	.toggle		= dio_vec_toggle,
	.silence	= dio_vec_keep,
	.audible	= dio_keep_audible,
	.sync		= dio_vec_settle,
};

/*
 * Where the owner has mapped the table: what it wrote to the BAR, which the bits of
 * the BAR's size are not part of. It is sizing it while all others are ones.
 */
static u64 dio_keep_gpa(struct dio_vfio_dev *d)
{
	const __le32 *bar = (const __le32 *)&d->core.vconfig[PCI_BASE_ADDRESS_0] + d->core.msix_bar;
	u64 size = pci_resource_len(d->core.pdev, d->core.msix_bar), base = le32_to_cpu(*bar);

	if (pci_resource_flags(d->core.pdev, d->core.msix_bar) & IORESOURCE_MEM_64)
		base |= (u64)le32_to_cpu(bar[1]) << 32;
	base &= ~(size - 1);
	if (!base || !dio_memory_decodes(d) || upper_32_bits(base) == U32_MAX ||
	    (!upper_32_bits(base) && base + size >= BIT_ULL(32)))
		return DIO_VFIO_UNMAPPED;
	return base + d->core.msix_offset;
}

static bool dio_keep_bar_is_empty(const struct dio_vfio_dev *d)
{
	const __le32 *bar = (const __le32 *)&d->core.vconfig[PCI_BASE_ADDRESS_0] + d->core.msix_bar;

	return !(le32_to_cpu(*bar) & PCI_BASE_ADDRESS_MEM_MASK);
}

static void dio_keep_map(struct dio_keep *keep)
{
	struct dio_vfio_dev *d = keep->d;
	u64 gpa;

	mutex_lock(&keep->lock);
	down_read(&d->core.memory_lock);
	gpa = dio_keep_gpa(d);
	up_read(&d->core.memory_lock);
	/* a VMM that resets a device which cannot be reset does this to its BARs */
	if (dio_keep_bar_is_empty(d))
		keep->ops->forget(keep->table);
	keep->ops->map(keep->table, gpa);
	mutex_unlock(&keep->lock);
}

/* The owner is about to write to configuration space. config_sem is held. */
void dio_keep_config_begin(struct dio_vfio_dev *d, loff_t pos, size_t count)
{
	struct dio_keep *keep = d->irqs.keep;

	if (keep && dio_overlaps(pos, count, d->core.pdev->msix_cap + PCI_MSIX_FLAGS, 2))
		keep->ops->control(keep->table);
}

/* And it has. Sleeps. */
void dio_keep_config_end(struct dio_vfio_dev *d, loff_t pos, size_t count)
{
	struct pci_dev *pdev = d->core.pdev;
	struct dio_keep *keep = d->irqs.keep;

	if (keep && (dio_overlaps(pos, count, PCI_COMMAND, 2) ||
		     dio_overlaps(pos, count, PCI_BASE_ADDRESS_0, DIO_BARS_LEN) ||
		     (pdev->pm_cap && dio_overlaps(pos, count, pdev->pm_cap + PCI_PM_CTRL, 2))))
		dio_keep_map(keep);
}

/* MSI-X is off. Any context. */
void dio_keep_off(struct dio_vfio_dev *d)
{
	struct dio_keep *keep;

	rcu_read_lock();
	keep = READ_ONCE(d->irqs.keep);
	if (keep)
		keep->ops->off(keep->table);
	rcu_read_unlock();
}

/* The device was reset. Any context. */
void dio_keep_forget(struct dio_vfio_dev *d)
{
	struct dio_keep *keep;

	rcu_read_lock();
	keep = READ_ONCE(d->irqs.keep);
	if (keep)
		keep->ops->forget(keep->table);
	rcu_read_unlock();
}

/* Has its reader taken all signals of an eventfd, which is @fd in this process? */
static bool dio_keep_drained(const struct eventfd_ctx *ctx, int fd)
{
	struct eventfd_ctx *now;
	struct file *file;
	bool drained;

	file = eventfd_fget(fd);
	if (IS_ERR(file))
		return false;
	now = eventfd_ctx_fileget(file);
	drained = now == ctx && !(vfs_poll(file, NULL) & EPOLLIN);
	eventfd_ctx_put(now);
	fput(file);
	return drained;
}

/*
 * The vector has another eventfd. An address tells eventfds from each other as long
 * as one of them lives, which is all that is asked: one that comes back. igate is held.
 */
void dio_keep_switched(struct dio_vec *v, const struct eventfd_ctx *from,
		       const struct eventfd_ctx *to, int from_fd)
{
	struct dio_keep *keep = v->d->irqs.keep;

	if (!keep || !v->d->irqs.msix)
		return;
	if (!to)
		keep->ops->off(keep->table);
	else
		keep->ops->switched(keep->table, v->nr, (uintptr_t)from, (uintptr_t)to,
				    from && dio_keep_drained(from, from_fd));
}

static bool dio_keep_wanted(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	return cfg.mask == DIO_VFIO_MASK_KERNEL && d->irqs.nmsix;
}

/* Why an owner keeps them although kernel is set, or NULL. */
static const char *dio_keep_impossible(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	if (cfg.vectors != DIO_VFIO_VECTORS_OWN)
		return "vectors are vfio-pci-core's (set vectors own)";
	return d->core.vdev.kvm ? NULL : "it has no VM of KVM";
}

/* The setting may have changed. A device that was opened without stays so. Any context. */
void dio_keep_decide(struct dio_vfio_dev *d)
{
	struct dio_cfg cfg;

	dio_dev_get_cfg(d, &cfg);
	WRITE_ONCE(d->irqs.keep_idle, cfg.mask == DIO_VFIO_MASK_USER);
}

/* Who masks now. Any context. */
enum dio_vfio_mask dio_keep_who(struct dio_vfio_dev *d)
{
	return READ_ONCE(d->irqs.keep) && !READ_ONCE(d->irqs.keep_idle) ?
	       DIO_VFIO_MASK_KERNEL : DIO_VFIO_MASK_USER;
}

static const char *dio_keep_new(struct dio_vfio_dev *d, struct dio_keep *keep)
{
	const char *why = dio_keep_impossible(d);
	const struct dio_vfio_offer *offer;

	if (why)
		return why;
	keep->d = d;
	mutex_init(&keep->lock);
	offer = dio_offer_get(DIO_VFIO_OFFER_MASK);
	if (!offer)
		return "dio_kvm is not loaded";
	keep->ops = container_of(offer, struct dio_vfio_mask_ops, offer);
	keep->table = keep->ops->open(&dio_keep_host, keep, d->core.vdev.kvm, d->irqs.nmsix,
				      &why);
	if (keep->table)
		return NULL;
	module_put(keep->ops->offer.owner);
	return why;
}

/* An owner comes. VFIO keeps its VM's memory during this call. Sleeps. */
void dio_keep_open(struct dio_vfio_dev *d)
{
	struct dio_keep *keep;
	const char *why;

	if (!dio_keep_wanted(d))
		return;
	keep = kzalloc(sizeof(*keep), GFP_KERNEL);
	why = keep ? dio_keep_new(d, keep) : "no memory";
	if (why) {
		pci_info(d->core.pdev, "masks stay with the owner: %s\n", why);
		kfree(keep);
		return;
	}
	dio_keep_decide(d);
	WRITE_ONCE(d->irqs.keep, keep);
}

/* The owner goes; nothing of its vectors has changed yet. Sleeps. */
void dio_keep_close(struct dio_vfio_dev *d)
{
	struct dio_keep *keep = d->irqs.keep;

	if (!keep)
		return;
	WRITE_ONCE(d->irqs.keep, NULL);
	/* for a reset from outside */
	synchronize_rcu();
	keep->ops->close(keep->table);
	module_put(keep->ops->offer.owner);
	mutex_destroy(&keep->lock);
	kfree(keep);
}
