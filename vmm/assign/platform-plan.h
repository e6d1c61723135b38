/* SPDX-License-Identifier: MIT */
/* Places a platform device in a machine that is planned but not started. */
#ifndef VMM_ASSIGN_PLATFORM_PLAN_H
#define VMM_ASSIGN_PLATFORM_PLAN_H

#include <stdint.h>

struct assign_platform_config;
struct lend_ctx;
struct lend_platform;
struct machine;

struct assign_platform_plan {
	struct lend_platform *platform; /* from the host's device tree */
	char *node;                     /* its name; NULL where unknown */
	uint64_t *addresses;            /* of each region; 0: not placed */
	uint32_t *interrupts;           /* guest SPI of each interrupt */
};

/* Reads the host's device tree. Returns 0, or a recorded error;
 * assign_platform_plan_free() is due either way. */
int assign_platform_plan_open(struct assign_platform_plan *plan,
			      struct lend_ctx *ctx,
			      const struct assign_platform_config *config);
void assign_platform_plan_free(struct assign_platform_plan *plan);

/*
 * Reserves the addresses and lines that the device would get, in a machine of
 * machine_plan(), devices in their order. Returns 0, or a recorded error.
 */
int assign_platform_plan_place(struct assign_platform_plan *plan,
			       struct machine *machine,
			       const struct assign_platform_config *config);

#endif
