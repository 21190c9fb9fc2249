// SPDX-License-Identifier: GPL-2.0
/*
 * Memory types, as text and as JSON. What an entry does to an access is the
 * kernel's word, for each entry of the guest's PAT; why it is so is said here.
 */
#include <stdio.h>
#include <string.h>

#include <linux/dio_kvm.h>
#include <netlink/genl/genl.h>

#include "msg.h"
#include "out.h"
#include "vm_memtype.h"

#define MTRR_E		0x800
#define MTRR_FE		0x400
#define FIXED_REGS	11
#define PAT_ENTRIES	8

static const char *type_name(uint64_t type)
{
	static const char *const names[] = { "UC", "WC", "?", "?", "WT", "WP", "WB", "UC-",
					     "CD", "WC+" };

	return type < sizeof(names) / sizeof(*names) ? names[type] : "?";
}

static void show_pat(const char *before, uint64_t pat)
{
	int i;

	out_open_array("pat");
	out_text("%s", before);
	for (i = 0; i < PAT_ENTRIES; i++)
		out_str(NULL, type_name(pat >> (8 * i) & 7), " %s", type_name(pat >> (8 * i) & 7));
	out_text("\n");
	out_close_array();
}

static void show_pair(struct nlattr *nest, unsigned int bits)
{
	static struct nla_policy policy[DIO_KVM_A_MTRR_PAIR_MAX + 1] = {
		[DIO_KVM_A_MTRR_PAIR_INDEX]	= { .type = NLA_U32 },
		[DIO_KVM_A_MTRR_PAIR_BASE]	= { .type = NLA_U64 },
		[DIO_KVM_A_MTRR_PAIR_MASK]	= { .type = NLA_U64 },
	};
	struct nlattr *tb[DIO_KVM_A_MTRR_PAIR_MAX + 1];
	uint64_t base, mask, inside;
	const char *type;

	if (nla_parse_nested(tb, DIO_KVM_A_MTRR_PAIR_MAX, nest, policy))
		return;
	mask = tb_u64(tb, DIO_KVM_A_MTRR_PAIR_MASK) & ~0xfffull;
	base = tb_u64(tb, DIO_KVM_A_MTRR_PAIR_BASE);
	type = type_name(base & 0xff);
	base &= mask;
	inside = ~mask & ((1ull << bits) - 1);
	out_open_object(NULL);
	out_uint("index", tb_u32(tb, DIO_KVM_A_MTRR_PAIR_INDEX), "    variable %u ",
		 tb_u32(tb, DIO_KVM_A_MTRR_PAIR_INDEX));
	out_hex("base", base, "0x%llx", (unsigned long long)base);
	out_hex("mask", mask, NULL);
	if (inside & (inside + 1))
		out_text(" mask 0x%llx", (unsigned long long)mask);
	else
		out_text("-0x%llx", (unsigned long long)(base | inside));
	out_str("type", type, " %s\n", type);
	out_close_object();
}

static void show_pairs(struct nlattr *mtrr, unsigned int bits)
{
	struct nlattr *a;
	int left;

	out_open_array("variable");
	nla_for_each_nested(a, mtrr, left)
		if (nla_type(a) == DIO_KVM_A_MTRR_PAIR)
			show_pair(a, bits);
	out_close_array();
}

static uint64_t fixed_start(unsigned int n)
{
	if (n < 8)
		return n * 0x10000ull;
	if (n < 24)
		return 0x80000 + (n - 8) * 0x4000ull;
	return 0xc0000 + (n - 24) * 0x1000ull;
}

static void show_fixed(const uint8_t *type)
{
	unsigned int n, first = 0;

	out_open_array("fixed");
	for (n = 1; n <= 8 * FIXED_REGS; n++) {
		uint64_t start = fixed_start(first), end = fixed_start(n);

		if (n < 8 * FIXED_REGS && type[n] == type[first])
			continue;
		out_open_object(NULL);
		out_hex("base", start, "    fixed 0x%05llx", (unsigned long long)start);
		out_hex("size", end - start, "-0x%05llx", (unsigned long long)end - 1);
		out_str("type", type_name(type[first]), " %s\n", type_name(type[first]));
		out_close_object();
		first = n;
	}
	out_close_array();
}

static void show_head(struct nlattr **tb)
{
	uint64_t deftype = tb_u64(tb, DIO_KVM_A_MTRR_DEFTYPE);
	unsigned int vcpus = tb_u32(tb, DIO_KVM_A_MTRR_VCPUS);
	unsigned int differ = tb_u32(tb, DIO_KVM_A_MTRR_DIFFER);

	out_bool("enabled", deftype & MTRR_E, NULL);
	out_bool("fixed-enabled", deftype & MTRR_FE, NULL);
	out_text("    MTRRs %s, fixed %s, ", deftype & MTRR_E ? "on" : "off",
		 deftype & MTRR_FE ? "on" : "off");
	out_str("default", type_name(deftype & 0xff), "default %s, ", type_name(deftype & 0xff));
	out_uint("phys-bits", tb_u32(tb, DIO_KVM_A_MTRR_PHYS_BITS), "%u bits, ",
		 tb_u32(tb, DIO_KVM_A_MTRR_PHYS_BITS));
	out_uint("bsp", tb_u32(tb, DIO_KVM_A_MTRR_BSP), "of vCPU %u",
		 tb_u32(tb, DIO_KVM_A_MTRR_BSP));
	out_uint("vcpus", vcpus, NULL);
	out_uint("differ", differ, NULL);
	if (differ)
		out_text("; %u of %u vCPUs have others", differ, vcpus);
	out_text("\n");
}

static void show_counts(struct nlattr **tb)
{
	if (!tb[DIO_KVM_A_MTRR_ZAPS])
		return;
	out_bool("started", tb[DIO_KVM_A_MTRR_STARTED], NULL);
	out_uint("updates", tb_u64(tb, DIO_KVM_A_MTRR_UPDATES), "    updates %llu",
		 (unsigned long long)tb_u64(tb, DIO_KVM_A_MTRR_UPDATES));
	out_uint("zaps", tb_u64(tb, DIO_KVM_A_MTRR_ZAPS), ", ranges dropped %llu",
		 (unsigned long long)tb_u64(tb, DIO_KVM_A_MTRR_ZAPS));
	out_uint("frames", tb_u64(tb, DIO_KVM_A_MTRR_FRAMES), NULL);
	out_uint("undefined", tb_u32(tb, DIO_KVM_A_MTRR_UNDEFINED), NULL);
	if (tb_u32(tb, DIO_KVM_A_MTRR_UNDEFINED))
		out_text(", undefined overlaps, UC for it: %u",
			 tb_u32(tb, DIO_KVM_A_MTRR_UNDEFINED));
	out_text("%s\n", tb[DIO_KVM_A_MTRR_STARTED] ? "" :
		 "; WB until the guest enables its MTRRs");
}

void show_vm_mtrr(struct nl_msg *msg)
{
	static struct nla_policy policy[DIO_KVM_A_MTRR_MAX + 1] = {
		[DIO_KVM_A_MTRR_PHYS_BITS]	= { .type = NLA_U32 },
		[DIO_KVM_A_MTRR_DEFTYPE]	= { .type = NLA_U64 },
		[DIO_KVM_A_MTRR_FIXED]		= { .minlen = 8 * FIXED_REGS },
	};
	struct nlattr *vm[DIO_KVM_A_VM_MAX + 1], *tb[DIO_KVM_A_MTRR_MAX + 1];
	unsigned int bits;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, vm, DIO_KVM_A_VM_MAX, NULL) ||
	    !vm[DIO_KVM_A_VM_MTRR] ||
	    nla_parse_nested(tb, DIO_KVM_A_MTRR_MAX, vm[DIO_KVM_A_VM_MTRR], policy))
		return;
	bits = tb_u32(tb, DIO_KVM_A_MTRR_PHYS_BITS);
	if (bits < 12 || bits > 52 || !tb[DIO_KVM_A_MTRR_FIXED])
		return;
	out_open_object("mtrr");
	show_head(tb);
	show_pairs(vm[DIO_KVM_A_VM_MTRR], bits);
	if (tb_u64(tb, DIO_KVM_A_MTRR_DEFTYPE) & MTRR_FE)
		show_fixed(nla_data(tb[DIO_KVM_A_MTRR_FIXED]));
	show_pat("    PAT", tb_u64(tb, DIO_KVM_A_MTRR_PAT));
	show_counts(tb);
	out_close_object();
}

static void show_source(struct nlattr **tb)
{
	static const char *const names[] = { "off", "default", "fixed", "variable" };
	uint32_t source = tb_u32(tb, DIO_KVM_A_RANGE_SOURCE);
	uint32_t pairs = tb_u32(tb, DIO_KVM_A_RANGE_PAIRS);
	const char *name = source < 4 ? names[source] : "?";
	unsigned int n;

	out_str("source", name, " by %s", name);
	out_uint("pairs", pairs, NULL);
	for (n = 0; n < 32; n++)
		if (pairs >> n & 1)
			out_text(" %u", n);
	out_bool("undefined", tb[DIO_KVM_A_RANGE_UNDEFINED], " (undefined overlap)");
}

/* Why is the entry what it is? */
static const char *reason(struct nlattr **tb)
{
	uint32_t force = tb_u32(tb, DIO_KVM_A_RANGE_IN_FORCE);

	if (tb[DIO_KVM_A_RANGE_EMULATED])
		return "accesses are emulated";
	if (!tb[DIO_KVM_A_RANGE_ENTRY])
		return "not in the page tables yet";
	if (tb[DIO_KVM_A_RANGE_MMIO])
		return force == 1 && tb[DIO_KVM_A_RANGE_IN_FORCE] ?
		       "MMIO of the host, write-combining as the guest asks" :
		       "MMIO of the host, which keeps it uncached";
	if (tb[DIO_KVM_A_RANGE_IPAT])
		return "memtype is off: EPT ignores the guest's PAT";
	if (!tb[DIO_KVM_A_RANGE_IN_FORCE])
		return "memtype is off: MTRRs are ignored";
	if (force != tb_u32(tb, DIO_KVM_A_RANGE_MTRR_TYPE))
		return "memtype is pat, MTRRs are not enabled yet, or an update is under way";
	return "as the guest's MTRRs say";
}

static void show_entry(struct nlattr **tb)
{
	uint32_t level = tb_u32(tb, DIO_KVM_A_RANGE_LEVEL);
	const uint8_t *effect;
	int i;

	if (!tb[DIO_KVM_A_RANGE_ENTRY] || !tb[DIO_KVM_A_RANGE_EFFECT])
		return;
	effect = nla_data(tb[DIO_KVM_A_RANGE_EFFECT]);
	out_hex("entry", tb_u64(tb, DIO_KVM_A_RANGE_ENTRY), NULL);
	out_uint("level", level, NULL);
	out_str("entry-type", type_name(tb_u32(tb, DIO_KVM_A_RANGE_ENTRY_TYPE)), " entry %s %s",
		type_name(tb_u32(tb, DIO_KVM_A_RANGE_ENTRY_TYPE)),
		level == 1 ? "4K" : level == 2 ? "2M" : "1G");
	out_open_array("effect");
	out_text(" gives");
	for (i = 0; i < PAT_ENTRIES; i++)
		out_str(NULL, type_name(effect[i]), " %s", type_name(effect[i]));
	out_close_array();
}

static void show_run(struct nlattr *nest)
{
	static struct nla_policy policy[DIO_KVM_A_RANGE_MAX + 1] = {
		[DIO_KVM_A_RANGE_GPA]		= { .type = NLA_U64 },
		[DIO_KVM_A_RANGE_SIZE]		= { .type = NLA_U64 },
		[DIO_KVM_A_RANGE_MTRR_TYPE]	= { .type = NLA_U32 },
		[DIO_KVM_A_RANGE_ENTRY]		= { .type = NLA_U64 },
		[DIO_KVM_A_RANGE_EFFECT]	= { .minlen = PAT_ENTRIES },
	};
	struct nlattr *tb[DIO_KVM_A_RANGE_MAX + 1];
	unsigned long long gpa, size;
	const char *type;

	if (nla_parse_nested(tb, DIO_KVM_A_RANGE_MAX, nest, policy))
		return;
	gpa = tb_u64(tb, DIO_KVM_A_RANGE_GPA);
	size = tb_u64(tb, DIO_KVM_A_RANGE_SIZE);
	type = type_name(tb_u32(tb, DIO_KVM_A_RANGE_MTRR_TYPE));
	out_open_object(NULL);
	out_hex("gpa", gpa, "    0x%llx", gpa);
	out_hex("size", size, "-0x%llx", gpa + size - 1);
	out_str("mtrr", type, " MTRR %s", type);
	show_source(tb);
	show_entry(tb);
	out_str("why", reason(tb), ": %s\n", reason(tb));
	out_close_object();
}

uint64_t show_vm_range(struct nl_msg *msg)
{
	struct nlattr *tb[DIO_KVM_A_RANGES_MAX + 1], *a;
	struct nlmsghdr *head = nlmsg_hdr(msg);
	int left;

	if (genlmsg_parse(head, 0, tb, DIO_KVM_A_RANGES_MAX, NULL))
		return 0;
	nlmsg_for_each_attr(a, head, GENL_HDRLEN, left)
		if (nla_type(a) == DIO_KVM_A_RANGES_RUN)
			show_run(a);
	return tb_u64(tb, DIO_KVM_A_RANGES_NEXT);
}
