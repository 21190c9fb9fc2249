// SPDX-License-Identifier: GPL-2.0
/*
 * The serial line, polled, and a small printf. The first UART only; nothing
 * is read from it: a behaviour is chosen by the command line.
 */
#include <stdarg.h>
#include "guest.h"

#define COM1		0x3f8
#define LSR		(COM1 + 5)
#define LSR_EMPTY	0x20

void serial_init(void)
{
	outb(COM1 + 1, 0);	/* no interrupts */
	outb(COM1 + 3, 3);	/* 8n1 */
	outb(COM1 + 2, 7);	/* FIFOs on and empty */
	outb(COM1 + 4, 3);	/* DTR, RTS */
}

static void put(char c)
{
	while (!(inb(LSR) & LSR_EMPTY))
		;
	outb(COM1, c);
}

static void put_number(u32 value, u32 base, int digits)
{
	char text[11];
	int n = 0;

	do {
		text[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value || n < digits);
	while (n)
		put(text[--n]);
}

static void put_text(const char *s)
{
	while (*s)
		put(*s++);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			put_text(va_arg(args, const char *));
			break;
		case 'c':
			put(va_arg(args, int));
			break;
		case 'u':
			put_number(va_arg(args, u32), 10, 1);
			break;
		case 'x':
			put_number(va_arg(args, u32), 16, 1);
			break;
		case 'X':
			put_number(va_arg(args, u32), 16, 8);
			break;
		case 'w':
			put_number(va_arg(args, u32), 16, 4);
			break;
		case 'b':
			put_number(va_arg(args, u32), 16, 2);
			break;
		default:
			put(*format);
		}
	}
	va_end(args);
}
