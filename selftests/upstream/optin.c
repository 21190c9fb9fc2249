// SPDX-License-Identifier: GPL-2.0
/*
 * Linked to every program of the kernel's kvm selftests: if DIO_OPTIN is in the
 * environment, each VM that is created has everything of ours switched on before
 * the program gets it, and a line is added to the file that DIO_OPTIN names. A VM
 * that the kernel does not let us have ends the program.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/dio_kvm.h>
#include <linux/kvm.h>

#include "genl.h"
#include "optin.h"

static int opt_in(int vm, char *text, size_t size)
{
	struct genl_request r;
	struct genl g;
	int ret = genl_open(&g, DIO_KVM_FAMILY_NAME, DIO_KVM_MCGRP_EVENTS);

	if (ret)
		return ret;
	genl_request(&g, &r, DIO_KVM_CMD_VM_SET, 0);
	genl_put_u32(&r, DIO_KVM_A_VM_FD, vm);
	genl_put_u32(&r, DIO_KVM_A_VM_MEMTYPE, DIO_KVM_MEMTYPE_FULL);
	genl_put(&r, DIO_KVM_A_VM_MEMTYPE_FORCE, NULL, 0);
	genl_put_u32(&r, DIO_KVM_A_VM_STORES, DIO_KVM_STORES_ALL);
	ret = genl_talk(&g, &r, NULL, NULL);
	snprintf(text, size, "%s", g.text);
	genl_close(&g);
	return ret;
}

static void note(const char *path)
{
	FILE *f = fopen(path, "a");

	if (!f || fprintf(f, "vm\n") < 0 || fclose(f))
		_exit(99);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	const char *path = getenv("DIO_OPTIN");
	char text[256] = "";
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	ret = __real_ioctl(fd, request, arg);
	/* other types than 0 have memory of their own, which we refuse */
	if (request != KVM_CREATE_VM || ret < 0 || arg || !path)
		return ret;
	if (opt_in(ret, text, sizeof(text))) {
		fprintf(stderr, "not opted in: %s\n", text);
		_exit(99);
	}
	note(path);
	return ret;
}
