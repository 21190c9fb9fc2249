/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model of an owner's INTx on an MSI, for spin: intx.c, carrier.c, recheck.c and
 * the watch, with the device below and KVM, the guest and its VMM above. Each
 * event of intx.c is an inline of the same name, each access to the device a step
 * of its own: anything may happen between two accesses, dio_intx.lock held or not.
 *
 * What must hold is at the end (lost, deaf) and in assert_line(). Everything may
 * happen at any time and without end; with BUDGET=n only n times, then each run
 * must end (cc -DNP, pan -l). One variant is one choice of the words below:
 *	spin -a -DPOLICY=status -DMIRROR -DRELIES intx.pml && cc -DSAFETY pan.c
 *
 * Device:  EVERY   a message for each cause (else only when the level rises)
 *          MIRROR  Interrupt Status tells the truth in MSI mode, too
 *          MASKABLE, PENDS_LEVEL  mask bit; the pending bit follows the level
 *          MUTE    ignores MSI Enable
 * Policy:  POLICY=none, status, pvm, toggle, mmio or learn; WATCH: intx_watch.c
 * Guest:   RELIES  on a level: leaves causes standing, returns without service
 *          SHARES  its interrupt pin with another device, whose EOI comes here
 *          PINS    unmasks its interrupt controller's pin with the interrupt waiting
 *                  there, an EOI without service, so many times before it serves
 *          MASTERS and DECODES: switches bus master, memory decoding off and on
 *          DISABLES, RESETS: Interrupt Disable and resets, at any time
 *          MASKS, RESTARTS: its VMM masks and unmasks, disables and enables the INTx
 * Broken:  NO_RECHECK NO_PENDING NO_LEVEL NO_CHOKE_PENDING LEGACY
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
#define POLL	level		/* in vain it has no effect, and no end */
#else
#define MAY	true
#define SPEND	skip
#define POLL	true
#endif

mtype = { none, status, pvm, toggle, mmio, learn };

/* The device, and the host between it and the handler. */
byte causes;			/* one bit a cause */
bool enable = true;		/* its own interrupt enable register */
bool msi_on, vecmask, vecpend;
bool nointx;			/* the physical Interrupt Disable */
bool memory = true, master = true;
bool msg;			/* under way or in the APIC, where messages merge */
bool in_reset;			/* the owner cannot reach it: memory_lock */

/* struct dio_intx */
bool lock;
byte readers;			/* config_sem */
bool writer = true;		/* until the INTx is on */
bool on, on_line, masked, disabled, pending, line, quiet, heard, look, second, planned;
byte burst, stuck, samples;
mtype policy = POLICY;

/* KVM: the owner's eventfd, the work behind the resample eventfd, the pin. */
bool sig, work, pin;

/* Known to nobody in the model: what the owner is entitled to. */
bool o_masked;			/* it has masked, and not unmasked since */
bool o_silent;			/* and that ioctl has returned */
bool o_waits;			/* it was signalled, and has sent no EOI since */
byte busy;			/* somebody is in the middle of something */
byte firing;			/* handlers between the event and the signal */

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
 * carrier.c. A masked MSI that is under way stays with the irq core.
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
		:: !quiet && on_line -> quiet = true; nointx = true
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
	atomic {
		if
		:: !quiet
		:: quiet && on_line && level -> missed = true
		:: quiet && on_line && !level -> quiet = false; nointx = false
#ifdef MASKABLE
		:: quiet && !on_line ->
			quiet = false;
			vecmask = false;
#ifdef PENDS_LEVEL
			vecpend = level;
#endif
			if
			:: vecpend -> vecpend = false; message()
			:: else
			fi
#else
		:: quiet && !on_line -> missed = true; quiet = false; set_msi(true)
#endif
		fi
	}
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

#define blind		(policy == none || policy == pvm || policy == learn)

inline recheck_learn()
{
	d_step {
		if
		:: policy != learn || on_line || quiet
		:: else ->
			if
			:: status_bit -> policy = status
			:: !status_bit && samples < SAMPLES -> samples++
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
			 (policy == mmio -> (memory && level) : (status_bit || line || pending)))

/*
 * intx.c. The lock is held; fire, high and low are variables of the caller.
 */
inline assert_line()
{
	atomic {
		/* nothing while masked or disabled, and nothing twice */
		assert(!disabled && !o_masked && !o_waits);
		o_waits = true;
		masked = true;
		line = true;
		pending = false;
		fire = true;
		printf("  asserted\n");
		if
		:: policy == pvm && !on_line -> carrier_mask()
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
		:: !masked && !disabled -> recheck_learn(); assert_line()
		:: (masked || disabled) && !on_line -> arrive_unwanted()
		:: (masked || disabled) && on_line
		fi
	}
}
#endif

inline MASK()
{
	atomic { printf("MASK\n"); masked = true; o_masked = true }
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
	:: !on_line && blind && second -> second = false
	:: !on_line && blind && !second -> planned = true
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
	:: on_line -> nointx = quiet
	:: else -> carrier_unmask(high); set_msi(true)
	fi
}

/* dio_intx_fire(); the lock is not held. */
inline FIRE()
{
	atomic {
		if
		:: fire -> fire = false; sig = true; printf("  the owner is signalled\n")
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
	:: atomic { !lock && on && !SLOW -> lock = true; what(); \
		lock = false; high = false; low = false } \
	:: atomic { !lock && on && SLOW -> lock = true }; \
		what(); \
		atomic { lock = false; high = false; low = false } \
	fi

/*
 * The handlers: one of the MSI, one of the line after a fall back. One interrupt
 * is not handled on two processors at the same time.
 */
active proctype host_irq()
{
	bool fire, high, low;

end:	do
	:: atomic { on && !on_line && msg && !irq_off -> msg = false; firing++ };
		EVENT(ARRIVE);
		atomic { assert(!fire || !o_silent); FIRE(); firing-- }
#ifdef WATCH
	:: atomic { on_line && level && !nointx && !msi_on && !lock && quiet -> nointx = true }
	:: atomic { on_line && level && !nointx && !msi_on && !lock && !quiet ->
			nointx = true; quiet = true; firing++ };
		EVENT(ARRIVE);
		atomic { assert(!fire || !o_silent); FIRE(); firing-- }
#endif
	od
}

/* The works: eventfd to pin (irqfd_inject), and a signal due after a resample. */
active proctype kvm()
{
end:	do
	:: atomic { sig -> sig = false; pin = true }
	:: atomic { work -> work = false; sig = true; printf("  the owner is signalled\n") }
	od
}

/* dio_second_work(); by then there may have been other EOIs. */
active proctype second_work()
{
	bool fire, high, low;

end:	do
	:: atomic { planned -> busy++ };
		EVENT(SECOND);
		atomic { FIRE(); busy-- }
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

/* The EOI: KVM lowers the pin and signals the resample eventfd. */
inline EOI()
{
	atomic { pin = false; printf("EOI\n") };
	EVENT_OR(UNMASK, masked = false; line = false; o_masked = false; o_waits = false);
	atomic {
		if
		:: fire -> fire = false; work = true
		:: else
		fi
	}
}

/* A write of the guest to its configuration space, when, what it does, the event. */
#define CONFIG(when, what, event) \
	atomic { (when) && !writer -> readers++; what }; \
	EVENT(event); \
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
		:: CONFIG(!later && !mine, later = BY_DISABLE, DISABLE)
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
		:: CONFIG(later == BY_DISABLE, skip, ENABLE)
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
	atomic { !lock -> printf("FALLBACK\n"); on = false };
	atomic { firing == 0 -> msi_on = false; msg = false; nointx = true };
	on_line = true;
	pending = false;
	atomic { !lock -> on = true; quiet = true };
	EVENT(RECHECK)
}

/*
 * The others, one at a time because config_sem makes them wait for each other:
 * another processor of the guest, which switches things off and on and resets
 * the device (its own accesses wait for that); the VMM's VFIO_DEVICE_SET_IRQS;
 * the watch.
 */
active proctype owner()
{
	bool fire, high, low, missed, nointx_saved;

start:	/* dio_intx_on(): what was asserted on the line is not lost */
	atomic {
		masked = false; line = false; quiet = false; second = false; planned = false;
		burst = 0; stuck = 0; samples = 0; look = false; heard = false;
		o_masked = false; o_silent = false; o_waits = false;
		policy = POLICY; pending = blind || status_bit; nointx = true
	};
	set_msi(true);
	atomic { !lock -> on = true };
	goto recheck;

end:	do
	:: atomic { !enable && later != BY_ENABLE && REACHED -> set_enable(true) }
#ifdef DISABLES
	:: CONFIG(MAY && !disabled && later != BY_DISABLE, SPEND; mine = true, DISABLE)
#ifdef RELIES
	:: CONFIG(disabled, mine = false, ENABLE)
#else
	:: CONFIG(mine && later != BY_DISABLE, skip, ENABLE); mine = false
#endif
#endif
#ifdef MASTERS
	:: CONFIG(MAY && master, SPEND; master = false; printf("bus master off\n"), RECHECK)
	:: CONFIG(!master && !lock, master = true; pending = pending || blind;
			printf("bus master on\n"), RECHECK)
#endif
#ifdef DECODES
	:: CONFIG(MAY && memory, SPEND; memory = false; printf("memory decoding off\n"), RECHECK)
	:: CONFIG(!memory, memory = true; printf("memory decoding on\n"), RECHECK)
#endif
#ifdef RESETS
	:: atomic { MAY && memory -> SPEND; in_reset = true; nointx_saved = nointx;
			printf("device is reset\n"); causes = 0; enable = false; msi_on = false;
			vecmask = false; vecpend = false; nointx = false };
		atomic { printf("configuration is restored\n"); nointx = nointx_saved;
			vecmask = irq_off; msi_on = !on_line; nointx_saved = false };
		EVENT(RESET);
		in_reset = false
#endif
#ifdef MASKS
	:: atomic { MAY && !o_masked && !readers -> SPEND; writer = true };
		EVENT(MASK);
		atomic { firing == 0 -> o_silent = o_masked; writer = false }
#ifdef RELIES
	:: atomic { o_masked && !readers -> writer = true };
#else
	:: atomic { o_masked && !readers && !o_waits -> writer = true };
#endif
		EVENT(UNMASK);
		goto fire_it
#endif
#ifdef RESTARTS
	:: atomic { MAY && !busy && !readers && !on_line && !lock -> SPEND; writer = true; on = false;
			printf("owner disables its INTx\n") };
		atomic { firing == 0 -> msi_on = false; vecmask = false; vecpend = false;
			msg = false; sig = false; work = false; pin = false; printf("and enables it\n") };
		goto start
#endif
	:: atomic { look && !on_line && !readers -> writer = true; look = false };
		goto recheck
#ifdef WATCH
	:: atomic { POLL && !on_line && policy == toggle && !readers -> writer = true };
		goto recheck
	:: atomic { POLL && !heard && !on_line && !readers && !lock -> writer = true };
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
#define lost	(level && on && !in_reset && !disabled && !o_masked && memory && mastered && \
		 !busy && !lock && !firing && !(on_line && !nointx) && !msg && !sig && !work && !pin && !planned && !readers && !writer && \
		 !watched)

/* The carrier is silent, and nothing will let it speak again. */
#define deaf	(on && !lock && !in_reset && !quiet && (on_line -> nointx : (!msi_on || vecmask)))

active proctype judge()
{
end:	if
	:: d_step { lost -> printf("LOST: the level is high and nobody will be told\n") }
	:: d_step { deaf -> printf("DEAF: the carrier is masked and nothing unmasks it\n") }
	fi;
	assert(false)
}
