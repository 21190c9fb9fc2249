// SPDX-License-Identifier: GPL-2.0
/*
 * Object rt: CPU time for threads that serve devices. What fits and what is
 * allowed is the kernel's to say.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <linux/dio_sched.h>

#include "diokctl.h"
#include "out.h"
#include "rt.h"

static const char help[] =
	"Usage: diokctl rt [show] [THREAD]\n"
	"       diokctl rt set THREAD reserve runtime TIME period TIME [reclaim on] [SOURCE]\n"
	"       diokctl rt set THREAD boost budget TIME period TIME SOURCE\n"
	"       diokctl rt set THREAD auto SOURCE [share PERCENT] [margin PERCENT]\n"
	"       diokctl rt set THREAD observe SOURCE | off\n"
	"       diokctl rt admit [cpu N | THREAD] [runtime TIME period TIME]\n"
	"       diokctl rt estimate THREAD SOURCE [for TIME]\n"
	"\n"
	"THREAD   TID, vm PID[:FD] [vcpu N], or pid PID name NAME\n"
	"SOURCE   dev BDF, irq N, or wake (the thread's own wake-ups)\n"
	"TIME     a number with ns, us, ms or s behind it\n"
	"\n"
	"`set` may add `cpu N` (pin) and `force on` (a VM that the guard refuses).\n";

#define ESTIMATE_NS	2000000000ULL

static int put_who(struct nl_msg *msg, const struct rt_who *who)
{
	if (who->vm_fd < 0)
		return nla_put_u32(msg, DIO_SCHED_A_TARGET_TID, who->tid);
	return nla_put_u32(msg, DIO_SCHED_A_TARGET_VM_FD, (uint32_t)who->vm_fd) ||
	       nla_put_u32(msg, DIO_SCHED_A_TARGET_VCPU, who->vcpu);
}

static int put_source(struct nl_msg *msg, const struct rt_settings *set)
{
	if (nla_put_u32(msg, DIO_SCHED_A_TARGET_SOURCE, set->source))
		return -1;
	if (set->source == DIO_SCHED_SOURCE_DEVICE)
		return nla_put_string(msg, DIO_SCHED_A_TARGET_ADDR, set->addr);
	if (set->source == DIO_SCHED_SOURCE_IRQ)
		return nla_put_u32(msg, DIO_SCHED_A_TARGET_IRQ, set->irq);
	return 0;
}

static int put_settings(struct nl_msg *msg, const struct rt_settings *set)
{
	return nla_put_u32(msg, DIO_SCHED_A_TARGET_MODE, set->mode) ||
	       (set->has_runtime && nla_put_u64(msg, DIO_SCHED_A_TARGET_RUNTIME, set->runtime)) ||
	       (set->has_period && nla_put_u64(msg, DIO_SCHED_A_TARGET_PERIOD, set->period)) ||
	       (set->has_cpu && nla_put_u32(msg, DIO_SCHED_A_TARGET_CPU, set->cpu)) ||
	       (set->has_share && nla_put_u32(msg, DIO_SCHED_A_TARGET_SHARE, set->share)) ||
	       (set->has_margin && nla_put_u32(msg, DIO_SCHED_A_TARGET_MARGIN, set->margin)) ||
	       (set->reclaim && nla_put_u8(msg, DIO_SCHED_A_TARGET_RECLAIM, 1)) ||
	       (set->force && nla_put_u8(msg, DIO_SCHED_A_TARGET_FORCE, 1)) ||
	       put_source(msg, set) ? -1 : 0;
}

/* Begin to serve a thread; its number into *tid. */
static int serve(struct nl_conn *conn, const struct rt_who *who,
		 const struct rt_settings *set, uint32_t *tid)
{
	struct nl_msg *msg = dio_nl_request(conn, DIO_SCHED_CMD_TARGET_SET, NULL);
	struct nl_list reply = { 0 };
	int code = EXIT_OK;

	if (msg && (put_who(msg, who) || put_settings(msg, set))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	if (dio_nl_call(conn, msg, &reply))
		code = dio_nl_refused(conn, NULL);
	else if (reply.n)
		*tid = rt_read_tid(reply.msg[0]);
	dio_nl_list_free(&reply);
	return code;
}

static int call_who(struct nl_conn *conn, int cmd, const struct rt_who *who,
		    struct nl_list *reply)
{
	struct nl_msg *msg = dio_nl_request(conn, cmd, NULL);

	if (msg && put_who(msg, who)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return dio_nl_call(conn, msg, reply);
}

static int rt_off(struct nl_conn *conn, const struct rt_who *who)
{
	struct nl_list reply = { 0 };
	int code = EXIT_OK;

	if (call_who(conn, DIO_SCHED_CMD_TARGET_DEL, who, &reply))
		code = dio_nl_refused(conn, NULL);
	dio_nl_list_free(&reply);
	return code;
}

static int rt_set(struct args *args)
{
	struct rt_settings set = { 0 };
	struct rt_who who = { 0 };
	struct nl_conn conn;
	uint32_t tid;
	int code = rt_parse_who(args, &who);

	if (!code)
		code = rt_parse_settings(args, &set);
	if (!code && set.wait)
		code = misuse("for: is of `rt estimate`");
	if (!code && dio_nl_open_family(&conn, &family_sched)) {
		code = EXIT_REFUSED;
	} else if (!code) {
		code = set.off ? rt_off(&conn, &who) : serve(&conn, &who, &set, &tid);
		dio_nl_close(&conn);
	}
	rt_who_close(&who);
	return code;
}

static int rt_show(struct args *args)
{
	struct nl_list targets = { 0 };
	struct rt_who who = { 0 };
	bool one = args_peek(args);
	struct nl_conn conn;
	int code;

	who.vm_fd = -1;
	code = one ? rt_parse_who(args, &who) : EXIT_OK;

	if (!code && args_peek(args))
		code = misuse("unexpected \"%s\"", args_peek(args));
	if (!code && dio_nl_open_family(&conn, &family_sched)) {
		code = EXIT_REFUSED;
	} else if (!code) {
		if (one ? call_who(&conn, DIO_SCHED_CMD_TARGET_GET, &who, &targets) :
			  dio_nl_dump(&conn, DIO_SCHED_CMD_TARGET_GET, NULL, &targets))
			code = dio_nl_refused(&conn, NULL);
		else
			rt_show_targets(&targets);
		dio_nl_list_free(&targets);
		dio_nl_close(&conn);
	}
	rt_who_close(&who);
	return code;
}

static struct nl_msg *admit_request(struct nl_conn *conn, const struct rt_who *who,
				    const struct rt_settings *set)
{
	struct nl_msg *msg = dio_nl_request(conn, DIO_SCHED_CMD_ADMIT_GET, NULL);

	if (!msg)
		return NULL;
	if ((set->has_cpu ? nla_put_u32(msg, DIO_SCHED_A_ADMIT_CPU, set->cpu) :
			    nla_put_u32(msg, DIO_SCHED_A_ADMIT_TID, who->tid)) ||
	    (set->has_runtime && nla_put_u64(msg, DIO_SCHED_A_ADMIT_RUNTIME, set->runtime)) ||
	    (set->has_period && nla_put_u64(msg, DIO_SCHED_A_ADMIT_PERIOD, set->period))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int parse_admit(struct args *args, struct rt_who *who, struct rt_settings *set)
{
	const char *word = args_peek(args);
	int code = EXIT_OK;

	who->vm_fd = -1;
	if (word && strcmp(word, "cpu"))
		code = rt_parse_who(args, who);
	if (!code && who->vm_fd >= 0)
		code = misuse("admit: expected the number of a thread, or a CPU");
	while (!code && (word = args_next(args)))
		code = rt_parse_word(args, word, set);
	return code;
}

static int rt_admit(struct args *args)
{
	struct rt_settings set = { 0 };
	struct nl_list reply = { 0 };
	struct rt_who who = { 0 };
	bool all = !args_peek(args);
	struct nl_conn conn;
	int code = parse_admit(args, &who, &set);

	if (!code && dio_nl_open_family(&conn, &family_sched)) {
		code = EXIT_REFUSED;
	} else if (!code) {
		if (all ? dio_nl_dump(&conn, DIO_SCHED_CMD_ADMIT_GET, NULL, &reply) :
			  dio_nl_call(&conn, admit_request(&conn, &who, &set), &reply))
			code = dio_nl_refused(&conn, NULL);
		else
			rt_show_admits(&reply);
		dio_nl_list_free(&reply);
		dio_nl_close(&conn);
	}
	rt_who_close(&who);
	return code;
}

static void wait_ns(uint64_t ns)
{
	struct timespec left = {
		.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000),
	};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* A thread that is served already keeps what it has: it is only looked at. */
static int estimate(struct nl_conn *conn, const struct rt_who *who, struct rt_settings *set)
{
	struct nl_list reply = { 0 };
	bool served = !call_who(conn, DIO_SCHED_CMD_TARGET_GET, who, &reply);
	uint32_t tid;
	int code;

	set->mode = DIO_SCHED_MODE_OBSERVE;
	if (!served) {
		code = serve(conn, who, set, &tid);
		if (code)
			return code;
		wait_ns(set->wait ? set->wait : ESTIMATE_NS);
		served = !call_who(conn, DIO_SCHED_CMD_TARGET_GET, who, &reply);
		code = served ? EXIT_OK : dio_nl_refused(conn, NULL);
		if (reply.n)
			rt_show_estimate(reply.msg[0]);
		dio_nl_list_free(&reply);
		return rt_off(conn, who) ? EXIT_REFUSED : code;
	}
	if (reply.n)
		rt_show_estimate(reply.msg[0]);
	dio_nl_list_free(&reply);
	return EXIT_OK;
}

static int rt_estimate(struct args *args)
{
	struct rt_settings set = { 0 };
	struct rt_who who = { 0 };
	struct nl_conn conn;
	const char *word;
	int code = rt_parse_who(args, &who);

	while (!code && (word = args_next(args)))
		code = rt_parse_word(args, word, &set);
	if (!code && dio_nl_open_family(&conn, &family_sched)) {
		code = EXIT_REFUSED;
	} else if (!code) {
		code = estimate(&conn, &who, &set);
		dio_nl_close(&conn);
	}
	rt_who_close(&who);
	return code;
}

static const struct command verbs[] = {
	{ "show",	rt_show,	NULL },
	{ "set",	rt_set,		NULL },
	{ "admit",	rt_admit,	NULL },
	{ "estimate",	rt_estimate,	NULL },
	{ NULL, NULL, NULL },
};

/* A number where a verb is expected means show. */
int rt_main(struct args *args)
{
	const char *word = args_peek(args);
	uint32_t tid;

	if (!word || !arg_u32(word, &tid))
		return rt_show(args);
	return command_run(verbs, "diokctl rt", args, help);
}
