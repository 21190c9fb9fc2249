// SPDX-License-Identifier: GPL-2.0
/*
 * irq-get and irq-set while an owner has vectors: what is incomplete, wrong in
 * shape, out of range or without sense is refused, and neither a hold-off nor
 * a setting nor a counter differs afterwards.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "ground_irq.h"
#include "refusal.h"
#include "report.h"

#define MSIX	DIO_VFIO_IRQ_INDEX_MSIX

FIXTURE(irq) {
	struct ground_irq q;
	struct raw_msg msg;
	struct raw_answer answer;
};

FIXTURE_SETUP(irq)
{
	GROUND_IRQ_SETUP(&self->q);
}

FIXTURE_TEARDOWN(irq)
{
	ground_irq_close(&self->q);
}

#define EXPECT_QUIET() do {							\
		EXPECT_EQ(0, ground_irq_changes(&self->q));			\
		EXPECT_EQ(0, ground_events(&self->q.ground));			\
	} while (0)

/* The commands, and how they are asked. */
static const struct {
	int cmd, flags;
} commands[] = {
	{ DIO_VFIO_CMD_IRQ_GET, NLM_F_DUMP },
	{ DIO_VFIO_CMD_IRQ_SET, 0 },
};

#define HAS(attr)	(1u << Q(attr))
#define ALL		(HAS(ADDR) | HAS(INDEX) | HAS(VECTOR) | HAS(HOLDOFF))

/* A message that would set a hold-off, but for the attributes that WITH lacks. */
static void begin_set(struct raw_msg *m, const struct ground_irq *q, unsigned int with)
{
	raw_begin(m, q->ground.family, DIO_VFIO_CMD_IRQ_SET, 0);
	if (with & HAS(ADDR))
		raw_put_string(m, Q(ADDR), q->ground.dev[GROUND_OWNED].addr);
	if (with & HAS(INDEX))
		raw_put_u32(m, Q(INDEX), MSIX);
	if (with & HAS(VECTOR))
		raw_put_u32(m, Q(VECTOR), 1);
	if (with & HAS(HOLDOFF))
		raw_put_u32(m, Q(HOLDOFF), 333);
}

static void begin_addr(struct raw_msg *m, const struct ground_irq *q, int c)
{
	raw_begin(m, q->ground.family, commands[c].cmd, commands[c].flags);
	raw_put_string(m, Q(ADDR), q->ground.dev[GROUND_OWNED].addr);
}

TEST_F(irq, missing)
{
	static const struct {
		unsigned int with;
		struct expect want;
	} rows[] = {
		{ ALL & ~HAS(ADDR), { -EINVAL, "addr: the PCI address of a device is missing",
				      POINT_MISSING_OF(Q(ADDR)) } },
		{ ALL & ~HAS(INDEX), { -EINVAL, "index: the interrupt type is missing",
				       POINT_MISSING_OF(Q(INDEX)) } },
		{ ALL & ~HAS(HOLDOFF), { -EINVAL, "holdoff: the interval is missing",
					 POINT_MISSING_OF(Q(HOLDOFF)) } },
	};
	int bad = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		begin_set(&self->msg, &self->q, rows[i].with);
		bad += refused(self->q.ground.fd, &self->msg, &self->answer, &rows[i].want,
			       "missing", (int)i);
	}
	EXPECT_EQ(0, bad);
	EXPECT_QUIET();
}

TEST_F(irq, number_length)
{
	static const struct expect want = { -EINVAL, "invalid attribute length", POINT_LAST };
	static const struct expect nested = { -EINVAL, "NLA_F_NESTED not expected",
					      POINT_LAST };
	static const int attrs[] = { Q(INDEX), Q(VECTOR), Q(HOLDOFF), Q(MASK), Q(INJECT) };
	static const uint32_t sizes[] = { 0, 1, 2, 3, 5, 8, 64 };
	static const char zeros[64];
	int bad = 0;
	size_t i, s;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		for (s = 0; s < ARRAY_SIZE(sizes); s++) {
			begin_set(&self->msg, &self->q, ALL & ~(1u << attrs[i]));
			raw_put(&self->msg, attrs[i], zeros, sizes[s]);
			bad += refused(self->q.ground.fd, &self->msg, &self->answer, &want,
				       "length", attrs[i]);
		}
		begin_set(&self->msg, &self->q, ALL & ~(1u << attrs[i]));
		raw_put(&self->msg, attrs[i] | NLA_F_NESTED, zeros, 4);
		bad += refused(self->q.ground.fd, &self->msg, &self->answer, &nested,
			       "nested flag", attrs[i]);
	}
	EXPECT_EQ(0, bad);
	EXPECT_QUIET();
}

TEST_F(irq, number_range)
{
	static const struct expect want = { -ERANGE, "integer out of range", POINT_LAST };
	static const struct {
		int attr;
		uint32_t max;
	} rows[] = {
		{ Q(INDEX), MSIX },
		{ Q(HOLDOFF), DIO_VFIO_HOLDOFF_MAX_US },
		{ Q(MASK), DIO_VFIO_MASK_KERNEL },
		{ Q(INJECT), DIO_VFIO_INJECT_THREAD },
	};
	int bad = 0;
	size_t i, v;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint32_t values[] = { rows[i].max + 1, 0x80000000, UINT32_MAX };

		for (v = 0; v < ARRAY_SIZE(values); v++) {
			begin_set(&self->msg, &self->q, ALL & ~(1u << rows[i].attr));
			raw_put_u32(&self->msg, rows[i].attr, values[v]);
			bad += refused(self->q.ground.fd, &self->msg, &self->answer, &want,
				       "range", rows[i].attr);
			EXPECT_EQ(0, self->answer.min);
			EXPECT_EQ(rows[i].max, self->answer.max);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_QUIET();
}

/* In good form, and still nothing that can be done. */
TEST_F(irq, without_sense)
{
	static const struct {
		const char *what;
		int device;
		uint32_t index, vector;
		struct expect want;
	} rows[] = {
		{ "intx", GROUND_OWNED, DIO_VFIO_IRQ_INDEX_INTX, 0,
		  { -EOPNOTSUPP, ": intx: hold-off is for MSI and MSI-X", POINT_NONE } },
		{ "closed", GROUND_CLOSED, DIO_VFIO_IRQ_INDEX_MSI, 0,
		  { -ENODEV, ": not open", POINT_NONE } },
		{ "one too many", GROUND_OWNED, MSIX, 5,
		  { -EINVAL, ": vector 5: the device has 5", POINT_NONE } },
		{ "many", GROUND_OWNED, MSIX, 0x7fffffff,
		  { -EINVAL, ": vector 2147483647: the device has 5", POINT_NONE } },
		{ "sign", GROUND_OWNED, MSIX, 0x80000000,
		  { -EINVAL, ": the device has 5", POINT_NONE } },
		{ "all bits", GROUND_OWNED, MSIX, UINT32_MAX,
		  { -EINVAL, ": the device has 5", POINT_NONE } },
	};
	int bad = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		begin_set(&self->msg, &self->q, HAS(HOLDOFF));
		raw_put_string(&self->msg, Q(ADDR), self->q.ground.dev[rows[i].device].addr);
		raw_put_u32(&self->msg, Q(INDEX), rows[i].index);
		raw_put_u32(&self->msg, Q(VECTOR), rows[i].vector);
		bad += refused(self->q.ground.fd, &self->msg, &self->answer, &rows[i].want,
			       rows[i].what, (int)i);
	}
	EXPECT_EQ(0, bad);
	EXPECT_QUIET();
}

/* Who masks: nobody but the owner where there is no MSI-X; and together with a hold-off. */
TEST_F(irq, mask)
{
	static const struct expect want = {
		-EOPNOTSUPP, ": mask: the device has no MSI-X", POINT_LAST
	};
	struct ground *g = &self->q.ground;

	begin_set(&self->msg, &self->q, 0);
	raw_put_string(&self->msg, Q(ADDR), g->dev[GROUND_CLOSED].addr);
	raw_put_u32(&self->msg, Q(MASK), DIO_VFIO_MASK_KERNEL);
	EXPECT_EQ(0, refused(g->fd, &self->msg, &self->answer, &want, "no MSI-X", 0));
	begin_set(&self->msg, &self->q, 0);
	raw_put_string(&self->msg, Q(ADDR), g->dev[GROUND_CLOSED].addr);
	raw_put_u32(&self->msg, Q(INDEX), DIO_VFIO_IRQ_INDEX_MSI);
	raw_put_u32(&self->msg, Q(HOLDOFF), 1);
	raw_put_u32(&self->msg, Q(MASK), DIO_VFIO_MASK_KERNEL);
	EXPECT_EQ(0, refused(g->fd, &self->msg, &self->answer, &want, "with a hold-off", 0));
	EXPECT_QUIET();
}

/* Vectors that the kernel's own code serves cannot be held off by us. */
TEST_F(irq, vectors_stock)
{
	static const struct expect want = {
		-EOPNOTSUPP, ": vectors are served by vfio-pci-core (set vectors own)",
		POINT_NONE
	};
	struct ground *g = &self->q.ground;
	struct owner owner = OWNER_INIT;

	raw_begin(&self->msg, g->family, DIO_VFIO_CMD_DEV_SET, 0);
	raw_put_string(&self->msg, A(ADDR), g->dev[GROUND_CLOSED].addr);
	raw_put_u32(&self->msg, A(VECTORS), DIO_VFIO_VECTORS_STOCK);
	raw_talk(g->fd, &self->msg, &self->answer);
	ASSERT_EQ(0, self->answer.error);
	ASSERT_EQ(0, owner_open(&owner, &g->dev[GROUND_CLOSED]));
	EXPECT_EQ(0, ground_mark(g));
	begin_set(&self->msg, &self->q, HAS(HOLDOFF));
	raw_put_string(&self->msg, Q(ADDR), g->dev[GROUND_CLOSED].addr);
	raw_put_u32(&self->msg, Q(INDEX), DIO_VFIO_IRQ_INDEX_MSI);
	EXPECT_EQ(0, refused(g->fd, &self->msg, &self->answer, &want, "vectors stock", 0));
	EXPECT_QUIET();
	owner_close(&owner);
}

/* What only the kernel may say, and what nobody knows. */
TEST_F(irq, attribute_not_for_users)
{
	static const struct expect unsupported = { -EINVAL, "Unsupported attribute",
						   POINT_LAST };
	static const struct expect unknown = { -EINVAL, "Unknown attribute type", POINT_LAST };
	int bad = 0, type;
	size_t c;

	for (type = Q(VIA); type <= Q(KEPT); type++) {
		if (type == Q(HOLDOFF) || type == Q(MASK))
			continue;
		begin_set(&self->msg, &self->q, ALL);
		raw_put_u32(&self->msg, type, 1);
		bad += refused(self->q.ground.fd, &self->msg, &self->answer, &unsupported,
			       "read-only", type);
	}
	for (c = 0; c < ARRAY_SIZE(commands); c++) {
		type = commands[c].cmd == DIO_VFIO_CMD_IRQ_SET ? Q(INJECT) + 1 : Q(INTERRUPTS);
		for (; type <= DIO_VFIO_A_IRQ_MAX + 1; type++) {
			begin_addr(&self->msg, &self->q, (int)c);
			raw_put_u32(&self->msg, type, 1);
			bad += refused(self->q.ground.fd, &self->msg, &self->answer, &unknown,
				       "unknown", type);
		}
	}
	EXPECT_EQ(0, bad);
	EXPECT_QUIET();
}

TEST_F(irq, header_and_leftover)
{
	static const struct expect reserved = { -EINVAL, "reserved", POINT_NONE };
	static const struct expect leftover = { -EINVAL, "bytes leftover", POINT_NONE };
	static const struct nlattr liar = { 0xffff, Q(HOLDOFF) };
	struct genlmsghdr *genl = NLMSG_DATA(&self->msg.head);
	int fd = self->q.ground.fd, bad = 0;
	size_t c;

	for (c = 0; c < ARRAY_SIZE(commands); c++) {
		begin_addr(&self->msg, &self->q, (int)c);
		genl->reserved = 0x55aa;
		bad += refused(fd, &self->msg, &self->answer, &reserved, "reserved", (int)c);
		begin_addr(&self->msg, &self->q, (int)c);
		self->msg.head.nlmsg_flags |= NLM_F_CREATE;
		bad += refused(fd, &self->msg, &self->answer, &reserved, "flags", (int)c);
		begin_addr(&self->msg, &self->q, (int)c);
		raw_tail(&self->msg, "xyz", 3);
		bad += refused(fd, &self->msg, &self->answer, &leftover, "3 bytes", (int)c);
		begin_addr(&self->msg, &self->q, (int)c);
		raw_tail(&self->msg, &liar, sizeof(liar));
		bad += refused(fd, &self->msg, &self->answer, &leftover, "length", (int)c);
	}
	EXPECT_EQ(0, bad);
	EXPECT_QUIET();
}

/* Settings of interrupts that the device cannot have, behind one that it can. */
TEST_F(irq, settings_without_sense)
{
	static const struct expect pvm = { -EOPNOTSUPP, ": recheck pvm: no per-vector masking",
					   POINT_LAST };
	struct ground *g = &self->q.ground;
	int bad = 0, i;

	for (i = 0; i < GROUND_DEVICES; i++) {
		raw_begin(&self->msg, g->family, DIO_VFIO_CMD_DEV_SET, 0);
		raw_put_string(&self->msg, A(ADDR), g->dev[i].addr);
		raw_put_u32(&self->msg, A(INTX), DIO_VFIO_INTX_AUTO);
		raw_put_u32(&self->msg, A(VECTORS), DIO_VFIO_VECTORS_STOCK);
		raw_put_u32(&self->msg, A(RECHECK), DIO_VFIO_RECHECK_PVM);
		bad += refused(g->fd, &self->msg, &self->answer, &pvm, "pvm", i);
	}
	EXPECT_EQ(0, bad);
	EXPECT_QUIET();
}

/* The tests above can fail: each change that is allowed is seen. */
TEST_F(irq, a_good_message_is_seen)
{
	struct ground *g = &self->q.ground;

	begin_set(&self->msg, &self->q, ALL);
	raw_talk(g->fd, &self->msg, &self->answer);
	EXPECT_EQ(0, self->answer.error);
	EXPECT_EQ(1, ground_irq_changes(&self->q));
	raw_begin(&self->msg, g->family, DIO_VFIO_CMD_DEV_SET, 0);
	raw_put_string(&self->msg, A(ADDR), g->dev[GROUND_CLOSED].addr);
	raw_put_u32(&self->msg, A(RECHECK), DIO_VFIO_RECHECK_STATUS);
	raw_talk(g->fd, &self->msg, &self->answer);
	EXPECT_EQ(0, self->answer.error);
	EXPECT_EQ(2, ground_irq_changes(&self->q));
	EXPECT_EQ(1, ground_events(g));
	/* The same for all: a dump of every device has this one's vectors. */
	raw_begin(&self->msg, g->family, DIO_VFIO_CMD_IRQ_GET, NLM_F_DUMP);
	raw_talk(g->fd, &self->msg, &self->answer);
	EXPECT_EQ(0, self->answer.error);
	EXPECT_EQ(GROUND_VECTORS, self->answer.replies);
}

TEST_HARNESS_MAIN
