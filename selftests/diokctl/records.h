/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of the dio_vfio family as a kernel could send them, made by hand. */
#ifndef DIO_TEST_RECORDS_H
#define DIO_TEST_RECORDS_H

#include <netlink/netlink.h>

#define RECORD_ADDR	"0000:01:00.0"

/* Quotes, controls, bytes that are not UTF-8, and some that are. */
#define RECORD_NASTY	"q\"b\\n\nt\te\x1b[2J\x7f bad\xff\xc0\xaf\xed\xa0\x80 ok\xc3\xa9\xf0\x9f\x98\x80"

struct nl_msg *record_reset(const char *reason);
struct nl_msg *record_dev(void);

/* An INTx with all that can be said of it, and a vector with little. */
struct nl_msg *record_intx(void);
struct nl_msg *record_vector(void);
struct nl_msg *record_irq_event(void);

#endif
