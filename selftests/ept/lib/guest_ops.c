// SPDX-License-Identifier: GPL-2.0
/* The command list of guest.h; guest_code.S carries it out. */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "guest.h"
#include "guest_ops.h"
#include "guest_priv.h"
#include "report.h"

#define ENTRY 3		/* words of one command: op, a, b */

static void add(struct guest_vcpu *v, unsigned int op, uint64_t a, uint64_t b)
{
	uint64_t *at = v->list + v->length * ENTRY;

	/* One more is left for the end. */
	if ((v->length + 2) * ENTRY * sizeof(*at) > OWN_LIST_SIZE) {
		say("the guest's command list is full");
		return;
	}
	at[0] = op;
	at[1] = a;
	at[2] = b;
	v->length++;
}

void guest_touch(struct guest_vcpu *v, uint64_t linear)
{
	add(v, OP_TOUCH, linear, linear);
}

void guest_touch_cached(struct guest_vcpu *v, uint64_t linear)
{
	add(v, OP_TOUCH_CACHED, linear, linear);
}

void guest_wrmsr(struct guest_vcpu *v, uint32_t msr, uint64_t value)
{
	add(v, OP_WRMSR, msr, value);
}

void guest_cr0(struct guest_vcpu *v, uint64_t value)
{
	add(v, OP_CR0, 0, value);
}

void guest_cr4(struct guest_vcpu *v, uint64_t value)
{
	add(v, OP_CR4, 0, value);
}

void guest_wbinvd(struct guest_vcpu *v)
{
	add(v, OP_WBINVD, 0, 0);
}

void guest_reload_cr3(struct guest_vcpu *v)
{
	add(v, OP_CR3, 0, 0);
}

int guest_run(struct guest_vcpu *v)
{
	struct kvm_regs regs = {
		.rip = OWN_LINEAR + OWN_CODE, .rflags = 2, .rsi = v->list_linear,
	};

	add(v, OP_END, 0, 0);
	v->length = 0;
	if (ioctl(v->fd, KVM_SET_REGS, &regs) || ioctl(v->fd, KVM_RUN, 0))
		return -errno;
	if (v->run->exit_reason == KVM_EXIT_HLT)
		return 0;
	ioctl(v->fd, KVM_GET_REGS, &regs);
	say("the guest ended with exit %u at %llx, rcx %llx", v->run->exit_reason,
	    (unsigned long long)regs.rip, (unsigned long long)regs.rcx);
	return -EIO;
}

void guest_break(struct guest_vcpu *v)
{
	add(v, OP_BREAK, 0, 0);
}
