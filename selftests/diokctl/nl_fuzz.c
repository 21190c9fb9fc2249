// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand random messages, the same ones each time (the seed is fixed
 * and printed). Each kind is built so that it cannot be valid, so whatever
 * the kernel makes of it, no device may change.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "ground_irq.h"
#include "refusal.h"
#include "report.h"

#define MESSAGES	10000
#define SEED		0x64696f6b2d667a7aULL
#define ERRORS		140

FIXTURE(fuzz) {
	struct ground_irq q;
	struct raw_msg msg;
	struct raw_answer answer;
	uint64_t random;
	unsigned int errors[ERRORS];	/* how often each errno came; 0: success */
	unsigned int silent;
};

FIXTURE_SETUP(fuzz)
{
	GROUND_IRQ_SETUP(&self->q);
	self->random = SEED;
}

FIXTURE_TEARDOWN(fuzz)
{
	ground_irq_close(&self->q);
}

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(draw(state) % n);
}

static void put_random(struct raw_msg *m, uint64_t *r)
{
	uint8_t data[64];
	uint32_t i, len = below(r, sizeof(data));

	/* Every other one has a number's length, for the limits to be met. */
	if (below(r, 2))
		len = below(r, 4) ? 4 : 1;
	for (i = 0; i < len; i++)
		data[i] = (uint8_t)draw(r);
	raw_put(m, (int)below(r, below(r, 4) ? DIO_VFIO_A_DEV_MAX + 3 : 65536), data, len);
}

/* A bound device, random attributes, and one that no command has. */
static void make_poisoned(struct raw_msg *m, const struct ground *g, uint64_t *r)
{
	uint32_t n = below(r, 8), poison = below(r, n + 1), i;

	/* dev-set is half of them, it has the most to get wrong. */
	raw_begin(m, g->family, below(r, 2) ? DIO_VFIO_CMD_DEV_SET :
		  (int)below(r, DIO_VFIO_CMD_MAX + 2),
		  below(r, 4) ? 0 : NLM_F_DUMP);
	if (below(r, 8))
		raw_put_string(m, A(ADDR), g->dev[below(r, GROUND_DEVICES)].addr);
	for (i = 0; i <= n; i++) {
		if (i == poison)
			raw_put_u32(m, 999, (uint32_t)draw(r));
		else
			put_random(m, r);
	}
}

/* Values within the limits, to pass the policy, for a device that is not there. */
static void make_homeless(struct raw_msg *m, const struct ground *g, uint64_t *r)
{
	raw_begin(m, g->family, DIO_VFIO_CMD_DEV_SET, 0);
	raw_put_string(m, A(ADDR), below(r, 2) ? "0000:77:00.0" : g->unbound);
	raw_put_u32(m, A(POLICY), below(r, 3));
	raw_put_u32(m, A(LEVEL), 1 + below(r, 2));
	raw_put_u32(m, A(READY_TIMEOUT), 100 + below(r, DIO_VFIO_TIMEOUT_MAX_MS - 99));
	raw_put_u32(m, A(DRAIN), below(r, DIO_VFIO_DRAIN_MAX_MS + 1));
	raw_put_u32(m, A(INTX), below(r, 3));
	raw_put_u32(m, A(RECHECK), below(r, 6));
	raw_put_u32(m, A(VECTORS), below(r, 2));
}

/* All is within the limits, the device is there; a method is named twice. */
static void make_contrary(struct raw_msg *m, const struct ground *g, uint64_t *r)
{
	uint32_t method = below(r, 6), n = below(r, 40);

	raw_begin(m, g->family, DIO_VFIO_CMD_DEV_SET, 0);
	raw_put_u32(m, A(METHOD), method);
	raw_put_string(m, A(ADDR), g->dev[below(r, GROUND_DEVICES)].addr);
	raw_put_u32(m, A(POLICY), below(r, 3));
	raw_put_u32(m, A(IDLE_TIMEOUT), 10 + below(r, DIO_VFIO_TIMEOUT_MAX_MS - 9));
	while (n--)
		raw_put_u32(m, A(METHOD), below(r, 6));
	raw_put_u32(m, A(METHOD), method);
}

/* Numbers of the right length; the last one is above every limit. */
static void make_excessive(struct raw_msg *m, const struct ground *g, uint64_t *r)
{
	static const int types[] = { A(POLICY), A(LEVEL), A(METHOD), A(READY_TIMEOUT),
				     A(IDLE_TIMEOUT), A(DRAIN), A(INTX), A(RECHECK),
				     A(VECTORS) };
	uint32_t n = below(r, 6);

	raw_begin(m, g->family, DIO_VFIO_CMD_DEV_SET, 0);
	raw_put_string(m, A(ADDR), g->dev[below(r, GROUND_DEVICES)].addr);
	while (n--)
		raw_put_u32(m, types[below(r, ARRAY_SIZE(types))], below(r, 3));
	raw_put_u32(m, types[below(r, ARRAY_SIZE(types))], 0x10000 | (uint32_t)draw(r));
}

/* A hold-off in good form for a type, a vector or a device that has none. */
static void make_vain(struct raw_msg *m, const struct ground *g, uint64_t *r)
{
	uint32_t kind = below(r, 4);
	const char *addr = g->dev[kind == 1 ? GROUND_CLOSED : GROUND_OWNED].addr;

	raw_begin(m, g->family, DIO_VFIO_CMD_IRQ_SET, 0);
	raw_put_string(m, Q(ADDR), kind == 2 ? "0000:77:00.0" : addr);
	raw_put_u32(m, Q(INDEX), kind ? DIO_VFIO_IRQ_INDEX_MSIX : DIO_VFIO_IRQ_INDEX_INTX);
	if (kind == 3)
		raw_put_u32(m, Q(VECTOR), 2048 + below(r, UINT32_MAX - 2048));
	else if (below(r, 2))
		raw_put_u32(m, Q(VECTOR), below(r, GROUND_VECTORS));
	raw_put_u32(m, Q(HOLDOFF), below(r, DIO_VFIO_HOLDOFF_MAX_US + 1));
}

/* Noise behind a header, whose length may lie. An address in it is a wonder. */
static void make_noise(struct raw_msg *m, const struct ground *g, uint64_t *r)
{
	uint32_t i, len = below(r, 512);
	uint8_t byte;

	raw_begin(m, g->family, (int)below(r, 256), 0);
	m->head.nlmsg_flags |= (uint16_t)draw(r);
	for (i = 0; i < len; i++) {
		byte = (uint8_t)draw(r);
		raw_tail(m, &byte, 1);
	}
	if (!below(r, 4))
		m->head.nlmsg_len = below(r, 1024);
}

static void (*const makers[])(struct raw_msg *m, const struct ground *g, uint64_t *r) = {
	make_poisoned, make_homeless, make_contrary, make_excessive, make_vain, make_noise,
};

static void count(FIXTURE_DATA(fuzz) *self)
{
	int error = self->answer.error;

	if (error == RAW_NO_ANSWER)
		self->silent++;
	else if (error <= 0 && -error < ERRORS)
		self->errors[-error]++;
}

TEST_F_TIMEOUT(fuzz, ten_thousand, 120)
{
	struct ground *g = &self->q.ground;
	unsigned int i, sum = 0;

	say("seed 0x%llx, %u messages", (unsigned long long)SEED, MESSAGES);
	for (i = 0; i < MESSAGES; i++) {
		makers[below(&self->random, ARRAY_SIZE(makers))](&self->msg, g, &self->random);
		raw_talk(g->fd, &self->msg, &self->answer);
		count(self);
		/* Later answers to an earlier message would mix the counts. */
		if (i % 1000 == 999 && ground_irq_changes(&self->q))
			break;
	}
	EXPECT_EQ(MESSAGES, i);
	for (i = 0; i < ERRORS; i++) {
		sum += self->errors[i];
		if (self->errors[i])
			say("%5u x %s", self->errors[i], i ? strerror((int)i) : "success");
	}
	say("%5u x no answer", self->silent);
	EXPECT_EQ(MESSAGES, sum + self->silent);
	/* Each layer was reached: policy, limits, lookup, sense. */
	EXPECT_LT(100, self->errors[EINVAL]);
	EXPECT_LT(100, self->errors[ERANGE]);
	EXPECT_LT(100, self->errors[ENODEV]);
	EXPECT_LT(100, self->errors[EOPNOTSUPP]);
	EXPECT_EQ(0, ground_irq_changes(&self->q));
	EXPECT_EQ(0, ground_events(g));
}

TEST_HARNESS_MAIN
