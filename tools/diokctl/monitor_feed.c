// SPDX-License-Identifier: GPL-2.0
/*
 * What each family tells the monitor, and what is read again when events were
 * lost: the state of each object, and from the kernel's ring the resets that
 * were missed, so that each reset is printed once, in order.
 */
#include <linux/dio_kvm.h>
#include <linux/dio_sched.h>
#include <linux/dio_vfio.h>

#include "diokctl.h"
#include "irq_show.h"
#include "monitor.h"
#include "out.h"
#include "rt.h"
#include "show.h"
#include "vm_show.h"

void event_begin(const char *event)
{
	char stamp[STAMP_SIZE];

	out_open_object(NULL);
	if (opt.stamp) {
		stamp_now(stamp);
		out_str("timestamp", stamp, "%s ", stamp);
	}
	out_str("event", event, NULL);
}

void event_end(struct monitor *mon)
{
	out_close_object();
	if (out_end())
		mon->broken = true;
}

static void print_reset(struct monitor *mon, struct nl_msg *msg)
{
	struct reset_summary sum;

	if (!(mon->objects & MONITOR_DEV) || show_reset_read(msg, &sum) ||
	    !seen_new(&mon->seen, sum.addr, sum.id))
		return;
	event_begin("reset");
	show_reset(msg, opt.stats, "");
	event_end(mon);
}

static void print_dev(struct monitor *mon, struct nl_msg *msg)
{
	struct dev_summary sum;

	if (!(mon->objects & MONITOR_DEV) || show_dev_read(msg, &sum))
		return;
	event_begin("dev");
	show_dev_line(msg);
	event_end(mon);
}

static void print_del(struct monitor *mon, struct nl_msg *msg)
{
	struct dev_summary sum;

	if (!(mon->objects & MONITOR_DEV) || show_dev_read(msg, &sum))
		return;
	seen_set(&mon->seen, sum.addr, 0);
	event_begin("dev-del");
	out_str("addr", sum.addr, "%s unbound\n", sum.addr);
	event_end(mon);
}

static void print_irq(struct monitor *mon, struct nl_msg *msg)
{
	if (!(mon->objects & MONITOR_IRQ) || !show_irq_valid(msg))
		return;
	event_begin("irq");
	show_irq_event(msg);
	event_end(mon);
}

static void print_vm(struct monitor *mon, struct nl_msg *msg)
{
	if (!(mon->objects & MONITOR_VM) || !show_vm_valid(msg))
		return;
	event_begin("vm");
	show_vm(msg);
	event_end(mon);
}

static void print_vm_del(struct monitor *mon, struct nl_msg *msg)
{
	if (!(mon->objects & MONITOR_VM) || !show_vm_valid(msg))
		return;
	event_begin("vm-del");
	show_vm_gone(msg);
	event_end(mon);
}

static void print_rt(struct monitor *mon, struct nl_msg *msg, int cmd)
{
	const char *event = rt_event_name(cmd);

	if (!event || !rt_read_tid(msg))
		return;
	event_begin(event);
	rt_show_event(msg);
	event_end(mon);
}

static void on_vfio(struct monitor *mon, struct nl_msg *msg, int cmd)
{
	switch (cmd) {
	case DIO_VFIO_CMD_RESET_NTF:
		print_reset(mon, msg);
		break;
	case DIO_VFIO_CMD_DEV_NTF:
		print_dev(mon, msg);
		break;
	case DIO_VFIO_CMD_DEV_DEL_NTF:
		print_del(mon, msg);
		break;
	case DIO_VFIO_CMD_IRQ_NTF:
		print_irq(mon, msg);
		break;
	}
}

static void on_kvm(struct monitor *mon, struct nl_msg *msg, int cmd)
{
	switch (cmd) {
	case DIO_KVM_CMD_VM_NTF:
		print_vm(mon, msg);
		break;
	case DIO_KVM_CMD_VM_DEL_NTF:
		print_vm_del(mon, msg);
		break;
	}
}

/* From here on a reset with a greater id is news. */
static int start_vfio(struct monitor *mon, struct nl_conn *query)
{
	struct nl_list devs = { 0 };
	struct dev_summary sum;
	int code = EXIT_OK;
	size_t i;

	if (dio_nl_dump(query, DIO_VFIO_CMD_DEV_GET, NULL, &devs))
		code = dio_nl_refused(query, NULL);
	for (i = 0; !code && i < devs.n; i++)
		if (!show_dev_read(devs.msg[i], &sum))
			seen_set(&mon->seen, sum.addr, sum.last_id);
	dio_nl_list_free(&devs);
	return code;
}

/* The state of every device, and the resets that were not printed. */
static int recover_vfio(struct monitor *mon, struct nl_conn *query)
{
	struct nl_list devs = { 0 }, records = { 0 };
	struct dev_summary sum;
	int code = EXIT_OK;
	size_t i;

	if (dio_nl_dump(query, DIO_VFIO_CMD_DEV_GET, NULL, &devs) ||
	    dio_nl_dump(query, DIO_VFIO_CMD_RESET_GET, NULL, &records))
		code = dio_nl_refused(query, NULL);
	for (i = 0; !code && i < devs.n; i++)
		if (!show_dev_read(devs.msg[i], &sum))
			seen_rebase(&mon->seen, sum.addr, sum.last_id);
	for (i = 0; !code && i < records.n; i++)
		print_reset(mon, records.msg[i]);
	for (i = 0; !code && i < devs.n; i++)
		print_dev(mon, devs.msg[i]);
	dio_nl_list_free(&devs);
	dio_nl_list_free(&records);
	return code;
}

/* Every VM that has a feature on. */
static int recover_kvm(struct monitor *mon, struct nl_conn *query)
{
	struct nl_list vms = { 0 };
	int code = EXIT_OK;
	size_t i;

	if (dio_nl_dump(query, DIO_KVM_CMD_VM_GET, NULL, &vms))
		code = dio_nl_refused(query, NULL);
	for (i = 0; !code && i < vms.n; i++)
		print_vm(mon, vms.msg[i]);
	dio_nl_list_free(&vms);
	return code;
}

/* Every thread that is served. */
static int recover_sched(struct monitor *mon, struct nl_conn *query)
{
	struct nl_list targets = { 0 };
	int code = EXIT_OK;
	size_t i;

	if (dio_nl_dump(query, DIO_SCHED_CMD_TARGET_GET, NULL, &targets))
		code = dio_nl_refused(query, NULL);
	for (i = 0; !code && i < targets.n; i++)
		print_rt(mon, targets.msg[i], DIO_SCHED_CMD_TARGET_GET);
	dio_nl_list_free(&targets);
	return code;
}

const struct feed feeds[FEEDS] = {
	{ &family_vfio, MONITOR_DEV | MONITOR_IRQ, on_vfio, start_vfio, recover_vfio },
	{ &family_kvm, MONITOR_VM, on_kvm, NULL, recover_kvm },
	{ &family_sched, MONITOR_RT, print_rt, NULL, recover_sched },
};
