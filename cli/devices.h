/* SPDX-License-Identifier: MIT */
/* Devices named on the command line. */
#ifndef CLI_DEVICES_H
#define CLI_DEVICES_H

#include "command.h"

struct devices {
	struct lend_address **addresses;
	unsigned int count;
};

/* Finds count devices by what names spell; devices_free() releases them.
 * Returns 0, or -errno with a record. */
int devices_find(struct lend_ctx *ctx, char *const *names, unsigned int count,
		 struct devices *devices);

void devices_free(struct devices *devices);

/* A lend_bind_options.moved: prints "0000:02:00.0  e1000e -> vfio-pci". */
void devices_print_moved(void *opaque, const char *device, const char *from,
			 const char *to);

#endif
