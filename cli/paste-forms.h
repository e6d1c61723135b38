/* SPDX-License-Identifier: MIT */
/* The forms in which other programs take devices. */
#ifndef CLI_PASTE_FORMS_H
#define CLI_PASTE_FORMS_H

#include <stdio.h>

#include <lend/lend.h>

struct paste_device {
	char name[256];
	char node[64]; /* in /dev/vfio/devices, where VFIO has such; or "" */
	enum lend_bus bus;
	int group; /* or a negative number */
};

struct paste_form {
	const char *program;
	bool has_platform; /* it takes platform devices too */
	void (*write)(FILE *file, const struct paste_device *devices,
		      unsigned int count);
};

extern const struct paste_form paste_forms[];
extern const unsigned int paste_form_count;

#endif
