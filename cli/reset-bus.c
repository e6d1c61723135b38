// SPDX-License-Identifier: MIT
// Hot reset of all functions of a slot or bus.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/no-memory.h"
#include "cli/reset-bus.h"

static void add_target(struct json_object *list,
		       const struct lend_reset_target *target, bool is_done)
{
	struct json_object *o = json_object_new_object();
	char name[32];

	snprintf(name, sizeof(name), "%04x:%02x:%02x.%x", target->domain,
		 target->bus, target->slot & 0x1fu, target->function & 7u);
	json_add_text(o, "device", name);
	json_add_words(o, "methods", "bus");
	json_add_bool(o, "ours", target->is_ours);
	json_add_bool(o, "done", is_done);
	json_object_array_add(list, o);
}

static int reset_bus_run(struct cli *cli, struct lend_device *device,
			 bool dry_run, struct json_object *list)
{
	struct lend_reset_target *targets;
	int count = lend_device_hot_reset_info(device, NULL, 0);
	int err;

	if (count < 0)
		return count;
	targets = calloc((size_t)count + 1, sizeof(*targets));
	if (!targets)
		return cli_no_memory(cli->ctx);
	err = lend_device_hot_reset_info(device, targets, (unsigned int)count);
	if (err >= 0)
		err = dry_run ? 0 : lend_device_hot_reset(device);
	for (int i = 0; i < count && !err; i++)
		add_target(list, &targets[i], !dry_run);
	free(targets);
	return err;
}

static void reset_bus_print(const struct json_object *list)
{
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json_object *o = json_at(list, i);

		printf("%s  %s%s\n", json_text(o, "device"),
		       json_is(o, "done") ? "was reset" : "would be reset",
		       json_is(o, "ours") ? ""
					  : "; blocks the reset: bind it to "
					    "VFIO and name it too");
	}
}

int reset_bus(struct cli *cli, const struct devices *devices, bool dry_run,
	      struct json_object *list)
{
	struct lend_device **opened = calloc(devices->count, sizeof(*opened));
	struct lend_iommu *iommu = NULL;
	int err;

	if (!opened)
		return cli_no_memory(cli->ctx);
	err = lend_iommu_new(cli->ctx, NULL, &iommu);
	for (unsigned int i = 0; i < devices->count && !err; i++)
		err = lend_device_open(iommu, devices->addresses[i], NULL,
				       &opened[i]);
	if (!err)
		err = reset_bus_run(cli, opened[0], dry_run, list);
	if (!err && !cli->json)
		reset_bus_print(list);
	for (unsigned int i = 0; i < devices->count; i++)
		lend_device_unref(opened[i]);
	lend_iommu_unref(iommu);
	free(opened);
	return err;
}
