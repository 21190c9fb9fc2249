// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prototypes out of BTF (uapi/linux/btf.h). The rule: every offset, length and
 * number that comes out of the data is compared with what is there before it is
 * used, and every chain of types has an end.
 */
#include <linux/btf.h>

#include "btf.h"

/* As since 7.1; older kernels leave the additional bits zero. */
#define DIO_KIND(info)	((info) >> 24 & 0x7f)
#define DIO_VLEN(info)	((info) & 0xffffff)
#define DIO_KFLAG(info)	((info) >> 31)

#define DIO_BTF_DEPTH	16	/* pointers, qualifiers and typedefs of one type */
#define DIO_BTF_ARGS	16

/* Bytes behind the struct btf_type: some, and some for each member; -1: unknown. */
struct dio_btf_layout {
	__s8 fixed, each;
};

static const struct dio_btf_layout dio_layout[] = {
	[BTF_KIND_UNKN]		= { -1, 0 },
	[BTF_KIND_INT]		= { 4, 0 },
	[BTF_KIND_PTR]		= { 0, 0 },
	[BTF_KIND_ARRAY]	= { 12, 0 },
	[BTF_KIND_STRUCT]	= { 0, 12 },
	[BTF_KIND_UNION]	= { 0, 12 },
	[BTF_KIND_ENUM]		= { 0, 8 },
	[BTF_KIND_FWD]		= { 0, 0 },
	[BTF_KIND_TYPEDEF]	= { 0, 0 },
	[BTF_KIND_VOLATILE]	= { 0, 0 },
	[BTF_KIND_CONST]	= { 0, 0 },
	[BTF_KIND_RESTRICT]	= { 0, 0 },
	[BTF_KIND_FUNC]		= { 0, 0 },
	[BTF_KIND_FUNC_PROTO]	= { 0, 8 },
	[BTF_KIND_VAR]		= { 4, 0 },
	[BTF_KIND_DATASEC]	= { 0, 12 },
	[BTF_KIND_FLOAT]	= { 0, 0 },
	[BTF_KIND_DECL_TAG]	= { 4, 0 },
	[BTF_KIND_TYPE_TAG]	= { 0, 0 },
	[BTF_KIND_ENUM64]	= { 0, 12 },
};

/* A type is copied out: nothing says that the data is aligned. */
static struct btf_type dio_type_at(const struct dio_btf *btf, __u32 offset)
{
	struct btf_type t;

	memcpy(&t, btf->types + offset, sizeof(t));
	return t;
}

/* Length of the type at @offset, 0 if it is none or does not fit. */
static __u32 dio_type_len(const struct dio_btf *btf, __u32 offset)
{
	__u32 left = btf->type_len - offset;
	struct btf_type t;
	__u64 len;

	if (left < sizeof(t))
		return 0;
	t = dio_type_at(btf, offset);
	if (DIO_KIND(t.info) >= ARRAY_SIZE(dio_layout) ||
	    dio_layout[DIO_KIND(t.info)].fixed < 0)
		return 0;
	/* only in a function's type and those with members it is a number of them */
	len = sizeof(t) + dio_layout[DIO_KIND(t.info)].fixed +
	      (__u64)dio_layout[DIO_KIND(t.info)].each * DIO_VLEN(t.info);
	return len <= left ? (__u32)len : 0;
}

static bool dio_section(size_t size, __u32 hdr_len, __u32 off, __u32 len)
{
	return (__u64)hdr_len + off + len <= size;
}

/**
 * dio_btf_open() - look at the header and count the types
 * @btf: filled in, but for its index
 * @data: a .BTF section; stays in use
 * @size: its size
 * @base: the kernel's, indexed, if this is a module's; else NULL
 *
 * Return: 0; -EINVAL if it is not BTF or does not fit together.
 */
int dio_btf_open(struct dio_btf *btf, const void *data, size_t size, const struct dio_btf *base)
{
	struct btf_header hdr;
	__u32 offset, len;

	memset(btf, 0, sizeof(*btf));
	if (size < offsetof(struct btf_header, str_len) + sizeof(hdr.str_len))
		return -EINVAL;
	memset(&hdr, 0, sizeof(hdr));
	memcpy(&hdr, data, size < sizeof(hdr) ? size : sizeof(hdr));
	if (hdr.magic != BTF_MAGIC || hdr.version != BTF_VERSION ||
	    hdr.hdr_len < offsetof(struct btf_header, str_len) + sizeof(hdr.str_len) ||
	    !dio_section(size, hdr.hdr_len, hdr.type_off, hdr.type_len) ||
	    !dio_section(size, hdr.hdr_len, hdr.str_off, hdr.str_len) || !hdr.str_len)
		return -EINVAL;
	btf->types = (const __u8 *)data + hdr.hdr_len + hdr.type_off;
	btf->type_len = hdr.type_len;
	btf->strs = (const char *)data + hdr.hdr_len + hdr.str_off;
	btf->str_len = hdr.str_len;
	if (btf->strs[btf->str_len - 1])
		return -EINVAL;
	btf->base = base;
	btf->first_id = base ? base->first_id + base->count : 1;
	btf->first_str = base ? base->first_str + base->str_len : 0;
	for (offset = 0; offset < btf->type_len; offset += len) {
		len = dio_type_len(btf, offset);
		if (!len)
			return -EINVAL;
		btf->count++;
	}
	return 0;
}

/* Note where each type is; @index has room for btf->count of them. */
void dio_btf_index(struct dio_btf *btf, __u32 *index)
{
	__u32 offset, i = 0;

	for (offset = 0; offset < btf->type_len; offset += dio_type_len(btf, offset))
		index[i++] = offset;
	btf->index = index;
}

/* The BTF that has type @id, and its offset in there; NULL: there is none. */
static const struct dio_btf *dio_btf_of(const struct dio_btf *btf, __u32 id, __u32 *offset)
{
	for (; btf; btf = btf->base) {
		if (id < btf->first_id)
			continue;
		if (id - btf->first_id >= btf->count)
			return NULL;
		*offset = btf->index[id - btf->first_id];
		return btf;
	}
	return NULL;
}

static const char *dio_str(const struct dio_btf *btf, __u32 offset)
{
	for (; btf; btf = btf->base)
		if (offset >= btf->first_str)
			return offset - btf->first_str < btf->str_len ?
				btf->strs + (offset - btf->first_str) : NULL;
	return NULL;
}

static int dio_put(char *text, const char *word)
{
	size_t used = strlen(text), len = strlen(word);

	if (used + len >= DIO_BTF_TEXT)
		return -EINVAL;
	memcpy(text + used, word, len + 1);
	return 0;
}

static int dio_put_name(const struct dio_btf *btf, const struct btf_type *t, const char *prefix,
			char *text)
{
	const char *name = dio_str(btf, t->name_off);

	if (!name || !*name || dio_put(text, prefix))
		return -EINVAL;
	return dio_put(text, name);
}

/* Compilers name the same type differently; the source says it like this. */
static const char *const dio_int_names[][2] = {
	{ "long unsigned int", "unsigned long" },
	{ "long int", "long" },
	{ "long long unsigned int", "unsigned long long" },
	{ "long long int", "long long" },
	{ "short unsigned int", "unsigned short" },
	{ "short int", "short" },
};

static int dio_put_int(const struct dio_btf *btf, const struct btf_type *t, char *text)
{
	const char *name = dio_str(btf, t->name_off);
	unsigned int i;

	for (i = 0; name && i < ARRAY_SIZE(dio_int_names); i++)
		if (!strcmp(name, dio_int_names[i][0]))
			return dio_put(text, dio_int_names[i][1]);
	return dio_put_name(btf, t, "", text);
}

static int dio_put_base(const struct dio_btf *btf, const struct btf_type *t, char *text)
{
	switch (DIO_KIND(t->info)) {
	case BTF_KIND_INT:
		return dio_put_int(btf, t, text);
	case BTF_KIND_TYPEDEF:
		return dio_put_name(btf, t, "", text);
	case BTF_KIND_STRUCT:
		return dio_put_name(btf, t, "struct ", text);
	case BTF_KIND_UNION:
		return dio_put_name(btf, t, "union ", text);
	case BTF_KIND_FWD:
		return dio_put_name(btf, t, DIO_KFLAG(t->info) ? "union " : "struct ", text);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return dio_put_name(btf, t, "enum ", text);
	default:	/* a float, an array, a pointer to a function: not in a hook */
		return -EINVAL;
	}
}

/* What a chain of pointers and qualifiers ends with, read from the outside in. */
struct dio_chain {
	__u8 kind[DIO_BTF_DEPTH];
	unsigned int n;
	struct btf_type base;
	bool is_void;
};

static bool dio_is_link(__u32 kind)
{
	return kind == BTF_KIND_PTR || kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
	       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

static int dio_chain_read(const struct dio_btf *btf, __u32 id, struct dio_chain *c)
{
	const struct dio_btf *in;
	__u32 offset;

	for (c->n = 0; c->n < DIO_BTF_DEPTH; id = c->base.type) {
		c->is_void = !id;
		if (!id)
			return 0;
		in = dio_btf_of(btf, id, &offset);
		if (!in)
			return -EINVAL;
		c->base = dio_type_at(in, offset);
		if (!dio_is_link(DIO_KIND(c->base.info)))
			return 0;
		c->kind[c->n++] = (__u8)DIO_KIND(c->base.info);
	}
	return -EINVAL;
}

static const char *dio_qualifier(__u8 kind)
{
	switch (kind) {
	case BTF_KIND_CONST:
		return "const";
	case BTF_KIND_VOLATILE:
		return "volatile";
	case BTF_KIND_RESTRICT:
		return "restrict";
	default:	/* a tag of the type says nothing to a caller */
		return "";
	}
}

/* Type @id as in a declaration: "const struct kvm *", "void **", "u64 *const". */
static int dio_put_type(const struct dio_btf *btf, __u32 id, char *text)
{
	struct dio_chain c;
	unsigned int i;
	bool star = false;

	if (dio_chain_read(btf, id, &c))
		return -EINVAL;
	for (i = c.n; i && c.kind[i - 1] != BTF_KIND_PTR; i--) {
		if (*dio_qualifier(c.kind[i - 1]) &&
		    (dio_put(text, dio_qualifier(c.kind[i - 1])) || dio_put(text, " ")))
			return -EINVAL;
	}
	if (c.is_void ? dio_put(text, "void") : dio_put_base(btf, &c.base, text))
		return -EINVAL;
	for (; i; i--) {
		bool ptr = c.kind[i - 1] == BTF_KIND_PTR;

		if (dio_put(text, !ptr ? "" : star ? "*" : " *") ||
		    dio_put(text, dio_qualifier(c.kind[i - 1])))
			return -EINVAL;
		star = star || ptr;
	}
	return 0;
}

/* Is it passed in one general register? Typedefs are looked through. */
static bool dio_is_scalar(const struct dio_btf *btf, __u32 id)
{
	struct dio_chain c;
	unsigned int i, depth;

	for (depth = 0; depth < DIO_BTF_DEPTH; depth++, id = c.base.type) {
		if (dio_chain_read(btf, id, &c))
			return false;
		for (i = 0; i < c.n; i++)
			if (c.kind[i] == BTF_KIND_PTR)
				return true;
		if (c.is_void)
			return false;
		switch (DIO_KIND(c.base.info)) {
		case BTF_KIND_INT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
			return c.base.size && c.base.size <= 8;
		case BTF_KIND_TYPEDEF:
			continue;
		default:
			return false;
		}
	}
	return false;
}

static int dio_put_param(const struct dio_btf *btf, __u32 id, char *text)
{
	if (!dio_is_scalar(btf, id))
		return -EINVAL;
	return dio_put_type(btf, id, text);
}

/* "ret (arg, arg)" of the FUNC_PROTO @id. */
static int dio_put_proto(const struct dio_btf *btf, __u32 id, char *text)
{
	const struct dio_btf *in;
	struct btf_param param;
	struct btf_type t;
	__u32 offset, i;

	in = dio_btf_of(btf, id, &offset);
	if (!in)
		return -EINVAL;
	t = dio_type_at(in, offset);
	if (DIO_KIND(t.info) != BTF_KIND_FUNC_PROTO || DIO_VLEN(t.info) > DIO_BTF_ARGS ||
	    (t.type && !dio_is_scalar(btf, t.type)) || dio_put_type(btf, t.type, text) ||
	    dio_put(text, text[strlen(text) - 1] == '*' ? "(" : " ("))
		return -EINVAL;
	if (!DIO_VLEN(t.info) && dio_put(text, "void"))
		return -EINVAL;
	for (i = 0; i < DIO_VLEN(t.info); i++) {
		memcpy(&param, in->types + offset + sizeof(t) + i * sizeof(param), sizeof(param));
		if ((i && dio_put(text, ", ")) || dio_put_param(btf, param.type, text))
			return -EINVAL;
	}
	return dio_put(text, ")");
}

/**
 * dio_btf_func() - the prototype of a function, as text
 * @btf: opened and indexed; its base is not searched
 * @name: of the function
 * @text: gets "u8 (struct kvm_vcpu *, gfn_t, bool)"
 *
 * Only prototypes whose arguments and result each fill at most one general
 * register can be told.
 * Return: 0; -ENOENT: no such function; -ENOTUNIQ: there are several and they
 * differ; -EINVAL: the prototype cannot be told, or the data is not consistent.
 */
int dio_btf_func(const struct dio_btf *btf, const char *name, char text[DIO_BTF_TEXT])
{
	char other[DIO_BTF_TEXT];
	int ret = -ENOENT;
	__u32 i;

	for (i = 0; i < btf->count; i++) {
		struct btf_type t = dio_type_at(btf, btf->index[i]);
		const char *str;

		if (DIO_KIND(t.info) != BTF_KIND_FUNC)
			continue;
		str = dio_str(btf, t.name_off);
		if (!str || *str != *name || strcmp(str, name))
			continue;
		*other = '\0';
		if (dio_put_proto(btf, t.type, other))
			return -EINVAL;
		if (!ret && strcmp(text, other))
			return -ENOTUNIQ;
		memcpy(text, other, sizeof(other));
		ret = 0;
	}
	return ret;
}
