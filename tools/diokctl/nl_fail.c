// SPDX-License-Identifier: GPL-2.0
/*
 * Extended acks, read by hand: libnl (up to 3.11) turns an error into its own
 * number and drops the kernel's text. Nothing of the answer is trusted to be
 * of the length that it should be.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/attr.h>

#include "names.h"
#include "nl_fail.h"

static const struct names *request_names(const struct nl_family *family,
					 const struct nlmsghdr *request)
{
	const struct genlmsghdr *genl = NLMSG_DATA(request);

	if (request->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return NULL;
	return family->attrs(genl->cmd);
}

static const char *attr_at(const struct names *names, const struct nlmsghdr *request,
			   uint32_t offset)
{
	struct nlattr attr;

	if (!names || offset < NLMSG_LENGTH(GENL_HDRLEN) ||
	    offset > request->nlmsg_len ||
	    request->nlmsg_len - offset < sizeof(attr))
		return NULL;
	memcpy(&attr, (const char *)request + offset, sizeof(attr));
	return names_get(names, attr.nla_type & NLA_TYPE_MASK);
}

static int attr_u32(const struct nlattr *attr, uint32_t *value)
{
	if (nla_len(attr) < (int)sizeof(*value))
		return -1;
	memcpy(value, nla_data(attr), sizeof(*value));
	return 0;
}

static int attr_u64(const struct nlattr *attr, uint64_t *value)
{
	if (nla_len(attr) < (int)sizeof(*value))
		return -1;
	memcpy(value, nla_data(attr), sizeof(*value));
	return 0;
}

/* The policy that a value broke: the kernel gives its range. */
static void parse_policy(struct nl_fail *fail, const struct nlattr *nest)
{
	struct nlattr *attr;
	int left, got = 0;

	nla_for_each_nested(attr, (struct nlattr *)nest, left) {
		if (nla_type(attr) == NL_POLICY_TYPE_ATTR_MIN_VALUE_U &&
		    !attr_u64(attr, &fail->min))
			got |= 1;
		else if (nla_type(attr) == NL_POLICY_TYPE_ATTR_MAX_VALUE_U &&
			 !attr_u64(attr, &fail->max))
			got |= 2;
	}
	fail->limited = got == 3;
}

static void parse_attr(struct nl_fail *fail, const struct nlattr *attr,
		       const struct names *names, const struct nlmsghdr *request)
{
	uint32_t value;

	switch (nla_type(attr)) {
	case NLMSGERR_ATTR_MSG:
		snprintf(fail->text, sizeof(fail->text), "%.*s",
			 nla_len(attr), (const char *)nla_data(attr));
		break;
	case NLMSGERR_ATTR_OFFS:
		if (!attr_u32(attr, &value))
			fail->attr = attr_at(names, request, value);
		break;
	case NLMSGERR_ATTR_MISS_TYPE:
		if (attr_u32(attr, &value) || !names)
			break;
		fail->attr = names_get(names, value);
		fail->missing = true;
		break;
	case NLMSGERR_ATTR_POLICY:
		parse_policy(fail, attr);
		break;
	}
}

/* Where the attributes begin in ANSWER; 0 if there are none. */
static size_t tlv_offset(const struct nlmsghdr *answer)
{
	const struct nlmsgerr *err = NLMSG_DATA(answer);
	size_t offset;

	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (answer->nlmsg_type == NLMSG_DONE)
		return NLMSG_LENGTH(NLMSG_ALIGN(sizeof(int)));
	offset = NLMSG_LENGTH(sizeof(*err));
	if (!(answer->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(err->msg.nlmsg_len - sizeof(err->msg));
	return offset;
}

void dio_nl_fail_parse(struct nl_fail *fail, const struct nl_family *family,
		       const struct nlmsghdr *answer, const struct nlmsghdr *request)
{
	const struct names *names = request_names(family, request);
	struct nlattr *attr;
	size_t offset;
	int left, error = 0;

	memset(fail, 0, sizeof(*fail));
	if (answer->nlmsg_len < NLMSG_LENGTH(sizeof(error)))
		return;
	memcpy(&error, NLMSG_DATA(answer), sizeof(error));
	fail->error = error < 0 ? -error : 0;
	if (answer->nlmsg_type == NLMSG_ERROR &&
	    answer->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return;
	offset = tlv_offset(answer);
	if (!offset || offset >= answer->nlmsg_len)
		return;
	nla_for_each_attr(attr, (struct nlattr *)((char *)answer + offset),
			  (int)(answer->nlmsg_len - offset), left)
		parse_attr(fail, attr, names, request);
}

void dio_nl_fail_local(struct nl_fail *fail, int error, const char *text)
{
	memset(fail, 0, sizeof(*fail));
	fail->error = error;
	snprintf(fail->text, sizeof(fail->text), "%s", text);
}

/* Only names that this program sends can be unknown: the module is older. */
static const char *fail_text(const struct nl_fail *fail)
{
	if (fail->attr && !strcmp(fail->text, "Unknown attribute type"))
		return "the loaded module is older and does not know this setting";
	if (*fail->text)
		return fail->text;
	if (fail->error == EPERM)
		return "not permitted: CAP_NET_ADMIN is needed";
	if (fail->error == EOPNOTSUPP)
		return "the loaded module does not know this command";
	return strerror(fail->error);
}

void dio_nl_fail_format(const struct nl_fail *fail, const char *addr,
			char *buf, size_t size)
{
	const char *text = fail_text(fail);
	/* An address that is not known is in the text or before it already. */
	bool point = fail->attr && (fail->missing || strcmp(fail->attr, "addr"));
	bool named = addr && !strncmp(text, addr, strlen(addr));
	char detail[128] = "";

	if (point && fail->limited)
		snprintf(detail, sizeof(detail), " (%s: %llu to %llu)", fail->attr,
			 (unsigned long long)fail->min,
			 (unsigned long long)fail->max);
	else if (point && !strstr(text, fail->attr))
		snprintf(detail, sizeof(detail), " (%s%s)", fail->attr,
			 fail->missing ? " is missing" : "");
	snprintf(buf, size, "%s%s%s%s", addr && !named ? addr : "",
		 addr && !named ? ": " : "", text, detail);
}
