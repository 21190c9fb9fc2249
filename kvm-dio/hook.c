// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a hook: checked once for each life of its module, armed while a VM
 * needs it. What does not match in name, prototype or traceability is refused
 * with a reason, and only the features that need it with it.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "dio_kvm.h"

/* Held over checks, arming and disarming; guards the engine's part of all hooks. */
static DEFINE_MUTEX(dio_hook_lock);

static bool dio_module_loaded(const char *name)
{
	struct module *mod;

	if (!strcmp(name, "vmlinux"))
		return true;
	mod = dio_module_get(name);
	if (mod)
		module_put(mod);
	return mod;
}

static bool dio_hook_wanted(const struct dio_hook *hook)
{
	return !hook->with || dio_module_loaded(hook->with);
}

/* Where the static call goes: behind the entry that ftrace patches, else to the start. */
static unsigned long dio_hook_target(const struct dio_hook *hook)
{
	return hook->kind == DIO_HOOK_CALL ? hook->addr : hook->site + MCOUNT_INSN_SIZE;
}

static int dio_hook_find(struct dio_hook *hook)
{
	int ret;

	hook->addr = dio_resolve(hook->module, hook->symbol);
	if (!hook->addr) {
		strscpy(hook->reason, "no such symbol", DIO_REASON_LEN);
		return -ENOENT;
	}
	if (hook->kind == DIO_HOOK_CALL)
		return 0;
	hook->site = dio_resolve_site(hook->addr);
	ret = hook->site ? dio_attach_test(hook) : -EINVAL;
	if (ret)
		scnprintf(hook->reason, DIO_REASON_LEN, "not traceable (%d)", ret);
	return ret;
}

/* With a reference to its module. The verdict is final unless BTF cannot be read. */
static void dio_hook_examine(struct dio_hook *hook)
{
	int ret;

	hook->state = DIO_KVM_HOOK_STATE_UNSUPPORTED;
	hook->checked = true;
	if (hook->kind != DIO_HOOK_CALL && !strcmp(hook->module, "vmlinux")) {
		/* call thunks of the kernel's own text do not know of a call behind the entry */
		strscpy(hook->reason, "only modules can be hooked", DIO_REASON_LEN);
		return;
	}
	if (dio_hook_find(hook))
		return;
	ret = dio_proto_check(hook->module, hook->symbol, hook->proto, hook->reason);
	hook->checked = ret != -EAGAIN;
	if (ret)
		return;
	if (hook->kind != DIO_HOOK_WATCH)
		__static_call_update(hook->key, hook->tramp, (void *)dio_hook_target(hook));
	hook->state = DIO_KVM_HOOK_STATE_IDLE;
	*hook->reason = '\0';
}

static void dio_hook_check(struct dio_hook *hook)
{
	struct module *mod = NULL;

	lockdep_assert_held(&dio_hook_lock);
	if (hook->checked)
		return;
	dio_resolve_prepare();
	if (*dio_resolve_failed) {
		hook->state = DIO_KVM_HOOK_STATE_UNSUPPORTED;
		strscpy(hook->reason, dio_resolve_failed, DIO_REASON_LEN);
		return;
	}
	if (strcmp(hook->module, "vmlinux")) {
		mod = dio_module_get(hook->module);
		if (!mod) {
			hook->state = DIO_KVM_HOOK_STATE_ABSENT;
			scnprintf(hook->reason, DIO_REASON_LEN, "module %s is not loaded",
				  hook->module);
			return;
		}
	}
	dio_hook_examine(hook);
	if (mod)
		module_put(mod);
}

static void dio_hooks_each(void (*fn)(struct dio_hook *hook), const char *module)
{
	unsigned int i, j;

	for (i = 0; i < DIO_NR_FEATURES; i++) {
		const struct dio_feature *f = dio_features[i];

		for (j = 0; f && j < f->nhooks; j++)
			if (!module || !strcmp(f->hooks[j]->module, module))
				fn(f->hooks[j]);
	}
}

/* Reading BTF costs more than all else: once for all rows. */
static void dio_hooks_check(const struct dio_hook *hook)
{
	if (!hook->checked)
		dio_hooks_each(dio_hook_check, NULL);
}

/* Who keeps us from replacing this function? */
static bool dio_hook_owner(const struct dio_hook *hook, char *reason)
{
	char name[MODULE_NAME_LEN];

	if (hook->kind != DIO_HOOK_REPLACE && hook->kind != DIO_HOOK_DIRECT)
		return false;
	if (!dio_owner_livepatch(hook, name, sizeof(name)))
		return false;
	scnprintf(reason, DIO_REASON_LEN, "livepatch %s has it", name);
	return true;
}

/* Why ftrace does not let us in; @text has DIO_REASON_LEN bytes. */
static const char *dio_hook_ftrace_says(const struct dio_hook *hook, int err, char *text)
{
	if (err != -EBUSY) {
		scnprintf(text, DIO_REASON_LEN, "ftrace: error %d", err);
		return text;
	}
	if (dio_hook_owner(hook, text))
		return text;
	/* who only watches is nobody's rival */
	return hook->kind == DIO_HOOK_WATCH ? "ftrace is off (sysctl kernel.ftrace_enabled)" :
		"another user of ftrace has it (tracing/enabled_functions)";
}

static int dio_hook_refused(struct dio_hook *hook, int err, struct netlink_ext_ack *extack)
{
	char why[DIO_REASON_LEN], text[DIO_EXTACK_LEN];

	if (!extack)
		return err;
	/* as much as extack takes */
	scnprintf(text, sizeof(text), "%s:%s: %s", hook->module, hook->symbol,
		  err == -EOPNOTSUPP ? hook->reason : dio_hook_ftrace_says(hook, err, why));
	DIO_NL_ERR(extack, "%s", text);
	return err;
}

static int dio_hook_arm(struct dio_hook *hook, struct netlink_ext_ack *extack)
{
	int ret = 0;

	dio_hooks_check(hook);
	if (hook->state != DIO_KVM_HOOK_STATE_IDLE && hook->state != DIO_KVM_HOOK_STATE_ARMED)
		return dio_hook_refused(hook, -EOPNOTSUPP, extack);
	if (hook->state == DIO_KVM_HOOK_STATE_IDLE && hook->kind != DIO_HOOK_CALL)
		ret = dio_attach(hook);
	if (ret)
		return dio_hook_refused(hook, ret, extack);
	hook->state = DIO_KVM_HOOK_STATE_ARMED;
	hook->users++;
	return 0;
}

static void dio_hook_disarm(struct dio_hook *hook)
{
	if (WARN_ON_ONCE(!hook->users) || --hook->users)
		return;
	if (hook->state != DIO_KVM_HOOK_STATE_ARMED)
		return;
	if (hook->kind != DIO_HOOK_CALL)
		dio_detach(hook);
	hook->state = DIO_KVM_HOOK_STATE_IDLE;
}

static void dio_hooks_disarm(const struct dio_feature *f, u32 held)
{
	unsigned int i;

	for (i = f->nhooks; i-- > 0;)
		if (held & BIT(i))
			dio_hook_disarm(f->hooks[i]);
}

/**
 * dio_hooks_get() - arm what a mode of a feature needs
 * @f: the feature
 * @mode: its mode, not 0
 * @held: which of its hooks were armed, for dio_hooks_put()
 * @extack: gets the hook and the reason if one cannot be
 *
 * All or none. Sleeps.
 * Return: 0, -EOPNOTSUPP if one is not what it is expected to be, -EBUSY if
 * somebody else has it, or ftrace's error.
 */
int dio_hooks_get(const struct dio_feature *f, u32 mode, u32 *held, struct netlink_ext_ack *extack)
{
	unsigned int i;
	int ret = 0;

	*held = 0;
	mutex_lock(&dio_hook_lock);
	dio_resolve_prepare();
	if (dio_off) {
		DIO_NL_ERR(extack, "%s: switched off by nodio on the kernel command line", f->name);
		ret = -EOPNOTSUPP;
	}
	for (i = 0; i < f->nhooks && !ret; i++) {
		if ((f->needs && !f->needs(f->hooks[i], mode)) || !dio_hook_wanted(f->hooks[i]))
			continue;
		ret = dio_hook_arm(f->hooks[i], extack);
		if (!ret)
			*held |= BIT(i);
	}
	if (ret) {
		dio_hooks_disarm(f, *held);
		*held = 0;
	}
	dio_proto_forget();
	mutex_unlock(&dio_hook_lock);
	return ret;
}

/* Disarm those of the feature's hooks that nobody else needs. Sleeps, for long. */
void dio_hooks_put(const struct dio_feature *f, u32 held)
{
	mutex_lock(&dio_hook_lock);
	dio_hooks_disarm(f, held);
	mutex_unlock(&dio_hook_lock);
}

/* Entries that have not left yet; never less than there are once nobody enters. */
static unsigned long dio_hook_inside(const struct dio_hook *hook)
{
	unsigned long entered = 0, left = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		left += READ_ONCE(per_cpu_ptr(hook->stat, cpu)->left);
	smp_rmb();	/* who has left has entered: not the other way round */
	for_each_possible_cpu(cpu)
		entered += READ_ONCE(per_cpu_ptr(hook->stat, cpu)->entered);
	return entered - left;
}

static unsigned long dio_hook_calls(const struct dio_hook *hook)
{
	unsigned long calls = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		calls += READ_ONCE(per_cpu_ptr(hook->stat, cpu)->entered);
	return calls;
}

/* What is known of a hook now, somebody else's claim on its function included. */
void dio_hook_report(struct dio_hook *hook, struct dio_hook_report *report)
{
	mutex_lock(&dio_hook_lock);
	dio_hook_check(hook);
	report->state = hook->state;
	report->calls = dio_hook_calls(hook);
	strscpy(report->reason, hook->reason, DIO_REASON_LEN);
	if (hook->state != DIO_KVM_HOOK_STATE_IDLE)
		goto out;
	if (!dio_hook_wanted(hook)) {
		report->state = DIO_KVM_HOOK_STATE_ABSENT;
		scnprintf(report->reason, DIO_REASON_LEN, "needed with module %s alone",
			  hook->with);
	} else if (dio_hook_owner(hook, report->reason)) {
		report->state = DIO_KVM_HOOK_STATE_UNSUPPORTED;
	}
out:
	mutex_unlock(&dio_hook_lock);
}

/* What finds functions, found: 0, or -ENOENT, which a later call may mend. Sleeps. */
int dio_hooks_prepare(void)
{
	bool first;
	int ret;

	mutex_lock(&dio_hook_lock);
	first = *dio_resolve_failed;
	dio_resolve_prepare();
	ret = *dio_resolve_failed ? -ENOENT : 0;
	if (first && !ret)
		dio_hooks_each(dio_hook_check, NULL);
	dio_proto_forget();
	mutex_unlock(&dio_hook_lock);
	return ret;
}

/* The batch of reports is over. */
void dio_hooks_settle(void)
{
	mutex_lock(&dio_hook_lock);
	dio_proto_forget();
	mutex_unlock(&dio_hook_lock);
}

static void dio_hook_drop(struct dio_hook *hook)
{
	if (hook->state == DIO_KVM_HOOK_STATE_ARMED && hook->kind != DIO_HOOK_CALL)
		dio_detach(hook);
	if (hook->kind != DIO_HOOK_WATCH)
		__static_call_update(hook->key, hook->tramp, &__static_call_return0);
	hook->checked = false;
	hook->state = DIO_KVM_HOOK_STATE_ABSENT;
}

/* Is a function of this module in the table? */
bool dio_hooks_in(const char *module)
{
	unsigned int i, j;

	for (i = 0; i < DIO_NR_FEATURES; i++) {
		const struct dio_feature *f = dio_features[i];

		for (j = 0; f && j < f->nhooks; j++)
			if (!strcmp(f->hooks[j]->module, module))
				return true;
	}
	return false;
}

/* The module @module goes: forget all of it. Its code is still there. */
void dio_hooks_drop(const char *module)
{
	mutex_lock(&dio_hook_lock);
	dio_hooks_each(dio_hook_drop, module);
	mutex_unlock(&dio_hook_lock);
}

static void dio_hook_drain(struct dio_hook *hook)
{
	while (dio_hook_inside(hook))
		usleep_range(500, 1000);
}

/*
 * Wait until no task is in a replacement or a trampoline; nothing is armed any
 * more. Before dio_hook_enter() and after dio_hook_leave() a task can be
 * preempted but does not sleep, which is what synchronize_rcu_tasks() waits for.
 */
void dio_hooks_drain(void)
{
	synchronize_rcu_tasks();
	dio_hooks_each(dio_hook_drain, NULL);
	synchronize_rcu_tasks();
}
