/* SPDX-License-Identifier: GPL-2.0 */
/* What pure files use of <linux/string.h>. */
#include <string.h>
