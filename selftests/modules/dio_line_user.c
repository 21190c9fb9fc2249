// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another user of a device's interrupt line, for tests: its handler is what the
 * line's other users see of the device. It takes the level away at the device, so
 * that the line lives, and answers IRQ_NONE, because the interrupt was none of its
 * own: the kernel counts it as unhandled (/proc/irq/N/spurious).
 *
 * Parameters in /sys/module/dio_line_user/parameters/:
 *   device   DDDD:BB:DD.F BAR STATUS ACK (hexadecimal): share its line; where STATUS
 *            is not zero its value is written to ACK. Empty: leave. The device is
 *            enabled, and its INTx not on an MSI, when the line is shared
 *   seen     runs of the handler, of these raised by the device, the line's number
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>

static struct {
	struct pci_dev *pdev;		/* NULL: no line is shared */
	void __iomem *regs;
	u32 status, ack;
	int irq;
	unsigned long runs, raised;	/* the handler's */
} user;

static DEFINE_MUTEX(user_lock);		/* of all of it but the handler's */

static irqreturn_t user_handler(int irq, void *arg)
{
	u32 status = ioread32(user.regs + user.status);

	WRITE_ONCE(user.runs, user.runs + 1);
	if (!status || status == U32_MAX)
		return IRQ_NONE;
	WRITE_ONCE(user.raised, user.raised + 1);
	iowrite32(status, user.regs + user.ack);
	ioread32(user.regs + user.status);
	return IRQ_NONE;
}

static void user_leave(void)
{
	if (!user.pdev)
		return;
	free_irq(user.irq, &user);
	iounmap(user.regs);
	pci_dev_put(user.pdev);
	user.pdev = NULL;
}

static int user_share(struct pci_dev *pdev, unsigned int bar)
{
	resource_size_t size = bar < PCI_STD_NUM_BARS ? pci_resource_len(pdev, bar) : 0;
	int ret;

	if (size < sizeof(u32) || max(user.status, user.ack) > size - sizeof(u32) || !pdev->irq)
		return -EINVAL;
	/* the device's driver has requested the region */
	user.regs = ioremap(pci_resource_start(pdev, bar), size);
	if (!user.regs)
		return -ENOMEM;
	user.irq = pdev->irq;
	user.runs = 0;
	user.raised = 0;
	ret = request_irq(user.irq, user_handler, IRQF_SHARED, "dio-line-user", &user);
	if (ret)
		iounmap(user.regs);
	else
		user.pdev = pdev;
	return ret;
}

static int user_device_set(const char *text, const struct kernel_param *kp)
{
	unsigned int domain, bus, slot, fn, bar;
	struct pci_dev *pdev;
	int ret = 0;

	mutex_lock(&user_lock);
	user_leave();
	if (!*skip_spaces(text))
		goto out;
	ret = -EINVAL;
	if (sscanf(text, "%x:%x:%x.%x %x %x %x", &domain, &bus, &slot, &fn, &bar, &user.status,
		   &user.ack) != 7)
		goto out;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
	ret = pdev ? user_share(pdev, bar) : -ENXIO;
	if (ret)
		pci_dev_put(pdev);
out:
	mutex_unlock(&user_lock);
	return ret;
}

static int user_seen_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "runs %lu raised %lu irq %d\n", READ_ONCE(user.runs),
			 READ_ONCE(user.raised), user.irq);
}

static const struct kernel_param_ops user_device_ops = { .set = user_device_set };
static const struct kernel_param_ops user_seen_ops = { .get = user_seen_get };

module_param_cb(device, &user_device_ops, NULL, 0200);
module_param_cb(seen, &user_seen_ops, NULL, 0400);

static void __exit user_exit(void)
{
	user_leave();
}
module_exit(user_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The diok developers");
MODULE_DESCRIPTION("Another user of a device's interrupt line, for tests");
