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

#include <linux/dio_vfio.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "irq_show.h"
#include "nl.h"
#include "out.h"
#include "pci_sysfs.h"
#include "rt.h"
#include "seen.h"
#include "show.h"

static const char help[] =
	"Usage: diokctl [-j] [-s] [-t] monitor [dev|irq|rt]\n"
	"\n"
	"Print events until interrupted, all or those of one object. -s adds the\n"
	"steps of each reset.\n";

struct monitor {
	struct nl_conn events;
	struct nl_conn query;	/* a second socket: a dump in the first would */
	struct seen seen;	/* be mixed with events */
	struct nl_conn sched;	/* the events of dio_sched */
	bool dev, irq, rt;	/* the objects that are asked for */
	const char *unloaded;	/* a module whose events were listened to */
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

/* One of the families that are listened to, by its number. */
static bool listens(const struct monitor *mon, uint16_t family)
{
	return ((mon->dev || mon->irq) && family == mon->events.family) ||
	       (mon->rt && family == mon->sched.family);
}

static void on_control(struct monitor *mon, struct nl_msg *msg)
{
	const struct genlmsghdr *genl = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *id;

	if (genl->cmd != CTRL_CMD_DELFAMILY)
		return;
	id = nla_find(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0),
		      CTRL_ATTR_FAMILY_ID);
	if (id && nla_len(id) == sizeof(uint16_t) && listens(mon, nla_get_u16(id)))
		mon->unloaded = nla_get_u16(id) == mon->sched.family ? "dio_sched" :
				"dio_vfio_pci";
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct monitor *mon = arg;

	if (!genlmsg_valid_hdr(hdr, 0))
		return NL_OK;
	if (hdr->nlmsg_type == GENL_ID_CTRL) {
		on_control(mon, msg);
		return NL_OK;
	}
	switch (genlmsg_hdr(hdr)->cmd) {
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
	return NL_OK;
}

static int on_sched(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct monitor *mon = arg;

	if (!genlmsg_valid_hdr(hdr, 0))
		return NL_OK;
	if (hdr->nlmsg_type == GENL_ID_CTRL) {
		on_control(mon, msg);
		return NL_OK;
	}
	event_begin(rt_event_name(msg));
	rt_show_event(msg);
	event_end(mon);
	return NL_OK;
}

/* From here on a reset with a greater id is news. */
static int read_start(struct monitor *mon)
{
	struct nl_list devs = { 0 };
	struct dev_summary sum;
	int code = EXIT_OK;
	size_t i;

	if (dio_nl_dump(&mon->query, DIO_VFIO_CMD_DEV_GET, NULL, &devs))
		code = dio_nl_refused(&mon->query, NULL);
	for (i = 0; !code && i < devs.n; i++)
		if (!show_dev_read(devs.msg[i], &sum))
			seen_set(&mon->seen, sum.addr, sum.last_id);
	dio_nl_list_free(&devs);
	return code;
}

/* The state of every device, and the resets that were not printed. */
static int recover(struct monitor *mon)
{
	struct nl_list devs = { 0 }, records = { 0 };
	struct dev_summary sum;
	int code = EXIT_OK;
	size_t i;

	event_begin("lost");
	out_text("events were lost, what the kernel still knows of them follows\n");
	event_end(mon);
	if (dio_nl_dump(&mon->query, DIO_VFIO_CMD_DEV_GET, NULL, &devs) ||
	    dio_nl_dump(&mon->query, DIO_VFIO_CMD_RESET_GET, NULL, &records))
		code = dio_nl_refused(&mon->query, NULL);
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

static int lost(struct monitor *mon)
{
	event_begin("lost");
	out_text("events were lost, `diokctl rt` shows the state of now\n");
	event_end(mon);
	return EXIT_OK;
}

static int receive(struct monitor *mon, const struct nl_conn *conn)
{
	int err = nl_recvmsgs_default(conn->sk);

	if (err == -NLE_NOMEM)
		return conn == &mon->sched ? lost(mon) : recover(mon);
	if (err && err != -NLE_AGAIN && err != -NLE_INTR)
		return refuse("monitor: %s", nl_geterror(err));
	return EXIT_OK;
}

/* What there is to listen to; a poll ignores what is not. */
static int wait_once(struct monitor *mon, const sigset_t *mask)
{
	struct nl_conn *conn[2] = { &mon->events, &mon->sched };
	struct pollfd fd[2];
	int i, code = EXIT_OK;

	for (i = 0; i < 2; i++)
		fd[i] = (struct pollfd) {
			.fd = conn[i]->sk ? nl_socket_get_fd(conn[i]->sk) : -1,
			.events = POLLIN,
		};
	if (ppoll(fd, 2, NULL, mask) < 0)
		return errno == EINTR ? EXIT_OK : refuse("monitor: poll: %s", strerror(errno));
	for (i = 0; !code && i < 2; i++)
		if (fd[i].revents)
			code = receive(mon, conn[i]);
	return code;
}

/* Signals are let in only while waiting: none comes between test and wait. */
static int wait_events(struct monitor *mon, const sigset_t *mask)
{
	int code = EXIT_OK;

	while (!code && !stopped) {
		code = wait_once(mon, mask);
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

/* Hear the events of CONN's family, each by ON. */
static int join(struct monitor *mon, struct nl_conn *conn,
		int (*on)(struct nl_msg *msg, void *arg))
{
	struct nl_sock *sk = conn->sk;

	nl_socket_disable_seq_check(sk);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on, mon);
	nl_socket_set_nonblocking(sk);
	return dio_nl_join(conn) || nl_socket_add_membership(sk, GENL_ID_CTRL) ?
	       EXIT_REFUSED : EXIT_OK;
}

static int monitor_run(struct monitor *mon)
{
	sigset_t mask;
	int code = EXIT_OK;

	catch_signals(&mask);
	if (mon->rt)
		code = join(mon, &mon->sched, on_sched);
	if (!code && (mon->dev || mon->irq))
		code = join(mon, &mon->events, on_event);
	if (!code && (mon->dev || mon->irq))
		code = read_start(mon);
	return code ? code : wait_events(mon, &mask);
}

static int open_all(struct monitor *mon)
{
	if (mon->rt && rt_open(&mon->sched))
		return EXIT_REFUSED;
	if (!mon->dev && !mon->irq)
		return EXIT_OK;
	return dio_nl_open(&mon->events) || dio_nl_open(&mon->query) ? EXIT_REFUSED : EXIT_OK;
}

/* Without an object: all modules that are loaded, and dio_vfio_pci if none is. */
static void choose(struct monitor *mon, const char *word)
{
	bool vfio = sysfs_driver_exists(DIO_DRIVER) || !rt_loaded();

	mon->dev = word ? arg_matches(word, "dev") : vfio;
	mon->irq = word ? arg_matches(word, "irq") : vfio;
	mon->rt = word ? arg_matches(word, "rt") : rt_loaded();
}

int monitor_main(struct args *args)
{
	struct monitor mon = { 0 };
	const char *word = args_next(args);
	int code;

	if (word && arg_matches(word, "help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	choose(&mon, word);
	if ((!mon.dev && !mon.irq && !mon.rt) || args_peek(args))
		return misuse("monitor: unexpected \"%s\", see `diokctl monitor help`",
			      args_peek(args) ? args_peek(args) : word);
	out_init(stdout, opt.json, false);
	code = open_all(&mon);
	if (!code)
		code = monitor_run(&mon);
	dio_nl_close(&mon.query);
	dio_nl_close(&mon.events);
	dio_nl_close(&mon.sched);
	seen_free(&mon.seen);
	return code;
}
