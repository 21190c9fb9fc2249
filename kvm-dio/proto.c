// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a function what we were compiled for? Asked of the running kernel's BTF,
 * read where it publishes it, in the first process's view of /sys: a prototype
 * that is not there is not the expected one.
 */
#include <linux/kernel_read_file.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "btf.h"
#include "dio_kvm.h"

struct dio_btf_file {
	char module[MODULE_NAME_LEN];	/* "" if nothing is loaded */
	void *data;
	struct dio_btf btf;
};

/* The kernel's, and one module's; kept from one check to the next. */
static struct dio_btf_file dio_btf_vmlinux, dio_btf_module;

static void dio_btf_unload(struct dio_btf_file *f)
{
	kvfree(f->btf.index);
	vfree(f->data);
	memset(f, 0, sizeof(*f));
}

static int dio_btf_parse(struct dio_btf_file *f, size_t size, const struct dio_btf *base)
{
	u32 *index;

	if (dio_btf_open(&f->btf, f->data, size, base))
		return -EINVAL;
	index = kvmalloc_array(f->btf.count, sizeof(*index), GFP_KERNEL);
	if (!index)
		return -ENOMEM;
	dio_btf_index(&f->btf, index);
	return 0;
}

static int dio_btf_load(struct dio_btf_file *f, const char *module, const struct dio_btf *base)
{
	char path[MODULE_NAME_LEN + 16];
	ssize_t size;
	int ret;

	if (!strcmp(f->module, module))
		return 0;
	dio_btf_unload(f);
	scnprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	size = kernel_read_file_from_path_initns(path, 0, &f->data, INT_MAX, NULL,
						 READING_UNKNOWN);
	if (size < 0) {
		f->data = NULL;
		return size;
	}
	ret = dio_btf_parse(f, size, base);
	if (ret) {
		dio_btf_unload(f);
		return ret;
	}
	strscpy(f->module, module, sizeof(f->module));
	return 0;
}

/* Let go of the BTF that was read: megabytes. */
void dio_proto_forget(void)
{
	dio_btf_unload(&dio_btf_module);
	dio_btf_unload(&dio_btf_vmlinux);
}

static int dio_btf_get(const char *module, const struct dio_btf **btf)
{
	int ret = dio_btf_load(&dio_btf_vmlinux, "vmlinux", NULL);

	*btf = &dio_btf_vmlinux.btf;
	if (ret || !strcmp(module, "vmlinux"))
		return ret;
	*btf = &dio_btf_module.btf;
	return dio_btf_load(&dio_btf_module, module, &dio_btf_vmlinux.btf);
}

/**
 * dio_proto_check() - compare a function's prototype with the expected one
 * @module: its module, held by the caller, or "vmlinux"
 * @symbol: its name
 * @proto: what it is expected to be
 * @reason: DIO_REASON_LEN bytes, says what is wrong
 *
 * Under dio_hook_lock. Sleeps.
 * Return: 0, or a negative errno with @reason; -EAGAIN: BTF could not be read.
 */
int dio_proto_check(const char *module, const char *symbol, const char *proto, char *reason)
{
	const struct dio_btf *btf;
	char text[DIO_BTF_TEXT];
	int ret;

	ret = dio_btf_get(module, &btf);
	if (ret) {
		scnprintf(reason, DIO_REASON_LEN, "no usable /sys/kernel/btf/%s (%d)", module, ret);
		return -EAGAIN;
	}
	ret = dio_btf_func(btf, symbol, text);
	if (ret) {
		scnprintf(reason, DIO_REASON_LEN, "BTF: %s", ret == -ENOENT ? "no such function" :
			 ret == -ENOTUNIQ ? "several functions of this name" :
			 "prototype cannot be told");
		return ret;
	}
	if (!strcmp(text, proto))
		return 0;
	scnprintf(reason, DIO_REASON_LEN, "prototype is %s", text);
	return -EINVAL;
}
