// SPDX-License-Identifier: MIT
// What people call PCI devices and their classes, from libpci's list.

#include <pci/pci.h>
#include <stdio.h>
#include <stdlib.h>

#include "names.h"

struct names {
	struct pci_access *access;
};

/* A name that is not found is no reason to say anything, let alone to exit, as
 * libpci would. */
static void be_silent(char *fmt, ...)
{
	(void)fmt;
}

struct names *names_open(void)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	/* Not pci_init(), which looks for the bus. */
	names->access = pci_alloc();
	names->access->warning = be_silent;
	names->access->debug = be_silent;
	return names;
}

void names_close(struct names *names)
{
	if (!names)
		return;
	pci_cleanup(names->access);
	free(names);
}

void names_class(struct names *names, unsigned int class, char text[NAMES_TEXT])
{
	text[0] = '\0';
	if (names && !pci_lookup_name(names->access, text, NAMES_TEXT,
				      PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_NUMBERS,
				      (int)class))
		text[0] = '\0';
}

void names_device(struct names *names, unsigned int vendor, unsigned int device,
		  char text[NAMES_TEXT])
{
	text[0] = '\0';
	if (names && !pci_lookup_name(names->access, text, NAMES_TEXT,
				      PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE |
					      PCI_LOOKUP_NO_NUMBERS,
				      (int)vendor, (int)device))
		text[0] = '\0';
}
