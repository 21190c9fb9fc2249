/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes of a message, read with a default where they are absent. */
#ifndef DIOKCTL_MSG_H
#define DIOKCTL_MSG_H

#include <stdint.h>

#include <netlink/attr.h>

static inline uint32_t tb_u32(struct nlattr **tb, int type)
{
	return tb[type] ? nla_get_u32(tb[type]) : 0;
}

static inline uint64_t tb_u64(struct nlattr **tb, int type)
{
	return tb[type] ? nla_get_u64(tb[type]) : 0;
}

static inline uint16_t tb_u16(struct nlattr **tb, int type)
{
	return tb[type] ? nla_get_u16(tb[type]) : 0;
}

static inline uint8_t tb_u8(struct nlattr **tb, int type)
{
	return tb[type] ? nla_get_u8(tb[type]) : 0;
}

static inline int32_t tb_s32(struct nlattr **tb, int type)
{
	return tb[type] ? nla_get_s32(tb[type]) : 0;
}

/* The policy has to say NLA_STRING with a maxlen, or NLA_NUL_STRING. */
static inline const char *tb_str(struct nlattr **tb, int type)
{
	return tb[type] ? nla_get_string(tb[type]) : "";
}

#endif
