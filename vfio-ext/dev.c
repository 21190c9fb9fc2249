// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bound devices, their settings and their state. The list is sorted by PCI
 * address, so that a dump that goes on at an address misses no device that was
 * there all the time. Quarantine is decided here and nowhere else.
 */
#include <linux/slab.h>

#include "dio_dev.h"

#define DIO_READY_TIMEOUT_MS	10000
#define DIO_IDLE_TIMEOUT_MS	1000
#define DIO_DRAIN_MS		100

static LIST_HEAD(dio_devs);
static unsigned int dio_devs_generation = 1;
static DEFINE_MUTEX(dio_devs_lock);	/* the list and its generation */

/* The order of the list: domain, bus, device, function. Never 0. */
u64 dio_dev_key(const struct dio_vfio_dev *d)
{
	struct pci_dev *pdev = d->core.pdev;

	return ((u64)pci_domain_nr(pdev->bus) << 16 | pci_dev_id(pdev)) + 1;
}

enum dio_vfio_level dio_dev_level_max(const struct dio_vfio_dev *d)
{
	return d->row ? DIO_VFIO_LEVEL_FUNCTION : DIO_VFIO_LEVEL_CONFIG;
}

void dio_dev_init(struct dio_vfio_dev *d, struct pci_dev *pdev)
{
	INIT_LIST_HEAD(&d->node);
	mutex_init(&d->lock);
	mutex_init(&d->user_lock);
	dio_fence_init(d);
	d->row = dio_row_find(pdev);
	dio_irqs_init(d);
	d->state = DIO_VFIO_STATE_UNKNOWN;
	d->cfg = (struct dio_cfg) {
		.policy = DIO_VFIO_POLICY_OBSERVE,
		.level = dio_dev_level_max(d),
		.ready_timeout = DIO_READY_TIMEOUT_MS,
		.idle_timeout = DIO_IDLE_TIMEOUT_MS,
		.drain = DIO_DRAIN_MS,
		.intx = DIO_VFIO_INTX_LINE,
		.recheck = DIO_VFIO_RECHECK_AUTO,
		.vectors = DIO_VFIO_VECTORS_STOCK,
		.mask = DIO_VFIO_MASK_USER,
		.inject = DIO_VFIO_INJECT_WORK,
	};
}

void dio_dev_add(struct dio_vfio_dev *d)
{
	struct dio_vfio_dev *pos;

	mutex_lock(&dio_devs_lock);
	list_for_each_entry(pos, &dio_devs, node)
		if (dio_dev_key(pos) > dio_dev_key(d))
			break;
	list_add_tail(&d->node, &pos->node);
	dio_devs_generation++;
	mutex_unlock(&dio_devs_lock);
}

void dio_dev_del(struct dio_vfio_dev *d)
{
	mutex_lock(&dio_devs_lock);
	list_del_init(&d->node);
	dio_devs_generation++;
	mutex_unlock(&dio_devs_lock);
}

static struct dio_vfio_dev *dio_dev_hold(struct dio_vfio_dev *d)
{
	get_device(&d->core.vdev.device);
	pci_dev_get(d->core.pdev);
	return d;
}

void dio_dev_put(struct dio_vfio_dev *d)
{
	pci_dev_put(d->core.pdev);
	put_device(&d->core.vdev.device);
}

/* The bound device of @pdev with a reference, NULL if it is not ours. */
struct dio_vfio_dev *dio_dev_get(struct pci_dev *pdev)
{
	struct dio_vfio_dev *d, *found = NULL;

	mutex_lock(&dio_devs_lock);
	list_for_each_entry(d, &dio_devs, node)
		if (d->core.pdev == pdev)
			found = dio_dev_hold(d);
	mutex_unlock(&dio_devs_lock);
	return found;
}

/* The first device at or behind @key with a reference, NULL at the end. */
struct dio_vfio_dev *dio_dev_get_from(u64 key, unsigned int *generation)
{
	struct dio_vfio_dev *d, *found = NULL;

	mutex_lock(&dio_devs_lock);
	*generation = dio_devs_generation;
	list_for_each_entry(d, &dio_devs, node) {
		if (dio_dev_key(d) >= key) {
			found = dio_dev_hold(d);
			break;
		}
	}
	mutex_unlock(&dio_devs_lock);
	return found;
}

unsigned int dio_dev_count(void)
{
	unsigned int n;

	mutex_lock(&dio_devs_lock);
	n = list_count_nodes(&dio_devs);
	mutex_unlock(&dio_devs_lock);
	return n;
}

void dio_dev_get_cfg(struct dio_vfio_dev *d, struct dio_cfg *cfg)
{
	mutex_lock(&d->lock);
	*cfg = d->cfg;
	mutex_unlock(&d->lock);
}

void dio_dev_set_cfg(struct dio_vfio_dev *d, const struct dio_cfg *cfg)
{
	mutex_lock(&d->lock);
	d->cfg = *cfg;
	mutex_unlock(&d->lock);
}

/* An owner comes; the state before it. The caller holds dev_set->lock. */
enum dio_vfio_state dio_dev_open(struct dio_vfio_dev *d)
{
	enum dio_vfio_state old;

	WRITE_ONCE(d->opened, true);
	mutex_lock(&d->lock);
	old = d->state;
	d->state = DIO_VFIO_STATE_IN_USE;
	mutex_unlock(&d->lock);
	return old;
}

/* The owner did not get in, and nothing was done to the device: it is as before. */
void dio_dev_open_undo(struct dio_vfio_dev *d, enum dio_vfio_state old)
{
	mutex_lock(&d->lock);
	if (d->state == DIO_VFIO_STATE_IN_USE)
		d->state = old;
	mutex_unlock(&d->lock);
	WRITE_ONCE(d->opened, false);
}

/* core.pci_config_map was made, or is about to be freed. */
void dio_dev_config_live(struct dio_vfio_dev *d, bool live)
{
	mutex_lock(&d->lock);
	d->config_live = live;
	d->cmd_held = false;
	mutex_unlock(&d->lock);
}

/*
 * The owner is gone. A reset that judges the device is about to end or has
 * ended; without one it is unverified.
 */
void dio_dev_close(struct dio_vfio_dev *d)
{
	mutex_lock(&d->lock);
	d->released = false;
	if (d->state == DIO_VFIO_STATE_IN_USE)
		d->state = DIO_VFIO_STATE_UNVERIFIED;
	mutex_unlock(&d->lock);
	WRITE_ONCE(d->opened, false);
}

/*
 * Keep the VFIO user's writes to COMMAND in its virtual configuration space: a
 * device in quarantine must not become bus master again.
 */
static void dio_dev_hold_command(struct dio_vfio_dev *d, bool hold)
{
	u8 *map = d->core.pci_config_map;

	lockdep_assert_held(&d->lock);
	if (!d->config_live || d->cmd_held == hold)
		return;
	if (hold) {
		memcpy(d->cmd_map, map + PCI_COMMAND, sizeof(d->cmd_map));
		memset(map + PCI_COMMAND, DIO_CONFIG_VIRTUAL, sizeof(d->cmd_map));
	} else {
		memcpy(map + PCI_COMMAND, d->cmd_map, sizeof(d->cmd_map));
	}
	d->cmd_held = hold;
}

/* The state that @rec leads to. */
static enum dio_vfio_state dio_dev_next(struct dio_vfio_dev *d, const struct dio_record *rec)
{
	bool good = rec->result == DIO_VFIO_RESULT_VERIFIED && rec->level >= d->cfg.level;

	lockdep_assert_held(&d->lock);
	if (!good && d->state == DIO_VFIO_STATE_QUARANTINED)
		return DIO_VFIO_STATE_QUARANTINED;
	if (!good && rec->policy == DIO_VFIO_POLICY_STRICT && !d->released)
		return DIO_VFIO_STATE_QUARANTINED;
	if (READ_ONCE(d->opened))
		return DIO_VFIO_STATE_IN_USE;
	return rec->result == DIO_VFIO_RESULT_VERIFIED ? DIO_VFIO_STATE_CLEAN :
	       DIO_VFIO_STATE_UNVERIFIED;
}

/**
 * dio_dev_settle() - draw the consequence of a reset
 * @d: the device
 * @rec: the reset, judged; gets its number and the device's new state
 *
 * Strict, and the verdict below the level that was asked for: quarantine. Only a
 * verified reset or dio_dev_release() ends it. Sleeps.
 */
void dio_dev_settle(struct dio_vfio_dev *d, struct dio_record *rec)
{
	enum dio_vfio_state old;

	mutex_lock(&d->lock);
	old = d->state;
	rec->id = ++d->last_id;
	d->failures += rec->result == DIO_VFIO_RESULT_FAILED;
	d->state = dio_dev_next(d, rec);
	dio_dev_hold_command(d, d->state == DIO_VFIO_STATE_QUARANTINED);
	rec->state = d->state;
	mutex_unlock(&d->lock);
	if (rec->state == old)
		return;
	if (rec->state == DIO_VFIO_STATE_QUARANTINED)
		pci_warn(d->core.pdev, "quarantined: bus master off, open answers EIO\n");
	else if (old == DIO_VFIO_STATE_QUARANTINED)
		pci_info(d->core.pdev, "quarantine ended by a verified reset\n");
	dio_netlink_dev_event(d, DIO_VFIO_CMD_DEV_NTF);
}

/* An administrator's decision: one owner gets in. False if not quarantined. */
bool dio_dev_release(struct dio_vfio_dev *d)
{
	bool was;

	mutex_lock(&d->lock);
	was = d->state == DIO_VFIO_STATE_QUARANTINED;
	if (was) {
		d->released = true;
		d->state = READ_ONCE(d->opened) ? DIO_VFIO_STATE_IN_USE :
			   DIO_VFIO_STATE_UNVERIFIED;
		dio_dev_hold_command(d, false);
	}
	mutex_unlock(&d->lock);
	if (was) {
		pci_warn(d->core.pdev, "released from quarantine without a verified reset\n");
		dio_netlink_dev_event(d, DIO_VFIO_CMD_DEV_NTF);
	}
	return was;
}

bool dio_dev_quarantined(struct dio_vfio_dev *d)
{
	bool q;

	mutex_lock(&d->lock);
	q = d->state == DIO_VFIO_STATE_QUARANTINED;
	mutex_unlock(&d->lock);
	return q;
}
