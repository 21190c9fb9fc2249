/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Split operations came with 6.2. On 6.1 the generated tables compile as plain
 * operations, and dio_genl_register() joins the two halves (do and dump) of one
 * command, which 6.1 wants in one entry.
 */
#ifndef DIO_COMPAT_GENETLINK_H
#define DIO_COMPAT_GENETLINK_H

#include <net/genetlink.h>

/*
 * DIO_NL_ERR() - formatted extack text, up to 79 characters. 6.1 keeps only a
 * pointer: there the text waits in one of a few static buffers until the answer
 * is made from it, which is before the same task can send its next request.
 */
#define DIO_EXTACK_LEN	80
#ifdef NL_SET_ERR_MSG_FMT
#define DIO_NL_ERR NL_SET_ERR_MSG_FMT
#else
#define DIO_NL_TEXTS	64
#define DIO_NL_ERR(extack, fmt, args...) do {				\
	static char dio_texts[DIO_NL_TEXTS][DIO_EXTACK_LEN];		\
	static atomic_t dio_next;					\
	char *dio_text = dio_texts[(unsigned int)			\
				   atomic_inc_return(&dio_next) % DIO_NL_TEXTS]; \
									\
	snprintf(dio_text, sizeof(dio_texts[0]), fmt, ##args);		\
	(extack)->_msg = dio_text;					\
} while (0)
#endif

/* The attributes of a dump request, indexed by type. */
static inline struct nlattr **dio_genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef DIO_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#ifdef DIO_HAVE_GENL_SPLIT_OPS

static inline int dio_genl_register(struct genl_family *family)
{
	return genl_register_family(family);
}

static inline void dio_genl_unregister(struct genl_family *family)
{
	genl_unregister_family(family);
}

#else

#include <linux/slab.h>

#define genl_split_ops genl_ops
#define split_ops ops
#define n_split_ops n_ops

/* Join @op into the entry of its command among the @n of @tab. */
static inline unsigned int dio_genl_join(struct genl_ops *tab, unsigned int n,
					 const struct genl_ops *op)
{
	unsigned int i;

	for (i = 0; i < n && tab[i].cmd != op->cmd; i++)
		;
	if (i == n) {
		tab[n] = *op;
		return n + 1;
	}
	if (op->doit)
		tab[i].doit = op->doit;
	if (op->dumpit)
		tab[i].dumpit = op->dumpit;
	if (op->policy) {
		tab[i].policy = op->policy;
		tab[i].maxattr = op->maxattr;
	}
	return n;
}

static inline int dio_genl_register(struct genl_family *family)
{
	struct genl_ops *tab;
	unsigned int i, n = 0;
	int ret;

	tab = kcalloc(family->n_ops, sizeof(*tab), GFP_KERNEL);
	if (!tab)
		return -ENOMEM;
	for (i = 0; i < family->n_ops; i++)
		n = dio_genl_join(tab, n, &family->ops[i]);
	family->ops = tab;
	family->n_ops = n;
	ret = genl_register_family(family);
	if (ret)
		kfree(tab);
	return ret;
}

static inline void dio_genl_unregister(struct genl_family *family)
{
	genl_unregister_family(family);
	kfree(family->ops);
}

#endif /* DIO_HAVE_GENL_SPLIT_OPS */

#endif /* DIO_COMPAT_GENETLINK_H */
