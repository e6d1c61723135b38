// SPDX-License-Identifier: MIT
// Places a platform device in a machine that is planned but not started.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include <lend/lend.h>

#include "vmm/assign/platform-parts.h"
#include "vmm/assign/platform-plan.h"
#include "vmm/assign/platform.h"
#include "vmm/base/no-memory.h"

#define TREE_SIZE (1u << 20) /* enough for any node */

int assign_platform_plan_open(struct assign_platform_plan *plan,
			      struct lend_ctx *ctx,
			      const struct assign_platform_config *config)
{
	int err;

	*plan = (struct assign_platform_plan){};
	err = lend_platform_new(config->address, NULL, &plan->platform);
	if (err)
		return err;
	plan->addresses =
		calloc(lend_platform_region_count(plan->platform) + 1UL,
		       sizeof(*plan->addresses));
	plan->interrupts = calloc(lend_platform_irq_count(plan->platform) + 1UL,
				  sizeof(*plan->interrupts));
	if (!plan->addresses || !plan->interrupts)
		return vmm_no_memory(ctx, config->name);
	return 0;
}

void assign_platform_plan_free(struct assign_platform_plan *plan)
{
	lend_platform_free(plan->platform);
	free(plan->interrupts);
	free(plan->addresses);
	free(plan->node);
	*plan = (struct assign_platform_plan){};
}

/* The node is the only one in the tree. */
static int assign_plan_name_node(struct assign_platform_plan *plan, void *fdt)
{
	const struct lend_platform_place place = {
		.size = sizeof(place),
		.addresses = plan->addresses,
		.spis = plan->interrupts,
	};
	int bus, node, err = fdt_create_empty_tree(fdt, TREE_SIZE);

	if (!err)
		err = fdt_setprop_u32(fdt, 0, "#address-cells", 2);
	if (!err)
		err = fdt_setprop_u32(fdt, 0, "#size-cells", 2);
	bus = err ? err : fdt_add_subnode(fdt, 0, "platform");
	if (bus >= 0)
		err = fdt_setprop_u32(fdt, bus, "#address-cells", 2);
	if (bus >= 0 && !err)
		err = fdt_setprop_u32(fdt, bus, "#size-cells", 2);
	if (bus < 0 || err)
		return -ENOSPC;
	err = lend_platform_write(plan->platform, &place, fdt, bus);
	if (err)
		return err;
	node = fdt_first_subnode(fdt, fdt_path_offset(fdt, "/platform"));
	if (node >= 0)
		plan->node = strdup(fdt_get_name(fdt, node, NULL));
	return 0;
}

/* Facts that are unknown without opening the device are not an error here. */
static int assign_plan_check_node(struct assign_platform_plan *plan,
				  const struct assign_platform_config *config)
{
	void *fdt;
	int err = lend_platform_prepare(plan->platform, &config->node);

	if (err)
		return err == -ENODATA ? 0 : err;
	fdt = malloc(TREE_SIZE);
	if (fdt)
		assign_plan_name_node(plan, fdt);
	free(fdt);
	return 0;
}

static int
assign_plan_place_regions(struct assign_platform_plan *plan,
			  struct machine *machine,
			  const struct assign_platform_config *config)
{
	unsigned int count = lend_platform_region_count(plan->platform);
	int err = 0;

	for (unsigned int i = 0; !err && i < count; i++) {
		const struct lend_platform_region *region =
			lend_platform_region(plan->platform, i);
		const struct assign_platform_seat seat = {
			.name = config->name,
			.index = i,
			.size = region->size,
			.keeps = config->node.keep_addresses,
			.host = region->host,
		};
		struct range range = {};

		if (seat.size)
			err = assign_platform_claim(machine, &seat, &range);
		plan->addresses[i] = range.base;
	}
	return err;
}

int assign_platform_plan_place(struct assign_platform_plan *plan,
			       struct machine *machine,
			       const struct assign_platform_config *config)
{
	int first, err = assign_plan_place_regions(plan, machine, config);

	if (err)
		return err;
	first = assign_platform_take_lines(
		machine, config->name, lend_platform_irq_count(plan->platform));
	if (first < 0)
		return first;
	for (unsigned int i = 0; i < lend_platform_irq_count(plan->platform);
	     i++)
		plan->interrupts[i] = (uint32_t)first + i;
	return assign_plan_check_node(plan, config);
}
