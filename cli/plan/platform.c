// SPDX-License-Identifier: MIT
// Platform devices of a plan: their regions, interrupts and places.

#include <inttypes.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/plan/finding.h"
#include "cli/plan/machine-plan.h"
#include "cli/plan/platform.h"
#include "cli/size.h"
#include "vmm/assign/platform.h"
#include "vmm/irq/irq.h"
#include "vmm/machine/machine.h"

void plan_read_platform(struct machine_plan *plan,
			struct plan_platform *platform)
{
	if (assign_platform_plan_open(&platform->plan, plan->ctx,
				      platform->config))
		plan_add_failure(plan, "regions");
}

void plan_place_platforms(struct machine_plan *plan, struct machine *machine)
{
	unsigned int failed = 0;

	for (size_t i = 0; i < plan->platform_count; i++) {
		struct plan_platform *p = &plan->platforms[i];

		if (!p->plan.addresses)
			continue;
		p->is_placed = !assign_platform_plan_place(&p->plan, machine,
							   p->config);
		failed += !p->is_placed;
		if (!p->is_placed)
			plan_add_failure(plan, "platform");
	}
	if (plan->platform_count && !failed)
		plan_add_finding(plan, "platform", LEND_CHECK_OK, NULL, "",
				 "platform devices fit into their window and "
				 "use %u of %u interrupts",
				 machine_lines_taken(machine),
				 IRQ_PLATFORM_COUNT);
}

static struct json_object *region_of(const struct plan_platform *p,
				     unsigned int i)
{
	const struct lend_platform_region *region =
		lend_platform_region(p->plan.platform, i);
	struct json_object *o = json_object_new_object();

	json_add_text(o, "name", region->name);
	json_add_number(o, "size", (int64_t)region->size);
	if (p->is_placed && region->size)
		json_add_address(o, "at", p->plan.addresses[i]);
	else
		json_add(o, "at", NULL);
	return o;
}

static struct json_object *interrupt_of(const struct plan_platform *p,
					unsigned int i)
{
	static const char *const triggers[] = {
		[LEND_TRIGGER_UNKNOWN] = NULL,
		[LEND_TRIGGER_EDGE] = "edge",
		[LEND_TRIGGER_LEVEL] = "level",
	};
	const struct lend_platform_irq *irq =
		lend_platform_irq(p->plan.platform, i);
	struct json_object *o = json_object_new_object();

	json_add_text(o, "name", irq->name);
	if (p->is_placed)
		json_add_number(o, "spi", p->plan.interrupts[i]);
	else
		json_add(o, "spi", NULL);
	json_add_text(o, "trigger", triggers[irq->trigger]);
	return o;
}

static struct json_object *platform_of(const struct plan_platform *p)
{
	struct json_object *regions = json_object_new_array();
	struct json_object *interrupts = json_object_new_array();
	struct json_object *o = json_object_new_object();
	const struct lend_platform *known =
		p->plan.addresses ? p->plan.platform : NULL;
	unsigned int count = known ? lend_platform_region_count(known) : 0;

	json_add_text(o, "device", p->config->name);
	json_add_text(o, "node", p->plan.node);
	for (unsigned int i = 0; i < count; i++)
		json_object_array_add(regions, region_of(p, i));
	count = known ? lend_platform_irq_count(known) : 0;
	for (unsigned int i = 0; i < count; i++)
		json_object_array_add(interrupts, interrupt_of(p, i));
	json_add(o, "regions", regions);
	json_add(o, "interrupts", interrupts);
	return o;
}

void plan_add_platforms(const struct machine_plan *plan,
			struct json_object *document)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < plan->platform_count; i++)
		json_object_array_add(list, platform_of(&plan->platforms[i]));
	json_add(document, "platform_devices", list);
}

/* Prints a region or an interrupt after its number. */
static void print_part(const char *what, size_t number, const char *detail,
		       const char *name)
{
	printf("    %s %-3zu %s%s%s\n", what, number, detail,
	       name[0] ? "  " : "", name);
}

static void print_platform(const struct json_object *device)
{
	const struct json_object *regions = json_get(device, "regions");
	const struct json_object *interrupts = json_get(device, "interrupts");
	const char *node = json_text(device, "node");
	char detail[80];

	printf("  %s%s%s\n", json_text(device, "device"), node[0] ? "  " : "",
	       node);
	for (size_t i = 0; i < json_length(regions); i++) {
		const struct json_object *r = json_at(regions, i);

		snprintf(detail, sizeof(detail), "%10s  %s",
			 size_text((uint64_t)json_number(r, "size")).text,
			 json_hex(r, "at", "not placed").text);
		print_part("region   ", i, detail, json_text(r, "name"));
	}
	for (size_t i = 0; i < json_length(interrupts); i++) {
		const struct json_object *irq = json_at(interrupts, i);
		const char *trigger = json_text(irq, "trigger");
		char spi[16] = "none";

		if (json_get(irq, "spi"))
			snprintf(spi, sizeof(spi), "SPI %" PRId64,
				 json_number(irq, "spi"));
		snprintf(detail, sizeof(detail), "%10s  %s", spi,
			 trigger[0] ? trigger : "trigger unknown");
		print_part("interrupt", i, detail, json_text(irq, "name"));
	}
}

void plan_print_platforms(const struct json_object *list)
{
	if (json_length(list))
		puts("Platform devices, where the guest finds them:");
	for (size_t i = 0; i < json_length(list); i++)
		print_platform(json_at(list, i));
}
