// SPDX-License-Identifier: GPL-2.0-only
/*
 * dio_sched: CPU time in time for the threads that serve assigned devices. It has
 * no hook and changes no thread until an administrator names one; every thread
 * gets its own scheduling back when the module is done with it.
 */
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "dio_rt.h"

/* All targets, in the order in which they were admitted. */
DEFINE_MUTEX(dio_rt_lock);
LIST_HEAD(dio_rt_list);
unsigned int dio_rt_n;
bool dio_rt_closing;

static struct workqueue_struct *dio_rt_wq;
static enum cpuhp_state dio_rt_cpuhp;

/* Once a second while there are targets, and soon after whatever may matter to them. */
static void dio_rt_work_fn(struct work_struct *work)
{
	mutex_lock(&dio_rt_lock);
	dio_review();
	if (dio_rt_n)
		queue_delayed_work(dio_rt_wq, to_delayed_work(work), DIO_RT_TICK);
	mutex_unlock(&dio_rt_lock);
}

static DECLARE_DELAYED_WORK(dio_rt_work, dio_rt_work_fn);

/* Something changed that a review has to see. Any context without a scheduler's lock. */
void dio_rt_changed(void)
{
	mod_delayed_work(dio_rt_wq, &dio_rt_work, 0);
}

static int __init dio_rt_init(void)
{
	int ret;

	dio_rt_wq = alloc_workqueue("dio_rt", WQ_HIGHPRI | WQ_UNBOUND, 0);
	if (!dio_rt_wq)
		return -ENOMEM;
	dio_kernel_init();
	ret = dio_lend_init();
	if (ret)
		goto no_lender;
	ret = dio_boost_init();
	if (ret)
		goto no_boost;
	ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "diok/rt:online",
					dio_offline_cpu_up, dio_offline_cpu_down);
	if (ret < 0)
		goto no_cpuhp;
	dio_rt_cpuhp = ret;
	ret = dio_rt_netlink_init();
	if (!ret)
		return 0;
	cpuhp_remove_state_nocalls(dio_rt_cpuhp);
no_cpuhp:
	dio_boost_exit();
no_boost:
	dio_lend_exit();
no_lender:
	destroy_workqueue(dio_rt_wq);
	return ret;
}
module_init(dio_rt_init);

static void __exit dio_rt_exit(void)
{
	struct dio_rt *t, *next;

	cpuhp_remove_state_nocalls(dio_rt_cpuhp);
	mutex_lock(&dio_rt_lock);
	dio_rt_closing = true;
	list_for_each_entry_safe(t, next, &dio_rt_list, list)
		dio_rt_end(t, "the module is unloaded");
	mutex_unlock(&dio_rt_lock);
	cancel_delayed_work_sync(&dio_rt_work);
	/* the last events are sent while the targets go */
	dio_rt_netlink_exit();
	dio_boost_exit();
	dio_lend_exit();
	destroy_workqueue(dio_rt_wq);
}
module_exit(dio_rt_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("CPU reservations and boosts for the threads of assigned devices");
MODULE_VERSION("0.1.0");
