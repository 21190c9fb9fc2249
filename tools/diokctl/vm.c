// SPDX-License-Identifier: GPL-2.0
/*
 * Object vm: virtual machines of KVM and the features of dio_kvm. A VM is handed
 * to the kernel as a descriptor; whether it is one is the kernel's to say.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/dio_kvm.h>

#include "diokctl.h"
#include "nl.h"
#include "out.h"
#include "vm_find.h"
#include "vm_memtype.h"
#include "vm_show.h"

static const char help[] =
	"Usage: diokctl vm [show] [VM [range GPA SIZE]]\n"
	"       diokctl vm set VM SETTING...\n"
	"\n"
	"VM       PID, PID:FD, or the name of a guest (-name of QEMU, libvirt's name)\n"
	"SETTING  memtype off|pat|full [force], stores off|eoi|all,\n"
	"         routes off|same\n"
	"GPA SIZE of the guest's memory, in bytes; 0x for hexadecimal\n"
	"\n"
	"Without a VM all that have a feature on are shown.\n";

enum { VM_SETTINGS = 3 };

/* What was asked for, in the order of the table below. */
struct vm_settings {
	bool any, has[VM_SETTINGS];
	bool force;			/* of memtype */
	uint32_t value[VM_SETTINGS];
};

static int vm_end(struct args *args)
{
	const char *word = args_peek(args);

	return word ? misuse("unexpected \"%s\", see `diokctl vm help`", word) : EXIT_OK;
}

/* A range of a guest's memory. */
struct vm_range {
	uint64_t gpa;
	uint64_t size;
};

static struct nl_msg *vm_request(struct nl_conn *conn, int cmd, int fd)
{
	struct nl_msg *msg = dio_nl_request(conn, cmd, NULL);
	int which = cmd == DIO_KVM_CMD_VM_RANGE_GET ? DIO_KVM_A_RANGES_FD : DIO_KVM_A_VM_FD;

	if (msg && !nla_put_s32(msg, which, fd))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* @whole: with the registers of the guest. */
static void show_list(const struct nl_list *vms, bool whole)
{
	size_t i;

	out_open_array(NULL);
	for (i = 0; i < vms->n; i++) {
		if (!show_vm_valid(vms->msg[i]))
			continue;
		out_open_object(NULL);
		show_vm(vms->msg[i]);
		if (whole)
			show_vm_mtrr(vms->msg[i]);
		out_close_object();
	}
	out_close_array();
	out_end();
}

static int ask_range(struct nl_conn *conn, int fd, const struct vm_range *r, uint64_t *next)
{
	struct nl_msg *msg = vm_request(conn, DIO_KVM_CMD_VM_RANGE_GET, fd);
	struct nl_list reply = { 0 };
	size_t i;
	int err;

	if (msg && (nla_put_u64(msg, DIO_KVM_A_RANGES_GPA, r->gpa) ||
		    nla_put_u64(msg, DIO_KVM_A_RANGES_SIZE, r->size))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	*next = 0;
	err = dio_nl_call(conn, msg, &reply);
	for (i = 0; !err && i < reply.n; i++)
		*next = show_vm_range(reply.msg[i]);
	dio_nl_list_free(&reply);
	return err;
}

/* An answer has a limit: as many questions as it takes. */
static int show_range(struct nl_conn *conn, const char *word, int fd, struct vm_range r)
{
	uint64_t end = r.gpa + r.size, next;
	int err;

	out_open_array(NULL);
	do {
		r.size = end - r.gpa;
		err = ask_range(conn, fd, &r, &next);
		r.gpa = next;
	} while (!err && next);
	out_close_array();
	out_end();
	return err ? dio_nl_refused(conn, word) : EXIT_OK;
}

static int show_one(struct nl_conn *conn, const char *word, const struct vm_range *range)
{
	struct nl_list reply = { 0 };
	struct vm_target target;
	int fd, code = vm_find(word, &target);

	if (!code)
		code = vm_open(&target, &fd);
	if (code)
		return code;
	if (range->size)
		code = show_range(conn, word, fd, *range);
	else if (dio_nl_call(conn, vm_request(conn, DIO_KVM_CMD_VM_GET, fd), &reply))
		code = dio_nl_refused(conn, word);
	else
		show_list(&reply, true);
	dio_nl_list_free(&reply);
	close(fd);
	return code;
}

static int parse_number(struct args *args, const char *what, uint64_t *out)
{
	const char *word = args_next(args);
	char *end;

	if (!word)
		return misuse("range: %s is missing", what);
	errno = 0;
	*out = strtoull(word, &end, 0);
	if (*word < '0' || *word > '9' || *end || errno)
		return misuse("range: \"%s\" is not a number", word);
	return EXIT_OK;
}

static int parse_range(struct args *args, struct vm_range *r)
{
	const char *word = args_peek(args);
	int code;

	if (!word || !arg_matches(word, "range"))
		return EXIT_OK;
	args_next(args);
	code = parse_number(args, "the address", &r->gpa);
	if (!code)
		code = parse_number(args, "the size", &r->size);
	if (!code && (!r->size || r->gpa + r->size < r->gpa))
		code = misuse("range: the size is 0 or too large");
	return code;
}

static int show_all(struct nl_conn *conn)
{
	struct nl_list vms = { 0 };
	int code = EXIT_OK;

	if (dio_nl_dump(conn, DIO_KVM_CMD_VM_GET, NULL, &vms))
		code = dio_nl_refused(conn, NULL);
	else
		show_list(&vms, false);
	dio_nl_list_free(&vms);
	return code;
}

static int vm_show(struct args *args)
{
	const char *word = args_next(args);
	struct vm_range range = { 0 };
	struct nl_conn conn;
	int code = word ? parse_range(args, &range) : EXIT_OK;

	if (!code)
		code = vm_end(args);
	if (code)
		return code;
	if (dio_nl_open_family(&conn, &family_kvm))
		return EXIT_REFUSED;
	code = word ? show_one(&conn, word, &range) : show_all(&conn);
	dio_nl_close(&conn);
	return code;
}

/* The settings: their words, the words of their values, and where they go. */
static const struct vm_setting {
	const char *word;
	const struct names *values;
	int attr;
} settings[VM_SETTINGS] = {
	{ "memtype",	&names_memtype,	DIO_KVM_A_VM_MEMTYPE },
	{ "stores",	&names_stores,	DIO_KVM_A_VM_STORES },
	{ "routes",	&names_routes,	DIO_KVM_A_VM_ROUTES },
};

static int parse_value(struct args *args, const struct vm_setting *setting, uint32_t *value)
{
	const char *word = args_next(args);

	if (!word)
		return misuse("%s: its value is missing", setting->word);
	if (names_find(setting->values, word, value))
		return misuse("%s \"%s\": expected %s", setting->word, word,
			      names_list(setting->values));
	return EXIT_OK;
}

static int parse_setting(struct args *args, const char *word, struct vm_settings *set)
{
	int i;

	for (i = 0; i < VM_SETTINGS && !arg_matches(word, settings[i].word); i++)
		;
	if (i == VM_SETTINGS)
		return misuse("\"%s\" is not a setting, see `diokctl vm help`", word);
	if (set->has[i])
		return misuse("%s is given twice", settings[i].word);
	set->has[i] = true;
	set->any = true;
	if (parse_value(args, &settings[i], &set->value[i]))
		return EXIT_USAGE;
	word = args_peek(args);
	if (settings[i].attr == DIO_KVM_A_VM_MEMTYPE && word && !strcmp(word, "force"))
		set->force = args_next(args);
	return EXIT_OK;
}

static int parse_settings(struct args *args, struct vm_settings *set)
{
	const char *word;
	int code = EXIT_OK;

	while (!code && (word = args_next(args)))
		code = parse_setting(args, word, set);
	if (!code && !set->any)
		code = misuse("nothing to set, see `diokctl vm help`");
	return code;
}

static struct nl_msg *set_request(struct nl_conn *conn, int fd, const struct vm_settings *set)
{
	struct nl_msg *msg = vm_request(conn, DIO_KVM_CMD_VM_SET, fd);
	int i;

	for (i = 0; msg && i < VM_SETTINGS; i++) {
		if (!set->has[i] || !nla_put_u32(msg, settings[i].attr, set->value[i]))
			continue;
		nlmsg_free(msg);
		msg = NULL;
	}
	if (msg && set->force && nla_put_flag(msg, DIO_KVM_A_VM_MEMTYPE_FORCE)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static int apply(const struct vm_target *target, const char *word, const struct vm_settings *set)
{
	struct nl_list reply = { 0 };
	struct nl_conn conn;
	int fd, code = vm_open(target, &fd);

	if (code)
		return code;
	if (dio_nl_open_family(&conn, &family_kvm)) {
		close(fd);
		return EXIT_REFUSED;
	}
	if (dio_nl_call(&conn, set_request(&conn, fd, set), &reply))
		code = dio_nl_refused(&conn, word);
	dio_nl_list_free(&reply);
	dio_nl_close(&conn);
	close(fd);
	return code;
}

static int vm_set(struct args *args)
{
	const char *word = args_next(args);
	struct vm_settings set = { 0 };
	struct vm_target target;
	int code;

	if (!word)
		return misuse("a virtual machine is missing, see `diokctl vm help`");
	code = parse_settings(args, &set);
	if (!code)
		code = vm_find(word, &target);
	return code ? code : apply(&target, word, &set);
}

static const struct command verbs[] = {
	{ "show",	vm_show,	NULL },
	{ "set",	vm_set,		NULL },
	{ NULL, NULL, NULL },
};

/* A number where a verb is expected means show. */
int vm_main(struct args *args)
{
	const char *word = args_peek(args);

	if (!word || (*word >= '0' && *word <= '9'))
		return vm_show(args);
	return command_run(verbs, "diokctl vm", args, help);
}
