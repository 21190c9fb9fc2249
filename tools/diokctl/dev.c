// SPDX-License-Identifier: GPL-2.0
/*
 * Object dev: devices bound to dio-vfio-pci. show, set, reset and release are
 * one netlink call each; bind and unbind are in files of their own.
 */
#include <stdio.h>
#include <string.h>

#include <linux/dio_vfio.h>

#include "bind.h"
#include "diokctl.h"
#include "out.h"
#include "pci.h"
#include "progress.h"

static const char help[] =
	"Usage: diokctl dev [show] [BDF]\n"
	"       diokctl dev bind BDF [SETTING...]\n"
	"       diokctl dev unbind BDF\n"
	"       diokctl dev set BDF SETTING...\n"
	"       diokctl dev reset BDF [--dry-run]\n"
	"       diokctl dev release BDF\n"
	"\n"
	"BDF      [dddd:]bb:dd.f\n"
	"SETTING  policy observe|permissive|strict\n"
	"         level config|function\n"
	"         methods default|METHOD[,METHOD...]  device, flr, af-flr, d3, bus\n"
	"         d3-force on|off\n"
	"         ready-timeout MS | idle-timeout MS | drain MS\n"
	"         intx line|auto|msi\n"
	"         recheck auto|none|status|pvm|toggle|mmio\n"
	"         vectors stock|own\n"
	"\n"
	"bind sets policy permissive, intx auto and vectors own where nothing else is given.\n";

int dev_addr(struct args *args, char addr[ADDR_SIZE])
{
	const char *word = args_next(args);

	if (!word)
		return misuse("a PCI address is missing ([dddd:]bb:dd.f)");
	if (arg_addr(word, addr))
		return misuse("\"%s\" is not a PCI address ([dddd:]bb:dd.f)", word);
	return EXIT_OK;
}

int dev_end(const struct args *args)
{
	const char *word = args_peek(args);

	return word ? misuse("unexpected \"%s\"", word) : EXIT_OK;
}

int dev_apply(struct nl_conn *conn, const char *addr, const struct settings *set)
{
	struct nl_msg *msg = dio_nl_request(conn, DIO_VFIO_CMD_DEV_SET, addr);
	struct nl_list reply = { 0 };
	int err;

	if (msg && settings_put(msg, set)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	err = dio_nl_call(conn, msg, &reply);
	dio_nl_list_free(&reply);
	return err ? dio_nl_refused(conn, addr) : EXIT_OK;
}

int dev_read(struct nl_conn *conn, const char *addr, struct dev_summary *sum)
{
	struct nl_list reply = { 0 };
	int code = EXIT_OK;

	memset(sum, 0, sizeof(*sum));
	if (dio_nl_call(conn, dio_nl_request(conn, DIO_VFIO_CMD_DEV_GET, addr), &reply))
		code = dio_nl_refused(conn, addr);
	else if (reply.n != 1 || show_dev_read(reply.msg[0], sum))
		code = refuse("%s: the kernel's answer is not a device", addr);
	dio_nl_list_free(&reply);
	return code;
}

/* The newest record of ADDR with id LAST, if the ring still has it. */
static struct nl_msg *find_record(const struct nl_list *records,
				  const struct dev_summary *dev)
{
	struct reset_summary sum;
	size_t i;

	for (i = 0; i < records->n; i++)
		if (!show_reset_read(records->msg[i], &sum) &&
		    sum.id == dev->last_id && !strcmp(sum.addr, dev->addr))
			return records->msg[i];
	return NULL;
}

static void show_ring(const struct nl_list *records, const char *addr)
{
	struct reset_summary sum;
	size_t i;

	out_open_array("ring");
	for (i = 0; i < records->n; i++) {
		if (show_reset_read(records->msg[i], &sum) || strcmp(sum.addr, addr))
			continue;
		out_open_object(NULL);
		show_reset(records->msg[i], true, "    ");
		out_close_object();
	}
	out_close_array();
}

static void show_all(const struct nl_list *devs, const struct nl_list *records)
{
	struct dev_summary sum;
	size_t i;

	out_open_array(NULL);
	for (i = 0; i < devs->n; i++) {
		if (show_dev_read(devs->msg[i], &sum))
			continue;
		out_open_object(NULL);
		show_dev(devs->msg[i], find_record(records, &sum));
		if (opt.stats)
			show_ring(records, sum.addr);
		out_close_object();
	}
	out_close_array();
	out_end();
	pci_names_free();
}

static int read_all(struct nl_conn *conn, const char *addr,
		    struct nl_list *devs, struct nl_list *records)
{
	int err;

	if (addr)
		err = dio_nl_call(conn, dio_nl_request(conn, DIO_VFIO_CMD_DEV_GET, addr), devs);
	else
		err = dio_nl_dump(conn, DIO_VFIO_CMD_DEV_GET, NULL, devs);
	if (!err)
		err = dio_nl_dump(conn, DIO_VFIO_CMD_RESET_GET, addr, records);
	return err ? dio_nl_refused(conn, addr) : EXIT_OK;
}

static int dev_show(struct args *args)
{
	struct nl_list devs = { 0 }, records = { 0 };
	bool one = args_peek(args);
	char addr[ADDR_SIZE];
	struct nl_conn conn;
	int code = one ? dev_addr(args, addr) : EXIT_OK;

	if (!code)
		code = dev_end(args);
	if (code)
		return code;
	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	code = read_all(&conn, one ? addr : NULL, &devs, &records);
	if (!code)
		show_all(&devs, &records);
	dio_nl_list_free(&devs);
	dio_nl_list_free(&records);
	dio_nl_close(&conn);
	return code;
}

static int dev_set(struct args *args)
{
	struct settings set;
	char addr[ADDR_SIZE];
	struct nl_conn conn;
	int code = dev_addr(args, addr);

	if (!code)
		code = settings_parse(args, &set);
	if (code)
		return code;
	if (!set.given)
		return misuse("%s: nothing to set, see `diokctl dev help`", addr);
	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	code = dev_apply(&conn, addr, &set);
	dio_nl_close(&conn);
	return code;
}

/* What a script wants to know: may the next owner have the device? */
static int reset_code(const struct reset_summary *sum)
{
	if (sum->dry_run || sum->result == DIO_VFIO_RESULT_VERIFIED)
		return EXIT_OK;
	if (sum->result == DIO_VFIO_RESULT_UNVERIFIABLE &&
	    sum->level >= DIO_VFIO_LEVEL_CONFIG)
		return EXIT_OK;
	return EXIT_REFUSED;
}

static int print_record(const struct nl_list *reply, const char *addr)
{
	struct reset_summary sum;

	if (!reply->n || show_reset_read(reply->msg[0], &sum))
		return refuse("%s: the kernel's answer is not a reset record", addr);
	out_open_object(NULL);
	show_reset(reply->msg[0], true, "");
	out_close_object();
	out_end();
	return reset_code(&sum);
}

static int run_reset(const char *addr, bool dry_run)
{
	struct nl_list reply = { 0 };
	struct nl_msg *msg;
	struct nl_conn conn;
	char what[40];
	int err, code;

	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	msg = dio_nl_request(&conn, DIO_VFIO_CMD_DEV_RESET, addr);
	if (msg && dry_run)
		nla_put_flag(msg, DIO_VFIO_A_DEV_DRY_RUN);
	snprintf(what, sizeof(what), "%s: reset", addr);
	progress_start(what);
	err = dio_nl_call(&conn, msg, &reply);
	progress_stop();
	code = err ? dio_nl_refused(&conn, addr) : print_record(&reply, addr);
	dio_nl_list_free(&reply);
	dio_nl_close(&conn);
	return code;
}

static int dev_reset(struct args *args)
{
	char addr[ADDR_SIZE];
	bool dry_run = false;
	int code = dev_addr(args, addr);
	const char *word = args_peek(args);

	if (code)
		return code;
	if (word && (!strcmp(word, "--dry-run") || !strcmp(word, "dry-run"))) {
		dry_run = true;
		args_next(args);
	}
	code = dev_end(args);
	return code ? code : run_reset(addr, dry_run);
}

static int dev_release(struct args *args)
{
	struct nl_list reply = { 0 };
	char addr[ADDR_SIZE];
	struct nl_conn conn;
	int code = dev_addr(args, addr);

	if (!code)
		code = dev_end(args);
	if (code)
		return code;
	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	if (dio_nl_call(&conn, dio_nl_request(&conn, DIO_VFIO_CMD_DEV_RELEASE, addr), &reply))
		code = dio_nl_refused(&conn, addr);
	dio_nl_list_free(&reply);
	dio_nl_close(&conn);
	return code;
}

static const struct command verbs[] = {
	{ "show",	dev_show,	NULL },
	{ "bind",	dev_bind,	NULL },
	{ "unbind",	dev_unbind,	NULL },
	{ "set",	dev_set,	NULL },
	{ "reset",	dev_reset,	NULL },
	{ "release",	dev_release,	NULL },
	{ NULL, NULL, NULL },
};

/* An address where a verb is expected means show. */
int dev_main(struct args *args)
{
	const char *word = args_peek(args);
	char addr[ADDR_SIZE];

	if (!word || !arg_addr(word, addr))
		return dev_show(args);
	return command_run(verbs, "diokctl dev", args, help);
}
