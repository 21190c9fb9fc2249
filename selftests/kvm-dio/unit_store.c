// SPDX-License-Identifier: GPL-2.0
/*
 * The decoder of stores against an independent disassembler, with ASan and
 * UBSan: every opcode byte, every set of prefixes with every ModRM and SIB, and
 * random strings that end at every length. Copies of the decoder with one fault
 * each (Makefile) have to be found out by the same comparison.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "store_oracle.h"

#define RANDOM_STRINGS 1000000

static uint64_t rng = 88172645463325252ULL;

static uint64_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static void machine_random(struct machine *m, enum dio_store_mode mode)
{
	unsigned int i;

	m->mode = mode;
	m->ip = rnd();
	for (i = 0; i < 16; i++)
		m->regs[i] = rnd();
	for (i = 0; i < 6; i++)
		m->base[i] = rnd();
	if (mode != DIO_STORE_64)
		m->ip &= 0xffffffff;
}

/* Buffers that end where the string ends, so that ASan sees a read behind it. */
static const uint8_t *ending(const uint8_t *bytes, unsigned int n)
{
	static uint8_t *buffers[FORM_MAX + 1];

	if (!buffers[n])
		buffers[n] = malloc(n ? n : 1) + !n;
	memcpy(buffers[n], bytes, n);
	return buffers[n];
}

static void report(const struct decoder *d, const struct machine *m, const uint8_t *bytes,
		   const struct effect *got, const struct effect *want)
{
	unsigned int i;

	if (d != decoders)
		return;
	fprintf(stderr, "# mode %d:", m->mode);
	for (i = 0; i < FORM_MAX; i++)
		fprintf(stderr, " %02x", bytes[i]);
	fprintf(stderr, "\n# got %d len %u width %u value %llx linear %llx\n", got->store,
		got->len, got->width, (unsigned long long)got->value,
		(unsigned long long)got->linear);
	fprintf(stderr, "# want %d len %u width %u value %llx linear %llx\n", want->store,
		want->len, want->width, (unsigned long long)want->value,
		(unsigned long long)want->linear);
}

struct form {
	uint8_t bytes[FORM_MAX];
	unsigned int n;
};

/* Set @nr of prefixes: 66, 67, one of six segments or none, REX or none. */
static bool form_prefixes(struct form *f, enum dio_store_mode mode, unsigned int nr)
{
	static const uint8_t segs[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	unsigned int seg = nr / 4 % 7, rex = nr / 28;

	f->n = 0;
	if (rex > (mode == DIO_STORE_64 ? 16 : 0))
		return false;
	if (nr & 1)
		f->bytes[f->n++] = 0x66;
	if (seg)
		f->bytes[f->n++] = segs[seg - 1];
	if (nr & 2)
		f->bytes[f->n++] = 0x67;
	if (rex)
		f->bytes[f->n++] = 0x40 + rex - 1;
	return true;
}

static void form_fill(struct form *f, unsigned int from)
{
	uint64_t a = rnd(), b = rnd();
	uint8_t fill[16];

	memcpy(fill, &a, 8);
	memcpy(fill + 8, &b, 8);
	memcpy(f->bytes + from, fill, FORM_MAX - from);
}

struct count {
	unsigned long forms;
	unsigned long stores;
	unsigned long wrong;
};

/* Fill the form up behind @n bytes, and ask both. */
static void form_check(const struct decoder *d, const struct machine *m, struct form *f,
		       unsigned int n, struct count *c)
{
	struct effect got, want;

	form_fill(f, n);
	got = effect_decoder(d, m, ending(f->bytes, FORM_MAX), FORM_MAX);
	want = effect_oracle(m, f->bytes, FORM_MAX);
	c->forms++;
	c->stores += want.store;
	if (!effect_equal(&got, &want)) {
		c->wrong++;
		report(d, m, f->bytes, &got, &want);
	}
}

/* Each ModRM, and each SIB where the ModRM may ask for one. */
static void forms_modrm(const struct decoder *d, const struct machine *m, struct form *f,
			struct count *c)
{
	unsigned int modrm, sib, n = f->n + 1;

	for (modrm = 0; modrm < 256; modrm++) {
		f->bytes[n] = modrm;
		if (modrm >= 0xc0 || (modrm & 7) != 4) {
			form_check(d, m, f, n + 1, c);
			continue;
		}
		for (sib = 0; sib < 256; sib++) {
			f->bytes[n + 1] = sib;
			form_check(d, m, f, n + 2, c);
		}
	}
}

static void forms_mode(const struct decoder *d, enum dio_store_mode mode, unsigned int step,
		       struct count *c)
{
	static const uint8_t opcodes[] = { 0x88, 0x89, 0xc6, 0xc7 };
	struct machine m;
	struct form f;
	unsigned int nr, i;

	for (nr = 0; form_prefixes(&f, mode, nr); nr += step) {
		machine_random(&m, mode);
		for (i = 0; i < sizeof(opcodes); i++) {
			f.bytes[f.n] = opcodes[i];
			forms_modrm(d, &m, &f, c);
		}
		for (i = 0xa2; i <= 0xa3; i++) {
			f.bytes[f.n] = i;
			form_check(d, &m, &f, f.n + 1, c);
		}
		if (d != decoders && c->wrong)
			return;
	}
}

FIXTURE(forms) {
	struct count c;
};

FIXTURE_VARIANT(forms) {
	enum dio_store_mode mode;
};

FIXTURE_VARIANT_ADD(forms, code16) { .mode = DIO_STORE_16 };
FIXTURE_VARIANT_ADD(forms, code32) { .mode = DIO_STORE_32 };
FIXTURE_VARIANT_ADD(forms, code64) { .mode = DIO_STORE_64 };

FIXTURE_SETUP(forms)
{
	memset(&self->c, 0, sizeof(self->c));
}

FIXTURE_TEARDOWN(forms)
{
}

TEST_F_TIMEOUT(forms, all, 600)
{
	forms_mode(decoders, variant->mode, 1, &self->c);
	TH_LOG("%lu forms, %lu of them stores", self->c.forms, self->c.stores);
	EXPECT_EQ(0, self->c.wrong);
	EXPECT_LT(self->c.forms / 3, self->c.stores);
}

/* Each opcode byte behind each set of prefixes: six of them are stores. */
TEST_F(forms, opcodes)
{
	struct effect got, want;
	struct machine m;
	unsigned int op, nr;
	struct form f;

	machine_random(&m, variant->mode);
	for (nr = 0; form_prefixes(&f, variant->mode, nr); nr++)
		for (op = 0; op < 256; op++) {
			f.bytes[f.n] = op;
			form_fill(&f, f.n + 1);
			got = effect_decoder(decoders, &m, ending(f.bytes, FORM_MAX), FORM_MAX);
			want = effect_oracle(&m, f.bytes, FORM_MAX);
			self->c.wrong += got.store && !effect_equal(&got, &want);
			self->c.stores += got.store;
		}
	EXPECT_EQ(0, self->c.wrong);
	EXPECT_LT(0, self->c.stores);
}

/* Half of the strings are noise, half are made of what a store is made of. */
static void string_random(struct form *f)
{
	static const uint8_t prefixes[] = { 0x66, 0x67, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
					    0x48, 0x41, 0x4f, 0xf0, 0xf2, 0xf3 };
	static const uint8_t opcodes[] = { 0x88, 0x89, 0xc6, 0xc7, 0xa2, 0xa3, 0x8a, 0x8c };
	unsigned int i, n = rnd() % 5;

	form_fill(f, 0);
	if (rnd() & 1)
		return;
	for (i = 0; i < n; i++)
		f->bytes[i] = prefixes[rnd() % sizeof(prefixes)];
	f->bytes[n] = opcodes[rnd() % sizeof(opcodes)];
	if (rnd() & 1)
		f->bytes[n + 1] &= 0xc7;
}

/*
 * What is said of the whole string is said of each piece that holds the whole
 * instruction, and no shorter piece is an instruction.
 */
static bool pieces_agree(const struct machine *m, const struct form *f,
			 const struct effect *whole)
{
	struct effect e;
	unsigned int n;

	for (n = 0; n < FORM_MAX; n++) {
		e = effect_decoder(decoders, m, ending(f->bytes, n), n);
		if (n < whole->len ? e.store : !effect_equal(&e, whole))
			return false;
	}
	return true;
}

TEST_F_TIMEOUT(forms, strings, 600)
{
	unsigned long i, stores = 0, odd = 0;
	struct effect got, want;
	struct machine m;
	struct form f;

	for (i = 0; i < RANDOM_STRINGS; i++) {
		if (i % 64 == 0)
			machine_random(&m, variant->mode);
		string_random(&f);
		got = effect_decoder(decoders, &m, ending(f.bytes, FORM_MAX), FORM_MAX);
		want = effect_oracle(&m, f.bytes, FORM_MAX);
		/* "no" is always allowed: the forms above say where it is not */
		if (got.store && !effect_equal(&got, &want)) {
			report(decoders, &m, f.bytes, &got, &want);
			self->c.wrong++;
		}
		self->c.wrong += !pieces_agree(&m, &f, &got);
		stores += got.store;
		odd += !got.store && want.store;
	}
	TH_LOG("%d strings, %lu stores, %lu left to KVM that are stores", RANDOM_STRINGS, stores,
	       odd);
	EXPECT_EQ(0, self->c.wrong);
	EXPECT_LT(RANDOM_STRINGS / 50, stores);
}

/* Each fault is seen by the comparison that ours passes. */
TEST(faults)
{
	const struct decoder *d;
	struct count c;
	unsigned int mode;

	ASSERT_NE(NULL, decoders[1].name);
	for (d = decoders + 1; d->name; d++) {
		memset(&c, 0, sizeof(c));
		for (mode = DIO_STORE_16; mode <= DIO_STORE_64; mode++)
			forms_mode(d, mode, 5, &c);
		TH_LOG("%s: %lu of %lu forms wrong", d->name, c.wrong, c.forms);
		EXPECT_NE(0, c.wrong);
	}
}

TEST_HARNESS_MAIN
