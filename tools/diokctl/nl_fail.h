/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel says when it refuses: errno, extended-ack text, and the
 * attribute that it points to, with its limits if the kernel gives them.
 */
#ifndef DIOKCTL_NL_FAIL_H
#define DIOKCTL_NL_FAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>

#include "family.h"

struct nl_fail {
	int error;		/* positive errno, 0 for none */
	char text[256];		/* extended-ack text, may be empty */
	const char *attr;	/* name of the offending attribute, or NULL */
	bool missing;		/* that attribute was not there */
	bool limited;		/* min and max hold the kernel's limits */
	uint64_t min, max;
};

/*
 * Read an NLMSG_ERROR or an NLMSG_DONE that carries an error. REQUEST is
 * the message that was sent, to name the attribute at the kernel's offset.
 */
void dio_nl_fail_parse(struct nl_fail *fail, const struct nl_family *family,
		       const struct nlmsghdr *answer, const struct nlmsghdr *request);

/* For an error on this side of the socket. */
void dio_nl_fail_local(struct nl_fail *fail, int error, const char *text);

/* "ADDR: text (attribute: limits)" in BUF. */
void dio_nl_fail_format(const struct nl_fail *fail, const char *addr,
			char *buf, size_t size);

#endif
