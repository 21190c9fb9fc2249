// SPDX-License-Identifier: GPL-2.0
/*
 * Object irq: interrupts of owners that dio-vfio-pci serves. What is served
 * and what may be held off is the kernel's to say.
 */
#include <stdio.h>
#include <string.h>

#include <linux/dio_vfio.h>

#include "bind.h"
#include "diokctl.h"
#include "irq_show.h"
#include "out.h"

static const char help[] =
	"Usage: diokctl irq [show] [BDF]\n"
	"       diokctl irq set BDF msi|msix [vector N] holdoff off|TIME\n"
	"       diokctl irq set BDF mask user|kernel\n"
	"       diokctl irq set BDF inject work|thread\n"
	"\n"
	"BDF      [dddd:]bb:dd.f\n"
	"TIME     N or Nus: microseconds, Nms: milliseconds\n"
	"\n"
	"Without a vector the hold-off is that of all vectors. -s adds all counters.\n"
	"mask: who masks when a guest writes its MSI-X table; kernel is taken when the\n"
	"device is opened, and needs vectors own, dio_kvm and a VM of KVM.\n"
	"inject: who raises an INTx in the guest, KVM's work or a thread (FIFO);\n"
	"thread is taken when the device is opened, and needs intx msi and dio_kvm.\n";

/* What `irq set` sends; a vector that is not given stands for all. */
struct irq_settings {
	uint32_t index;
	bool one_vector, has_holdoff;
	int who;		/* attribute of a setting of the device, or 0 */
	uint32_t vector;
	uint32_t holdoff;
	uint32_t chosen;	/* its value */
};

/* Settings of the device, which stand alone: who does something. */
static const struct who {
	const char *word, *expected;
	const struct names *names;
	int attr;
} whos[] = {
	{ "mask",	"user or kernel",	&names_mask,	DIO_VFIO_A_IRQ_MASK },
	{ "inject",	"work or thread",	&names_inject,	DIO_VFIO_A_IRQ_INJECT },
};

static int irq_show(struct args *args)
{
	struct nl_list irqs = { 0 };
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
	if (dio_nl_dump(&conn, DIO_VFIO_CMD_IRQ_GET, one ? addr : NULL, &irqs))
		code = dio_nl_refused(&conn, one ? addr : NULL);
	else
		show_irqs(&irqs);
	dio_nl_list_free(&irqs);
	dio_nl_close(&conn);
	return code;
}

static int parse_index(struct args *args, struct irq_settings *set)
{
	const char *word = args_next(args);

	if (!word)
		return misuse("an interrupt type is missing (msi or msix)");
	if (names_find(&names_irq_index, word, &set->index))
		return misuse("\"%s\" is not an interrupt type (msi or msix)", word);
	return EXIT_OK;
}

/* NAME's value into *value by PARSE; once. */
static int parse_number(struct args *args, const char *name, const char *expected,
			int (*parse)(const char *word, uint32_t *value),
			bool *given, uint32_t *value)
{
	const char *word = args_next(args);

	if (*given)
		return misuse("%s is given twice", name);
	if (!word)
		return misuse("%s: its value is missing", name);
	if (parse(word, value))
		return misuse("%s \"%s\": expected %s", name, word, expected);
	*given = true;
	return EXIT_OK;
}

static const struct who *find_who(const char *word)
{
	size_t i;

	for (i = 0; word && i < sizeof(whos) / sizeof(whos[0]); i++)
		if (arg_matches(word, whos[i].word))
			return &whos[i];
	return NULL;
}

static int parse_who(struct args *args, const struct who *who, struct irq_settings *set)
{
	const char *word;

	args_next(args);
	word = args_next(args);
	if (!word)
		return misuse("%s: its value is missing", who->word);
	if (names_find(who->names, word, &set->chosen))
		return misuse("%s \"%s\": expected %s", who->word, word, who->expected);
	set->who = who->attr;
	return dev_end(args);
}

static int parse_settings(struct args *args, struct irq_settings *set)
{
	const char *word = args_peek(args);
	const struct who *who = find_who(word);
	int code;

	if (who)
		return parse_who(args, who, set);
	code = parse_index(args, set);
	while (!code && (word = args_next(args))) {
		if (arg_matches(word, "vector"))
			code = parse_number(args, "vector", "a number", arg_u32,
					    &set->one_vector, &set->vector);
		else if (arg_matches(word, "holdoff"))
			code = parse_number(args, "holdoff",
					    "off, or a time in us or ms", arg_holdoff,
					    &set->has_holdoff, &set->holdoff);
		else
			code = misuse("\"%s\" is not a setting, see `diokctl irq help`", word);
	}
	if (!code && !set->has_holdoff)
		code = misuse("nothing to set: holdoff is missing");
	return code;
}

static struct nl_msg *make_request(struct nl_conn *conn, const char *addr,
				   const struct irq_settings *set)
{
	struct nl_msg *msg = dio_nl_request(conn, DIO_VFIO_CMD_IRQ_SET, addr);

	if (!msg)
		return NULL;
	if (set->who && !nla_put_u32(msg, set->who, set->chosen))
		return msg;
	if (!set->who && !nla_put_u32(msg, DIO_VFIO_A_IRQ_INDEX, set->index) &&
	    (!set->one_vector || !nla_put_u32(msg, DIO_VFIO_A_IRQ_VECTOR, set->vector)) &&
	    !nla_put_u32(msg, DIO_VFIO_A_IRQ_HOLDOFF, set->holdoff))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int irq_set(struct args *args)
{
	struct irq_settings set = { 0 };
	struct nl_list reply = { 0 };
	char addr[ADDR_SIZE];
	struct nl_conn conn;
	int code = dev_addr(args, addr);

	if (!code)
		code = parse_settings(args, &set);
	if (code)
		return code;
	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	if (dio_nl_call(&conn, make_request(&conn, addr, &set), &reply))
		code = dio_nl_refused(&conn, addr);
	dio_nl_list_free(&reply);
	dio_nl_close(&conn);
	return code;
}

static const struct command verbs[] = {
	{ "show",	irq_show,	NULL },
	{ "set",	irq_set,	NULL },
	{ NULL, NULL, NULL },
};

/* An address where a verb is expected means show. */
int irq_main(struct args *args)
{
	const char *word = args_peek(args);
	char addr[ADDR_SIZE];

	if (!word || !arg_addr(word, addr))
		return irq_show(args);
	return command_run(verbs, "diokctl irq", args, help);
}
