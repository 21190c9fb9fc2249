// SPDX-License-Identifier: GPL-2.0
/* The netlink families of diok's modules. */
#include <unistd.h>

#include <linux/dio_kvm.h>
#include <linux/dio_sched.h>
#include <linux/dio_vfio.h>

#include "family.h"

static const struct names *vfio_attrs(int cmd)
{
	switch (cmd) {
	case DIO_VFIO_CMD_RESET_GET:
		return &names_attr_reset;
	case DIO_VFIO_CMD_IRQ_GET:
	case DIO_VFIO_CMD_IRQ_SET:
		return &names_attr_irq;
	default:
		return &names_attr_dev;
	}
}

static const struct names *kvm_attrs(int cmd)
{
	(void)cmd;
	return &names_attr_vm;
}

static const struct names *sched_attrs(int cmd)
{
	return cmd == DIO_SCHED_CMD_ADMIT_GET ? &names_attr_admit : &names_attr_target;
}

const struct nl_family family_vfio = {
	.name = DIO_VFIO_FAMILY_NAME,
	.group = DIO_VFIO_MCGRP_EVENTS,
	.module = "dio_vfio_pci",
	.loaded = "/sys/bus/pci/drivers/dio-vfio-pci",
	.version = DIO_VFIO_FAMILY_VERSION,
	.attrs = vfio_attrs,
};

const struct nl_family family_kvm = {
	.name = DIO_KVM_FAMILY_NAME,
	.group = DIO_KVM_MCGRP_EVENTS,
	.module = "dio_kvm",
	.loaded = "/sys/module/dio_kvm",
	.version = DIO_KVM_FAMILY_VERSION,
	.attrs = kvm_attrs,
};

const struct nl_family family_sched = {
	.name = DIO_SCHED_FAMILY_NAME,
	.group = DIO_SCHED_MCGRP_EVENTS,
	.module = "dio_sched",
	.loaded = "/sys/module/dio_sched",
	.version = DIO_SCHED_FAMILY_VERSION,
	.attrs = sched_attrs,
};

bool family_loaded(const struct nl_family *family)
{
	return !access(family->loaded, F_OK);
}
