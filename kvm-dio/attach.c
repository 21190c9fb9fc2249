// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a hook gets between a caller and its function. A replacement enters the
 * original behind the entry that ftrace patches, by a static call: it meets
 * neither ftrace nor itself again, so that no rule on the caller is needed.
 */
#include <linux/module.h>

#include "dio_kvm.h"

typedef void dio_watch_fn(unsigned long arg);

static void notrace dio_attach_replace(unsigned long ip, unsigned long parent,
				       struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct dio_hook *hook = container_of(ops, struct dio_hook, ops);

	dio_ftrace_set_ip(fregs, (unsigned long)hook->fn);
}

static void notrace dio_attach_watch(unsigned long ip, unsigned long parent,
				     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct dio_hook *hook = container_of(ops, struct dio_hook, ops);
	dio_watch_fn *fn = hook->fn;

	this_cpu_inc(hook->stat->entered);
	fn(dio_ftrace_arg0(fregs));
	this_cpu_inc(hook->stat->left);
}

static int dio_attach_prepare(struct dio_hook *hook)
{
	memset(&hook->ops, 0, sizeof(hook->ops));
	return ftrace_set_filter_ip(&hook->ops, hook->addr, 0, 0);
}

/* Is it a function that ftrace can patch? Nothing is registered. */
int dio_attach_test(struct dio_hook *hook)
{
	int ret = dio_attach_prepare(hook);

	ftrace_free_filter(&hook->ops);
	return ret;
}

/* PERMANENT: sysctl kernel.ftrace_enabled=0 is refused, instead of removing us. */
static int dio_attach_ops(struct dio_hook *hook)
{
	int ret = dio_attach_prepare(hook);

	hook->ops.flags |= FTRACE_OPS_FL_RECURSION | FTRACE_OPS_FL_PERMANENT;
	if (hook->kind == DIO_HOOK_WATCH) {
		hook->ops.func = dio_attach_watch;
	} else {
		hook->ops.func = dio_attach_replace;
		hook->ops.flags |= FTRACE_OPS_FL_IPMODIFY;
	}
	if (!ret)
		ret = register_ftrace_function(&hook->ops);
	if (ret)
		ftrace_free_filter(&hook->ops);
	return ret;
}

static int dio_attach_direct(struct dio_hook *hook)
{
	int ret = dio_attach_prepare(hook);

	if (!ret)
		ret = dio_ftrace_direct_register(&hook->ops, (unsigned long)hook->entry);
	if (ret)
		ftrace_free_filter(&hook->ops);
	hook->direct = !ret;
	return ret;
}

/* Register with ftrace. Sleeps. -EBUSY: somebody else has the function. */
int dio_attach(struct dio_hook *hook)
{
	int ret = -EBUSY;

	if (hook->kind == DIO_HOOK_DIRECT)
		ret = dio_attach_direct(hook);
	/* one direct call a function, which BPF's trampoline may be */
	return ret == -EBUSY ? dio_attach_ops(hook) : ret;
}

/* Back to the original. Calls that are in the replacement go on in it. Sleeps. */
void dio_detach(struct dio_hook *hook)
{
	int ret;

	if (hook->direct)
		ret = dio_ftrace_direct_unregister(&hook->ops, (unsigned long)hook->entry);
	else
		ret = unregister_ftrace_function(&hook->ops);
	WARN_ON_ONCE(ret);
	hook->direct = false;
	ftrace_free_filter(&hook->ops);
}
