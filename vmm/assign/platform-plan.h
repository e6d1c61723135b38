/* SPDX-License-Identifier: MIT */
/* Where a guest would find a platform device, for a machine that is only
 * planned.
 */
#ifndef VMM_ASSIGN_PLATFORM_PLAN_H
#define VMM_ASSIGN_PLATFORM_PLAN_H

#include <stdint.h>

struct assign_platform_config;
struct lend_ctx;
struct lend_platform;
struct machine;

struct assign_platform_plan {
	struct lend_platform *platform; /* as the host's tree tells of it */
	char *node;           /* its name; NULL where that cannot be told */
	uint64_t *addresses;  /* of each region, 0 where it has none */
	uint32_t *interrupts; /* of each: the guest's SPI */
};

/* Looks up what the host's tree tells. Returns 0, or a recorded error;
 * assign_platform_plan_free() is due either way. */
int assign_platform_plan_open(struct assign_platform_plan *plan,
			      struct lend_ctx *ctx,
			      const struct assign_platform_config *config);
void assign_platform_plan_free(struct assign_platform_plan *plan);

/*
 * Takes the places and lines that the device would get, in a machine of
 * machine_plan(), devices in their order. Returns 0, or a recorded error.
 */
int assign_platform_plan_place(struct assign_platform_plan *plan,
			       struct machine *machine,
			       const struct assign_platform_config *config);

#endif
