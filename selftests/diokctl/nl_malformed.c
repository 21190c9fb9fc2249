// SPDX-License-Identifier: GPL-2.0
/*
 * Malformed messages to every command of dio_vfio: refused with the right
 * errno, text and attribute, no device changed and no event sent. A row is a
 * message; adding one is adding a row.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "ground.h"
#include "refusal.h"

#define NOBODY		"0000:77:00.0"

#define POLICY	"Attribute failed policy validation"
#define LENGTH	"invalid attribute length"
#define RANGE	"integer out of range"

FIXTURE(malformed) {
	struct ground ground;
	struct raw_msg msg;
	struct raw_answer answer;
};

FIXTURE_SETUP(malformed)
{
	GROUND_SETUP(&self->ground);
}

FIXTURE_TEARDOWN(malformed)
{
	ground_close(&self->ground);
}

/* Every command that takes an address, and how it is asked. */
static const struct addressed {
	int cmd, flags;
} addressed[] = {
	{ DIO_VFIO_CMD_DEV_GET, 0 },
	{ DIO_VFIO_CMD_DEV_SET, 0 },
	{ DIO_VFIO_CMD_DEV_RESET, 0 },
	{ DIO_VFIO_CMD_DEV_RELEASE, 0 },
	{ DIO_VFIO_CMD_RESET_GET, NLM_F_DUMP },
	{ DIO_VFIO_CMD_IRQ_GET, NLM_F_DUMP },
	{ DIO_VFIO_CMD_IRQ_SET, 0 },
};

/* What else a command needs comes before the address. */
static void address_begin(struct raw_msg *m, const struct ground *g, int c)
{
	raw_begin(m, g->family, addressed[c].cmd, addressed[c].flags);
	if (addressed[c].cmd != DIO_VFIO_CMD_IRQ_SET)
		return;
	raw_put_u32(m, DIO_VFIO_A_IRQ_INDEX, DIO_VFIO_IRQ_INDEX_MSIX);
	raw_put_u32(m, DIO_VFIO_A_IRQ_HOLDOFF, 1);
}

#define ADDRESSED	((int)ARRAY_SIZE(addressed))
#define BYTES(s)	(s), sizeof(s) - 1	/* without the NUL */

/* The address as bytes: what is not an address, or no device of ours. */
static const struct {
	const char *what, *data;
	uint32_t len;
	int flags;		/* of the attribute's type */
	struct expect want;
} addresses[] = {
	{ "no bytes", BYTES(""), 0, { -EINVAL, POLICY, POINT_LAST } },
	{ "empty", "", 1, 0, { -EINVAL, "not a PCI address", POINT_LAST } },
	{ "short, no NUL", BYTES("0000"), 0, { -EINVAL, POLICY, POINT_LAST } },
	{ "12 bytes, no NUL", BYTES("0000:77:00.0"), 0, { -EINVAL, POLICY, POINT_LAST } },
	{ "16 bytes, no NUL", BYTES("0000000:77:00.00"), 0,
	  { -EINVAL, POLICY, POINT_LAST } },
	{ "16 and NUL", BYTES("0000000:77:00.00\0"), 0, { -EINVAL, POLICY, POINT_LAST } },
	{ "15 and NUL", BYTES("0000000:77:00.0\0"), 0,
	  { -ENODEV, "no such PCI device", POINT_LAST } },
	{ "NUL, then more", BYTES("0000:77:00.0\0xyz"), 0, { -ERANGE, POLICY, POINT_LAST } },
	{ "function 8", BYTES("0000:77:00.8\0"), 0,
	  { -EINVAL, "not a PCI address", POINT_LAST } },
	{ "device 20", BYTES("0000:77:20.0\0"), 0,
	  { -EINVAL, "not a PCI address", POINT_LAST } },
	{ "no domain", BYTES("77:00.0\0"), 0, { -EINVAL, "not a PCI address", POINT_LAST } },
	{ "text behind", BYTES("0000:77:00.0x\0"), 0,
	  { -EINVAL, "not a PCI address", POINT_LAST } },
	{ "percent", BYTES("%s%n%p\0"), 0, { -EINVAL, "not a PCI address", POINT_LAST } },
	{ "nobody there", BYTES(NOBODY "\0"), 0,
	  { -ENODEV, NOBODY ": no such PCI device", POINT_LAST } },
	{ "nested flag", BYTES(NOBODY "\0"), NLA_F_NESTED,
	  { -EINVAL, "NLA_F_NESTED not expected", POINT_LAST } },
};

TEST_F(malformed, address)
{
	struct ground *g = &self->ground;
	int c, bad = 0;
	size_t i;

	for (c = 0; c < ADDRESSED; c++) {
		for (i = 0; i < ARRAY_SIZE(addresses); i++) {
			address_begin(&self->msg, g, c);
			raw_put(&self->msg, A(ADDR) | addresses[i].flags,
				addresses[i].data, addresses[i].len);
			bad += refused(g->fd, &self->msg, &self->answer, &addresses[i].want,
				       addresses[i].what, addressed[c].cmd);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

TEST_F(malformed, address_long)
{
	static const struct expect want = { -EINVAL, POLICY, POINT_LAST };
	static char data[60000];
	struct ground *g = &self->ground;
	int c, bad = 0;

	memset(data, '0', sizeof(data));
	for (c = 0; c < ADDRESSED; c++) {
		address_begin(&self->msg, g, c);
		raw_put(&self->msg, A(ADDR), data, sizeof(data));
		bad += refused(g->fd, &self->msg, &self->answer, &want, "60000 bytes",
			       addressed[c].cmd);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* A dump of records without an address is that of all devices. */
TEST_F(malformed, address_missing)
{
	static const struct expect want = { -EINVAL, "missing", POINT_MISSING };
	struct ground *g = &self->ground;
	int c, bad = 0;

	for (c = 0; c < ADDRESSED; c++) {
		if (addressed[c].flags)
			continue;
		address_begin(&self->msg, g, c);
		bad += refused(g->fd, &self->msg, &self->answer, &want, "no address",
			       addressed[c].cmd);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

TEST_F(malformed, device_of_another_driver)
{
	static const struct expect want = { -ENODEV, "not bound to dio-vfio-pci", POINT_LAST };
	struct ground *g = &self->ground;
	int c, bad = 0;

	for (c = 0; c < ADDRESSED; c++) {
		address_begin(&self->msg, g, c);
		raw_put_string(&self->msg, A(ADDR), g->unbound);
		bad += refused(g->fd, &self->msg, &self->answer, &want, g->unbound,
			       addressed[c].cmd);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* Above those of each of the commands. */
#define ATTR_NONE	(DIO_VFIO_A_DEV_MAX + DIO_VFIO_A_IRQ_MAX)

/* Attributes that a command does not have, behind an address that is good. */
TEST_F(malformed, attribute_unknown)
{
	static const struct expect unknown = { -EINVAL, "Unknown attribute type", POINT_LAST };
	static const int types[] = { 0, ATTR_NONE, 999, NLA_TYPE_MASK };
	struct ground *g = &self->ground;
	int c, bad = 0;
	size_t i;

	for (c = 0; c < ADDRESSED; c++) {
		for (i = 0; i < ARRAY_SIZE(types); i++) {
			address_begin(&self->msg, g, c);
			raw_put_string(&self->msg, A(ADDR), g->dev[0].addr);
			raw_put_u32(&self->msg, types[i], 1);
			bad += refused(g->fd, &self->msg, &self->answer, &unknown,
				       "unknown attribute", addressed[c].cmd);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* Known to the family, not to dev-set: what only the kernel may say. */
TEST_F(malformed, attribute_read_only)
{
	static const struct expect want = { -EINVAL, "Unsupported attribute", POINT_LAST };
	static const int types[] = { A(VENDOR), A(DEVICE), A(STATE), A(LEVEL_MAX), A(AVAILABLE),
				     A(RESETS), A(LAST_ID), A(DRY_RUN), A(RELEASED) };
	struct ground *g = &self->ground;
	int bad = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		raw_begin(&self->msg, g->family, DIO_VFIO_CMD_DEV_SET, 0);
		raw_put_string(&self->msg, A(ADDR), g->dev[0].addr);
		raw_put_u32(&self->msg, types[i], 1);
		bad += refused(g->fd, &self->msg, &self->answer, &want, "read-only attribute",
			       types[i]);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

/* dev-set's numbers and their limits; below is the greatest value too small. */
static const struct number {
	int attr;
	uint32_t size;
	int64_t below;		/* -1: there is none */
	uint64_t above;
	uint64_t min, max;
} numbers[] = {
	{ A(POLICY), 4, -1, 3, 0, 2 },
	{ A(LEVEL), 4, 0, 3, 1, 2 },
	{ A(METHOD), 4, -1, 6, 0, 5 },
	{ A(D3_FORCE), 1, -1, 2, 0, 1 },
	{ A(READY_TIMEOUT), 4, 99, DIO_VFIO_TIMEOUT_MAX_MS + 1, 100, DIO_VFIO_TIMEOUT_MAX_MS },
	{ A(IDLE_TIMEOUT), 4, 9, DIO_VFIO_TIMEOUT_MAX_MS + 1, 10, DIO_VFIO_TIMEOUT_MAX_MS },
	{ A(DRAIN), 4, -1, DIO_VFIO_DRAIN_MAX_MS + 1, 0, DIO_VFIO_DRAIN_MAX_MS },
	{ A(INTX), 4, -1, 3, 0, 2 },
	{ A(RECHECK), 4, -1, 6, 0, 5 },
	{ A(VECTORS), 4, -1, 2, 0, 1 },
};

/* A good policy comes first: it must not be applied alone. */
static void set_begin(struct raw_msg *m, const struct ground *g)
{
	raw_begin(m, g->family, DIO_VFIO_CMD_DEV_SET, 0);
	raw_put_string(m, A(ADDR), g->dev[0].addr);
	raw_put_u32(m, A(POLICY), DIO_VFIO_POLICY_OBSERVE);
}

TEST_F(malformed, number_length)
{
	static const struct expect want = { -EINVAL, LENGTH, POINT_LAST };
	static const struct expect nested = { -EINVAL, "NLA_F_NESTED not expected", POINT_LAST };
	static const char zeros[64];
	static const uint32_t sizes[] = { 0, 1, 2, 3, 4, 5, 8, 64 };
	struct ground *g = &self->ground;
	int bad = 0;
	size_t i, s;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (s = 0; s < ARRAY_SIZE(sizes); s++) {
			if (sizes[s] == numbers[i].size)
				continue;
			set_begin(&self->msg, g);
			raw_put(&self->msg, numbers[i].attr, zeros, sizes[s]);
			bad += refused(g->fd, &self->msg, &self->answer, &want, "length",
				       numbers[i].attr);
		}
		set_begin(&self->msg, g);
		raw_put(&self->msg, numbers[i].attr | NLA_F_NESTED, zeros, numbers[i].size);
		bad += refused(g->fd, &self->msg, &self->answer, &nested, "nested flag",
			       numbers[i].attr);
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

TEST_F(malformed, number_range)
{
	static const struct expect want = { -ERANGE, RANGE, POINT_LAST };
	struct ground *g = &self->ground;
	int bad = 0;
	size_t i, v;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		const uint64_t values[] = { (uint64_t)numbers[i].below, numbers[i].above,
					    0x80000000, UINT32_MAX };

		for (v = numbers[i].below < 0; v < ARRAY_SIZE(values); v++) {
			uint64_t value = numbers[i].size == 1 && v > 1 ? 0xff : values[v];

			set_begin(&self->msg, g);
			raw_put(&self->msg, numbers[i].attr, &value, numbers[i].size);
			bad += refused(g->fd, &self->msg, &self->answer, &want, "range",
				       numbers[i].attr);
			EXPECT_EQ(numbers[i].min, self->answer.min);
			EXPECT_EQ(numbers[i].max, self->answer.max);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_UNTOUCHED();
}

TEST_HARNESS_MAIN
