/* SPDX-License-Identifier: MIT */
/* What other programs take to get a device: options, flags, XML. */
#ifndef CLI_PASTE_H
#define CLI_PASTE_H

#include "cli/devices.h"

struct paste_form;

/* Returns the form of a program, or NULL with a record that lists them. */
const struct paste_form *paste_find(struct cli *cli, const char *program);

/* Prints what the program takes for the devices, and for the other members of
 * their IOMMU groups that must be bound with them. Returns 0, or -errno with a
 * record. */
int paste_print(struct cli *cli, const struct paste_form *form,
		const struct devices *devices);

#endif
