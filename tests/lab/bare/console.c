// SPDX-License-Identifier: MIT
// The serial console, and the count of faults.

#include <stdarg.h>

#include "machine.h"

#define COM1       0x3f8
#define STATUS     (COM1 + 5)
#define READY      0x20 /* takes another byte */
#define FAULTS_MAX 25   /* lines that are printed */

static unsigned int faults;

static void put_string(const char *text)
{
	for (; *text; text++) {
		while (!(io_read(STATUS, 1) & READY))
			__asm__ volatile("pause");
		io_write(COM1, 1, (uint8_t)*text);
	}
}

static void put_number(uint64_t value, unsigned int base)
{
	char digits[24];
	char *at = &digits[sizeof(digits) - 1];

	*at = '\0';
	do {
		*--at = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	put_string(at);
}

static void put_formatted(const char *fmt, va_list args)
{
	char letter[2] = "";

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			letter[0] = *fmt;
			put_string(letter);
			continue;
		}
		switch (*++fmt) {
		case 's':
			put_string(va_arg(args, const char *));
			break;
		case 'u':
			put_number(va_arg(args, unsigned int), 10);
			break;
		case 'l': /* %lx */
			fmt++;
			put_number(va_arg(args, unsigned long), 16);
			break;
		default:
			put_number(va_arg(args, unsigned int), 16);
			break;
		}
	}
	put_string("\r\n");
}

void console_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_string("guest: ");
	put_formatted(fmt, args);
	va_end(args);
}

void console_fault(const char *fmt, ...)
{
	va_list args;

	if (faults++ >= FAULTS_MAX)
		return;
	va_start(args, fmt);
	put_string("guest: FAULT ");
	put_formatted(fmt, args);
	va_end(args);
}

unsigned int console_fault_count(void)
{
	return faults;
}
