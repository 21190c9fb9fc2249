/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink messages that no library would build: any length, any
 * type, any flag, and the answer with all that an extended ack says.
 */
#ifndef DIO_TEST_RAW_H
#define DIO_TEST_RAW_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#define RAW_SIZE	65536
#define RAW_NO_ANSWER	1	/* not an errno: the kernel dropped the message */

struct raw_msg {
	uint32_t size;		/* bytes to send; nlmsg_len may lie */
	uint32_t last;		/* offset of the attribute added last */
	union {
		struct nlmsghdr head;
		uint8_t byte[RAW_SIZE];
	};
};

struct raw_answer {
	int error;		/* 0, a negative errno or RAW_NO_ANSWER */
	uint32_t replies;	/* messages before the end */
	char text[256];
	bool has_offset, has_missing, has_range;
	uint32_t offset, missing;
	uint64_t min, max;
};

/* A bound socket with extended acks; a negative errno if there is none. */
int raw_open(void);
/* Id of a family as this socket's network namespace sees it, or -errno. */
int raw_family(int fd, const char *name);

void raw_begin(struct raw_msg *m, int family, int cmd, int flags);
/* Add an attribute whose header says LEN, with the LEN bytes at DATA. */
void raw_put(struct raw_msg *m, int type, const void *data, uint32_t len);
void raw_put_u32(struct raw_msg *m, int type, uint32_t value);
void raw_put_string(struct raw_msg *m, int type, const char *value);
void raw_tail(struct raw_msg *m, const void *data, uint32_t len);

/* Send as it is and read to the end of the answer. */
void raw_talk(int fd, struct raw_msg *m, struct raw_answer *a);

#endif
