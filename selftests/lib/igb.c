// SPDX-License-Identifier: GPL-2.0
/* Stock igb, its VFs, and a raw sender. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "igb.h"
#include "kmod.h"
#include "report.h"
#include "sysfs.h"

#define DRIVER "igb"
#define NETDEV_BOUND_MS 5000
#define FRAME_FILL 0x5a

/* Loading igb must not take the other 82576s of the machine. */
static int load_igb(void)
{
	int rc;

	if (kmod_loaded(DRIVER))
		return 0;
	sysfs_write("0", "/sys/bus/pci/drivers_autoprobe");
	rc = kmod_load(DRIVER);
	sysfs_write("1", "/sys/bus/pci/drivers_autoprobe");
	return rc;
}

static bool find_netdev(struct igb_host *h)
{
	char path[128];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), PCI_SYSFS "/net", h->pf.addr);
	dir = opendir(path);
	if (!dir)
		return false;
	h->netdev[0] = '\0';
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			snprintf(h->netdev, sizeof(h->netdev), "%.15s", e->d_name);
	closedir(dir);
	return h->netdev[0];
}

static bool carrier(const struct igb_host *h)
{
	char up[4];

	return sysfs_read(up, sizeof(up), "/sys/class/net/%s/carrier", h->netdev) > 0 &&
	       up[0] == '1';
}

static int set_up(struct igb_host *h)
{
	struct ifreq req = { .ifr_flags = IFF_UP };
	int rc, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", h->netdev);
	/* Only the test's own frames are wanted on the wire. */
	sysfs_write("1", "/proc/sys/net/ipv6/conf/%s/disable_ipv6", h->netdev);
	rc = ioctl(fd, SIOCSIFFLAGS, &req) ? -errno : 0;
	close(fd);
	if (!rc && !wait_until(carrier(h), NETDEV_BOUND_MS * clock_scale()))
		rc = -ENETDOWN;
	return rc;
}

static int open_sender(struct igb_host *h)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = if_nametoindex(h->netdev),
	};

	/* Protocol 0: this socket sends only. */
	h->packet = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (h->packet < 0)
		return -errno;
	to.sll_protocol = 0;
	return bind(h->packet, (struct sockaddr *)&to, sizeof(to)) ? -errno : 0;
}

int igb_up(struct igb_host *h, const char *name)
{
	int rc;

	h->packet = -1;
	rc = pcidev_find(&h->pf, name);
	if (rc)
		return rc;
	rc = load_igb();
	if (!rc && !sysfs_exists("/sys/bus/pci/drivers/" DRIVER "/%s", h->pf.addr)) {
		pcidev_unbind(&h->pf);
		sysfs_write("\n", PCI_SYSFS "/driver_override", h->pf.addr);
		rc = sysfs_write(h->pf.addr, "/sys/bus/pci/drivers/" DRIVER "/bind");
	}
	if (!rc && !wait_until(find_netdev(h), NETDEV_BOUND_MS * clock_scale()))
		rc = -ETIMEDOUT;
	if (!rc)
		rc = set_up(h);
	if (!rc)
		rc = open_sender(h);
	if (rc)
		say("%s (%s) as the host's igb: %s", name, h->pf.addr, strerror(-rc));
	return rc;
}

void igb_put(struct igb_host *h)
{
	if (h->packet >= 0)
		close(h->packet);
	h->packet = -1;
}

void igb_down(const char *name)
{
	struct pcidev pf;
	char driver[64];

	if (pcidev_find(&pf, name))
		return;
	pcidev_driver(&pf, driver, sizeof(driver));
	if (strcmp(driver, DRIVER))
		return;
	sysfs_write("0", PCI_SYSFS "/sriov_numvfs", pf.addr);
	pcidev_unbind(&pf);
}

int igb_make_vf(struct igb_host *h, struct pcidev *vf)
{
	char addr[16];
	int rc = 0;

	if (!sysfs_exists(PCI_SYSFS "/virtfn0", h->pf.addr))
		rc = sysfs_write("1", PCI_SYSFS "/sriov_numvfs", h->pf.addr);
	if (rc) {
		say("%s (%s): sriov_numvfs 1: %s", h->pf.name, h->pf.addr, strerror(-rc));
		return rc;
	}
	if (!wait_until(sysfs_link(addr, sizeof(addr), PCI_SYSFS "/virtfn0", h->pf.addr) > 0,
			NETDEV_BOUND_MS * clock_scale()))
		return -ETIMEDOUT;
	return pcidev_at(vf, "igb_vf", addr);
}

int igb_broadcast(struct igb_host *h)
{
	static const unsigned char header[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						0x52, 0x54, 0x5a, 0x12, 0x34, 0x56, 0x08, 0x06 };
	unsigned char frame[IGB_FRAME_BYTES];

	memset(frame, FRAME_FILL, sizeof(frame));
	memcpy(frame, header, sizeof(header));
	return send(h->packet, frame, sizeof(frame), 0) == sizeof(frame) ? 0 : -errno;
}
