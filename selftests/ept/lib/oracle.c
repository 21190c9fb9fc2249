// SPDX-License-Identifier: GPL-2.0
/* The emulator's port: a command is written to it, an answer is read from it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>

#include "oracle.h"

#define PORT 0x8902
#define MAGIC 0x4f545045	/* EPTO */
#define CMD_CLEAR 0xffffffff
#define CMD_STATUS 0xfffffffe	/* answers magic, records, lost ones */
/* any other command: the number of a record; answers it and those after it */
#define WORDS 8

static uint64_t pair(const uint32_t *w)
{
	return w[0] | (uint64_t)w[1] << 32;
}

static void answer(uint32_t *words, int count)
{
	while (count--)
		*words++ = inl(PORT);
}

static void status(uint32_t words[3])
{
	outl(CMD_STATUS, PORT);
	answer(words, 3);
}

int oracle_open(struct oracle *o)
{
	uint32_t words[3];

	memset(o, 0, sizeof(*o));
	if (iopl(3))
		return -errno;
	status(words);
	if (words[0] != MAGIC)
		return -ENODEV;
	o->fills = calloc(ORACLE_MAX, sizeof(*o->fills));
	return o->fills ? 0 : -ENOMEM;
}

void oracle_close(struct oracle *o)
{
	free(o->fills);
	o->fills = NULL;
}

void oracle_clear(void)
{
	outl(CMD_CLEAR, PORT);
}

int oracle_read(struct oracle *o)
{
	uint32_t words[WORDS];
	unsigned int i;

	status(words);
	o->count = words[1] < ORACLE_MAX ? words[1] : ORACLE_MAX;
	if (words[2] || words[1] > ORACLE_MAX)
		return -EOVERFLOW;
	outl(0, PORT);
	for (i = 0; i < o->count; i++) {
		struct oracle_fill *f = &o->fills[i];

		answer(words, WORDS);
		f->linear = pair(words);
		f->gpa = pair(words + 2);
		f->entry = pair(words + 4);
		f->level = words[6];
		f->pat = words[6] >> 8;
		f->effective = words[6] >> 16;
	}
	return 0;
}

const struct oracle_fill *oracle_find(const struct oracle *o, uint64_t linear)
{
	unsigned int i;

	for (i = o->count; i--;)
		if (o->fills[i].linear == linear)
			return &o->fills[i];
	return NULL;
}
