/* SPDX-License-Identifier: MIT */
/* Looks in a kernel's command line for the console of the guest. */
#ifndef VMM_BOOT_APPEND_H
#define VMM_BOOT_APPEND_H

#include <stdbool.h>

enum append_console {
	APPEND_NONE,  /* no console= */
	APPEND_OTHER, /* console= with other names alone */
	APPEND_SERIAL /* console= with the guest's serial port */
};

/* Which consoles the command line names. Pure. */
enum append_console append_find_console(const char *append);

#endif
