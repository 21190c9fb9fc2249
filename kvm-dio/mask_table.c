// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MSI-X table of an assigned device as a device on KVM's MMIO bus: what mask.c
 * decides is done here, to the vector by dio_vfio_pci, and to the VMM by MMIO
 * fragments. A table lives from the device's open to its close, its place on the bus
 * from one change of the BAR to the next.
 *
 * Locks: dio_vfio_pci's begin(), then dio_table.lock, then the vector's own. No call
 * of dio_vfio_pci comes with kvm->srcu held; the guest's come with it.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <kvm/iodev.h>

#include "mask.h"
#include "mask_table.h"
#include "store.h"
#include "vfio-ext/dio_vfio.h"

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

/* A store of a virtual CPU that user space gets: of which vector, and when. */
struct dio_told {
	unsigned int vector;
	u64 exits;
	bool open;
};

struct dio_table {
	const struct dio_vfio_mask_host *host;
	struct dio_keep *keep;
	struct kvm *kvm;		/* held */
	struct dio_core core;
	u32 held;
	unsigned int count;
	struct dio_place *place;	/* slots_lock: where it is on the bus, or NULL */

	spinlock_t lock;		/* of all below */
	struct dio_told *told;		/* by vcpu_idx */
	struct dio_mask vector[];
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

static unsigned int dio_table_decide(const struct dio_place *p, struct kvm_vcpu *vcpu,
				     struct dio_mask *m, gpa_t addr, int len, const void *val,
				     bool decodes)
{
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY;
	struct dio_mask_store s = {
		.offset = (addr - p->gpa) % DIO_MASK_ENTRY,
		.len = len,
		/* the store fast path has no fragments, and takes what needs none */
		.slot = dio_store_in_device(vcpu) || dio_table_slot(vcpu, addr, len),
		.settled = dio_table_settled(t, vcpu, nr),
	};

	/* a control word at the end of a page has no slot, when it may be needed */
	s.may = decodes && offset_in_page(p->gpa + (nr + 1) * DIO_MASK_ENTRY) &&
		t->host->can(t->keep, nr);
	memcpy(s.word, val, len);
	return dio_mask_write(m, &s);
}

/* The table's lock is held. */
static unsigned int dio_table_store(const struct dio_place *p, struct kvm_vcpu *vcpu, gpa_t addr,
				    int len, const void *val, bool decodes)
{
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY, todo;
	struct dio_mask m = t->vector[nr];

	todo = dio_table_decide(p, vcpu, &m, addr, len, val, decodes);
	/* the emulator is going to ask again */
	if (todo & DIO_MASK_FORWARD && dio_store_in_device(vcpu))
		return todo;
	t->vector[nr] = m;
	if (todo & (DIO_MASK_SILENCE | DIO_MASK_AUDIBLE))
		t->host->silence(t->keep, nr, m.silent);
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
	       addr >= p->gpa;
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

/* In the virtual CPU's thread with kvm->srcu held, as read(). Sleeps. */
static int dio_place_write(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
			   const void *val)
{
	struct dio_place *p = dio_place_of(dev);
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY, todo;
	bool decodes;

	if (!dio_place_serves(p, vcpu, addr, len))
		return -EOPNOTSUPP;
	if ((addr - p->gpa) % DIO_MASK_ENTRY + len > DIO_MASK_ENTRY) {
		dio_table_straddled(t, nr);
		return -EOPNOTSUPP;
	}
	decodes = t->host->begin(t->keep);
	spin_lock(&t->lock);
	todo = dio_table_store(p, vcpu, addr, len, val, decodes);
	spin_unlock(&t->lock);
	t->host->end(t->keep);
	if (todo & DIO_MASK_SILENCE)
		t->host->sync(t->keep, nr);
	return todo & DIO_MASK_FORWARD ? -EOPNOTSUPP : 0;
}

static int dio_place_read(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
			  void *val)
{
	struct dio_place *p = dio_place_of(dev);
	struct dio_table *t = p->table;
	unsigned int nr = (addr - p->gpa) / DIO_MASK_ENTRY;
	unsigned int offset = (addr - p->gpa) % DIO_MASK_ENTRY;
	u32 word[2];
	bool known;

	if (!dio_place_serves(p, vcpu, addr, len) || offset + len > DIO_MASK_ENTRY)
		return -EOPNOTSUPP;
	spin_lock(&t->lock);
	known = dio_mask_read(&t->vector[nr], offset, len, dio_table_settled(t, vcpu, nr), word);
	spin_unlock(&t->lock);
	if (!known)
		return -EOPNOTSUPP;
	memcpy(val, word, len);
	return 0;
}

/* By unregistering, by KVM at the VM's end, or if it fails to shrink its bus. */
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

static void dio_mask_map(void *table, u64 gpa)
{
	struct dio_table *t = table;

	mutex_lock(&t->kvm->slots_lock);
	if (t->place && t->place->gpa != gpa) {
		WRITE_ONCE(t->place->gone, true);
		dio_call(dio_bus_unregister)(t->kvm, KVM_MMIO_BUS, &t->place->dev);
	}
	/* without it everything is the VMM's, as it is with stock */
	if (!t->place && gpa != DIO_VFIO_UNMAPPED && dio_place_add(t, gpa))
		pr_warn_ratelimited("no place on the MMIO bus for an MSI-X table\n");
	mutex_unlock(&t->kvm->slots_lock);
}

static void dio_mask_each(struct dio_table *t, void (*fn)(struct dio_mask *m))
{
	unsigned int i;

	spin_lock(&t->lock);
	for (i = 0; i < t->count; i++)
		fn(&t->vector[i]);
	spin_unlock(&t->lock);
}

static void dio_mask_each_control(void *table)
{
	dio_mask_each(table, dio_mask_control);
}

static void dio_mask_each_forget(void *table)
{
	dio_mask_each(table, dio_mask_forget);
}

static void dio_mask_vector_switched(void *table, unsigned int nr, u64 from, u64 to, bool drained)
{
	struct dio_table *t = table;

	if (nr >= t->count)
		return;
	spin_lock(&t->lock);
	if (dio_mask_switched(&t->vector[nr], from, to, drained) & DIO_MASK_AUDIBLE)
		t->host->silence(t->keep, nr, false);
	spin_unlock(&t->lock);
}

static struct dio_table *dio_table_new(unsigned int count)
{
	struct dio_table *t = kvzalloc(struct_size(t, vector, count), GFP_KERNEL_ACCOUNT);

	if (!t)
		return NULL;
	t->count = count;
	spin_lock_init(&t->lock);
	t->told = kvcalloc(KVM_MAX_VCPUS, sizeof(*t->told), GFP_KERNEL_ACCOUNT);
	if (t->told)
		return t;
	kvfree(t);
	return NULL;
}

static void dio_table_free(struct dio_table *t)
{
	kvfree(t->told);
	kvfree(t);
}

/* KVM loaded, its functions callable, and a reference to the VM. */
static int dio_table_attach(struct dio_table *t, struct kvm *kvm)
{
	int ret = dio_core_get(&t->core, NULL);

	if (ret)
		return ret;
	ret = dio_hooks_get(&dio_mask_feature, 1, &t->held, NULL);
	if (ret)
		goto err_core;
	ret = dio_core_hold(kvm) ? 0 : -ENODEV;
	if (ret)
		goto err_hooks;
	t->kvm = kvm;
	return 0;

err_hooks:
	dio_hooks_put(&dio_mask_feature, t->held);
err_core:
	dio_core_put(&t->core);
	return ret;
}

static void *dio_mask_open(const struct dio_vfio_mask_host *host, struct dio_keep *keep,
			   struct kvm *kvm, unsigned int vectors)
{
	struct dio_table *t = dio_table_new(vectors);

	if (!t)
		return NULL;
	t->host = host;
	t->keep = keep;
	if (!dio_table_attach(t, kvm))
		return t;
	dio_table_free(t);
	return NULL;
}

static void dio_mask_close(void *table)
{
	struct dio_table *t = table;

	dio_mask_map(t, DIO_VFIO_UNMAPPED);
	dio_core_unhold(t->kvm);
	dio_hooks_put(&dio_mask_feature, t->held);
	dio_core_put(&t->core);
	dio_table_free(t);
}

static const struct dio_vfio_mask_ops dio_mask_ops = {
	.owner		= THIS_MODULE,
	.open		= dio_mask_open,
	.close		= dio_mask_close,
	.map		= dio_mask_map,
	.control	= dio_mask_each_control,
	.forget		= dio_mask_each_forget,
	.switched	= dio_mask_vector_switched,
};

/* dio_vfio_pci may come and go while this module is loaded, which does not keep it. */
static void dio_mask_offer(void)
{
	typeof(dio_vfio_mask_register) *fn = symbol_get(dio_vfio_mask_register);

	if (!fn)
		return;
	if (fn(&dio_mask_ops))
		pr_warn("somebody else keeps the masks of guests\n");
	symbol_put(dio_vfio_mask_register);
}

static int dio_mask_module(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct module *mod = data;

	if (event == MODULE_STATE_LIVE && !strcmp(mod->name, "dio_vfio_pci"))
		dio_mask_offer();
	return NOTIFY_OK;
}

static struct notifier_block dio_mask_nb = { .notifier_call = dio_mask_module };

int dio_mask_init(void)
{
	int ret = register_module_notifier(&dio_mask_nb);

	if (!ret)
		dio_mask_offer();
	return ret;
}

/* No table is there: each holds this module. */
void dio_mask_exit(void)
{
	typeof(dio_vfio_mask_unregister) *fn = symbol_get(dio_vfio_mask_unregister);

	unregister_module_notifier(&dio_mask_nb);
	if (!fn)
		return;
	fn(&dio_mask_ops);
	symbol_put(dio_vfio_mask_unregister);
}
