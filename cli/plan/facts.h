/* SPDX-License-Identifier: MIT */
/* A plan as JSON: guest addresses, devices, DMA mappings. */
#ifndef CLI_PLAN_FACTS_H
#define CLI_PLAN_FACTS_H

struct json_object;
struct layout;
struct machine_plan;
struct run_devices;

/* The guest's address map; the ranges that are mapped for DMA. */
struct json_object *plan_map(const struct layout *layout);
struct json_object *plan_dma(const struct machine_plan *plan,
			     const struct layout *layout);

/* Adds "devices" to @document. */
void plan_add_devices(const struct machine_plan *plan,
		      struct json_object *document);

/* Adds "root_ports": the guest's root ports, including those that were added
 * because slots ran out. */
void plan_add_ports(const struct run_devices *devices,
		    struct json_object *document);

#endif
