// SPDX-License-Identifier: GPL-2.0
/*
 * Object monitor: events as they come, a line each. When the socket could
 * not hold a burst, that is said, and the resets that were missed are read
 * from the kernel's ring: each reset is printed once, in order.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <linux/dio_kvm.h>
#include <linux/dio_vfio.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "irq_show.h"
#include "nl.h"
#include "out.h"
#include "seen.h"
#include "show.h"
#include "vm_show.h"

static const char help[] =
	"Usage: diokctl [-j] [-s] [-t] monitor [dev|irq|vm]\n"
	"\n"
	"Print events until interrupted, all or those of one object. -s adds the\n"
	"steps of each reset.\n";

/* A family, if one of its objects is asked for. */
struct source {
	struct nl_conn events;
	struct nl_conn query;	/* a second socket: a dump in the first would */
	bool open;		/* be mixed with events */
};

struct monitor {
	struct source vfio, kvm;
	struct seen seen;
	bool dev, irq, vm;	/* the objects that are asked for */
	const char *unloaded;	/* name of a module */
	bool broken;		/* standard output takes no more */
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void event_begin(const char *event)
{
	char stamp[STAMP_SIZE];

	out_open_object(NULL);
	if (opt.stamp) {
		stamp_now(stamp);
		out_str("timestamp", stamp, "%s ", stamp);
	}
	out_str("event", event, NULL);
}

static void event_end(struct monitor *mon)
{
	out_close_object();
	if (out_end())
		mon->broken = true;
}

static void print_reset(struct monitor *mon, struct nl_msg *msg)
{
	struct reset_summary sum;

	if (!mon->dev || show_reset_read(msg, &sum) || !seen_new(&mon->seen, sum.addr, sum.id))
		return;
	event_begin("reset");
	show_reset(msg, opt.stats, "");
	event_end(mon);
}

static void print_dev(struct monitor *mon, struct nl_msg *msg)
{
	struct dev_summary sum;

	if (!mon->dev || show_dev_read(msg, &sum))
		return;
	event_begin("dev");
	show_dev_line(msg);
	event_end(mon);
}

static void print_del(struct monitor *mon, struct nl_msg *msg)
{
	struct dev_summary sum;

	if (!mon->dev || show_dev_read(msg, &sum))
		return;
	seen_set(&mon->seen, sum.addr, 0);
	event_begin("dev-del");
	out_str("addr", sum.addr, "%s unbound\n", sum.addr);
	event_end(mon);
}

static void print_irq(struct monitor *mon, struct nl_msg *msg)
{
	if (!mon->irq || !show_irq_valid(msg))
		return;
	event_begin("irq");
	show_irq_event(msg);
	event_end(mon);
}

static void print_vm(struct monitor *mon, struct nl_msg *msg)
{
	if (!mon->vm || !show_vm_valid(msg))
		return;
	event_begin("vm");
	show_vm(msg);
	event_end(mon);
}

static void print_vm_del(struct monitor *mon, struct nl_msg *msg)
{
	if (!mon->vm || !show_vm_valid(msg))
		return;
	event_begin("vm-del");
	show_vm_gone(msg);
	event_end(mon);
}

static void unloaded(struct monitor *mon, const struct source *src, uint16_t family)
{
	if (src->open && family == src->events.family)
		mon->unloaded = src->events.of->module;
}

static void on_control(struct monitor *mon, struct nl_msg *msg)
{
	const struct genlmsghdr *genl = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *id;

	if (genl->cmd != CTRL_CMD_DELFAMILY)
		return;
	id = nla_find(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0),
		      CTRL_ATTR_FAMILY_ID);
	if (!id || nla_len(id) != sizeof(uint16_t))
		return;
	unloaded(mon, &mon->vfio, nla_get_u16(id));
	unloaded(mon, &mon->kvm, nla_get_u16(id));
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

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct monitor *mon = arg;

	if (!genlmsg_valid_hdr(hdr, 0))
		return NL_OK;
	if (hdr->nlmsg_type == GENL_ID_CTRL)
		on_control(mon, msg);
	else if (mon->vfio.open && hdr->nlmsg_type == mon->vfio.events.family)
		on_vfio(mon, msg, genlmsg_hdr(hdr)->cmd);
	else if (mon->kvm.open && hdr->nlmsg_type == mon->kvm.events.family)
		on_kvm(mon, msg, genlmsg_hdr(hdr)->cmd);
	return NL_OK;
}

/* From here on a reset with a greater id is news. */
static int read_start(struct monitor *mon)
{
	struct nl_list devs = { 0 };
	struct dev_summary sum;
	int code = EXIT_OK;
	size_t i;

	if (dio_nl_dump(&mon->vfio.query, DIO_VFIO_CMD_DEV_GET, NULL, &devs))
		code = dio_nl_refused(&mon->vfio.query, NULL);
	for (i = 0; !code && i < devs.n; i++)
		if (!show_dev_read(devs.msg[i], &sum))
			seen_set(&mon->seen, sum.addr, sum.last_id);
	dio_nl_list_free(&devs);
	return code;
}

/* The state of every device, and the resets that were not printed. */
static int recover_vfio(struct monitor *mon)
{
	struct nl_list devs = { 0 }, records = { 0 };
	struct nl_conn *query = &mon->vfio.query;
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
static int recover_kvm(struct monitor *mon)
{
	struct nl_list vms = { 0 };
	int code = EXIT_OK;
	size_t i;

	if (dio_nl_dump(&mon->kvm.query, DIO_KVM_CMD_VM_GET, NULL, &vms))
		code = dio_nl_refused(&mon->kvm.query, NULL);
	for (i = 0; !code && i < vms.n; i++)
		print_vm(mon, vms.msg[i]);
	dio_nl_list_free(&vms);
	return code;
}

static int recover(struct monitor *mon, const struct source *src)
{
	event_begin("lost");
	out_text("events were lost, what the kernel still knows of them follows\n");
	event_end(mon);
	return src == &mon->vfio ? recover_vfio(mon) : recover_kvm(mon);
}

static int receive(struct monitor *mon, struct source *src)
{
	int err = src->open ? nl_recvmsgs_default(src->events.sk) : 0;

	if (err == -NLE_NOMEM)
		return recover(mon, src);
	return !err || err == -NLE_AGAIN || err == -NLE_INTR ? EXIT_OK :
		refuse("monitor: %s", nl_geterror(err));
}

/* Signals are let in only while waiting: none comes between test and wait. */
static int wait_events(struct monitor *mon, const sigset_t *mask)
{
	struct pollfd fds[] = {		/* poll() passes over a negative one */
		{ mon->vfio.open ? nl_socket_get_fd(mon->vfio.events.sk) : -1, POLLIN, 0 },
		{ mon->kvm.open ? nl_socket_get_fd(mon->kvm.events.sk) : -1, POLLIN, 0 },
	};
	int code = EXIT_OK;

	while (!code && !stopped) {
		if (ppoll(fds, 2, NULL, mask) < 0) {
			if (errno == EINTR)
				continue;
			return refuse("monitor: poll: %s", strerror(errno));
		}
		code = receive(mon, &mon->vfio);
		if (!code)
			code = receive(mon, &mon->kvm);
		if (!code && mon->unloaded)
			code = refuse("monitor: module %s was unloaded", mon->unloaded);
		if (!code && mon->broken)
			code = refuse("monitor: standard output: write error");
	}
	return code;
}

static void catch_signals(sigset_t *old)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t block;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, old);
	/* A shell starts what runs in the background with SIGINT ignored. */
	sigdelset(old, SIGINT);
	sigdelset(old, SIGTERM);
}

static int join(struct monitor *mon, struct source *src)
{
	struct nl_sock *sk = src->events.sk;

	if (!src->open)
		return 0;
	nl_socket_disable_seq_check(sk);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_event, mon);
	nl_socket_set_nonblocking(sk);
	return dio_nl_join(&src->events) || nl_socket_add_membership(sk, GENL_ID_CTRL);
}

static int monitor_run(struct monitor *mon)
{
	sigset_t mask;
	int code = EXIT_OK;

	catch_signals(&mask);
	if (join(mon, &mon->vfio) || join(mon, &mon->kvm))
		return EXIT_REFUSED;
	if (mon->vfio.open)
		code = read_start(mon);
	return code ? code : wait_events(mon, &mask);
}

static int source_open(struct source *src, const struct nl_family *family)
{
	if (dio_nl_open_family(&src->events, family))
		return -1;
	if (dio_nl_open_family(&src->query, family)) {
		dio_nl_close(&src->events);
		return -1;
	}
	src->open = true;
	return 0;
}

static void source_close(struct source *src)
{
	if (!src->open)
		return;
	dio_nl_close(&src->query);
	dio_nl_close(&src->events);
}

/* Of all objects, those whose module is loaded; of one that is named, its own. */
static int open_sources(struct monitor *mon, bool all)
{
	bool vfio = mon->dev || mon->irq, kvm = mon->vm;

	if (all) {
		kvm = family_loaded(&family_kvm);
		vfio = !kvm || family_loaded(&family_vfio);
	}
	if (vfio && source_open(&mon->vfio, &family_vfio))
		return -1;
	return kvm ? source_open(&mon->kvm, &family_kvm) : 0;
}

int monitor_main(struct args *args)
{
	struct monitor mon = { 0 };
	const char *word = args_next(args);
	int code = EXIT_REFUSED;

	if (word && arg_matches(word, "help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	mon.dev = !word || arg_matches(word, "dev");
	mon.irq = !word || arg_matches(word, "irq");
	mon.vm = !word || arg_matches(word, "vm");
	if ((!mon.dev && !mon.irq && !mon.vm) || args_peek(args))
		return misuse("monitor: unexpected \"%s\", see `diokctl monitor help`",
			      args_peek(args) ? args_peek(args) : word);
	out_init(stdout, opt.json, false);
	if (!open_sources(&mon, !word))
		code = monitor_run(&mon);
	source_close(&mon.kvm);
	source_close(&mon.vfio);
	seen_free(&mon.seen);
	return code;
}
