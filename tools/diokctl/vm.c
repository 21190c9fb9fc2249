// SPDX-License-Identifier: GPL-2.0
/*
 * Object vm: virtual machines of KVM and the features of dio_kvm. A VM is handed
 * to the kernel as a descriptor; whether it is one is the kernel's to say.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/dio_kvm.h>

#include "diokctl.h"
#include "nl.h"
#include "out.h"
#include "vm_find.h"
#include "vm_show.h"

static const char help[] =
	"Usage: diokctl vm [show] [VM]\n"
	"       diokctl vm set VM SETTING...\n"
	"\n"
	"VM       PID, PID:FD, or the name of a guest (-name of QEMU, libvirt's name)\n"
	"SETTING  memtype off|pat|full, stores off|eoi|all\n"
	"\n"
	"Without a VM all that have a feature on are shown.\n";

enum { VM_SETTINGS = 2 };

/* What was asked for, in the order of the table below. */
struct vm_settings {
	bool any, has[VM_SETTINGS];
	uint32_t value[VM_SETTINGS];
};

static int vm_end(struct args *args)
{
	const char *word = args_peek(args);

	return word ? misuse("unexpected \"%s\", see `diokctl vm help`", word) : EXIT_OK;
}

static struct nl_msg *vm_request(struct nl_conn *conn, int cmd, int fd)
{
	struct nl_msg *msg = dio_nl_request(conn, cmd, NULL);

	if (msg && !nla_put_s32(msg, DIO_KVM_A_VM_FD, fd))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static void show_list(const struct nl_list *vms)
{
	size_t i;

	out_open_array(NULL);
	for (i = 0; i < vms->n; i++) {
		if (!show_vm_valid(vms->msg[i]))
			continue;
		out_open_object(NULL);
		show_vm(vms->msg[i]);
		out_close_object();
	}
	out_close_array();
	out_end();
}

static int show_one(struct nl_conn *conn, const char *word)
{
	struct nl_list reply = { 0 };
	struct vm_target target;
	int fd, code = vm_find(word, &target);

	if (!code)
		code = vm_open(&target, &fd);
	if (code)
		return code;
	if (dio_nl_call(conn, vm_request(conn, DIO_KVM_CMD_VM_GET, fd), &reply))
		code = dio_nl_refused(conn, word);
	else
		show_list(&reply);
	dio_nl_list_free(&reply);
	close(fd);
	return code;
}

static int show_all(struct nl_conn *conn)
{
	struct nl_list vms = { 0 };
	int code = EXIT_OK;

	if (dio_nl_dump(conn, DIO_KVM_CMD_VM_GET, NULL, &vms))
		code = dio_nl_refused(conn, NULL);
	else
		show_list(&vms);
	dio_nl_list_free(&vms);
	return code;
}

static int vm_show(struct args *args)
{
	const char *word = args_next(args);
	struct nl_conn conn;
	int code = vm_end(args);

	if (code)
		return code;
	if (dio_nl_open_family(&conn, &family_kvm))
		return EXIT_REFUSED;
	code = word ? show_one(&conn, word) : show_all(&conn);
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
	set->has[i] = set->any = true;
	return parse_value(args, &settings[i], &set->value[i]);
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
