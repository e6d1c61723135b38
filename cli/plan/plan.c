// SPDX-License-Identifier: MIT
// lend run --dry-run: the planned machine, and whether it fits the host.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/findings.h"
#include "cli/json.h"
#include "cli/no-memory.h"
#include "cli/plan/device.h"
#include "cli/plan/facts.h"
#include "cli/plan/finding.h"
#include "cli/plan/limits.h"
#include "cli/plan/machine-plan.h"
#include "cli/plan/place.h"
#include "cli/plan/plan.h"
#include "cli/plan/platform.h"
#include "cli/plan/print.h"
#include "cli/run/devices.h"
#include "vmm/machine/machine.h"
#include "vmm/memory/memory.h"

/* In no-IOMMU mode, a missing IOMMU is a warning: the user accepted it. */
static void plan_add_checked(void *opaque, const struct lend_finding *finding)
{
	struct lend_finding reported = *finding;
	struct machine_plan *plan = opaque;

	if (plan->unguarded && reported.code == LEND_ERROR_NO_IOMMU) {
		reported.status = LEND_CHECK_WARNING;
		reported.remedy = "";
	}
	if (!strcmp(reported.check, "memory"))
		plan->can_pin = reported.status == LEND_CHECK_OK;
	findings_add(plan->findings, &reported);
}

/* Runs the checks of lend check, except for devices that were passed in as
 * descriptors. */
static int check_devices(struct machine_plan *plan, uint64_t ram)
{
	const struct lend_check_options options = {
		.size = sizeof(options),
		.memory = plan_lent(plan) && !plan->unguarded ? ram : 0,
		.found = plan_add_checked,
		.opaque = plan,
	};
	struct lend_address **addresses =
		calloc(plan_lent(plan) + 1, sizeof(struct lend_address *));
	unsigned int count = 0;

	if (!addresses)
		return cli_no_memory(plan->ctx);
	for (size_t i = 0; i < plan->count; i++) {
		const struct assign_pci_config *config =
			plan->devices[i].config;

		if (config->fd < 0 && config->address)
			addresses[count++] = config->address;
	}
	for (size_t i = 0; i < plan->platform_count; i++)
		if (plan->platforms[i].config->fd < 0)
			addresses[count++] = plan->platforms[i].config->address;
	lend_check(plan->ctx, addresses, count, &options);
	free(addresses);
	return 0;
}

/* As the run checks it. The checks of devices compare what they pin. */
static void plan_check_ram(struct machine_plan *plan,
			   const struct machine_config *config)
{
	const struct memory_options options = {
		.path = config->mem_path,
		.prealloc = config->mem_prealloc,
	};

	if (memory_check_host(plan->ctx, config->ram, &options))
		plan_add_failure(plan, "ram");
}

/* Adds the planned machine, or a finding that says why it cannot exist. */
static void add_machine(struct machine_plan *plan, struct json_object *document,
			const struct machine_config *config)
{
	struct lend_iova_range usable[PLAN_RANGES];
	struct machine_config reaching = *config;
	const struct layout *layout;
	struct machine *machine;

	reaching.usable = usable;
	reaching.usable_count = plan_usable(plan, usable);
	json_add(document, "memory_map", NULL);
	json_add(document, "devices", NULL);
	json_add(document, "platform_devices", NULL);
	json_add(document, "dma", NULL);
	plan_check_ram(plan, config);
	if (machine_plan(&machine, plan->ctx, &reaching)) {
		plan_add_failure(plan, "machine");
		plan_add_devices(plan, document);
		plan_add_platforms(plan, document);
		plan_add_limits(plan, document, config->ram, config->cpus);
		return;
	}
	plan_add_finding(plan, "machine", LEND_CHECK_OK, NULL, "",
			 "memory and BARs fit into the guest's address space");
	layout = machine_layout(machine);
	plan_place_bars(plan, layout);
	plan_place_platforms(plan, machine);
	plan_check_reach(plan, layout);
	json_add(document, "memory_map", plan_map(layout));
	plan_add_devices(plan, document);
	plan_add_platforms(plan, document);
	json_add(document, "dma", plan_dma(plan, layout));
	plan_add_limits(plan, document, machine_ram(machine),
			machine_cpus(machine));
	machine_destroy(machine);
}

/* The configurations refer to the BARs while the plan is made. */
static void learn_device(struct machine_plan *plan, struct run_devices *devices,
			 size_t i)
{
	struct plan_device *device = &plan->devices[plan->count++];

	device->config = &devices->pci[i];
	plan_read_device(plan, device);
	devices->pci[i].bars = device->bars;
	devices->pci[i].opregion = device->opregion;
}

static int learn_devices(struct machine_plan *plan, struct run_devices *devices)
{
	plan->devices = calloc(devices->asked + 1, sizeof(*plan->devices));
	plan->platforms = calloc(devices->asked + 1, sizeof(*plan->platforms));
	if (!plan->devices || !plan->platforms)
		return cli_no_memory(plan->ctx);
	for (size_t i = 0; i < devices->asked; i++) {
		if (devices->wishes[i].is_port)
			continue;
		if (!run_platform_is_meant(devices->specs[i])) {
			learn_device(plan, devices, i);
			continue;
		}
		plan->platforms[plan->platform_count].config =
			&devices->platform[i].config;
		plan_read_platform(plan,
				   &plan->platforms[plan->platform_count++]);
	}
	return 0;
}

static void forget_devices(struct machine_plan *plan,
			   struct run_devices *devices)
{
	for (size_t i = 0; i < devices->asked; i++) {
		devices->pci[i].bars = NULL;
		devices->pci[i].opregion = 0;
	}
	for (size_t i = 0; i < plan->platform_count; i++)
		assign_platform_plan_free(&plan->platforms[i].plan);
	free(plan->platforms);
	free(plan->devices);
}

int plan_run(struct cli *cli, const struct machine_config *config,
	     struct run_devices *devices)
{
	struct json_object *document = json_new_document();
	struct machine_plan plan = {
		.ctx = cli->ctx,
		.topology = &devices->topology,
		.unguarded = devices->iommu.unguarded,
		.findings = json_object_new_array(),
	};
	int err = learn_devices(&plan, devices);

	json_add_bool(document, "fits", false);
	plan_add_ports(devices, document);
	if (!err)
		err = check_devices(&plan, config->ram);
	if (!err)
		add_machine(&plan, document, config);
	forget_devices(&plan, devices);
	cli->failed = findings_conclude(document, plan.findings) > 0;
	json_add_bool(document, "fits", !cli->failed);
	if (!err && !cli->json)
		plan_print(document);
	if (!err && cli->json)
		json_print(document);
	else
		json_object_put(document);
	return err;
}
