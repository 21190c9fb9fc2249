// SPDX-License-Identifier: GPL-2.0-only
/*
 * What dio_vfio_pci does with dio_kvm for an assigned device, done for tests with no
 * device: a table of two vectors that can always be masked, in each of two VMs, and an
 * INTx of which there is an eventfd alone. Numbers of files are the writing process'.
 *
 * Files in debugfs' dio_kvm_owner/, there while parameter `files` is 1. Not parameters:
 * with their lock held nobody may ask for what reads a file of sysfs, as hooks do.
 *   open      SLOT VMFD: open the table of slot 0 or 1
 *   map       SLOT GPA: its owner has mapped it there (hexadecimal), 0 nowhere
 *   switched  SLOT VECTOR FROM TO: the vector has another eventfd
 *   close     SLOT
 *   did       SLOT: which one is read. Read: masks, unmasks, waits for a handler
 *   protect   VMFD ON: say that the state of its first virtual CPU is protected
 *   secret    VMFD ON: say that the VM was made as one whose memory is. Read: is that
 *             to be said on this kernel?
 *   raise     FD: raise the pin of that eventfd. Read: was there one?
 */
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "compat/kvm_mmu.h"
#include "kvm-dio/inject.h"
#include "kvm-dio/mask_table.h"

#define OWNER_VECTORS	2
#define OWNER_SLOTS	2
#define OWNER_TEXT	64

/* What dio_vfio_pci has of its own. */
struct dio_vec {
	struct owner *owner;
};

struct dio_keep {
	struct owner *owner;
};

static struct owner {
	struct dio_keep keep;
	struct dio_vec vec[OWNER_VECTORS];
	void *table;			/* owner_lock; NULL: closed */
	atomic_t masks, unmasks, waits;
} owners[OWNER_SLOTS];

static DEFINE_MUTEX(owner_lock);
static unsigned int owner_shown;
static bool owner_raised;

static struct dio_vec *owner_begin(struct dio_keep *keep, unsigned int vector, bool *may)
{
	*may = true;
	return &keep->owner->vec[vector];
}

static void owner_end(struct dio_keep *keep)
{
}

static bool owner_idle(struct dio_keep *keep)
{
	return false;
}

static void owner_silence(struct dio_vec *v, bool on)
{
	atomic_inc(on ? &v->owner->masks : &v->owner->unmasks);
}

static bool owner_toggle(struct dio_vec *v, bool on)
{
	owner_silence(v, on);
	return true;
}

static void owner_audible(struct dio_keep *keep, unsigned int vector)
{
	owner_silence(&keep->owner->vec[vector], false);
}

static void owner_sync(struct dio_vec *v)
{
	atomic_inc(&v->owner->waits);
}

static const struct dio_vfio_mask_host owner_host = {
	.begin		= owner_begin,
	.end		= owner_end,
	.idle		= owner_idle,
	.toggle		= owner_toggle,
	.silence	= owner_silence,
	.audible	= owner_audible,
	.sync		= owner_sync,
};

/* The VM of a file, with a reference to the file; or an errno. */
static int owner_vm(unsigned int fd, struct file **file, struct kvm **kvm)
{
	struct dio_core core;
	int ret = dio_core_get(&core, NULL);

	if (ret)
		return ret;
	*file = fget(fd);
	*kvm = *file ? dio_core_kvm(*file) : NULL;
	dio_core_put(&core);
	if (*kvm)
		return 0;
	if (*file)
		fput(*file);
	return -EINVAL;
}

static int owner_open(struct owner *o, unsigned int fd)
{
	const char *why = NULL;
	struct file *file;
	struct kvm *kvm;
	unsigned int i;
	int ret = owner_vm(fd, &file, &kvm);

	if (ret)
		return ret;
	o->keep.owner = o;
	for (i = 0; i < OWNER_VECTORS; i++)
		o->vec[i].owner = o;
	atomic_set(&o->masks, 0);
	atomic_set(&o->unmasks, 0);
	atomic_set(&o->waits, 0);
	o->table = dio_mask_ops.open(&owner_host, &o->keep, kvm, OWNER_VECTORS, &why);
	fput(file);
	if (o->table)
		return 0;
	pr_info("no table: %s\n", why);
	return -EOPNOTSUPP;
}

static void owner_close(struct owner *o)
{
	if (o->table)
		dio_mask_ops.close(o->table);
	o->table = NULL;
}

/* A slot, open or not as it has to be; NULL: it is not. With owner_lock. */
static struct owner *owner_at(unsigned int slot, bool open)
{
	return slot < OWNER_SLOTS && !owners[slot].table == !open ? &owners[slot] : NULL;
}

static int owner_set_open(const char *text)
{
	unsigned int slot, fd;
	struct owner *o;
	int ret = -EINVAL;

	if (sscanf(text, "%u %u", &slot, &fd) != 2)
		return ret;
	mutex_lock(&owner_lock);
	o = owner_at(slot, false);
	if (o)
		ret = owner_open(o, fd);
	mutex_unlock(&owner_lock);
	return ret;
}

static int owner_set_map(const char *text)
{
	unsigned int slot;
	struct owner *o;
	u64 gpa;

	if (sscanf(text, "%u %llx", &slot, &gpa) != 2)
		return -EINVAL;
	mutex_lock(&owner_lock);
	o = owner_at(slot, true);
	if (o)
		dio_mask_ops.map(o->table, gpa ?: DIO_VFIO_UNMAPPED);
	mutex_unlock(&owner_lock);
	return o ? 0 : -EINVAL;
}

static int owner_set_switched(const char *text)
{
	unsigned int slot, vector, from, to;
	struct owner *o;

	if (sscanf(text, "%u %u %u %u", &slot, &vector, &from, &to) != 4 ||
	    vector >= OWNER_VECTORS)
		return -EINVAL;
	mutex_lock(&owner_lock);
	o = owner_at(slot, true);
	if (o)
		dio_mask_ops.switched(o->table, vector, from, to, true);
	mutex_unlock(&owner_lock);
	return o ? 0 : -EINVAL;
}

static int owner_set_close(const char *text)
{
	unsigned int slot;
	struct owner *o;

	if (kstrtouint(text, 0, &slot))
		return -EINVAL;
	mutex_lock(&owner_lock);
	o = owner_at(slot, true);
	if (o)
		owner_close(o);
	mutex_unlock(&owner_lock);
	return o ? 0 : -EINVAL;
}

static int owner_set_did(const char *text)
{
	unsigned int slot;

	if (kstrtouint(text, 0, &slot) || slot >= OWNER_SLOTS)
		return -EINVAL;
	WRITE_ONCE(owner_shown, slot);
	return 0;
}

static int owner_get_did(char *buf)
{
	struct owner *o = &owners[READ_ONCE(owner_shown)];

	return scnprintf(buf, OWNER_TEXT, "masks %d unmasks %d waits %d\n",
			 atomic_read(&o->masks), atomic_read(&o->unmasks),
			 atomic_read(&o->waits));
}

/* Something to be said of a VM, or not any more: "VMFD ON" */
static int owner_say(const char *text, bool (*say)(struct kvm *kvm, bool on))
{
	unsigned int fd, on;
	struct file *file;
	struct kvm *kvm;
	int ret;

	if (sscanf(text, "%u %u", &fd, &on) != 2)
		return -EINVAL;
	ret = owner_vm(fd, &file, &kvm);
	if (ret)
		return ret;
	ret = say(kvm, on) ? 0 : -EOPNOTSUPP;
	fput(file);
	return ret;
}

static bool owner_protect(struct kvm *kvm, bool on)
{
	WRITE_ONCE(kvm_get_vcpu(kvm, 0)->arch.guest_state_protected, on);
	return true;
}

static int owner_set_protect(const char *text)
{
	return owner_say(text, owner_protect);
}

static int owner_set_secret(const char *text)
{
	return owner_say(text, dio_kvm_set_confidential);
}

static int owner_get_secret(char *buf)
{
	return scnprintf(buf, OWNER_TEXT, "%d\n", dio_kvm_set_confidential(NULL, false));
}

struct owner_poll {
	poll_table pt;
	wait_queue_head_t *wqh;
};

static void owner_seen(struct file *file, wait_queue_head_t *wqh, poll_table *pt)
{
	container_of(pt, struct owner_poll, pt)->wqh = wqh;
}

static int owner_raise(struct file *file)
{
	struct owner_poll poll = { };
	const char *why = NULL;
	void *handle = dio_inject_ops.open(&why);

	if (!handle) {
		pr_info("no pin: %s\n", why);
		return -EOPNOTSUPP;
	}
	init_poll_funcptr(&poll.pt, owner_seen);
	vfs_poll(file, &poll.pt);
	owner_raised = poll.wqh && dio_inject_ops.raise(handle, poll.wqh);
	dio_inject_ops.close(handle);
	return 0;
}

static int owner_set_raise(const char *text)
{
	struct file *file;
	unsigned int fd;
	int ret;

	if (kstrtouint(text, 0, &fd))
		return -EINVAL;
	file = eventfd_fget(fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	mutex_lock(&owner_lock);
	ret = owner_raise(file);
	mutex_unlock(&owner_lock);
	fput(file);
	return ret;
}

static int owner_get_raise(char *buf)
{
	return scnprintf(buf, OWNER_TEXT, "%d\n", READ_ONCE(owner_raised));
}

static const struct owner_file {
	const char *name;
	int (*set)(const char *text);
	int (*get)(char *buf);
} owner_files[] = {
	{ "open", owner_set_open },
	{ "map", owner_set_map },
	{ "switched", owner_set_switched },
	{ "close", owner_set_close },
	{ "did", owner_set_did, owner_get_did },
	{ "protect", owner_set_protect },
	{ "secret", owner_set_secret, owner_get_secret },
	{ "raise", owner_set_raise, owner_get_raise },
};

static ssize_t owner_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	const struct owner_file *f = file->private_data;
	char text[OWNER_TEXT] = "";
	int ret;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	ret = f->set(strim(text));
	return ret ?: size;
}

static ssize_t owner_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	const struct owner_file *f = file->private_data;
	char text[OWNER_TEXT];

	if (!f->get)
		return -EINVAL;
	return simple_read_from_buffer(to, size, pos, text, f->get(text));
}

static const struct file_operations owner_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= owner_read,
	.write	= owner_write,
	.llseek	= default_llseek,
};

static struct dentry *owner_dir;

/*
 * The module's init is dio_kvm's: there is none here that could make the files. They
 * hold the module until they are gone.
 */
static int owner_set_files(const char *text, const struct kernel_param *kp)
{
	unsigned int i;
	bool on;

	if (kstrtobool(text, &on) || on == !!owner_dir)
		return -EINVAL;
	if (on) {
		__module_get(THIS_MODULE);
		owner_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
		for (i = 0; i < ARRAY_SIZE(owner_files); i++)
			debugfs_create_file(owner_files[i].name, 0600, owner_dir,
					    (void *)&owner_files[i], &owner_fops);
	} else {
		debugfs_remove(owner_dir);
		owner_dir = NULL;
		module_put(THIS_MODULE);
	}
	return 0;
}

static const struct kernel_param_ops files_ops = { .set = owner_set_files };
module_param_cb(files, &files_ops, NULL, 0200);
