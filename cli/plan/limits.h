/* SPDX-License-Identifier: MIT */
/* Limits of the host that a planned machine must fit. */
#ifndef CLI_PLAN_LIMITS_H
#define CLI_PLAN_LIMITS_H

#include <stdint.h>

struct json_object;
struct layout;
struct machine_plan;

/* Adds "pinned", "interrupts" and "slots" to @document: kernel resources that
 * the machine needs, and their limits. What exceeds a limit becomes a finding.
 */
void plan_add_limits(struct machine_plan *plan, struct json_object *document,
		     uint64_t ram, unsigned int cpus);

struct lend_iova_range;

#define PLAN_RANGES 64

/* What all of the devices can reach, by sysfs. Returns the number of ranges in
 * ascending order, 0 if it is not known. */
unsigned int plan_usable(const struct machine_plan *plan,
			 struct lend_iova_range usable[PLAN_RANGES]);

/* Checks that the devices' IOMMUs reach the guest's RAM, by sysfs. */
void plan_check_reach(struct machine_plan *plan, const struct layout *layout);

#endif
