// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "doubled.h"
#include "report.h"
#include "vmpair.h"

#define RUNS_MAX 20	/* of the same code, until no interrupt came twice */

static struct vm_stores before;

int vmpair_open(struct vmpair *p, enum vm_mode mode, uint32_t stores)
{
	char text[128] = "";
	int ret;

	ret = vm_load() ?: doubled_watch() ?: vm_open(&p->stock, mode) ?:
	      vm_open(&p->fast, mode);
	if (ret)
		return ret;
	ret = vm_stores_set(&p->fast, stores, text, sizeof(text));
	if (ret)
		say("stores %u: %s: %s", stores, strerror(-ret), text);
	return ret;
}

void vmpair_close(struct vmpair *p)
{
	vm_close(&p->stock);
	vm_close(&p->fast);
	doubled_unwatch();
}

void vmpair_call(struct vmpair *p, void (*call)(struct vm *vm, uint32_t value))
{
	p->stock.call = call;
	p->fast.call = call;
}

static int run(struct vmpair *p, struct vm *vm)
{
	int ret = vm_reset(vm);

	memset(vm->mem + VM_STACKS, 0, 0x10000);
	memset(vm->mem + VM_LOG, 0, VM_DATA + 0x10000 - VM_LOG);
	memcpy(vm->mem + VM_CODE, p->code, VM_CODE_SIZE);
	if (p->prepare)
		p->prepare(vm);
	return ret ?: vm_run(vm, 0);
}

static bool run_both(struct vmpair *p, int *stock, int *fast)
{
	doubled_forget();
	vm_stores_get(&p->fast, &before);
	*stock = run(p, &p->stock);
	*fast = run(p, &p->fast);
	return vm_state(&p->stock) == vm_state(&p->fast);
}

bool vmpair_same(struct vmpair *p)
{
	int stock, fast, i;
	bool same;

	for (i = 0; i < RUNS_MAX; i++) {
		same = run_both(p, &stock, &fast);
		if ((same && !stock && !fast) || !doubled_count())
			break;
		p->repeated++;
	}
	if (!stock && !fast && !p->stock.fatal && same)
		return true;
	say("%s: stock %d, fast %d", same ? "the same, but not to the end" : "differ", stock, fast);
	vm_state_say(&p->stock, "stock");
	vm_state_say(&p->fast, "fast ");
	return false;
}

struct vm_stores vmpair_stores(struct vmpair *p)
{
	struct vm_stores now;
	int i;

	vm_stores_get(&p->fast, &now);
	now.eoi -= before.eoi;
	now.device -= before.device;
	for (i = 0; i < SLOW_REASONS; i++)
		now.slow[i] -= before.slow[i];
	return now;
}

void vm_stores_say(const struct vm_stores *s)
{
	int i;

	say("fast: %llu EOI, %llu to devices", (unsigned long long)s->eoi,
	    (unsigned long long)s->device);
	for (i = 0; i < SLOW_REASONS; i++)
		if (s->slow[i])
			say("slow: %llu %s", (unsigned long long)s->slow[i], vm_slow_name[i]);
}
