// SPDX-License-Identifier: MIT
// Names of PCI devices and their classes, from libpci's list.

#include <dlfcn.h>
#include <pci/pci.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/names.h"

/* The soname that matches the header; it has not changed since 3.0. It is
 * loaded only when names are needed: other commands, above all lend run, save
 * the time to load it and the three libraries it needs. */
#define LIBRARY "libpci.so.3"

struct names {
	void *library;
	struct pci_access *access;
	__typeof__(pci_alloc) *alloc;
	__typeof__(pci_cleanup) *cleanup;
	__typeof__(pci_lookup_name) *lookup;
};

/* libpci would print a message or even exit if a name is not found. */
static void be_silent(char *fmt, ...)
{
	(void)fmt;
}

static bool names_load(struct names *names)
{
	names->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!names->library)
		return false;
	names->alloc = dlsym(names->library, "pci_alloc");
	names->cleanup = dlsym(names->library, "pci_cleanup");
	names->lookup = dlsym(names->library, "pci_lookup_name");
	return names->alloc && names->cleanup && names->lookup;
}

struct names *names_open(void)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	if (!names_load(names)) {
		names_close(names);
		return NULL;
	}
	/* Do not call pci_init(), which scans the bus. */
	names->access = names->alloc();
	names->access->warning = be_silent;
	names->access->debug = be_silent;
	return names;
}

void names_close(struct names *names)
{
	if (!names)
		return;
	if (names->access)
		names->cleanup(names->access);
	if (names->library)
		dlclose(names->library);
	free(names);
}

void names_class(struct names *names, unsigned int class, char text[NAMES_TEXT])
{
	text[0] = '\0';
	if (names && !names->lookup(names->access, text, NAMES_TEXT,
				    PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_NUMBERS,
				    (int)class))
		text[0] = '\0';
}

void names_device(struct names *names, unsigned int vendor, unsigned int device,
		  char text[NAMES_TEXT])
{
	text[0] = '\0';
	if (names && !names->lookup(names->access, text, NAMES_TEXT,
				    PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE |
					    PCI_LOOKUP_NO_NUMBERS,
				    (int)vendor, (int)device))
		text[0] = '\0';
}

void names_subsystem(struct names *names, const unsigned int ids[4],
		     char text[NAMES_TEXT])
{
	text[0] = '\0';
	if (names &&
	    !names->lookup(names->access, text, NAMES_TEXT,
			   PCI_LOOKUP_SUBSYSTEM | PCI_LOOKUP_VENDOR |
				   PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_NUMBERS,
			   (int)ids[0], (int)ids[1], (int)ids[2], (int)ids[3]))
		text[0] = '\0';
}
