/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a guest's access to one entry of an MSI-X table, so that it masks
 * and unmasks without its VMM. Pure: the unit test compiles the same file, and
 * mask.pml is the protocol around it. The caller orders all calls for an entry.
 *
 * The VMM has a table of its own, an irqfd of KVM's for a vector that is not masked,
 * and an eventfd of its own for one that is. The rule: the kernel keeps a mask to
 * itself only while it has seen that, and as soon as anything else depends on it
 * the VMM is told first. In doubt everything is the VMM's: that is always right.
 */
#ifndef DIO_MASK_H
#define DIO_MASK_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/bits.h>
#else
#include <stdbool.h>
typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
#define BIT(n)		(1u << (n))
#endif

#define DIO_MASK_ENTRY	16	/* bytes: message address, its high half, data, control */
#define DIO_MASK_CTRL	12	/* offset of the control word; bit 0 is the mask */
#define DIO_MASK_WORDS	3	/* of the message */

/**
 * enum dio_mask_state - who has masked the vector
 * @DIO_MASK_UNKNOWN: the VMM knows
 * @DIO_MASK_TOLD: the guest, and the VMM was told
 * @DIO_MASK_WAITS: it has unmasked and the VMM was told; the eventfd is not back yet
 * @DIO_MASK_BACK: it is; the VMM may not be done with it yet
 * @DIO_MASK_OPEN: nobody, and the kernel may mask without the VMM
 * @DIO_MASK_KEPT: the guest, and the VMM does not know
 */
enum dio_mask_state {
	DIO_MASK_UNKNOWN,
	DIO_MASK_TOLD,
	DIO_MASK_WAITS,
	DIO_MASK_BACK,
	DIO_MASK_OPEN,
	DIO_MASK_KEPT,
};

/**
 * struct dio_mask - what is known of an entry
 * @home: the eventfd it had before it was masked, 0 if that is not known
 * @shadow: the message, where @valid
 * @state: enum dio_mask_state
 * @valid: bit n: the VMM has shadow[n]
 * @away: kept, and its eventfd may not be @home
 * @silent: the vector is masked in the device for the guest
 */
struct dio_mask {
	u64 home;
	u32 shadow[DIO_MASK_WORDS];
	u8 state;
	u8 valid;
	bool away;
	bool silent;
};

/**
 * struct dio_mask_store - a store as KVM shows it
 * @offset: in the entry; @offset + @len is at most DIO_MASK_ENTRY
 * @len: 1 to 8 bytes
 * @word: the value, at @offset 4 * n and @len 4 or 8
 * @slot: KVM can tell user space of one more store, before this one
 * @settled: the VMM is done with every store of another virtual CPU to this entry
 * @may: the vector can be masked in the device, and that is wanted. Else a mask that
 *	is kept goes to the VMM with the next store that is not an unmask
 */
struct dio_mask_store {
	u8 offset;
	u8 len;
	u32 word[2];
	bool slot;
	bool settled;
	bool may;
};

/* What is to be done, in this order: a store without FORWARD is over. */
#define DIO_MASK_SILENCE	BIT(0)	/* mask in the device, and wait for the handler */
#define DIO_MASK_AUDIBLE	BIT(1)	/* unmask in the device */
#define DIO_MASK_PAIR		BIT(2)	/* first tell the VMM a store of 1 to control */
#define DIO_MASK_FORWARD	BIT(3)	/* tell the VMM */

bool dio_mask_flip(struct dio_mask *m, bool mask);
void dio_mask_unflip(struct dio_mask *m, bool mask);
unsigned int dio_mask_write(struct dio_mask *m, const struct dio_mask_store *s);
bool dio_mask_read(struct dio_mask *m, unsigned int offset, unsigned int len, bool settled,
		   u32 *word);
unsigned int dio_mask_switched(struct dio_mask *m, u64 from, u64 to, bool drained);
void dio_mask_control(struct dio_mask *m);
void dio_mask_off(struct dio_mask *m);
void dio_mask_forget(struct dio_mask *m);

#endif /* DIO_MASK_H */
