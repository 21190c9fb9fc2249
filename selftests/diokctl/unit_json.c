// SPDX-License-Identifier: GPL-2.0
/*
 * unit_json text|json|pretty: print a device and a reset record whose strings
 * are as bad as strings get; unit_json.py reads it back.
 */
#include <stdio.h>
#include <string.h>

#include <netlink/msg.h>

#include "diokctl.h"
#include "out.h"
#include "pci.h"
#include "records.h"
#include "show.h"

int main(int argc, char **argv)
{
	struct nl_msg *reset = record_reset(RECORD_NASTY), *dev = record_dev();
	const char *how = argc > 1 ? argv[1] : "text";

	out_init(stdout, strcmp(how, "text"), !strcmp(how, "pretty"));
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
