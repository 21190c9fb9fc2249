/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model of one MSI-X vector whose mask the kernel keeps, for spin: mask.c and the
 * table in front of it, with the guest's virtual CPUs, a VMM that does what QEMU
 * does (one lock around every exit, a main loop that reads its own eventfd), the
 * host's handler and the device. What mask.c does under the table's lock is one
 * step; all else may happen between two steps.
 *
 * What must hold is what MUST() names:
 *   lost          an interrupt, or it waits for what nobody will do
 *   twice         one more than the device raised
 *   while_masked  one is delivered to a guest that has masked
 *   stale         one is delivered, or would be, by a message the guest has replaced
 *   table         the guest reads what it did not write, or the VMM acts on that
 * It begins with a vector that works and that the kernel knows nothing of; from then
 * on everything may happen at any time and without end. One variant is one choice of the
 * words below; selftests/model/mask.variants has those that make check runs, and
 * what is expected of each.
 *
 * Guest:   VCPUS=n   write the same entry, if 2, without a lock between them
 *          SPLIT     one writes the entry alone, the other all else
 *          LIVE      changes the message of a vector that is not masked
 *          CROSSES   stores to the message across the page's start: KVM has no
 *                    fragment left for a write of ours
 *          WIDE      stores 16 bytes, of which KVM shows us the first 8
 *          FUNCTION  function mask; SWITCHES: MSI-X off and on
 *          RESETS    the machine is reset
 *          READS     the entry
 *          QUIET     the device raises nothing: the tables alone
 * Broken:  NAIVE (no synthetic mask) ARM_FIRST (at the first change of the eventfd)
 *          NO_UNREAD NO_SETTLED NO_PERSIST NO_AWAY NO_CONTROL NO_LIVE NO_HEAL NO_SYNC
 *          NO_FORGET NO_SUSPECT DROP_EARLY NO_RELEASE
 */
#ifndef VCPUS
#define VCPUS 1
#endif

#define MUST(what, property) \
	if \
	:: (what) \
	:: else -> printf("violated: "); printf(#property); printf("\n"); assert(false) \
	fi

/* enum dio_mask_state: waits and back are W before and after the eventfd came back */
mtype = { unknown, told, waits, back, open, kept };

/* Who an interrupt is told: nobody, the VMM by an eventfd of its own, KVM's irqfd. */
#define NONE	0
#define OWN	1
#define IRQFD	2

/* The device and the host. */
bool pend;			/* the device's pending bit */
bool irq;			/* a message under way, or kept by the irq core */
bool handling;			/* the handler has read the trigger, and not signalled */
byte trigger = IRQFD;
bool silent;			/* masked by us; without a trigger it is masked as well */

/* struct dio_mask */
mtype state = unknown;
byte home;			/* the eventfd it had before it was masked */
bool away;			/* kept, and the trigger is not home */
bool shadow, valid;		/* of the message */
bool fwd[2];			/* the VMM has not finished what this virtual CPU wrote */

/* The VMM. */
bool lock;			/* QEMU's BQL */
bool unread;			/* its own eventfd was signalled */
bool q_masked, q_data, q_pend, q_function, q_enabled = true;
bool route;			/* the message behind the irqfd */
bool live;			/* it was changed in the table while not masked */

/* Known to nobody in the model: what the guest is entitled to. */
bool masked, data;		/* as it wrote last */
bool known = true, sure = true;	/* and nobody wrote at the same time */
byte writing;			/* writes that have not retired */
byte masking;			/* those of them that mask or unmask */
bool overlap;
bool crossed;			/* across the page's start, and not yet unmasked */
byte owed;			/* interrupts raised and not delivered */

/* What a read of the mask bit finds. */
#define view	(state == open -> false : (state == kept -> true : q_masked))
#define off	(silent || trigger == NONE)
#define idle	(!writing && !lock)

inline deliver(message)
{
	MUST(owed, twice);
	owed--;
	MUST(writing || !(view || q_function || !q_enabled), while_masked);
	MUST(masking || !(known && masked), while_masked);
	MUST(writing || live || message == q_data, stale);
	printf("delivered\n")
}

/*
 * The device: a message, or its pending bit.
 */
#ifndef QUIET
active proctype device()
{
end:	do
	:: atomic { q_enabled && off && !pend -> pend = true; owed++; printf("event, pending\n") }
	:: atomic { q_enabled && !off && !irq && !pend -> irq = true; owed++; printf("event\n") }
	od
}

/* Its handler runs on one processor at a time. */
active proctype handler()
{
	byte to;

end:	do
	:: atomic { irq && !off && !handling -> irq = false; handling = true; to = trigger };
		atomic {
			if
			:: to == IRQFD -> deliver(route)
			:: to == OWN && unread -> owed--	/* merged */
			:: to == OWN && !unread -> unread = true
			:: to == NONE -> owed--; MUST(false, lost)
			fi;
			handling = false; to = 0
		}
	od
}
#endif

/* enable_irq(), with what waited. */
inline audible()
{
	silent = false;
	if
	:: pend && trigger != NONE ->
		pend = false;
		if
		:: irq -> owed--
		:: !irq -> irq = true
		fi
	:: else
	fi
}

/*
 * mask.c; in steps that nobody interrupts.
 */
inline doubt()			/* what we have masked stays so until switched() */
{
	state = unknown;
	home = NONE;
	away = false
}

#ifdef NO_SETTLED
#define settled	true
#else
#define settled	(!fwd[1 - me])
#endif

/* The eventfd came back, and the VMM is done with all that was written. */
inline promote()
{
	if
	:: state == back && settled -> state = open
	:: else
	fi
}

inline store_ctrl(mask)
{
	forward = true;
	pair = false;
	promote();
	if
	:: !settled -> doubt(); valid = false
	:: settled && state == open && mask -> silent = true; state = kept; forward = false
	:: settled && state == open && !mask -> forward = false
	:: settled && state == kept && mask -> forward = false
	/* may not be kept, or not any more */
	:: settled && state == open && mask -> state = told; home = NONE
	:: settled && state == kept && mask -> hand_over(told)
	:: settled && state == kept && !mask ->
		if
#ifndef NO_AWAY
		:: away -> doubt(); state = waits; pair = true
#endif
		:: else -> state = open; away = false; forward = false; live = false; audible()
		fi
#ifdef NO_HEAL
	:: settled && state == unknown && !mask -> state = waits
#else
	:: settled && state == unknown && !mask -> state = waits; pair = true
#endif
	:: settled && state == told && !mask -> state = waits
	:: settled && (state == waits || state == back) && !mask -> doubt()
	:: settled && state == told && mask
	:: settled && (state == waits || state == back || state == unknown) && mask ->
		state = told; home = NONE
	fi
}

inline hand_over(next)
{
#ifdef NAIVE
	skip
#else
	pair = true;
	state = next;
	if
	:: away -> home = NONE; away = false
	:: else
	fi
#ifdef DROP_EARLY
	; audible()
#endif
#endif
}

inline store_data(message, slot)
{
	forward = true;
	pair = false;
	promote();
	if
	:: !settled -> doubt(); valid = false
	:: settled && state == kept && valid && shadow == message -> forward = false
	:: settled && state == kept && !(valid && shadow == message) && slot -> hand_over(told)
	:: settled && state == kept && !(valid && shadow == message) && !slot -> doubt()
#ifdef NO_LIVE
	:: settled && (state == open || state == waits || state == back)
#else
	:: settled && (state == open || state == waits || state == back) -> doubt()
#endif
	:: settled && (state == told || state == unknown)
	fi;
	if
	:: forward -> shadow = message; valid = settled && slot
	:: else
	fi
}

/* Eight bytes of address: the rest of the store, if there is one, is the VMM's alone. */
inline store_wide(message)
{
	forward = true;
	pair = false;
	promote();
	if
	:: settled && state == kept -> hand_over(unknown)
	:: else
	fi;
	doubt();
	valid = false
}

/* The VMM has given the vector another eventfd; nobody uses the one before any more. */
inline switched(old, new, quiet)
{
#ifndef NO_RELEASE
	if
	:: state != kept && state != told -> audible()
	:: else
	fi;
#endif
	if
#ifdef NO_PERSIST
	:: state == kept -> away = new != home; audible()
#else
	:: state == kept -> away = new != home
#endif
	:: state == unknown
	:: (state == told || state == waits) && home == NONE && new != NONE ->
		home = old
#ifdef ARM_FIRST
		;
		if
		:: state == waits -> state = back; home = IRQFD
		:: else
		fi
#endif
	:: state == waits && home != NONE && new == home ->
		if
#ifdef NO_UNREAD
		:: true -> state = back
#else
		:: quiet -> state = back
		:: !quiet
#endif
		fi
	:: state == told && home != NONE && new != home && new != NONE
	:: else -> doubt()
	fi
}

/* It writes MSI-X Control: what comes then is not by a write to the table. */
inline control()
{
#ifdef NO_CONTROL
	skip
#else
	if
#ifdef NO_SUSPECT
	:: state == kept
#else
	:: state == kept -> away = true
#endif
	:: else -> doubt()
	fi
#endif
}

/* MSI-X is off. */
inline off_now()
{
	if
	:: state == kept -> away = true; home = NONE
	:: else -> doubt()
	fi
}

/* The device was reset: the VMM's table may be another one. */
inline forget()
{
	off_now();
#ifndef NO_FORGET
	valid = false
#endif
}

/*
 * The VMM; the caller has its lock.
 */
inline set_irqs(fd)
{
	atomic { before = trigger; trigger = fd;
		if
		:: trigger != NONE && !silent -> audible()
		:: else
		fi };
	atomic { !handling -> switched(before, fd, !unread); before = NONE }
}

inline notify()
{
	atomic {
		if
		:: (q_masked || q_function) && q_pend -> owed--
		:: (q_masked || q_function) && !q_pend -> q_pend = true
		:: else -> deliver(q_data)
		fi
	}
}

inline update(was)
{
	if
	:: was == (q_masked || q_function) || !q_enabled
	:: else ->
		if
		:: q_masked || q_function -> set_irqs(OWN)
		:: else ->
			atomic { route = q_data; live = false };
			set_irqs(IRQFD);
			if
			:: atomic { q_pend -> q_pend = false }; notify()
			:: else
			fi
		fi
	fi
}

inline vmm_ctrl(mask)
{
	atomic { !lock -> lock = true; old = q_masked || q_function; q_masked = mask;
		printf("VMM: mask %d\n", mask) };
	update(old);
	atomic { lock = false; old = false }
}

inline vmm_data(message)
{
	atomic { !lock -> printf("VMM: message %d\n", message);
		if
		:: !q_masked && q_data != message && state != kept -> live = true
		:: else
		fi;
		q_data = message }
}

#ifndef QUIET
active proctype main_loop()
{
end:	do
	:: atomic { unread && !lock -> lock = true; unread = false; printf("VMM: its eventfd\n") };
		notify();
		lock = false
	od
}
#endif

/*
 * The guest.
 */
#ifdef SPLIT
#define ENTRY	me == 1
#define OTHER	me == 0
#else
#define ENTRY	true
#define OTHER	true
#endif

inline begin()
{
	writing++;
	if
	:: writing > 1 -> overlap = true
	:: else
	fi
}

inline retire()
{
	writing--;
	fwd[me] = false;
	forward = false;
	pair = false
}

/* Both may have been first: until the next write nobody knows. */
inline overlapped()
{
	known = false;
	sure = false;
	if
	:: !writing -> overlap = false
	:: else
	fi
}

inline write_ctrl(mask)
{
	atomic { begin(); masking++; printf("CPU %d writes mask %d\n", me, mask);
		store_ctrl(mask);
		fwd[me] = forward };
#ifndef NO_SYNC
	if
	:: !forward && mask -> !handling
	:: else
	fi;
#endif
	if
	:: pair -> vmm_ctrl(true)
	:: else
	fi;
	if
	:: forward -> vmm_ctrl(mask)
	:: else
	fi;
	atomic {
		retire();
		masking--;
		if
		:: crossed && !mask -> crossed = false; live = false
		:: else
		fi;
		if
		:: overlap -> overlapped()
		:: else -> masked = mask; known = true
		fi
	}
}

inline write_data(message, slot)
{
	atomic { begin(); printf("CPU %d writes message %d\n", me, message);
		store_data(message, slot);
		fwd[me] = forward;
		/* the standard has no word on what such an access does */
		if
		:: !slot -> known = false; crossed = true
		:: else
		fi };
	if
	:: pair -> vmm_ctrl(true)
	:: else
	fi;
	if
	:: forward -> vmm_data(message)
	:: else
	fi;
	atomic {
		retire();
		if
		:: overlap -> overlapped()
		:: else -> data = message; sure = true
		fi
	}
}

inline write_wide(message, mask)
{
	atomic { begin(); masking++; printf("CPU %d writes message %d and mask %d\n", me, message, mask);
		store_wide(message);
		fwd[me] = true };
	if
	:: pair -> vmm_ctrl(true)
	:: else
	fi;
	vmm_data(message);
	vmm_ctrl(mask);
	atomic {
		retire();
		masking--;
		if
		:: overlap -> overlapped()
		:: else -> masked = mask; known = true; data = message; sure = true
		fi
	}
}

/* Function mask, and Enable: neither changes the table. */
inline write_function(mask)
{
	atomic { OTHER && idle && q_enabled && q_function != mask -> lock = true; begin(); control(); old = q_masked || q_function;
		q_function = mask; printf("function mask %d\n", mask) };
	update(old);
	atomic { lock = false; old = false; retire(); overlap = false }
}

inline drop()
{
	pend = false; irq = false; unread = false; q_pend = false; owed = 0
}

inline write_enable(on)
{
	atomic { OTHER && idle && q_enabled != on -> lock = true; begin(); control(); q_enabled = on;
		printf("MSI-X %d\n", on) };
	if
	:: on && !q_masked && !q_function ->
		atomic { route = q_data; live = false };
		set_irqs(IRQFD)
	:: on && (q_masked || q_function)
	/* what was under way or pending is lost, as it is with stock */
	:: atomic { !on && !handling -> drop(); trigger = NONE; off_now() }
	fi;
	atomic { lock = false; retire(); overlap = false }
}

active [VCPUS] proctype vcpu()
{
	bool forward, pair, old;
	byte before, me;

#ifdef QUIET
	me = _pid;
#else
	me = _pid - 3;
#endif
end:	do
	:: ENTRY -> write_ctrl(true)
	:: ENTRY -> write_ctrl(false)
#ifdef LIVE
	:: ENTRY -> write_data(false, true)
	:: ENTRY -> write_data(true, true)
#else
	:: ENTRY && known && masked -> write_data(false, true)
	:: ENTRY && known && masked -> write_data(true, true)
#endif
#ifdef CROSSES
	:: ENTRY && known && masked -> write_data(true, false)
#endif
#ifdef WIDE
	:: ENTRY && known && masked -> write_wide(false, false)
	:: ENTRY && known && masked -> write_wide(true, true)
	:: ENTRY && known && masked -> write_wide(true, false)
#endif
#ifdef READS
	:: atomic { idle && known -> MUST(view == masked, table) }
	:: atomic { idle && valid && sure -> MUST(shadow == data, table) }
#endif
#ifdef FUNCTION
	:: write_function(true)
	:: write_function(false)
#endif
#ifdef SWITCHES
	:: write_enable(false)
	:: write_enable(true)
#endif
#ifdef RESETS
	:: write_enable(true)
	:: atomic { OTHER && idle && !handling -> printf("reset\n"); drop(); trigger = NONE; forget();
		q_masked = true; q_data = false; q_function = false; q_enabled = false; live = false;
		masked = true; data = false; known = true; sure = true; crossed = false }
#endif
	od
}

/*
 * Nobody writes and the VMM is done: what is there stays so.
 */
#define here	(pend + irq + handling + unread + q_pend)

#define is_lost	(idle && owed > here) || \
		(idle && (pend || irq) && !view && off && q_enabled && !q_function && \
		 trigger != NONE && !crossed) || \
		(idle && q_pend && !q_masked && !q_function && q_enabled)
#define is_table \
		(idle && known && view != masked) || (idle && sure && q_data != data)
#define is_stale \
		(idle && !view && !live && q_enabled && !q_function && trigger == IRQFD && \
		 route != q_data)

active proctype judge()
{
end:	if
	:: d_step { is_lost -> printf("an interrupt that nobody will deliver\n") };
		MUST(false, lost)
	:: d_step { is_table -> printf("not what the guest wrote\n") };
		MUST(false, table)
	:: d_step { is_stale -> printf("interrupts go where they went before\n") };
		MUST(false, stale)
	fi
}
