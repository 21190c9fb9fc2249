// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MSI-X table of an assigned device as a device on KVM's MMIO bus: what mask.c
 * decides is done here, to the vector by dio_vfio_pci, and to the VMM by MMIO
 * fragments. Its place on the bus lasts from one change of the BAR to the next.
 *
 * Locks: dio_vfio_pci's begin(), then dio_table.lock, then the vector's own; toggle()
 * comes with dio_table.lock held, and does not wait for what begin() takes. No call of
 * dio_vfio_pci comes with kvm->srcu held; the guest's come with it.
 */
#include <linux/slab.h>
#include <kvm/iodev.h>

#include "mask_table.h"
#include "store.h"

typedef int dio_bus_register_t(struct kvm *kvm, enum kvm_bus bus_idx, gpa_t addr, int len,
			       struct kvm_io_device *dev);
typedef int dio_bus_unregister_t(struct kvm *kvm, enum kvm_bus bus_idx,
				 struct kvm_io_device *dev);

DIO_CALL(dio_bus_register, dio_bus_register_t, "kvm", "kvm_io_bus_register_dev",
	 "int (struct kvm *, enum kvm_bus, gpa_t, int, struct kvm_io_device *)", NULL);
DIO_CALL(dio_bus_unregister, dio_bus_unregister_t, "kvm", "kvm_io_bus_unregister_dev",
	 "int (struct kvm *, enum kvm_bus, struct kvm_io_device *)", NULL);

static struct dio_hook *const dio_mask_hooks[] = {
	&dio_bus_register_hook, &dio_bus_unregister_hook,
};

/* No mode of a VM: a table has it for itself. */
const struct dio_feature dio_mask_feature = {
	.name = "mask",
	.hooks = dio_mask_hooks,
	.nhooks = ARRAY_SIZE(dio_mask_hooks),
};

struct dio_place {
	struct kvm_io_device dev;
	struct dio_table *table;
	gpa_t gpa;
	bool gone;			/* the BAR is elsewhere, and this soon is, too */
};

static struct dio_place *dio_place_of(struct kvm_io_device *dev)
{
	return container_of(dev, struct dio_place, dev);
}

/*
 * Has the VMM finished the store of another virtual CPU? It has if that one was in
 * the guest since: it is now, or has left it once more.
 */
static bool dio_told_is_over(const struct kvm_vcpu *vcpu, const struct dio_told *told)
{
	return READ_ONCE(vcpu->stat.exits) != told->exits ||
	       READ_ONCE(vcpu->mode) == IN_GUEST_MODE;
}

/* While a vector is open or kept nobody is told of it. */
static bool dio_table_settled(struct dio_table *t, const struct kvm_vcpu *me, unsigned int nr)
{
	struct kvm_vcpu *vcpu;
	struct dio_told *told;
	unsigned long i;

	if (t->vector[nr].state >= DIO_MASK_OPEN)
		return true;
	kvm_for_each_vcpu(i, vcpu, t->kvm) {
		told = &t->told[vcpu->vcpu_idx];
		if (vcpu == me || !told->open || told->vector != nr)
			continue;
		if (!dio_told_is_over(vcpu, told))
			return false;
		told->open = false;
	}
	return true;
}

static void dio_table_tell(struct dio_table *t, const struct kvm_vcpu *vcpu, unsigned int nr)
{
	t->told[vcpu->vcpu_idx] = (struct dio_told) {
		.vector = nr, .exits = vcpu->stat.exits, .open = true,
	};
}

/*
 * KVM has two fragments for an instruction. It starts at none for each, and then at
 * one for what is left of a store behind the end of a page: there is room for ours if
 * none is taken and no such rest can follow.
 */
static bool dio_table_slot(const struct kvm_vcpu *vcpu, gpa_t addr, int len)
{
	return !vcpu->mmio_nr_fragments && offset_in_page(addr + len);
}

/* User space gets a store of 1 to the control word, and then what the guest stores. */
static void dio_table_pair(struct kvm_vcpu *vcpu, gpa_t entry)
{
	struct kvm_mmio_fragment *f = &vcpu->mmio_fragments[vcpu->mmio_nr_fragments++];

	f->gpa = entry + DIO_MASK_CTRL;
	f->val = 1;
	f->data = &f->val;
	f->len = 4;
}

/*
 * A control word at the end of a page has no slot for the mask that the VMM has to get
 * first: such a mask is not kept.
 */
static unsigned int dio_table_decide(const struct dio_place *p, struct kvm_vcpu *vcpu,
				     struct dio_mask *m, gpa_t addr, int len, const void *val,
				     bool may)
{
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY;
	struct dio_mask_store s = {
		.offset = (addr - p->gpa) % DIO_MASK_ENTRY,
		.len = len,
		.slot = dio_table_slot(vcpu, addr, len),
		.settled = dio_table_settled(p->table, vcpu, nr),
		.may = may && offset_in_page(p->gpa + (nr + 1) * DIO_MASK_ENTRY),
	};

	memcpy(s.word, val, len);
	return dio_mask_write(m, &s);
}

/* The table's lock is held, between begin() and end(). */
static unsigned int dio_table_store(const struct dio_place *p, struct kvm_vcpu *vcpu, gpa_t addr,
				    int len, const void *val, struct dio_vec *v, bool may)
{
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY, todo;
	struct dio_mask m = t->vector[nr];

	t->host_vector[nr] = v;
	todo = dio_table_decide(p, vcpu, &m, addr, len, val, may);
	/* the store fast path takes what is done here; else the emulator asks again */
	if (todo & DIO_MASK_FORWARD && dio_store_in_device(vcpu, val))
		return todo;
	t->vector[nr] = m;
	if (v && todo & (DIO_MASK_SILENCE | DIO_MASK_AUDIBLE))
		t->host->silence(v, m.silent);
	if (todo & DIO_MASK_PAIR)
		dio_table_pair(vcpu, p->gpa + nr * DIO_MASK_ENTRY);
	if (todo & DIO_MASK_FORWARD)
		dio_table_tell(t, vcpu, nr);
	return todo;
}

static bool dio_place_serves(const struct dio_place *p, const struct kvm_vcpu *vcpu, gpa_t addr,
			     int len)
{
	/* a VM whose state is not KVM's does not use the emulator's fragments */
	return !READ_ONCE(p->gone) && !vcpu->arch.guest_state_protected && len <= 8 &&
	       addr >= p->gpa && addr - p->gpa + len <= p->table->count * DIO_MASK_ENTRY;
}

/* A store over two entries, which the standard does not know: none of them is sure. */
static void dio_table_straddled(struct dio_table *t, unsigned int nr)
{
	spin_lock(&t->lock);
	dio_mask_forget(&t->vector[nr]);
	if (nr + 1 < t->count)
		dio_mask_forget(&t->vector[nr + 1]);
	spin_unlock(&t->lock);
}

/*
 * A mask or an unmask of a guest that does nothing else, and needs nobody else: all
 * of what dio_table_store() would ask is known of such an entry.
 */
static bool dio_table_quick(const struct dio_place *p, gpa_t addr, int len, const void *val)
{
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY;
	struct dio_vec *v;
	bool quick;
	u32 ctrl;

	if (len != 4 || (addr - p->gpa) % DIO_MASK_ENTRY != DIO_MASK_CTRL ||
	    !offset_in_page(addr + 4))
		return false;
	memcpy(&ctrl, val, sizeof(ctrl));
	if (ctrl > 1)
		return false;
	spin_lock(&t->lock);
	v = t->host_vector[nr];
	quick = v && dio_mask_flip(&t->vector[nr], ctrl);
	if (quick && unlikely(!t->host->toggle(v, ctrl))) {
		dio_mask_unflip(&t->vector[nr], ctrl);
		quick = false;
	}
	spin_unlock(&t->lock);
	return quick;
}

static noinline int dio_table_write(const struct dio_place *p, struct kvm_vcpu *vcpu, gpa_t addr,
				    int len, const void *val)
{
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY, todo;
	struct dio_vec *v;
	bool may;

	if ((addr - p->gpa) % DIO_MASK_ENTRY + len > DIO_MASK_ENTRY) {
		dio_table_straddled(t, nr);
		return -EOPNOTSUPP;
	}
	v = t->host->begin(t->keep, nr, &may);
	spin_lock(&t->lock);
	todo = dio_table_store(p, vcpu, addr, len, val, v, may);
	spin_unlock(&t->lock);
	t->host->end(t->keep);
	if (todo & DIO_MASK_SILENCE)
		t->host->sync(v);
	return todo & DIO_MASK_FORWARD ? -EOPNOTSUPP : 0;
}

/* In the virtual CPU's thread with kvm->srcu held, as read(). Sleeps. */
static int dio_place_write(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
			   const void *val)
{
	struct dio_place *p = dio_place_of(dev);

	if (!dio_place_serves(p, vcpu, addr, len))
		return -EOPNOTSUPP;
	if (likely(dio_table_quick(p, addr, len, val)))
		return 0;
	return dio_table_write(p, vcpu, addr, len, val);
}

static int dio_place_read(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
			  void *val)
{
	struct dio_place *p = dio_place_of(dev);
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY;
	unsigned int offset = (addr - p->gpa) % DIO_MASK_ENTRY;
	bool known = false;
	struct dio_mask *m;
	u32 word[2];

	if (!dio_place_serves(p, vcpu, addr, len) || offset + len > DIO_MASK_ENTRY)
		return -EOPNOTSUPP;
	m = &t->vector[nr];
	spin_lock(&t->lock);
	if (!t->host->idle(t->keep) || m->state == DIO_MASK_KEPT)
		known = dio_mask_read(m, offset, len, dio_table_settled(t, vcpu, nr), word);
	spin_unlock(&t->lock);
	if (!known)
		return -EOPNOTSUPP;
	memcpy(val, word, len);
	return 0;
}

/*
 * By KVM if it fails to shrink its bus, and, but for 6.1's, when it unregisters it;
 * the VM does not end before.
 */
static void dio_place_destroy(struct kvm_io_device *dev)
{
	struct dio_place *p = dio_place_of(dev);

	if (p->table->place == p)
		p->table->place = NULL;
	kfree(p);
}

static const struct kvm_io_device_ops dio_place_ops = {
	.read		= dio_place_read,
	.write		= dio_place_write,
	.destructor	= dio_place_destroy,
};

static int dio_place_add(struct dio_table *t, gpa_t gpa)
{
	struct dio_place *p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	int ret;

	lockdep_assert_held(&t->kvm->slots_lock);
	if (!p)
		return -ENOMEM;
	kvm_iodevice_init(&p->dev, &dio_place_ops);
	p->table = t;
	p->gpa = gpa;
	ret = dio_call(dio_bus_register)(t->kvm, KVM_MMIO_BUS, gpa, t->count * DIO_MASK_ENTRY,
					 &p->dev);
	if (ret)
		kfree(p);
	else
		t->place = p;
	return ret;
}

void dio_table_map(void *table, u64 gpa)
{
	struct dio_table *t = table;

	mutex_lock(&t->kvm->slots_lock);
	if (t->place && t->place->gpa != gpa) {
		WRITE_ONCE(t->place->gone, true);
		dio_call(dio_bus_unregister)(t->kvm, KVM_MMIO_BUS, &t->place->dev);
		if (t->place)
			dio_place_destroy(&t->place->dev);
	}
	/* without it everything is the VMM's, as it is with stock */
	if (!t->place && gpa != DIO_VFIO_UNMAPPED && dio_place_add(t, gpa))
		pr_warn_ratelimited("no place on the MMIO bus for an MSI-X table\n");
	mutex_unlock(&t->kvm->slots_lock);
}

static void dio_table_each(struct dio_table *t, void (*fn)(struct dio_mask *m))
{
	unsigned int i;

	spin_lock(&t->lock);
	for (i = 0; i < t->count; i++)
		fn(&t->vector[i]);
	spin_unlock(&t->lock);
}

void dio_table_control(void *table)
{
	dio_table_each(table, dio_mask_control);
}

void dio_table_off(void *table)
{
	dio_table_each(table, dio_mask_off);
}

void dio_table_forget(void *table)
{
	dio_table_each(table, dio_mask_forget);
}

void dio_table_switched(void *table, unsigned int nr, u64 from, u64 to, bool drained)
{
	struct dio_table *t = table;

	if (nr >= t->count)
		return;
	spin_lock(&t->lock);
	if (dio_mask_switched(&t->vector[nr], from, to, drained) & DIO_MASK_AUDIBLE)
		t->host->audible(t->keep, nr);
	spin_unlock(&t->lock);
}
