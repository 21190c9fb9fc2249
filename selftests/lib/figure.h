/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A figure is a diagnostic line that `make bench` collects from the output of a
 * test: what is asserted and what is reported is one measurement.  The columns
 * are those of bench/results.json; the kernel is added there.
 */
#ifndef DIO_TEST_FIGURE_H
#define DIO_TEST_FIGURE_H

#include "report.h"

struct figure {
	const char *bench;
	const char *name;	/* of the case */
	const char *variant;	/* stock, diok, or the control's name */
	int n;			/* of what the value is the mean or median */
};

static inline void figure_say(const struct figure *f, const char *metric, double value,
			      const char *unit)
{
	say("figure %s|%s|%s|%s|%.3f|%s|%d", f->bench, f->name, f->variant, metric, value,
	    unit, f->n);
}

#endif
