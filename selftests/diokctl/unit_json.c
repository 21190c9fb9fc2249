// SPDX-License-Identifier: GPL-2.0
/*
 * unit_json text|json|pretty [irq|irq-all|irq-event]: print a device and a
 * reset record whose strings are as bad as strings get, or interrupts;
 * unit_json.py reads it back.
 */
#include <stdio.h>
#include <string.h>

#include <netlink/msg.h>

#include "diokctl.h"
#include "irq_show.h"
#include "out.h"
#include "pci.h"
#include "records.h"
#include "show.h"

static int print_irqs(void)
{
	struct nl_list irqs = { 0 };
	struct nl_msg *msg[] = { record_intx(), nlmsg_alloc(), record_vector() };
	size_t i;

	/* The one between is no interrupt and must not be shown as one. */
	for (i = 0; i < 3; i++) {
		dio_nl_list_add(&irqs, msg[i]);
		nlmsg_free(msg[i]);
	}
	show_irqs(&irqs);
	dio_nl_list_free(&irqs);
	return 0;
}

static int print_irq_event(void)
{
	struct nl_msg *msg = record_irq_event();

	out_open_object(NULL);
	show_irq_event(msg);
	out_close_object();
	nlmsg_free(msg);
	return out_end() ? 1 : 0;
}

static int print_device(void)
{
	struct nl_msg *reset = record_reset(RECORD_NASTY), *dev = record_dev();

	opt.stamp = true;
	out_open_array(NULL);
	out_open_object(NULL);
	show_dev(dev, reset);
	out_open_array("ring");
	out_open_object(NULL);
	show_reset(reset, true, "    ");
	out_close_object();
	out_close_array();
	out_close_object();
	out_open_object(NULL);
	out_close_object();
	out_open_array(NULL);
	out_close_array();
	out_int(NULL, INT64_MIN, NULL);
	out_close_array();
	nlmsg_free(reset);
	nlmsg_free(dev);
	pci_names_free();
	return out_end() ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "text";
	const char *what = argc > 2 ? argv[2] : "";

	out_init(stdout, strcmp(how, "text"), !strcmp(how, "pretty"));
	if (!strcmp(what, "irq-event"))
		return print_irq_event();
	opt.stats = !strcmp(what, "irq-all");
	return strncmp(what, "irq", 3) ? print_device() : print_irqs();
}
