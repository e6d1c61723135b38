// SPDX-License-Identifier: MIT
// The BARs of a PCI device as facts.

#include <stdio.h>

#include "cli/regions.h"
#include "cli/resources.h"

static void regions_add_one(struct json_object *regions, unsigned int index,
			    const struct resource *resource)
{
	struct json_object *o;
	char name[sizeof("VF BAR 4294967295")] = "ROM";

	if (!resource->size)
		return;
	if (index > 6)
		snprintf(name, sizeof(name), "VF BAR %u", index - 7);
	else if (index < 6)
		snprintf(name, sizeof(name), "BAR %u", index);
	o = json_object_new_object();
	json_add_text(o, "name", name);
	json_add_number(o, "index", index);
	json_add(o, "address", NULL);
	if (resource->is_assigned)
		json_add_address(o, "address", resource->base);
	json_add_number(o, "size", (int64_t)resource->size);
	json_add_text(o, "kind", resource->io ? "ports" : "memory");
	json_add_bool(o, "prefetchable", resource->prefetchable);
	json_add_bool(o, "64bit", resource->is_64bit);
	json_object_array_add(regions, o);
}

void regions_add(struct json_object *facts, const struct lend_address *address)
{
	struct json_object *regions = json_object_new_array();
	struct resource resources[RESOURCES];

	resources_read(address, resources);
	for (unsigned int i = 0; i < RESOURCES; i++)
		regions_add_one(regions, i, &resources[i]);
	json_add(facts, "regions", regions);
}
