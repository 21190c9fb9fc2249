// SPDX-License-Identifier: GPL-2.0
/*
 * `dev bind`: give a device to dio-vfio-pci. Each step that changes something
 * is noted in struct bind, and a failure takes back all that is noted: the
 * device ends with the new driver and its policy, or as it was.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/dio_vfio.h>

#include "bind.h"
#include "diokctl.h"
#include "out.h"
#include "pci_sysfs.h"

extern char **environ;

struct bind {
	char addr[ADDR_SIZE];
	struct settings set;
	uint32_t defaults;	/* of set.given, those that are not the user's */
	bool older;		/* the loaded module does not know all of these */
	int group;
	char old_driver[NAME_SIZE];
	char old_override[NAME_SIZE];
	bool loaded;		/* the module is loaded by us */
	bool overridden;
	bool unbound;		/* from old_driver */
};

static int run_modprobe(const char *option)
{
	char *argv[] = { "modprobe", (char *)option, DIO_MODULE, NULL };
	pid_t pid;
	int status, err;

	err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (err) {
		refuse("modprobe: %s", strerror(err));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

static int load_module(struct bind *b)
{
	if (sysfs_driver_exists(DIO_DRIVER))
		return EXIT_OK;
	if (run_modprobe("-q"))
		return refuse("%s: module " DIO_MODULE " cannot be loaded (modprobe "
			      DIO_MODULE ")", b->addr);
	b->loaded = true;
	if (!sysfs_driver_exists(DIO_DRIVER))
		return refuse("%s: module " DIO_MODULE " is loaded but has no driver "
			      DIO_DRIVER, b->addr);
	return EXIT_OK;
}

static int check_device(struct bind *b)
{
	long vfs;

	if (!sysfs_exists(b->addr))
		return refuse("%s: no such PCI device", b->addr);
	if (sysfs_is_bridge(b->addr))
		return refuse("%s: is a bridge, which cannot be assigned", b->addr);
	b->group = sysfs_group(b->addr);
	if (b->group < 0)
		return refuse("%s: is in no IOMMU group: is the IOMMU on? (intel_iommu=on, or the firmware's VT-d or AMD-Vi setting)",
			      b->addr);
	vfs = sysfs_number(b->addr, "sriov_numvfs", 10, 0);
	if (vfs > 0)
		return refuse("%s: has %ld virtual functions enabled: bind those, or write 0 to sriov_numvfs first",
			      b->addr, vfs);
	return EXIT_OK;
}

/* A driver waits in its remove for a VFIO user to close the device. */
static int check_closed(const struct bind *b)
{
	char who[64];

	if (strncmp(b->old_driver, "vfio", 4))
		return EXIT_OK;
	if (sysfs_vfio_holder(b->addr, who, sizeof(who)))
		return refuse("%s: in use through %s (%s)", b->addr, b->old_driver, who);
	return EXIT_OK;
}

/* Drivers that let the group be assigned although they have a member of it. */
static bool driver_shares(const char *driver)
{
	return !*driver || !strncmp(driver, "vfio", 4) ||
	       !strcmp(driver, DIO_DRIVER) || !strcmp(driver, "pci-stub");
}

static void warn_other(const char *other, void *arg)
{
	const struct bind *b = arg;
	char driver[NAME_SIZE];

	sysfs_driver(other, driver);
	if (driver_shares(driver) || sysfs_is_bridge(other))
		return;
	out_open_object(NULL);
	out_str("addr", other, NULL);
	out_str("driver", driver, NULL);
	out_close_object();
	warning("%s: IOMMU group %d also has %s, bound to %s: no guest can open the group until that is unbound",
		b->addr, b->group, other, driver);
}

static int bound_to(const char *addr, const char *driver)
{
	char now[NAME_SIZE];

	sysfs_driver(addr, now);
	return !strcmp(now, driver);
}

static int failed(const struct bind *b, const char *step, int err)
{
	return refuse("%s: %s: %s", b->addr, step, strerror(-err));
}

static int move_device(struct bind *b)
{
	int err = sysfs_override(b->addr, DIO_DRIVER);

	if (err)
		return failed(b, "driver_override", err);
	b->overridden = true;
	if (*b->old_driver) {
		err = sysfs_unbind(b->addr, b->old_driver);
		if (err)
			return failed(b, "unbinding the old driver", err);
		b->unbound = true;
	}
	err = sysfs_probe(b->addr);
	if (!bound_to(b->addr, DIO_DRIVER) && err)
		return failed(b, "drivers_probe", err);
	if (!bound_to(b->addr, DIO_DRIVER))
		return refuse("%s: " DIO_DRIVER " did not take the device, the kernel log says why",
			      b->addr);
	return EXIT_OK;
}

static void set_default(struct bind *b, int attr, uint32_t *field, uint32_t value)
{
	uint32_t bit = 1u << attr;

	if (b->set.given & bit)
		return;
	b->set.given |= bit;
	b->defaults |= bit;
	*field = value;
}

static void set_defaults(struct bind *b)
{
	set_default(b, DIO_VFIO_A_DEV_POLICY, &b->set.policy, DIO_VFIO_POLICY_PERMISSIVE);
	set_default(b, DIO_VFIO_A_DEV_INTX, &b->set.intx, DIO_VFIO_INTX_AUTO);
	set_default(b, DIO_VFIO_A_DEV_VECTORS, &b->set.vectors, DIO_VFIO_VECTORS_OWN);
}

/* An older module may refuse what the user asked for, but not our defaults. */
static int drop_unknown(struct bind *b, struct nl_conn *conn)
{
	struct dev_summary sum;
	int code = dev_read(conn, b->addr, &sum);

	if (code)
		return code;
	b->older = b->defaults & ~sum.has;
	if (b->older)
		b->set.given &= sum.has | ~b->defaults;
	return EXIT_OK;
}

static int apply_policy(struct bind *b)
{
	struct nl_conn conn;
	int code;

	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	code = drop_unknown(b, &conn);
	if (!code)
		code = dev_apply(&conn, b->addr, &b->set);
	dio_nl_close(&conn);
	return code;
}

/* In reverse order; what cannot be taken back is said. */
static void undo(struct bind *b)
{
	int err = 0;

	if (b->overridden && bound_to(b->addr, DIO_DRIVER))
		err = sysfs_unbind(b->addr, DIO_DRIVER);
	if (!err && b->overridden)
		err = sysfs_override(b->addr, b->old_override);
	if (!err && b->unbound)
		err = sysfs_bind(b->addr, b->old_driver);
	if (err)
		warning("%s: could not be given back to %s: %s", b->addr,
			*b->old_driver ? b->old_driver : "no driver", strerror(-err));
	else if (b->unbound)
		warning("%s: given back to %s", b->addr, b->old_driver);
	if (b->loaded)
		run_modprobe("-rq");
}

static int bind_all(struct bind *b)
{
	int code = load_module(b);

	if (!code)
		code = move_device(b);
	if (!code)
		code = apply_policy(b);
	if (code)
		undo(b);
	return code;
}

static void report_name(const struct bind *b, int attr, const char *key,
			const struct names *names, uint32_t value)
{
	const char *name = names_get(names, value);

	if (b->set.given & 1u << attr)
		out_str(key, name, ", %s %s", key, name);
}

static void report(struct bind *b)
{
	out_open_object(NULL);
	out_str("addr", b->addr, "%s: ", b->addr);
	out_bool("module_loaded", b->loaded, "module " DIO_MODULE " loaded, ");
	out_str("old_driver", b->old_driver, "%s -> ",
		*b->old_driver ? b->old_driver : "no driver");
	out_str("driver", DIO_DRIVER, DIO_DRIVER);
	report_name(b, DIO_VFIO_A_DEV_POLICY, "policy", &names_policy, b->set.policy);
	report_name(b, DIO_VFIO_A_DEV_INTX, "intx", &names_intx, b->set.intx);
	report_name(b, DIO_VFIO_A_DEV_VECTORS, "vectors", &names_vectors, b->set.vectors);
	out_int("iommu_group", b->group, ", IOMMU group %d\n", b->group);
	out_open_array("group_in_use");
	sysfs_group_others(b->addr, b->group, warn_other, b);
	out_close_array();
	out_close_object();
	out_end();
	if (b->older)
		warning("%s: the loaded module is older than diokctl and serves interrupts as vfio-pci does",
			b->addr);
}

int dev_bind(struct args *args)
{
	struct bind b = { 0 };
	int code = dev_addr(args, b.addr);

	if (!code)
		code = settings_parse(args, &b.set);
	if (!code)
		code = check_device(&b);
	if (code)
		return code;
	sysfs_driver(b.addr, b.old_driver);
	if (!strcmp(b.old_driver, DIO_DRIVER))
		return refuse("%s: is bound to " DIO_DRIVER " already, its settings are for `diokctl dev set`",
			      b.addr);
	code = check_closed(&b);
	if (code)
		return code;
	if (sysfs_read(b.addr, "driver_override", b.old_override, NAME_SIZE) ||
	    !strcmp(b.old_override, "(null)"))
		b.old_override[0] = '\0';
	set_defaults(&b);
	code = bind_all(&b);
	if (!code)
		report(&b);
	return code;
}
