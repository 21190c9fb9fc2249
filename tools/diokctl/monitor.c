// SPDX-License-Identifier: GPL-2.0
/*
 * Object monitor: events as they come, a line each. When the socket could
 * not hold a burst, that is said, and what the kernel still knows follows.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/genl/genl.h>

#include "diokctl.h"
#include "monitor.h"
#include "out.h"

static const char help[] =
	"Usage: diokctl [-j] [-s] [-t] monitor [dev|irq|vm|rt]\n"
	"\n"
	"Print events until interrupted, all or those of one object. -s adds the\n"
	"steps of each reset.\n";

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* The place of the family with number ID among the sources, or -1. */
static int find_source(const struct monitor *mon, int id)
{
	int i;

	for (i = 0; i < FEEDS; i++)
		if (mon->source[i].open && mon->source[i].events.family == id)
			return i;
	return -1;
}

static void on_control(struct monitor *mon, struct nl_msg *msg)
{
	const struct genlmsghdr *genl = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *id;
	int i;

	if (genl->cmd != CTRL_CMD_DELFAMILY)
		return;
	id = nla_find(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0),
		      CTRL_ATTR_FAMILY_ID);
	if (!id || nla_len(id) != sizeof(uint16_t))
		return;
	i = find_source(mon, nla_get_u16(id));
	if (i >= 0)
		mon->unloaded = feeds[i].family->module;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct monitor *mon = arg;
	int i;

	if (!genlmsg_valid_hdr(hdr, 0))
		return NL_OK;
	i = find_source(mon, hdr->nlmsg_type);
	if (hdr->nlmsg_type == GENL_ID_CTRL)
		on_control(mon, msg);
	else if (i >= 0)
		feeds[i].event(mon, msg, genlmsg_hdr(hdr)->cmd);
	return NL_OK;
}

static int recover(struct monitor *mon, int i)
{
	event_begin("lost");
	out_text("events were lost, what the kernel still knows of them follows\n");
	event_end(mon);
	return feeds[i].recover(mon, &mon->source[i].query);
}

static int receive(struct monitor *mon, int i)
{
	const struct source *src = &mon->source[i];
	int err = src->open ? nl_recvmsgs_default(src->events.sk) : 0;

	if (err == -NLE_NOMEM)
		return recover(mon, i);
	return !err || err == -NLE_AGAIN || err == -NLE_INTR ? EXIT_OK :
		refuse("monitor: %s", nl_geterror(err));
}

/* Why there is nothing more to wait for, if so. */
static int check(const struct monitor *mon)
{
	if (mon->unloaded)
		return refuse("monitor: module %s was unloaded", mon->unloaded);
	return mon->broken ? refuse("monitor: standard output: write error") : EXIT_OK;
}

/* Signals are let in only while waiting: none comes between test and wait. */
static int wait_events(struct monitor *mon, const sigset_t *mask)
{
	struct pollfd fds[FEEDS];
	int i, code = EXIT_OK;

	for (i = 0; i < FEEDS; i++) {
		const struct source *src = &mon->source[i];

		/* poll() passes over a negative one */
		fds[i].fd = src->open ? nl_socket_get_fd(src->events.sk) : -1;
		fds[i].events = POLLIN;
	}
	while (!code && !stopped) {
		if (ppoll(fds, FEEDS, NULL, mask) < 0) {
			if (errno == EINTR)
				continue;
			return refuse("monitor: poll: %s", strerror(errno));
		}
		for (i = 0; !code && i < FEEDS; i++)
			code = receive(mon, i);
		if (!code)
			code = check(mon);
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

	nl_socket_disable_seq_check(sk);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_event, mon);
	nl_socket_set_nonblocking(sk);
	return dio_nl_join(&src->events) || nl_socket_add_membership(sk, GENL_ID_CTRL);
}

static int monitor_run(struct monitor *mon)
{
	int i, code = EXIT_OK;
	sigset_t mask;

	catch_signals(&mask);
	for (i = 0; i < FEEDS; i++)
		if (mon->source[i].open && join(mon, &mon->source[i]))
			return EXIT_REFUSED;
	for (i = 0; !code && i < FEEDS; i++)
		if (mon->source[i].open && feeds[i].start)
			code = feeds[i].start(mon, &mon->source[i].query);
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

/*
 * Of all objects, those whose module is loaded (the first's complaint, if none
 * is); of one that is named, its own.
 */
static int open_sources(struct monitor *mon, bool all)
{
	bool loaded = !all, any = false;
	int i;

	for (i = FEEDS - 1; i >= 0; i--) {
		if (all)
			loaded = family_loaded(feeds[i].family) || (!i && !any);
		if (!loaded || !(mon->objects & feeds[i].objects))
			continue;
		if (source_open(&mon->source[i], feeds[i].family))
			return -1;
		any = true;
	}
	return 0;
}

/* Those whose name WORD begins; all without a word. */
static unsigned int find_objects(const char *word)
{
	static const struct {
		const char *name;
		unsigned int object;
	} names[] = {
		{ "dev", MONITOR_DEV },
		{ "irq", MONITOR_IRQ },
		{ "vm", MONITOR_VM },
		{ "rt", MONITOR_RT },
	};
	unsigned int objects = 0;
	size_t i;

	if (!word)
		return MONITOR_ALL;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (arg_matches(word, names[i].name))
			objects |= names[i].object;
	return objects;
}

int monitor_main(struct args *args)
{
	const char *word = args_next(args);
	struct monitor mon = { 0 };
	int i, code = EXIT_REFUSED;

	if (word && arg_matches(word, "help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	mon.objects = find_objects(word);
	if (!mon.objects || args_peek(args))
		return misuse("monitor: unexpected \"%s\", see `diokctl monitor help`",
			      args_peek(args) ? args_peek(args) : word);
	out_init(stdout, opt.json, false);
	if (!open_sources(&mon, !word))
		code = monitor_run(&mon);
	for (i = 0; i < FEEDS; i++)
		source_close(&mon.source[i]);
	seen_free(&mon.seen);
	return code;
}
