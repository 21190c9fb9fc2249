// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of diokctl on the host, under ASan and UBSan: the words of the
 * command line, exit codes of what needs no kernel, extended acks that are
 * cut short, sysfs on a tree made by hand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include <linux/dio_vfio.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "args.h"
#include "diokctl.h"
#include "nl_fail.h"
#include "pci_sysfs.h"
#include "records.h"
#include "seen.h"
#include "settings.h"
#include "show.h"

int diokctl_main(int argc, char **argv);

TEST(addresses)
{
	static const struct { const char *word, *addr; } cases[] = {
		{ "01:00.0", "0000:01:00.0" },
		{ "0000:01:00.0", "0000:01:00.0" },
		{ "1:2.3", "0000:01:02.3" },
		{ "ABCD:fF:1F.7", "abcd:ff:1f.7" },
		{ "10000:e1:00.0", "10000:e1:00.0" },
		{ "abcdef0:e1:00.0", "abcdef0:e1:00.0" },
		{ "", NULL }, { ":", NULL }, { "::", NULL }, { ":.", NULL }, { "1:2", NULL },
		{ "01:00.8", NULL }, { "01:20.0", NULL }, { "100:00.0", NULL },
		{ "01:00.00", NULL }, { "01:00.0 ", NULL }, { " 01:00.0", NULL },
		{ "0x1:00.0", NULL }, { "-1:00.0", NULL }, { "01:000.0", NULL },
		{ "abcdef01:e1:00.0", NULL }, { "1:2:3:4.0", NULL }, { "0000:01:00.", NULL },
		{ "0000:01:00.0\n", NULL }, { "../../etc", NULL }, { "0000:../:.0", NULL },
	};
	char addr[ADDR_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int err = arg_addr(cases[i].word, addr);

		EXPECT_EQ(!cases[i].addr, !!err)
			TH_LOG("\"%s\"", cases[i].word);
		if (!err && cases[i].addr)
			EXPECT_STREQ(cases[i].addr, addr);
	}
}

TEST(numbers)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1x", "0x", "x", "4294967296",
					   "0x100000000", "99999999999999999999999", "1.0" };
	uint32_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-1, arg_u32(bad[i], &value))
			TH_LOG("\"%s\"", bad[i]);
	EXPECT_EQ(0, arg_u32("4294967295", &value));
	EXPECT_EQ(UINT32_MAX, value);
	EXPECT_EQ(0, arg_u32("010", &value));
	EXPECT_EQ(10, value);
	EXPECT_EQ(0, arg_u32("0X1f", &value));
	EXPECT_EQ(31, value);
}

TEST(methods)
{
	static const char *const bad[] = { "", ",", "flr,", ",flr", "flr,,d3", "FLR", "flr d3",
					   "flr,flr,flr,flr,flr,flr,flr,flr,flr",
					   "a-name-that-is-much-too-long-for-a-method" };
	struct method_list list;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-1, arg_methods(bad[i], &list))
			TH_LOG("\"%s\"", bad[i]);
	EXPECT_EQ(0, arg_methods("pm,af_flr,bus", &list));
	EXPECT_EQ(3, list.n);
	EXPECT_EQ(DIO_VFIO_METHOD_D3, list.method[0]);
	EXPECT_EQ(DIO_VFIO_METHOD_AF_FLR, list.method[1]);
	EXPECT_EQ(DIO_VFIO_METHOD_BUS, list.method[2]);
}

TEST(hold_off)
{
	static const struct { const char *word; uint32_t us; } good[] = {
		{ "off", 0 }, { "0", 0 }, { "100", 100 }, { "100us", 100 }, { "1ms", 1000 },
		{ "0x10us", 16 }, { "4294967295", UINT32_MAX }, { "4294967ms", 4294967000 },
	};
	static const char *const bad[] = { "", "us", "ms", "s", "1s", "1 ms", "1 us", "-1us",
					   "1.5ms", "1msms", "1usx", "offms", "on", "0xms",
					   "4294968ms", "4294967296us", "m1s",
					   "00000000000000000000000000000001us" };
	uint32_t us;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(0, arg_holdoff(good[i].word, &us))
			TH_LOG("\"%s\"", good[i].word);
		EXPECT_EQ(good[i].us, us);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-1, arg_holdoff(bad[i], &us))
			TH_LOG("\"%s\"", bad[i]);
}

static int run(const char *words)
{
	char text[256], *argv[16] = { "diokctl" }, *word;
	int argc = 1;

	snprintf(text, sizeof(text), "%s", words);
	for (word = strtok(text, " "); word && argc < 15; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 0;
	return diokctl_main(argc, argv);
}

TEST(exit_codes)
{
	static const struct { const char *words; int code; } cases[] = {
		{ "", 2 }, { "-h", 0 }, { "-V", 0 }, { "help", 0 }, { "dev help", 0 },
		{ "monitor help", 0 }, { "-q", 2 }, { "disk", 2 }, { "dev re", 2 },
		{ "dev set", 2 }, { "dev set 1:2.3", 2 }, { "dev set 1:2.3 l", 2 },
		{ "dev set 1:2.3 po strict p observe", 2 }, { "dev set 1:2.3 drain", 2 },
		{ "dev set 1:2.3 drain -1", 2 }, { "dev bind x", 2 }, { "dev unbind 1:2.3 y", 2 },
		{ "dev reset 1:2.3 --dry", 2 }, { "dev release", 2 }, { "dev show 1:2.3 x", 2 },
		{ "monitor disk", 2 }, { "version x", 2 }, { "dev show 1:2.8", 2 },
		{ "dev set 1:2.3 intx pin", 2 }, { "dev set 1:2.3 vectors", 2 },
		{ "dev set 1:2.3 recheck 1", 2 }, { "dev set 1:2.3 i auto", 2 },
		{ "irq help", 0 }, { "irq unset", 2 }, { "irq show x", 2 },
		{ "irq show 1:2.3 msi", 2 }, { "irq set", 2 }, { "irq set 1:2.3", 2 },
		{ "irq set 1:2.3 ms holdoff 1", 2 }, { "irq set 1:2.3 msi", 2 },
		{ "irq set 1:2.3 msi vector 1", 2 }, { "irq set 1:2.3 msi holdoff", 2 },
		{ "irq set 1:2.3 msi vector -1 holdoff 1", 2 },
		{ "irq set 1:2.3 msi holdoff 1s", 2 }, { "irq set 1:2.3 msi rate 1", 2 },
		{ "irq set 1:2.3 msi holdoff 1 holdoff 1", 2 },
		{ "irq set 1:2.3 msi vector 1 vector 1 holdoff 1", 2 }, { "monitor irq dev", 2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_EQ(cases[i].code, run(cases[i].words))
			TH_LOG("diokctl %s", cases[i].words);
}

/* An error of the kernel about REQUEST, with all that it can say. */
static size_t make_error(uint8_t *buf, const struct nlmsghdr *request, uint32_t offset)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsgerr err = { .error = -ERANGE, .msg = *request };
	struct nlmsghdr *head = nlmsg_put(msg, 0, 1, NLMSG_ERROR, 0,
					  NLM_F_CAPPED | NLM_F_ACK_TLVS);
	struct nlattr *nest;
	size_t len;

	nlmsg_append(msg, &err, sizeof(err), NLMSG_ALIGNTO);
	nla_put_string(msg, NLMSGERR_ATTR_MSG, "integer out of range");
	nla_put_u32(msg, NLMSGERR_ATTR_OFFS, offset);
	nest = nla_nest_start(msg, NLMSGERR_ATTR_POLICY);
	nla_put_u64(msg, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, 0);
	nla_put_u64(msg, NL_POLICY_TYPE_ATTR_MAX_VALUE_U, 10000);
	nla_nest_end(msg, nest);
	head = nlmsg_hdr(msg);
	len = head->nlmsg_len;
	memcpy(buf, head, len);
	nlmsg_free(msg);
	return len;
}

TEST(extended_ack)
{
	uint8_t answer[512], request[64] = { 0 };
	struct nlmsghdr *sent = (void *)request;
	struct genlmsghdr *genl = NLMSG_DATA(sent);
	struct nlattr *attr = (void *)(request + 20);
	struct nl_fail fail;
	char text[256];

	sent->nlmsg_len = 28;
	genl->cmd = DIO_VFIO_CMD_DEV_SET;
	attr->nla_len = 8;
	attr->nla_type = DIO_VFIO_A_DEV_DRAIN;
	make_error(answer, sent, 20);
	dio_nl_fail_parse(&fail, &family_vfio, (void *)answer, sent);
	EXPECT_EQ(ERANGE, fail.error);
	dio_nl_fail_format(&fail, "0000:01:00.0", text, sizeof(text));
	EXPECT_STREQ("0000:01:00.0: integer out of range (drain: 0 to 10000)", text);
	make_error(answer, sent, 0xffffffff);
	dio_nl_fail_parse(&fail, &family_vfio, (void *)answer, sent);
	dio_nl_fail_format(&fail, NULL, text, sizeof(text));
	EXPECT_STREQ("integer out of range", text);
}

TEST(setting_of_a_newer_module)
{
	struct nl_fail fail = { .error = EINVAL, .text = "Unknown attribute type" };
	char text[256];

	fail.attr = names_get(&names_attr_dev, DIO_VFIO_A_DEV_VECTORS);
	dio_nl_fail_format(&fail, "0000:01:00.0", text, sizeof(text));
	EXPECT_STREQ("0000:01:00.0: the loaded module is older and does not know this setting (vectors)",
		     text);
	/* Where the kernel's text names the setting, it is not named again. */
	snprintf(fail.text, sizeof(fail.text), "0000:01:00.0: vectors are taken");
	dio_nl_fail_format(&fail, "0000:01:00.0", text, sizeof(text));
	EXPECT_STREQ("0000:01:00.0: vectors are taken", text);
}

TEST(settings_of_interrupts)
{
	char *words[] = { "vec", "own", "intx", "auto", "rec", "mmio" };
	struct args args = { .argc = 6, .argv = words };
	struct nl_msg *msg = nlmsg_alloc();
	struct settings set;
	struct nlattr *attr;
	int left, n = 0;

	EXPECT_EQ(0, settings_parse(&args, &set));
	nlmsg_put(msg, 0, 0, 16, 0, 0);
	EXPECT_EQ(0, settings_put(msg, &set));
	nlmsg_for_each_attr(attr, nlmsg_hdr(msg), 0, left) {
		static const uint32_t want[] = { DIO_VFIO_INTX_AUTO, DIO_VFIO_RECHECK_MMIO,
						 DIO_VFIO_VECTORS_OWN };

		ASSERT_LT(n, 3);
		EXPECT_EQ(DIO_VFIO_A_DEV_INTX + n, nla_type(attr));
		EXPECT_EQ(want[n++], nla_get_u32(attr));
	}
	EXPECT_EQ(3, n);
	nlmsg_free(msg);
}

/* Cut at every byte, in memory of that size: ASan sees a read beyond. */
TEST(extended_ack_cut)
{
	uint8_t whole[512], request[64] = { 0 };
	struct nlmsghdr *sent = (void *)request;
	struct nl_fail fail;
	size_t len, cut;

	sent->nlmsg_len = 28;
	len = make_error(whole, sent, 26);
	for (cut = NLMSG_HDRLEN; cut < len; cut++) {
		uint8_t *part = malloc(cut);

		memcpy(part, whole, cut);
		((struct nlmsghdr *)part)->nlmsg_len = cut;
		dio_nl_fail_parse(&fail, &family_vfio, (void *)part, sent);
		free(part);
	}
}

TEST(summaries)
{
	struct nl_msg *reset = record_reset("x"), *dev = record_dev();
	struct reset_summary r;
	struct dev_summary d;

	EXPECT_EQ(0, show_reset_read(reset, &r));
	EXPECT_STREQ(RECORD_ADDR, r.addr);
	EXPECT_EQ(UINT64_MAX, r.id);
	EXPECT_EQ(DIO_VFIO_RESULT_FAILED, r.result);
	EXPECT_EQ(0, show_dev_read(dev, &d));
	EXPECT_EQ(UINT64_MAX, d.last_id);
	nlmsg_free(reset);
	nlmsg_free(dev);
	reset = nlmsg_alloc();
	EXPECT_EQ(-1, show_reset_read(reset, &r));
	EXPECT_EQ(-1, show_dev_read(reset, &d));
	nlmsg_free(reset);
}

TEST(seen_once)
{
	struct seen seen = { 0 };

	EXPECT_TRUE(seen_new(&seen, "a", 1));
	EXPECT_FALSE(seen_new(&seen, "a", 1));
	EXPECT_TRUE(seen_new(&seen, "b", 1));
	EXPECT_TRUE(seen_new(&seen, "a", 3));
	EXPECT_FALSE(seen_new(&seen, "a", 2));
	seen_rebase(&seen, "a", 5);
	EXPECT_FALSE(seen_new(&seen, "a", 3));
	seen_rebase(&seen, "a", 2);
	EXPECT_TRUE(seen_new(&seen, "a", 1));
	seen_free(&seen);
}

static void put_file(const char *root, const char *name, const void *data, size_t len)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:01:00.0/%s", root, name);
	file = fopen(path, "w");
	if (file) {
		fwrite(data, 1, len, file);
		fclose(file);
	}
}

TEST(sysfs_by_hand)
{
	char root[] = "/tmp/diokctl-unit-XXXXXX", path[256], name[NAME_SIZE], command[256];
	unsigned char config[64] = { 0 };

	ASSERT_NE(NULL, mkdtemp(root));
	snprintf(command, sizeof(command), "mkdir -p %s/bus/pci/devices/0000:01:00.0", root);
	ASSERT_EQ(0, system(command));
	sysfs_root = root;
	EXPECT_TRUE(sysfs_exists("0000:01:00.0"));
	EXPECT_FALSE(sysfs_exists("0000:02:00.0"));
	EXPECT_EQ(-1, sysfs_group("0000:01:00.0"));
	EXPECT_EQ(7, sysfs_number("0000:01:00.0", "sriov_numvfs", 10, 7));
	put_file(root, "sriov_numvfs", "3\n", 2);
	EXPECT_EQ(3, sysfs_number("0000:01:00.0", "sriov_numvfs", 10, 7));
	put_file(root, "class", "0x020000\n", 9);
	put_file(root, "config", config, sizeof(config));
	EXPECT_FALSE(sysfs_is_bridge("0000:01:00.0"));
	config[0x0e] = 0x81;
	put_file(root, "config", config, sizeof(config));
	EXPECT_TRUE(sysfs_is_bridge("0000:01:00.0"));
	config[0x0e] = 0x80;
	put_file(root, "config", config, sizeof(config));
	put_file(root, "class", "0x060000\n", 9);
	EXPECT_TRUE(sysfs_is_bridge("0000:01:00.0"));
	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:01:00.0/driver", root);
	EXPECT_EQ(0, symlink("../../../bus/pci/drivers/igb", path));
	sysfs_driver("0000:01:00.0", name);
	EXPECT_STREQ("igb", name);
	put_file(root, "driver_override", "", 0);
	EXPECT_EQ(0, sysfs_override("0000:01:00.0", "dio-vfio-pci"));
	EXPECT_EQ(0, sysfs_read("0000:01:00.0", "driver_override", name, sizeof(name)));
	EXPECT_STREQ("dio-vfio-pci", name);
	snprintf(command, sizeof(command), "rm -r %s", root);
	EXPECT_EQ(0, system(command));
}

TEST_HARNESS_MAIN
