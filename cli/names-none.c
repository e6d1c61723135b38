// SPDX-License-Identifier: MIT
// PCI devices have no names if lend is built without libpci.

#include <stddef.h>

#include "cli/names.h"

struct names *names_open(void)
{
	return NULL;
}

void names_close(struct names *names)
{
	(void)names;
}

void names_class(struct names *names, unsigned int class, char text[NAMES_TEXT])
{
	(void)names;
	(void)class;
	text[0] = '\0';
}

void names_device(struct names *names, unsigned int vendor, unsigned int device,
		  char text[NAMES_TEXT])
{
	(void)names;
	(void)vendor;
	(void)device;
	text[0] = '\0';
}

void names_subsystem(struct names *names, const unsigned int ids[4],
		     char text[NAMES_TEXT])
{
	(void)names;
	(void)ids;
	text[0] = '\0';
}
