/* SPDX-License-Identifier: GPL-2.0 */
/* Operations of a command list, for C and for the guest's program. */
#ifndef DIO_EPT_GUEST_OPS_H
#define DIO_EPT_GUEST_OPS_H

#define OP_END		0
#define OP_TOUCH	1
#define OP_TOUCH_CACHED	2
#define OP_WRMSR	3
#define OP_CR0		4
#define OP_CR4		5
#define OP_WBINVD	6
#define OP_CR3		7
#define OP_BREAK	8

#endif
