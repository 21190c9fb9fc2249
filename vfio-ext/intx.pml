/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model of an owner's INTx on an MSI, for spin: intx.c, carrier.c, recheck.c and
 * the watch, with the device below and KVM, the guest and its VMM above. Each
 * event of intx.c is an inline of the same name, each access to the device a step
 * of its own: anything may happen between two accesses, dio_intx.lock held or not.
 *
 * What must hold is what MUST() names: at the end (lost, deaf), in assert_line() and
 * signal(). Everything may happen at any time and without end; with BUDGET=n only
 * n times, then each run must end. One variant is one choice of the words below;
 * selftests/model/intx.variants has those that make check runs, and what is expected.
 *
 * Device:  EVERY   a message for each cause (else only when the level rises)
 *          MIRROR  Interrupt Status tells the truth in MSI mode, too
 *          MASKABLE, PENDS_LEVEL  mask bit; the pending bit follows the level
 *          MUTE    ignores MSI Enable
 *          OLD     has no Interrupt Disable: the irq core masks the line
 * Policy:  POLICY=none, status, pvm, toggle, mmio or learn; WATCH: intx_watch.c
 * Guest:   RELIES  on a level: leaves causes standing, returns without service
 *          SHARES  its interrupt pin with another device, whose EOI comes here
 *          PINS    unmasks its interrupt controller's pin with the interrupt waiting
 *                  there, an EOI without service, so many times before it serves
 *          MASTERS and DECODES: switches bus master, memory decoding off and on
 *          DISABLES, RESETS: Interrupt Disable and resets, at any time
 *          MASKS, RESTARTS: its VMM masks and unmasks, disables and enables the INTx
 *          ONE     cause at most stands at a time
 * Broken:  NO_RECHECK NO_LEVEL (no look at the device) NO_PENDING NO_CHOKE_PENDING (no
 *          latch) NO_RESEND (by the irq core) NO_MASKED NO_DISABLED NO_DUE NO_INTX_BIT
 *          NO_LEARN_MASK NO_SECOND_END FLUSH_LOCKED, and LEGACY, what KVM's device assignment was
 */
#ifndef STORM
#define STORM 2			/* DIO_INTX_STORM */
#endif
#ifndef SAMPLES
#define SAMPLES 2		/* DIO_RECHECK_SAMPLES */
#endif
#ifndef STUCK
#define STUCK 2			/* DIO_INTX_STUCK */
#endif

#ifndef POLICY
#define POLICY learn
#endif

#ifdef BUDGET
byte left = BUDGET;
#define MAY	(left > 0)
#define SPEND	left--
/*
 * What has no effect may go on for ever, and so may what goes on during a reset that
 * makes no step: the watch looks when there is something to see, and not meanwhile.
 */
#define POLL	(level && !masked && !disabled)
#define LOOKS	(master -> (POLL && status_bit) || (stuck && !(POLL && status_bit)) : \
		 POLL && !quiet)
#define FREE	(!in_reset)
#define ONES	false
#else
#define MAY	true
#define SPEND	skip
#define POLL	true
#define LOOKS	true
#define FREE	true
#define ONES	true
#endif

mtype = { none, status, pvm, toggle, mmio, learn };

#define MUST(what, property) \
	if \
	:: (what) \
	:: else -> printf("violated: "); printf(#property); printf("\n"); assert(false) \
	fi

/* The device, and the host between it and the handler. */
byte causes;			/* one bit a cause */
bool enable = true;		/* its own interrupt enable register */
bool msi_on, vecmask, vecpend;
bool nointx;			/* the physical Interrupt Disable */
bool memory = true, master = true;
bool msg;			/* under way or in the APIC, where messages merge */
bool irqpend;			/* IRQS_PENDING: it arrived while the irq core had it off */
bool msi_used;			/* the PCI core's msi_enabled: a reset restores it */
bool in_reset;			/* the owner cannot reach it: memory_lock */
bool gone;			/* in the middle of it: all reads are ones */

/* struct dio_intx */
bool lock;
byte readers;			/* config_sem */
bool writer = true;		/* until the INTx is on */
bool on, on_line, masked, disabled, pending, line, quiet, heard, look, second, planned;
bool due;			/* a signal is left to the work of the resample eventfd */
bool had_master = true;		/* .master */
byte burst, stuck, samples;
mtype policy = POLICY;

bool v_disabled;		/* vfio-pci-core's virq_disabled */

/* KVM: the owner's eventfd, the work behind the resample eventfd, the pin. */
bool sig, work, pin;
bool apart;			/* the VMM has taken the irqfds away */
bool working;			/* the work is between .due and the signal */

/* Known to nobody in the model: what the owner is entitled to. */
bool o_masked;			/* it has masked, and not unmasked since */
bool o_silent;			/* and that ioctl has returned */
bool o_waits;			/* it was signalled, and has sent no EOI since */
byte busy;			/* somebody is in the middle of something */
bool firing;			/* a handler is between the interrupt and the signal */
bool seconding;			/* second_work is */

#ifdef WATCH
#define HEARD	heard = true
#else
#define HEARD	skip
#endif

#define level		(causes && enable)
#ifdef MIRROR
#define status_bit	(level)
#else
#define status_bit	(level && !msi_on)
#endif

/*
 * The device.
 */
inline message()
{
	if
#ifndef MUTE
	:: msi_on && master && vecmask -> vecpend = true
	:: msi_on && master && !vecmask -> msg = true; printf("message\n")
#endif
	:: else
	fi
}

inline raise(bits)
{
	d_step {
		if
#ifdef EVERY
		:: enable -> causes = causes | bits; printf("cause %d\n", bits); message()
#else
		:: enable && !causes -> causes = bits; printf("cause %d\n", bits); message()
#endif
		:: else -> causes = causes | bits; printf("cause %d\n", bits)
		fi
	}
}

inline serve(bits)
{
	d_step { causes = causes & ~(bits); printf("guest serves %d, left %d\n", bits, causes) }
}

inline set_enable(on)
{
	d_step {
		if
		:: on && !enable && causes -> enable = true; message()
		:: else -> enable = on
		fi;
		printf("guest sets the device's enable to %d\n", on)
	}
}

/* Whether a level that is there makes a message at MSI Enable differs. */
inline set_msi(on)
{
	atomic {
		if
		:: on && !msi_on && level -> msi_on = true; if :: message() :: skip fi
		:: else -> msi_on = on
		fi
	}
}

/*
 * carrier.c. What is under way when the irq core masks an MSI (at the device at once:
 * IRQ_DISABLE_UNLAZY) arrives, stays with the irq core and is sent again at the end.
 */
#ifdef MASKABLE
#define irq_off		(quiet && !on_line)
#else
#define irq_off		false
#endif

inline carrier_mask()
{
	d_step {
		if
		:: quiet
#ifdef OLD
		:: !quiet && on_line -> quiet = true
#else
		:: !quiet && on_line -> quiet = true; nointx = true
#endif
#ifdef MASKABLE
		:: !quiet && !on_line -> quiet = true; vecmask = true
#else
		:: !quiet && !on_line -> quiet = true; msi_on = false
#endif
		fi
	}
}

inline carrier_unmask(missed)
{
	if
	:: !quiet
#ifdef OLD
	:: quiet && on_line -> quiet = false
#else
	:: atomic { quiet && on_line && (level || gone) -> missed = true }
	:: atomic { quiet && on_line && !(level || gone) -> quiet = false; nointx = false }
#endif
#ifdef MASKABLE
	/* enable_irq(): the mask bit, then what the irq core has kept */
	:: atomic { quiet && !on_line ->
			quiet = false;
			vecmask = false;
#ifdef PENDS_LEVEL
			vecpend = level;
#endif
			if
			:: vecpend -> vecpend = false; message()
			:: else
			fi };
		atomic {
			if
#ifdef NO_RESEND
			:: irqpend -> irqpend = false
#else
			:: irqpend -> irqpend = false; msg = true; printf("  sent again\n")
#endif
			:: else
			fi
		}
#else
	:: atomic { quiet && !on_line -> missed = true; quiet = false; set_msi(true) }
#endif
	fi
}

inline carrier_intx_bit()
{
#if defined(OLD) || defined(NO_INTX_BIT)
	skip
#else
	nointx = (on_line -> quiet : true)
#endif
}

/*
 * recheck.c
 */
inline recheck_level(high, low)
{
#ifdef NO_LEVEL
	skip
#else
	if
	:: on_line
	:: !on_line && (policy == status || policy == learn) -> high = status_bit
	:: !on_line && policy == mmio ->
		if
		:: atomic { MAY && !look -> SPEND; look = true }	/* memory_lock is taken */
		:: atomic { !in_reset -> high = (memory && level); low = !high }
		:: in_reset -> look = true
		fi
	:: !on_line && policy == toggle ->
		set_msi(false);
		high = status_bit;
		set_msi(true)
	:: !on_line && (policy == none || policy == pvm)
	fi
#endif
}

#if defined(MASKABLE) && !defined(NO_LEARN_MASK)
#define masking		(policy == pvm || policy == learn)
#else
#define masking		(policy == pvm)
#endif
#define blind		(policy == none || policy == pvm || policy == learn)

inline recheck_learn()
{
	d_step {
		if
		:: policy != learn || on_line || quiet
		:: else ->
			if
			:: status_bit -> policy = status
			:: !status_bit && samples + 1 < SAMPLES -> samples++
#ifdef MASKABLE
			:: else -> policy = pvm
#else
			:: else -> policy = none
#endif
			fi
		fi
	}
}

/* What the guest reads as Interrupt Status. */
#define v_status	((on_line || policy == status) -> status_bit : \
			 (policy == mmio && !in_reset -> (memory && level) : \
			  (status_bit || line || pending)))

/*
 * intx.c. The lock is held; fire, high and low are variables of the caller.
 */
inline assert_line()
{
	atomic {
		MUST(!disabled, while_disabled);
		MUST(!o_masked, while_masked);
		MUST(!o_waits, twice);		/* not before the EOI of the last one */
		o_waits = true;
		masked = true;
		line = true;
		pending = false;
		fire = true;
		printf("  asserted\n");
		if
		:: masking && !on_line -> carrier_mask()
		:: else
		fi
	}
}

inline reopen()
{
	carrier_unmask(pending);
	recheck_level(high, low);
	atomic {
#ifdef NO_RECHECK
		pending = false;
		high = false;
#endif
		if
		:: high || (pending && !low) -> assert_line()
		:: else -> masked = false; line = false; pending = false
		fi
	}
}

inline CHOKE()
{
	printf("CHOKE\n");
	carrier_mask()
#ifdef NO_CHOKE_PENDING
	; pending = false
#endif
}

inline arrive_unwanted()
{
#ifndef NO_PENDING
	pending = true;
	printf("  kept as pending\n");
#endif
	if
	:: burst < STORM ->
		burst++;
		if
		:: burst == STORM -> CHOKE()
		:: else
		fi
	:: else
	fi
}

#ifdef LEGACY
inline ARRIVE()			/* kvm_assigned_dev_msi() */
{
	atomic { printf("ARRIVE\n"); HEARD; fire = true }
}
#else
inline ARRIVE()
{
	atomic {
		printf("ARRIVE\n");
		HEARD;
		second = false;
		if
		:: on_line -> carrier_mask()
		:: else
		fi;
		if
#ifdef NO_DISABLED
		:: !masked && disabled -> assert_line()
#endif
#ifdef NO_MASKED
		:: masked && !disabled -> assert_line()
#endif
		:: !masked && !disabled -> recheck_learn(); assert_line()
		:: (masked || disabled) && !on_line -> arrive_unwanted()
		:: (masked || disabled) && on_line
		fi
	}
}
#endif

inline MASK()
{
	atomic {
		printf("MASK\n");
		masked = true;
		o_masked = true;
#ifndef NO_DUE
		if
		:: due -> due = false; pending = true; o_waits = false; printf("  kept as pending\n")
		:: else
		fi
#endif
	}
#ifdef FLUSH_LOCKED
	;
	(!firing)
#endif
}

#ifdef LEGACY
inline UNMASK()			/* kvm_assigned_dev_ack_irq() only lowers the pin */
{
	skip
}
#else
inline UNMASK()
{
	atomic { printf("UNMASK\n"); o_masked = false; o_silent = false };
	if
	:: !masked
	:: atomic { masked && disabled ->
			o_waits = false; burst = 0; masked = false; line = false; plan() }
	:: atomic { masked && !disabled -> o_waits = false; burst = 0 };
		reopen();
		atomic {
			if
			:: !fire -> plan()
			:: else
			fi
		}
	fi
}
#endif

/* second.c: an EOI found nothing, and may have been none */
inline plan()
{
	if
	:: on_line || !blind
#ifdef NO_SECOND_END
	:: !on_line && blind -> planned = true
#else
	:: !on_line && blind && second -> second = false
	:: !on_line && blind && !second -> planned = true
#endif
	fi
}

inline SECOND()
{
	atomic {
		printf("SECOND\n");
		planned = false;
		if
		:: masked || on_line || pending
		:: else ->
			second = true;
			if
			:: disabled -> pending = true
			:: else -> assert_line()
			fi
		fi
	}
}

inline RECHECK()
{
	if
	:: masked || disabled
	:: else -> burst = 0; reopen()
	fi
}

inline DISABLE()
{
	atomic { printf("DISABLE\n"); disabled = true }
}

inline ENABLE()
{
	atomic { printf("ENABLE\n"); disabled = false };
	RECHECK()
}

inline RESET()
{
	atomic { printf("RESET\n"); pending = false; line = false; burst = 0 };
	if
	:: on_line
#ifdef MASKABLE
	:: !on_line -> carrier_unmask(high)
#else
	:: !on_line -> carrier_unmask(high); set_msi(true)
#endif
	fi;
	carrier_intx_bit()
}

/* dio_intx_command_written() */
inline COMMAND()
{
	atomic {
		if
		:: master && !had_master && blind -> pending = true
		:: else
		fi;
		had_master = master
	};
	if
	:: v_disabled && !disabled -> DISABLE()
	:: !v_disabled && disabled -> ENABLE()
	:: else
	fi;
	carrier_intx_bit()
}

inline signal()
{
	MUST(!o_silent, while_masked);
	sig = true;
	printf("  the owner is signalled\n")
}

/* dio_intx_fire(); the lock is not held. */
inline FIRE()
{
	atomic {
		if
		:: fire -> fire = false; signal()
		:: else
		fi
	}
}

/*
 * dio_intx_event(). With one access to the device at most it is one step; with
 * more, the device and its owner go on between them.
 */
#define SLOW	(quiet || policy == toggle || !master)
#define EVENT(what)	EVENT_OR(what, skip)
#define EVENT_OR(what, off) \
	if \
	:: atomic { !lock && !on -> off } \
	:: atomic { !lock && on && !SLOW -> lock = true; what(); UNLOCK } \
	:: atomic { !lock && on && SLOW -> lock = true }; \
		what(); \
		atomic { UNLOCK } \
	fi
#define UNLOCK		lock = false; high = false; low = false

/*
 * The handlers: one of the MSI, one of the line after a fall back. One interrupt
 * is not handled on two processors at the same time.
 */
#ifdef OLD
#define line_irq	(level && on && !quiet)
#define line_mask	skip
#define line_off	false
#else
#define line_irq	(level && !nointx)
#define line_mask	nointx = true
#define line_off	nointx
#endif

active proctype host_irq()
{
	bool fire, high, low;

end:	do
	:: atomic { on && !on_line && msg && !irq_off -> msg = false; firing = true };
		EVENT(ARRIVE);
		atomic { FIRE(); firing = false }
#ifdef MASKABLE
	:: atomic { on && !on_line && msg && irq_off -> msg = false; irqpend = true }
#endif
#ifdef WATCH
#ifndef OLD
	/* the bit was changed behind our back */
	:: atomic { on_line && line_irq && !msi_on && !lock && quiet -> nointx = true }
#ifdef RESETS
	/* the line is shared: another device's interrupt brings the handler here */
	:: atomic { on_line && gone && !lock && !quiet -> quiet = true; firing = true };
		EVENT(ARRIVE);
		atomic { FIRE(); firing = false }
#endif
#endif
	:: atomic { on_line && line_irq && !msi_on && !lock && !quiet ->
			line_mask; quiet = true; firing = true };
		EVENT(ARRIVE);
		atomic { FIRE(); firing = false }
#endif
	od
}

/* The works: eventfd to pin (irqfd_inject), and a signal due after a resample. */
active proctype kvm()
{
	bool fire;

end:	do
	:: atomic { sig && !apart -> sig = false; pin = true }
#ifdef NO_DUE
	:: atomic { work -> work = false; signal() }
#else
	:: atomic { work && !lock -> work = false; working = true; fire = due; due = false };
		atomic { FIRE(); working = false }
#endif
	od
}

/* dio_second_work(); by then there may have been other EOIs. */
active proctype second_work()
{
	bool fire, high, low;

end:	do
	:: atomic { planned -> seconding = true };
		EVENT_OR(SECOND, planned = false);
		atomic { FIRE(); seconding = false }
	od
}

active proctype device()
{
end:	do
	:: atomic { MAY && !in_reset -> SPEND; raise(1) }
#ifndef ONE
	:: atomic { MAY && !in_reset -> SPEND; raise(2) }
#endif
	od
}

/*
 * The EOI: KVM lowers the pin and signals the resample eventfd, and who does that
 * cannot signal the owner himself.
 */
inline RESAMPLE()
{
	UNMASK();
	due = due || fire
}

inline EOI()
{
	atomic { pin = false; printf("EOI\n") };
	EVENT_OR(RESAMPLE, masked = false; line = false; o_masked = false; o_waits = false);
	atomic {
		if
		:: fire -> fire = false; work = true
		:: else
		fi
	}
}

/*
 * The guest writes COMMAND, when and what: vfio-pci-core's write, which leaves
 * Interrupt Disable at the device as it likes or found it earlier, then ours.
 */
inline core_write()
{
#if defined(WATCH) && !defined(OLD)
	if
	:: on_line -> nointx = true
	:: on_line -> nointx = false
	:: !on_line
	fi
#else
	skip
#endif
}

#define CONFIG(when, what) \
	atomic { (when) && !writer -> readers++; what; core_write() }; \
	EVENT(COMMAND); \
	FIRE(); \
	EVENT(RECHECK); \
	atomic { FIRE(); readers-- }

/*
 * The guest's handler serves the causes at once, or later with the device's own
 * enable off, or later with Interrupt Disable set.
 */
#define REACHED		(memory && !in_reset)
#define BY_ENABLE	1
#define BY_DISABLE	2
byte later;
bool mine;			/* the other processor has set Interrupt Disable */

active proctype guest()
{
	bool fire, high, low;
	byte seen, fooled;

end:	do
	:: atomic { pin -> busy++; fooled = 0; printf("guest is called\n") };
		if
		:: !v_status -> printf("  Interrupt Status is 0, not mine\n")
		:: atomic { REACHED -> seen = causes };
			atomic { REACHED -> serve(seen) }
		:: atomic { REACHED && !later -> later = BY_ENABLE; set_enable(false) }
		:: CONFIG(!later && !mine, later = BY_DISABLE; v_disabled = true)
#ifdef RELIES
		:: atomic { MAY -> SPEND; printf("  returns\n") }
		:: atomic { MAY && REACHED -> SPEND; serve(1) }
#endif
		fi;
		EOI();
		atomic { busy--; seen = 0 }
#ifdef SHARES
	:: atomic { MAY && !pin -> SPEND; busy++; printf("another device on the pin: ") };
		EOI();
		busy--
#endif
#ifdef PINS
	:: atomic { MAY && pin && fooled < PINS -> SPEND; fooled++; busy++;
			printf("guest unmasks the pin: ") };
		EOI();
		busy--
#endif
	:: atomic { later && REACHED -> seen = causes };
		atomic { REACHED -> serve(seen); seen = 0 };
		if
		:: atomic { later == BY_ENABLE && REACHED -> set_enable(true) }
		:: CONFIG(later == BY_DISABLE, v_disabled = false)
		fi;
		later = 0
	od
}

/* intx_watch.c: no message so far, and the level stands, or none can come */
inline LOOK()
{
	if
	:: masked || disabled || !status_bit -> stuck = 0
	:: else -> stuck++
	fi
}

inline LOOK_WITHOUT_MASTER()
{
	if
	:: masked || disabled || quiet
	:: else ->
		set_msi(false);
		missed = status_bit;
		set_msi(true);
		if
		:: missed -> pending = true; RECHECK(); missed = false; stuck = stuck + fire
		:: else
		fi
	fi
}

inline FALLBACK()
{
	atomic { !lock -> printf("FALLBACK\n"); on = false; quiet = false };
	atomic { !firing && !in_reset -> msi_on = false; msg = false; nointx = true;
		vecmask = false; vecpend = false; irqpend = false };
	on_line = true;
	pending = false;
	atomic { !lock -> on = true; quiet = true };
	EVENT(RECHECK)
}

#ifdef RESETS
/* VFIO_DEVICE_RESET holds memory_lock, and none of the locks of interrupts. */
active proctype reset()
{
	bool high, low, nointx_saved;

end:	do
	:: atomic { MAY -> SPEND; in_reset = true; gone = ONES; nointx_saved = nointx;
			printf("device is reset\n"); causes = 0; enable = false; msi_on = false;
			vecmask = false; vecpend = false; nointx = false };
		atomic { printf("configuration is restored\n"); gone = false;
			nointx = nointx_saved; vecmask = irq_off; msi_on = !on_line && msi_used;
			nointx_saved = false };
		EVENT(RESET);
		in_reset = false
	od
}
#endif

/*
 * The others, one at a time because config_sem makes them wait for each other:
 * another processor of the guest, which switches things off and on; the VMM's
 * VFIO_DEVICE_SET_IRQS; the watch.
 */
active proctype owner()
{
	bool fire, high, low, missed;

start:	/* dio_intx_on(): what was asserted on the line is not lost */
	atomic {
		on_line = false; masked = false; line = false; quiet = false; second = false;
		planned = false; burst = 0; stuck = 0; samples = 0; look = false; heard = false;
		o_masked = false; o_silent = false; o_waits = false;
		disabled = v_disabled; had_master = master;
		policy = POLICY; pending = blind || status_bit
	};
	/* pci_alloc_irq_vectors(): a message that finds no handler yet is kept or not */
	atomic { !in_reset -> msi_used = true; nointx = true; set_msi(true);
		if
		:: msg -> msg = false
		:: skip
		fi };
	atomic { !lock -> on = true };
	goto recheck;

end:	do
	:: atomic { !enable && later != BY_ENABLE && REACHED -> set_enable(true) }
#ifdef DISABLES
	:: CONFIG(MAY && !disabled && later != BY_DISABLE, SPEND; mine = true; v_disabled = true)
#ifdef RELIES
	:: CONFIG(disabled, mine = false; v_disabled = false)
#else
	:: CONFIG(mine && later != BY_DISABLE, v_disabled = false); mine = false
#endif
#endif
#ifdef MASTERS
	:: CONFIG(MAY && master && !in_reset, SPEND; master = false; printf("bus master off\n"))
	:: CONFIG(!master && !in_reset, master = true; printf("bus master on\n"))
#endif
#ifdef DECODES
	:: CONFIG(MAY && memory && !in_reset, SPEND; memory = false; printf("memory decoding off\n"))
	:: CONFIG(!memory && !in_reset, memory = true; printf("memory decoding on\n"))
#endif
#ifdef MASKS
	:: atomic { MAY && !o_masked && !readers -> SPEND; writer = true };
		EVENT(MASK);
		atomic { !firing && !work && !working && !seconding -> o_silent = o_masked; writer = false }
#ifdef RELIES
	:: atomic { o_masked && !readers -> writer = true };
#else
	:: atomic { o_masked && !readers && !o_waits -> writer = true };
#endif
		EVENT(UNMASK);
		goto fire_it
#endif
#ifdef RESTARTS
	:: atomic { MAY && !busy && !readers && !lock -> SPEND; writer = true; on = false;
			quiet = false; apart = true; pin = false; printf("owner disables its INTx\n") };
		atomic { !firing && !working && !seconding && !in_reset -> msi_on = false; msi_used = false;
			nointx = true; vecmask = false; vecpend = false; msg = false; irqpend = false;
			sig = false; work = false; due = false; apart = false; printf("and enables it\n") };
		goto start
#endif
	:: atomic { look && FREE && !on_line && !readers -> writer = true; look = false };
		goto recheck
#ifdef WATCH
	:: atomic { POLL && !on_line && policy == toggle && !readers -> writer = true };
		goto recheck
	:: atomic { LOOKS && !heard && !on_line && !readers && !lock -> writer = true };
		if
		:: master -> atomic { !lock -> LOOK() }
		:: !master -> EVENT(LOOK_WITHOUT_MASTER)
		fi;
		if
		:: stuck >= STUCK -> FALLBACK()
		:: else
		fi;
		goto fire_it
#endif
	od;
recheck:
	EVENT(RECHECK);
fire_it:
	atomic { FIRE(); writer = false };
	goto end
}

/*
 * No interrupt is lost: the level is high, the owner wants it, and nothing is
 * under way that would tell it.
 */
#ifdef WATCH
#define watched	(!on_line && !masked && !disabled && \
		 (look || policy == toggle || (!heard && (master -> status_bit : !quiet))))
#define mastered	(master || !heard)
#else
#define watched	look
#define mastered	master
#endif
#ifdef WATCH
#define line_told	(on_line && line_irq)
#else
#define line_told	false
#endif
#define told	(busy || lock || firing || seconding || working || planned || line_told || \
		 (msg && !irq_off) || sig || work || pin || readers || writer || watched)
#define is_lost	(level && on && !in_reset && !disabled && !o_masked && memory && mastered && \
		 !told)

/* The carrier is silent, and nothing will let it speak again. */
#define is_deaf	(on && !lock && !readers && !in_reset && !quiet && \
		 (on_line -> line_off : (!msi_on || vecmask)))

active proctype judge()
{
end:	if
	:: d_step { is_lost -> printf("the level is high and nobody will be told\n") };
		MUST(false, lost)
	:: d_step { is_deaf -> printf("the carrier is masked and nothing unmasks it\n") };
		MUST(false, deaf)
	fi
}
