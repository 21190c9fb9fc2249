// SPDX-License-Identifier: GPL-2.0
/*
 * `dev unbind`: give a device back to the host. A driver's remove waits until
 * the device is closed, so an open device is refused here, with its user.
 */
#include <stdio.h>
#include <string.h>

#include <linux/dio_vfio.h>

#include "bind.h"
#include "diokctl.h"
#include "out.h"
#include "pci_sysfs.h"

static int read_state(const char *addr, uint32_t *state)
{
	struct dev_summary sum;
	struct nl_conn conn;
	int code;

	if (dio_nl_open(&conn))
		return EXIT_REFUSED;
	code = dev_read(&conn, addr, &sum);
	*state = sum.state;
	dio_nl_close(&conn);
	return code;
}

static int check_state(const char *addr)
{
	char who[64] = "its user is not visible here";
	uint32_t state = 0;
	int code = read_state(addr, &state);

	if (code)
		return code;
	if (state == DIO_VFIO_STATE_IN_USE) {
		sysfs_vfio_holder(addr, who, sizeof(who));
		return refuse("%s: state in-use (%s): end that first", addr, who);
	}
	if (state == DIO_VFIO_STATE_QUARANTINED)
		warning("%s: is quarantined: the next driver gets a device whose reset did not verify",
			addr);
	return EXIT_OK;
}

static int check_bound(const char *addr)
{
	char driver[NAME_SIZE];

	if (!sysfs_exists(addr))
		return refuse("%s: no such PCI device", addr);
	sysfs_driver(addr, driver);
	if (strcmp(driver, DIO_DRIVER))
		return refuse("%s: is not bound to " DIO_DRIVER " (driver: %s)", addr,
			      *driver ? driver : "none");
	return EXIT_OK;
}

static int give_back(const char *addr)
{
	int err = sysfs_override(addr, "");

	if (err)
		return refuse("%s: driver_override: %s", addr, strerror(-err));
	err = sysfs_unbind(addr, DIO_DRIVER);
	if (err) {
		sysfs_override(addr, DIO_DRIVER);
		return refuse("%s: unbinding " DIO_DRIVER ": %s", addr, strerror(-err));
	}
	err = sysfs_probe(addr);
	if (err)
		warning("%s: drivers_probe: %s", addr, strerror(-err));
	return EXIT_OK;
}

int dev_unbind(struct args *args)
{
	char addr[ADDR_SIZE], driver[NAME_SIZE];
	int code = dev_addr(args, addr);

	if (!code)
		code = dev_end(args);
	if (!code)
		code = check_bound(addr);
	if (!code)
		code = check_state(addr);
	if (!code)
		code = give_back(addr);
	if (code)
		return code;
	sysfs_driver(addr, driver);
	out_open_object(NULL);
	out_str("addr", addr, "%s: ", addr);
	out_str("old_driver", DIO_DRIVER, DIO_DRIVER " -> ");
	out_str("driver", driver, "%s\n", *driver ? driver : "no driver");
	out_close_object();
	out_end();
	return EXIT_OK;
}
