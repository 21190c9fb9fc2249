// SPDX-License-Identifier: GPL-2.0
/* The modules, and the fast path of a VM, by the netlink family dio_kvm. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/dio_kvm.h>

#include "genl.h"
#include "kmod.h"
#include "storevm.h"

const char *const vm_slow_name[] = {
	"register", "device", "state", "apic", "memory", "code", "insn", "address", "debug",
	"shadow", "pmu",
};

bool vm_intel(void)
{
	static char text[4096];
	int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			text[0] = '\0';
		close(fd);
	}
	return strstr(text, " vmx ");
}

const char *vm_module = "dio_kvm";

int vm_load(void)
{
	return kmod_load(vm_intel() ? "kvm_intel" : "kvm_amd") ?: kmod_load(vm_module);
}

static int talk(int command, const struct vm *vm, const uint32_t *mode, genl_reply_fn fn,
		void *data, char *text, int size)
{
	struct genl_request r;
	struct genl g;
	int ret = genl_open(&g, "dio_kvm", "events");

	if (ret)
		return ret;
	genl_request(&g, &r, command, NLM_F_ACK);
	genl_put_u32(&r, DIO_KVM_A_VM_FD, vm->fd);
	if (mode)
		genl_put_u32(&r, DIO_KVM_A_VM_STORES, *mode);
	ret = genl_talk(&g, &r, fn, data);
	if (text)
		snprintf(text, size, "%s", g.text);
	genl_close(&g);
	return ret;
}

int vm_stores_set(const struct vm *vm, uint32_t mode, char *text, int size)
{
	return talk(DIO_KVM_CMD_VM_SET, vm, &mode, NULL, NULL, text, size);
}

static void stat_read(const struct nlattr *nest, struct vm_stores *s)
{
	struct genl_walk w = genl_walk_nest(nest);
	const struct nlattr *a;
	int type;

	while ((a = genl_next(&w))) {
		type = genl_type(a);
		if (type == DIO_KVM_A_STORES_STAT_EOI)
			s->eoi = genl_number(a);
		else if (type == DIO_KVM_A_STORES_STAT_DEVICE)
			s->device = genl_number(a);
		else if (type >= DIO_KVM_A_STORES_STAT_SLOW_REGISTER &&
			 type < DIO_KVM_A_STORES_STAT_SLOW_REGISTER + SLOW_REASONS)
			s->slow[type - DIO_KVM_A_STORES_STAT_SLOW_REGISTER] = genl_number(a);
	}
}

static void reply(const struct nlmsghdr *m, void *data)
{
	struct genl_walk w = genl_walk(m);
	const struct nlattr *a;

	while ((a = genl_next(&w)))
		if (genl_type(a) == DIO_KVM_A_VM_STORES_STAT)
			stat_read(a, data);
}

int vm_stores_get(const struct vm *vm, struct vm_stores *s)
{
	memset(s, 0, sizeof(*s));
	return talk(DIO_KVM_CMD_VM_GET, vm, NULL, reply, s, NULL, 0);
}
