/* SPDX-License-Identifier: MIT */
/* The structure of a platform device, shared by the files of this directory. */
#ifndef LIB_PLATFORM_PLATFORM_H
#define LIB_PLATFORM_PLATFORM_H

#include <lend/platform.h>

#include "lib/platform/host.h"

struct binding;

struct lend_platform {
	struct lend_address *address;
	struct lend_ctx *ctx; /* the address's */
	struct host_node host;
	struct lend_platform_region *regions;
	unsigned int region_count;
	struct lend_platform_irq *irqs;
	unsigned int irq_count;

	const struct binding *binding; /* NULL until prepared */
	char *drop;
	char *numbers;
	void *overlay;
	uint32_t overlay_size;
	bool keeps_addresses;
};

#endif
