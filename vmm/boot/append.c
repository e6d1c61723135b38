// SPDX-License-Identifier: MIT
// Looks in a kernel's command line for the console of the guest.
#include <stddef.h>
#include <string.h>

#include "vmm/boot/append.h"

/* As Linux names a 16550 UART; an "uart" has its address after a comma. */
static const char *const serial_names[] = {"ttyS0", "ttyS", "uart", "uart8250"};

static const char option[] = "console=";

static bool is_serial(const char *name)
{
	size_t length = strcspn(name, ", \t\n");

	for (size_t i = 0; i < sizeof(serial_names) / sizeof(serial_names[0]);
	     i++)
		if (strlen(serial_names[i]) == length &&
		    !memcmp(name, serial_names[i], length))
			return true;
	return false;
}

enum append_console append_find_console(const char *append)
{
	enum append_console found = APPEND_NONE;

	while (*append) {
		append += strspn(append, " \t\n");
		/* What follows is for init. */
		if (!strncmp(append, "--", 2) && strcspn(append, " \t\n") == 2)
			break;
		if (!strncmp(append, option, strlen(option))) {
			if (is_serial(append + strlen(option)))
				return APPEND_SERIAL;
			found = APPEND_OTHER;
		}
		append += strcspn(append, " \t\n");
	}
	return found;
}
