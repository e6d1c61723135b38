/* SPDX-License-Identifier: MIT */
/* Platform devices of a plan. */
#ifndef CLI_PLAN_PLATFORM_H
#define CLI_PLAN_PLATFORM_H

struct json_object;
struct machine;
struct machine_plan;
struct plan_platform;

/* Reads a platform device's regions and interrupts from the host's device
 * tree; a failure becomes a finding. */
void plan_read_platform(struct machine_plan *plan,
			struct plan_platform *platform);

/* Gives the platform devices addresses and interrupts in a planned machine. */
void plan_place_platforms(struct machine_plan *plan, struct machine *machine);

/* Adds "platform_devices" to @document; prints that list as text. */
void plan_add_platforms(const struct machine_plan *plan,
			struct json_object *document);
void plan_print_platforms(const struct json_object *list);

#endif
