// SPDX-License-Identifier: GPL-2.0-only
/* One entry of an MSI-X table, see mask.h; the same protocol as in mask.pml. */
#include "mask.h"

/* What we have masked stays so until dio_mask_switched(). */
static void dio_mask_doubt(struct dio_mask *m)
{
	m->state = DIO_MASK_UNKNOWN;
	m->home = 0;
	m->away = false;
}

/* Done with all that was written, the VMM has unmasked. */
static void dio_mask_promote(struct dio_mask *m, bool settled)
{
	if (m->state == DIO_MASK_BACK && settled)
		m->state = DIO_MASK_OPEN;
}

static bool dio_mask_has_ctrl(const struct dio_mask_store *s)
{
	return s->offset + s->len == DIO_MASK_ENTRY;
}

static u32 dio_mask_ctrl_of(const struct dio_mask_store *s)
{
	return s->word[s->len / 4 - 1];
}

/* How many words of the message are in the store, and the first of them. */
static unsigned int dio_mask_words(const struct dio_mask_store *s, unsigned int *first)
{
	*first = s->offset / 4;
	return s->len / 4 - dio_mask_has_ctrl(s);
}

/*
 * The standard knows aligned stores of four and eight bytes, and of control one bit.
 * Of a store of sixteen KVM shows us the first eight, and the rest only if we take them.
 */
static bool dio_mask_odd(const struct dio_mask_store *s)
{
	if ((s->len != 4 && s->len != 8) || s->offset % s->len)
		return true;
	return dio_mask_has_ctrl(s) && dio_mask_ctrl_of(s) & ~1u;
}

static bool dio_mask_wide(const struct dio_mask_store *s)
{
	return !s->offset && s->len == 8;
}

/* Does the VMM have this message already? True also if there is none in the store. */
static bool dio_mask_same(const struct dio_mask *m, const struct dio_mask_store *s)
{
	unsigned int first, i, n = dio_mask_words(s, &first);

	for (i = 0; i < n; i++)
		if (!(m->valid & BIT(first + i)) || m->shadow[first + i] != s->word[i])
			return false;
	return true;
}

/* The VMM gets it. A VMM may drop the low bits of an address. */
static void dio_mask_learn(struct dio_mask *m, const struct dio_mask_store *s)
{
	unsigned int first, i, n = dio_mask_words(s, &first);

	for (i = 0; i < n; i++) {
		m->shadow[first + i] = s->word[i];
		m->valid |= BIT(first + i);
	}
	if (!first && s->word[0] & 3)
		m->valid &= ~BIT(0);
	if (dio_mask_wide(s))
		m->valid &= ~BIT(2);
	if (!s->slot)
		m->valid = 0;
}

/*
 * The VMM is told of the mask before it gets the store that depends on it. Without
 * a slot it is not, and has a message that it will use at the next pair.
 */
static unsigned int dio_mask_hand_over(struct dio_mask *m, const struct dio_mask_store *s,
				       enum dio_mask_state next)
{
	u64 home = m->away || next != DIO_MASK_TOLD ? 0 : m->home;

	dio_mask_doubt(m);
	if (!s->slot)
		return DIO_MASK_FORWARD;
	m->state = next;
	m->home = home;
	return DIO_MASK_PAIR | DIO_MASK_FORWARD;
}

/*
 * Nothing that we know holds after it. If it has the mask bit it may unmask, and the
 * VMM has to do something then by which we know.
 */
static unsigned int dio_mask_blind(struct dio_mask *m, const struct dio_mask_store *s)
{
	bool ctrl = s->offset <= DIO_MASK_CTRL && s->offset + s->len > DIO_MASK_CTRL;
	unsigned int todo = DIO_MASK_FORWARD;

	if (m->state == DIO_MASK_KEPT || (m->silent && ctrl))
		todo = dio_mask_hand_over(m, s, DIO_MASK_UNKNOWN);
	dio_mask_doubt(m);
	return todo;
}

/* Of a test's module: the VMM never hears of a mask that is kept. */
#ifdef DIO_MASK_NAIVE
#define dio_mask_naive	true
#else
#define dio_mask_naive	false
#endif

static unsigned int dio_mask_message(struct dio_mask *m, const struct dio_mask_store *s)
{
	if (dio_mask_naive && m->state == DIO_MASK_KEPT)
		return DIO_MASK_FORWARD;
	if (m->state == DIO_MASK_KEPT)
		return dio_mask_same(m, s) ? 0 : dio_mask_hand_over(m, s, DIO_MASK_TOLD);
	/* not masked: the VMM will use it when it unmasks, which it has to do itself */
	if (m->state != DIO_MASK_TOLD)
		dio_mask_doubt(m);
	return DIO_MASK_FORWARD;
}

/* The VMM is told, and tells nobody: a change that came with it counts from now on. */
static unsigned int dio_mask_masked(struct dio_mask *m)
{
	if (m->state != DIO_MASK_TOLD)
		m->home = 0;
	m->state = DIO_MASK_TOLD;
	return DIO_MASK_FORWARD;
}

static unsigned int dio_mask_unmasked(struct dio_mask *m, const struct dio_mask_store *s)
{
	switch (m->state) {
	case DIO_MASK_TOLD:
		m->state = DIO_MASK_WAITS;
		return DIO_MASK_FORWARD;
	case DIO_MASK_UNKNOWN:
		/* a mask before it makes the VMM use the message that it has */
		return dio_mask_hand_over(m, s, DIO_MASK_WAITS);
	default:
		dio_mask_doubt(m);
		return DIO_MASK_FORWARD;
	}
}

static void dio_mask_bit(struct dio_mask *m, bool mask)
{
	m->state = mask ? DIO_MASK_KEPT : DIO_MASK_OPEN;
	m->silent = mask;
}

/**
 * dio_mask_flip() - a store of the mask bit alone, if it is the device's business only
 * @m: the entry
 * @mask: the bit
 *
 * Needs @may of &struct dio_mask_store, and the bit in the device; dio_mask_unflip()
 * undoes it if that cannot be. Any context.
 * Return: false, and nothing has changed, if there is more to do.
 */
bool dio_mask_flip(struct dio_mask *m, bool mask)
{
	if (m->state != (mask ? DIO_MASK_OPEN : DIO_MASK_KEPT) || m->away)
		return false;
	/* a load of eight bytes must not need the VMM, which has another mask bit */
	if (mask && !(m->valid & BIT(2)))
		return false;
	dio_mask_bit(m, mask);
	return true;
}

void dio_mask_unflip(struct dio_mask *m, bool mask)
{
	dio_mask_bit(m, !mask);
}

/* A mask bit, with a message that the VMM has or without one. */
static unsigned int dio_mask_toggle(struct dio_mask *m, const struct dio_mask_store *s, bool mask)
{
	if (m->state == DIO_MASK_OPEN && !mask)
		return 0;
	if ((s->may || !mask) && dio_mask_flip(m, mask))
		return mask ? DIO_MASK_SILENCE : DIO_MASK_AUDIBLE;
	if (m->state == DIO_MASK_KEPT && mask)
		return s->may ? 0 : dio_mask_hand_over(m, s, DIO_MASK_TOLD);
	if (m->state == DIO_MASK_KEPT)
		return dio_mask_hand_over(m, s, DIO_MASK_WAITS);
	return mask ? dio_mask_masked(m) : dio_mask_unmasked(m, s);
}

static unsigned int dio_mask_ctrl(struct dio_mask *m, const struct dio_mask_store *s)
{
	bool mask = dio_mask_ctrl_of(s) & 1;

	if (dio_mask_same(m, s))
		return dio_mask_toggle(m, s, mask);
	if (m->state == DIO_MASK_KEPT)
		return dio_mask_hand_over(m, s, mask ? DIO_MASK_TOLD : DIO_MASK_WAITS);
	return mask ? dio_mask_masked(m) : dio_mask_unmasked(m, s);
}

/**
 * dio_mask_write() - a store of the guest to the entry
 * @m: the entry
 * @s: the store
 *
 * Any context.
 * Return: what is to be done with it.
 */
unsigned int dio_mask_write(struct dio_mask *m, const struct dio_mask_store *s)
{
	unsigned int todo;

	dio_mask_promote(m, s->settled);
	if (!s->settled || dio_mask_odd(s)) {
		todo = dio_mask_blind(m, s);
		m->valid = 0;
		return todo;
	}
	if (dio_mask_has_ctrl(s))
		todo = dio_mask_ctrl(m, s);
	else if (dio_mask_wide(s) && !(m->state == DIO_MASK_KEPT && dio_mask_same(m, s)))
		todo = dio_mask_blind(m, s);
	else
		todo = dio_mask_message(m, s);
	if (todo & DIO_MASK_FORWARD)
		dio_mask_learn(m, s);
	return todo;
}

static bool dio_mask_read_word(const struct dio_mask *m, unsigned int n, u32 *word)
{
	if (n == DIO_MASK_WORDS) {
		*word = m->state == DIO_MASK_KEPT;
		return m->state == DIO_MASK_KEPT || m->state == DIO_MASK_OPEN;
	}
	*word = m->shadow[n];
	return m->valid & BIT(n);
}

/**
 * dio_mask_read() - a load of the guest from the entry
 * @m: the entry
 * @offset: in the entry
 * @len: bytes; @offset + @len is at most DIO_MASK_ENTRY
 * @settled: see &struct dio_mask_store
 * @word: gets the value, two words at most
 *
 * Any context.
 * Return: false if the VMM has to answer.
 */
bool dio_mask_read(struct dio_mask *m, unsigned int offset, unsigned int len, bool settled,
		   u32 *word)
{
	unsigned int i;

	dio_mask_promote(m, settled);
	if (!settled || (len != 4 && len != 8) || offset % len)
		return false;
	for (i = 0; i < len / 4; i++)
		if (!dio_mask_read_word(m, offset / 4 + i, &word[i]))
			return false;
	return true;
}

/**
 * dio_mask_switched() - the VMM has given the vector another eventfd
 * @m: the entry
 * @from: the one before, which gets no signal any more; 0 for none
 * @to: the one from now on
 * @drained: the VMM has seen all signals of @from
 *
 * Any context.
 * Return: DIO_MASK_AUDIBLE or 0.
 */
unsigned int dio_mask_switched(struct dio_mask *m, u64 from, u64 to, bool drained)
{
	unsigned int todo = 0;

	/* either it has unmasked, or it has taken over the mask */
	if (m->silent && m->state != DIO_MASK_KEPT && m->state != DIO_MASK_TOLD) {
		m->silent = false;
		todo = DIO_MASK_AUDIBLE;
	}
	if (m->state == DIO_MASK_KEPT) {
		m->away = to != m->home;
	} else if (m->state == DIO_MASK_WAITS && m->home && to == m->home) {
		/* what the VMM has not seen it may still send, masked or not */
		if (drained)
			m->state = DIO_MASK_BACK;
	} else if ((m->state == DIO_MASK_TOLD || m->state == DIO_MASK_WAITS) && !m->home) {
		m->home = from;
	} else if (m->state != DIO_MASK_TOLD || to == m->home) {
		dio_mask_doubt(m);
	}
	return todo;
}

/**
 * dio_mask_control() - the guest has written MSI-X Control
 * @m: an entry of the table
 *
 * What the VMM does next is not because of a store to the table. Before it begins.
 */
void dio_mask_control(struct dio_mask *m)
{
	if (m->state == DIO_MASK_KEPT)
		m->away = true;
	else
		dio_mask_doubt(m);
}

/**
 * dio_mask_off() - MSI-X was switched off
 * @m: an entry of the table
 *
 * The VMM's table stays: it may do so by itself, to have more vectors.
 */
void dio_mask_off(struct dio_mask *m)
{
	bool kept = m->state == DIO_MASK_KEPT;

	dio_mask_doubt(m);
	if (kept) {
		m->state = DIO_MASK_KEPT;
		m->away = true;
	}
}

/**
 * dio_mask_forget() - the VMM may have another table
 * @m: an entry of the table
 */
void dio_mask_forget(struct dio_mask *m)
{
	dio_mask_off(m);
	m->valid = 0;
}
