// SPDX-License-Identifier: GPL-2.0
/* Capstone's reading of a store, and the effect of a decoder's answer. */
#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_oracle.h"

struct effect effect_decoder(const struct decoder *d, const struct machine *m,
			     const uint8_t *bytes, unsigned int n)
{
	struct dio_store_insn insn;
	struct effect e = {};
	uint64_t base = 0;

	if (!d->decode(bytes, n, m->mode, &insn))
		return e;
	if (insn.seg < 6)
		base = m->base[insn.seg];
	e.store = true;
	e.len = insn.len;
	e.width = insn.width;
	e.value = d->value(&insn, m->regs);
	/* as the fast path has it */
	if (insn.plain)
		e.linear = insn.disp + (insn.base == DIO_REG_NONE ? 0 : m->regs[insn.base]);
	else
		e.linear = d->linear(&insn, m->regs, m->ip, base);
	if (insn.at != DIO_STORE_MOVES)
		e.linear = (e.linear & ~0xfffull) | insn.at;
	return e;
}

bool effect_equal(const struct effect *a, const struct effect *b)
{
	if (!a->store || !b->store)
		return a->store == b->store;
	return a->len == b->len && a->width == b->width && a->value == b->value &&
	       a->linear == b->linear;
}

static csh handle(enum dio_store_mode mode)
{
	static const cs_mode modes[] = { CS_MODE_16, CS_MODE_32, CS_MODE_64 };
	static csh handles[3];

	if (!handles[mode] && (cs_open(CS_ARCH_X86, modes[mode], &handles[mode]) ||
			       cs_option(handles[mode], CS_OPT_DETAIL, CS_OPT_ON))) {
		fprintf(stderr, "capstone does not start\n");
		exit(1);
	}
	return handles[mode];
}

/* Register by its name: Capstone's numbers have no order. */
static uint64_t reg_value(const struct machine *m, csh cs, x86_reg reg)
{
	static const char *const plain[] = { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di" };
	const char *name = cs_reg_name(cs, reg);
	char *end;
	int i;

	if (name[0] == 'r' && name[1] >= '0' && name[1] <= '9')
		return m->regs[strtol(name + 1, &end, 10)];
	for (i = 0; i < 4; i++)
		if (name[0] == plain[i][0] && name[1] == 'h' && !name[2])
			return m->regs[i] >> 8;
	for (i = 0; i < 8; i++) {
		const char *at = name + (name[0] == 'r' || name[0] == 'e');

		if (!strncmp(at, plain[i], 2) || (i < 4 && at[0] == plain[i][0] && at[1] == 'l'))
			return m->regs[i];
	}
	fprintf(stderr, "a register of unknown name, %s\n", name);
	exit(1);
}

static uint64_t cut(uint64_t value, unsigned int bytes)
{
	return bytes >= 8 ? value : value & ((1ULL << 8 * bytes) - 1);
}

static uint64_t seg_base(const struct machine *m, x86_reg seg, bool stack)
{
	bool flat = m->mode == DIO_STORE_64;

	switch (seg) {
	case X86_REG_FS:
		return m->base[4];
	case X86_REG_GS:
		return m->base[5];
	case X86_REG_ES:
		return flat ? 0 : m->base[0];
	case X86_REG_CS:
		return flat ? 0 : m->base[1];
	case X86_REG_SS:
		return flat ? 0 : m->base[2];
	case X86_REG_DS:
		return flat ? 0 : m->base[3];
	default:
		return flat ? 0 : m->base[stack ? 2 : 3];
	}
}

static bool stack_reg(csh cs, x86_reg reg)
{
	const char *name = reg == X86_REG_INVALID ? "" : cs_reg_name(cs, reg);

	return !strcmp(name, "esp") || !strcmp(name, "ebp") || !strcmp(name, "bp");
}

static uint64_t linear(const struct machine *m, csh cs, const cs_insn *insn, const cs_x86_op *op)
{
	const x86_op_mem *mem = &op->mem;
	uint64_t at = mem->disp;

	if (mem->base == X86_REG_RIP || mem->base == X86_REG_EIP)
		at += m->ip + insn->size;
	else if (mem->base != X86_REG_INVALID)
		at += reg_value(m, cs, mem->base);
	if (mem->index != X86_REG_INVALID && mem->index != X86_REG_EIZ && mem->index != X86_REG_RIZ)
		at += reg_value(m, cs, mem->index) * mem->scale;
	at = cut(at, insn->detail->x86.addr_size);
	at += seg_base(m, mem->segment, stack_reg(cs, mem->base));
	return m->mode == DIO_STORE_64 ? at : (uint32_t)at;
}

static bool plain_mov(const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;

	if (insn->id != X86_INS_MOV && insn->id != X86_INS_MOVABS)
		return false;
	if (x->op_count != 2 || x->operands[0].type != X86_OP_MEM)
		return false;
	/* mov of a segment register has the same name */
	return x->opcode[0] != 0x8c;
}

struct effect effect_oracle(const struct machine *m, const uint8_t *bytes, unsigned int n)
{
	static cs_insn *insns[3];
	csh cs = handle(m->mode);
	uint64_t address = 0;
	struct effect e = {};
	const cs_x86_op *op;
	size_t left = n;
	cs_insn *insn;

	if (!insns[m->mode])
		insns[m->mode] = cs_malloc(cs);
	insn = insns[m->mode];
	if (!cs_disasm_iter(cs, &bytes, &left, &address, insn) || !plain_mov(insn))
		return e;
	op = insn->detail->x86.operands;
	e.store = true;
	e.len = insn->size;
	e.width = op[0].size;
	e.value = cut(op[1].type == X86_OP_REG ? reg_value(m, cs, op[1].reg) : (uint64_t)op[1].imm,
		      op[0].size);
	e.linear = linear(m, cs, insn, &op[0]);
	return e;
}
