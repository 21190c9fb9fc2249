// SPDX-License-Identifier: GPL-2.0
/* Judge how a message was refused, see refusal.h. */
#include <string.h>

#include "refusal.h"
#include "report.h"

static bool text_fits(const struct raw_answer *a, const struct expect *want)
{
	return !want->text || strstr(a->text, want->text);
}

/* The end of a dump had no room for the attribute's place before 6.7. */
static bool point_fits(const struct raw_answer *a, const struct raw_msg *m,
		       const struct expect *want)
{
	bool dump = (m->head.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;

	if (want->point == POINT_LAST)
		return a->has_offset ? a->offset == m->last : dump;
	if (want->point >= POINT_MISSING_OF(0))
		return a->has_missing && POINT_MISSING_OF(a->missing) == want->point;
	return true;
}

int refused(int fd, struct raw_msg *m, struct raw_answer *a,
	    const struct expect *want, const char *what, int number)
{
	raw_talk(fd, m, a);
	if (a->error == want->error && text_fits(a, want) && point_fits(a, m, want))
		return 0;
	say("%s (%d): got %d \"%s\" at %d (missing %d), want %d \"%s\" at %u",
	    what, number, a->error, a->text, a->has_offset ? (int)a->offset : -1,
	    a->has_missing ? (int)a->missing : -1, want->error,
	    want->text ? want->text : "", m->last);
	return 1;
}
