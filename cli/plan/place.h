/* SPDX-License-Identifier: MIT */
/* Addresses of BARs in a planned machine. */
#ifndef CLI_PLAN_PLACE_H
#define CLI_PLAN_PLACE_H

struct layout;
struct machine_plan;

/* Gives each BAR an address in the windows of @layout, the largest first. */
void plan_place_bars(struct machine_plan *plan, const struct layout *layout);

#endif
