// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of BTF, fed with a small BTF of the test's own, with each byte of it
 * changed and each length cut, and with what no compiler would write.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "btf.h"
#include <linux/btf.h>

#define KIND(kind, vlen)	((uint32_t)(kind) << 24 | (vlen))
#define SIZE_MAX_BTF		4096

/* A BTF under construction: sections grow, build() joins them behind a header. */
struct maker {
	uint32_t types[512], words, ids, first_id;
	char strs[1024];
	uint32_t str_len, first_str;
	uint8_t data[SIZE_MAX_BTF];
	size_t size;
};

static void begin(struct maker *m, uint32_t first_id, uint32_t first_str)
{
	memset(m, 0, sizeof(*m));
	m->str_len = 1;
	m->first_id = first_id;
	m->first_str = first_str;
}

static uint32_t str(struct maker *m, const char *s)
{
	uint32_t at = m->str_len;

	if (!*s)
		return 0;
	memcpy(m->strs + at, s, strlen(s) + 1);
	m->str_len += strlen(s) + 1;
	return at + m->first_str;
}

static void word(struct maker *m, uint32_t w)
{
	m->types[m->words++] = w;
}

/* A type of three words; its id. */
static uint32_t type(struct maker *m, const char *name, uint32_t info, uint32_t size_or_type)
{
	word(m, str(m, name));
	word(m, info);
	word(m, size_or_type);
	return m->first_id + m->ids++;
}

static uint32_t integer(struct maker *m, const char *name, uint32_t size)
{
	uint32_t id = type(m, name, KIND(BTF_KIND_INT, 0), size);

	word(m, size * 8);
	return id;
}

static uint32_t pointer(struct maker *m, uint32_t to)
{
	return type(m, "", KIND(BTF_KIND_PTR, 0), to);
}

static uint32_t proto(struct maker *m, uint32_t ret, const uint32_t *param, uint32_t n)
{
	uint32_t id = type(m, "", KIND(BTF_KIND_FUNC_PROTO, n), ret), i;

	for (i = 0; i < n; i++) {
		word(m, str(m, "p"));
		word(m, param[i]);
	}
	return id;
}

static void build(struct maker *m)
{
	struct btf_header h = {
		.magic = BTF_MAGIC, .version = BTF_VERSION,
		.hdr_len = offsetof(struct btf_header, str_len) + 4,
		.type_len = m->words * 4, .str_off = m->words * 4, .str_len = m->str_len,
	};

	memcpy(m->data, &h, h.hdr_len);
	memcpy(m->data + h.hdr_len, m->types, h.type_len);
	memcpy(m->data + h.hdr_len + h.type_len, m->strs, h.str_len);
	m->size = h.hdr_len + h.type_len + h.str_len;
}

/* Like the kernel's and kvm's: u8 mt(struct kvm_vcpu *vcpu, gfn_t gfn, bool mmio) &c. */
static void make_base(struct maker *m)
{
	uint32_t u8, ulong, one[3];

	begin(m, 1, 0);
	u8 = type(m, "u8", KIND(BTF_KIND_TYPEDEF, 0), integer(m, "unsigned char", 1));
	type(m, "bool", KIND(BTF_KIND_TYPEDEF, 0), integer(m, "_Bool", 1));
	ulong = integer(m, "long unsigned int", 8);
	one[0] = pointer(m, type(m, "", KIND(BTF_KIND_CONST, 0), u8));
	type(m, "kallsyms", KIND(BTF_KIND_FUNC, 0), proto(m, ulong, one, 1));
	type(m, "nothing", KIND(BTF_KIND_FUNC, 0), proto(m, 0, NULL, 0));
	build(m);
}

#define BASE_U8		2
#define BASE_BOOL	4
#define BASE_ULONG	5

static void make_module(struct maker *m, const struct dio_btf *base)
{
	uint32_t vcpu, gfn, big, args[4];

	begin(m, base->count + 1, base->str_len);
	vcpu = type(m, "kvm_vcpu", KIND(BTF_KIND_STRUCT, 1), 64);
	word(m, str(m, "m"));
	word(m, BASE_U8);
	word(m, 0);
	gfn = type(m, "gfn_t", KIND(BTF_KIND_TYPEDEF, 0), BASE_ULONG);
	args[0] = pointer(m, vcpu);
	args[1] = gfn;
	args[2] = BASE_BOOL;
	type(m, "mt", KIND(BTF_KIND_FUNC, 1), proto(m, BASE_U8, args, 3));
	args[0] = pointer(m, pointer(m, type(m, "", KIND(BTF_KIND_CONST, 0), vcpu)));
	args[1] = type(m, "", KIND(BTF_KIND_CONST, 0), pointer(m, 0));
	args[2] = type(m, "e", KIND(BTF_KIND_ENUM, 0), 4);
	type(m, "quals", KIND(BTF_KIND_FUNC, 1), proto(m, pointer(m, 0), args, 3));
	args[0] = vcpu;
	type(m, "by_value", KIND(BTF_KIND_FUNC, 1), proto(m, 0, args, 1));
	big = integer(m, "__int128", 16);
	type(m, "wide", KIND(BTF_KIND_FUNC, 1), proto(m, 0, &big, 1));
	type(m, "twin", KIND(BTF_KIND_FUNC, 0), proto(m, 0, &gfn, 1));
	type(m, "twin", KIND(BTF_KIND_FUNC, 0), proto(m, 0, NULL, 0));
	type(m, "same", KIND(BTF_KIND_FUNC, 0), proto(m, 0, &gfn, 1));
	type(m, "same", KIND(BTF_KIND_FUNC, 0), proto(m, 0, &gfn, 1));
	type(m, "loop", KIND(BTF_KIND_TYPEDEF, 0), base->count + 1 + m->ids);
	args[0] = base->count + m->ids;
	type(m, "endless", KIND(BTF_KIND_FUNC, 0), proto(m, 0, args, 1));
	type(m, "no_proto", KIND(BTF_KIND_FUNC, 0), gfn);
	type(m, "outside", KIND(BTF_KIND_FUNC, 0), 100000);
	build(m);
}

FIXTURE(btf) {
	struct maker base, mod;
	struct dio_btf b, k;
	uint32_t base_index[512], mod_index[512];
	char text[DIO_BTF_TEXT];
};

FIXTURE_SETUP(btf)
{
	make_base(&self->base);
	ASSERT_EQ(0, dio_btf_open(&self->b, self->base.data, self->base.size, NULL));
	ASSERT_EQ(self->base.ids, self->b.count);
	dio_btf_index(&self->b, self->base_index);
	make_module(&self->mod, &self->b);
	ASSERT_EQ(0, dio_btf_open(&self->k, self->mod.data, self->mod.size, &self->b));
	ASSERT_EQ(self->mod.ids, self->k.count);
	dio_btf_index(&self->k, self->mod_index);
}

FIXTURE_TEARDOWN(btf)
{
}

TEST_F(btf, prototypes)
{
	EXPECT_EQ(0, dio_btf_func(&self->b, "kallsyms", self->text));
	EXPECT_STREQ("unsigned long (const u8 *)", self->text);
	EXPECT_EQ(0, dio_btf_func(&self->b, "nothing", self->text));
	EXPECT_STREQ("void (void)", self->text);
	EXPECT_EQ(0, dio_btf_func(&self->k, "mt", self->text));
	EXPECT_STREQ("u8 (struct kvm_vcpu *, gfn_t, bool)", self->text);
	EXPECT_EQ(0, dio_btf_func(&self->k, "quals", self->text));
	EXPECT_STREQ("void *(const struct kvm_vcpu **, void *const, enum e)", self->text);
	EXPECT_EQ(0, dio_btf_func(&self->k, "same", self->text));
	EXPECT_STREQ("void (gfn_t)", self->text);
}

TEST_F(btf, refusals)
{
	EXPECT_EQ(-ENOENT, dio_btf_func(&self->k, "kallsyms", self->text));
	EXPECT_EQ(-ENOENT, dio_btf_func(&self->k, "gfn_t", self->text));
	EXPECT_EQ(-EINVAL, dio_btf_func(&self->k, "by_value", self->text));
	EXPECT_EQ(-EINVAL, dio_btf_func(&self->k, "wide", self->text));
	EXPECT_EQ(-ENOTUNIQ, dio_btf_func(&self->k, "twin", self->text));
	EXPECT_EQ(-EINVAL, dio_btf_func(&self->k, "endless", self->text));
	EXPECT_EQ(-EINVAL, dio_btf_func(&self->k, "no_proto", self->text));
	EXPECT_EQ(-EINVAL, dio_btf_func(&self->k, "outside", self->text));
}

/* All functions of what may be anything; ASan and UBSan watch. */
static int look(const uint8_t *data, size_t size, const struct dio_btf *base)
{
	static const char *const names[] = { "kallsyms", "nothing", "mt", "quals", "by_value",
					     "wide", "twin", "same", "endless", "no_proto", "" };
	uint8_t *exact = malloc(size ? size : 1);	/* ends where the data ends */
	char text[DIO_BTF_TEXT];
	struct dio_btf btf;
	uint32_t *index;
	size_t i;
	int rc;

	memcpy(exact, data, size);
	rc = dio_btf_open(&btf, exact, size, base);
	if (!rc) {
		index = calloc(btf.count + 1, sizeof(*index));
		dio_btf_index(&btf, index);
		for (i = 0; i < ARRAY_SIZE(names); i++)
			dio_btf_func(&btf, names[i], text);
		free(index);
	}
	free(exact);
	return rc;
}

TEST_F(btf, every_length)
{
	size_t size;

	for (size = 0; size < self->mod.size; size++)
		EXPECT_EQ(-EINVAL, look(self->mod.data, size, &self->b));
	EXPECT_EQ(0, look(self->mod.data, self->mod.size, &self->b));
}

TEST_F(btf, every_byte)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned int refused = 0, taken = 0;
	size_t i, v;
	uint8_t old;

	for (i = 0; i < self->mod.size; i++) {
		old = self->mod.data[i];
		for (v = 0; v < ARRAY_SIZE(values); v++) {
			self->mod.data[i] = values[v];
			if (look(self->mod.data, self->mod.size, &self->b))
				refused++;
			else
				taken++;
		}
		for (v = 0; v < 8; v++) {
			self->mod.data[i] = old ^ 1 << v;
			look(self->mod.data, self->mod.size, &self->b);
		}
		self->mod.data[i] = old;
	}
	TH_LOG("%u refused, %u taken", refused, taken);
	EXPECT_LT(100, refused);
	EXPECT_LT(100, taken);
}

/* A hundred thousand with eight random bytes changed, the same ones each time. */
TEST_F(btf, random)
{
	struct maker *m = malloc(sizeof(*m));
	uint64_t z = 0x64696f6b2d627466ULL;
	unsigned int i, j;

	for (i = 0; i < 100000; i++) {
		memcpy(m, &self->mod, sizeof(*m));
		for (j = 0; j < 8; j++) {
			z = z * 6364136223846793005ULL + 1442695040888963407ULL;
			m->data[(z >> 33) % m->size] = z >> 25;
		}
		look(m->data, m->size, &self->b);
	}
	free(m);
}

TEST_HARNESS_MAIN
