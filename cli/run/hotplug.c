// SPDX-License-Identifier: MIT
// Configures devices that are plugged while the guest of `lend run` runs.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/no-memory.h"
#include "cli/run/device.h"
#include "cli/run/hotplug.h"
#include "cli/run/place.h"
#include "cli/run/properties.h"
#include "vmm/assign/pci.h"
#include "vmm/control/control.h"
#include "vmm/machine/device.h"
#include "vmm/machine/plug.h"

/* What the machine borrows until the device has left. */
struct run_plugged {
	struct run_plugged *next;
	struct lend_spec *spec;
	char *name; /* in messages */
	struct assign_pci_config pci;
	struct machine_device_config device;
};

static void run_plugged_free(struct run_plugged *plugged)
{
	lend_spec_unref(plugged->spec);
	free(plugged->name);
	free(plugged);
}

static int hotplug_refuse(const struct run_hotplug *hotplug,
			  const char *property, const char *why,
			  const char *remedy)
{
	lend_error_set(hotplug->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s: %s", property, why);
	return lend_error_remedy(hotplug->ctx, "%s", remedy);
}

/* A confined process opens no file, and has the address space of its start. */
static int hotplug_check_start(const struct run_hotplug *hotplug,
			       const struct lend_spec *spec)
{
	static const char *const at_start[] = {
		"romfile",
		"x-no-iommu-unsafe-dma",
		"x-vga",
	};

	for (size_t i = 0; i < sizeof(at_start) / sizeof(at_start[0]); i++)
		if (lend_spec_get(spec, at_start[i]))
			return hotplug_refuse(
				hotplug, at_start[i],
				"it requires that lend run starts with the "
				"device",
				"omit it");
	return 0;
}

static int hotplug_check_iommufd(const struct run_hotplug *hotplug,
				 const struct lend_spec *spec)
{
	const char *id = lend_spec_get(spec, "iommufd");
	const char *own = hotplug->iommu->id;

	if (!strcmp(id, CONTROL_OWN_IOMMUFD) || (own && !strcmp(id, own)))
		return 0;
	return hotplug_refuse(hotplug, "iommufd",
			      "not the iommufd of this run's devices",
			      own ? own : "omit it");
}

/* One function below a root port. */
static int hotplug_check_place(const struct run_hotplug *hotplug,
			       const struct topology_wish *wish)
{
	if (wish->bus && !strcmp(wish->bus, TOPOLOGY_ROOT)) {
		lend_error_set(hotplug->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "Bus '%s' does not support hotplugging",
			       TOPOLOGY_ROOT);
		return lend_error_remedy(hotplug->ctx,
					 "omit bus, or name a root port");
	}
	if (wish->slot > 0 || wish->function)
		return hotplug_refuse(hotplug, "addr",
				      "a root port has one slot, and what is "
				      "plugged is its function 0",
				      "omit it");
	return 0;
}

static int hotplug_check(const struct run_hotplug *hotplug,
			 const struct lend_spec *spec,
			 const struct topology_wish *wish)
{
	int err = hotplug_check_start(hotplug, spec);

	if (!err)
		err = hotplug_check_iommufd(hotplug, spec);
	return err ? err : hotplug_check_place(hotplug, wish);
}

/* The client has opened the device: host= or mdev= is its word for it. */
static int hotplug_configure(const struct run_hotplug *hotplug,
			     struct run_plugged *plugged)
{
	const struct lend_spec *spec = plugged->spec;
	struct assign_pci_config *config = &plugged->pci;
	const char *host = lend_spec_get(spec, "host");
	const char *mdev = lend_spec_get(spec, "mdev");
	const char *id = lend_spec_get(spec, "id");
	int err = run_device_configure(config, hotplug->ctx, spec);

	if (err)
		return err;
	plugged->name = strdup(host   ? host
			       : mdev ? mdev
			       : id   ? id
				      : "a plugged device");
	if (!plugged->name)
		return cli_no_memory(hotplug->ctx);
	run_properties_warn(hotplug->ctx, spec, plugged->name);
	config->fd = (int)strtoul(lend_spec_get(spec, "fd"), NULL, 10);
	config->keeps_fd = true;
	config->name = plugged->name;
	config->id = id;
	plugged->device = (struct machine_device_config){
		.open = assign_pci_open,
		.create = assign_pci_create,
		.config = config,
	};
	return 0;
}

static int hotplug_insert(const struct run_hotplug *hotplug,
			  struct machine *machine, struct run_plugged *plugged,
			  const char *text)
{
	struct plug_request request = {
		.device = &plugged->device,
		.place = &plugged->pci.place,
	};
	struct topology_wish wish;
	int err = lend_spec_parse(hotplug->ctx, text, &plugged->spec);

	if (err)
		return err;
	run_place_read(&wish, plugged->spec, text);
	request.id = wish.id;
	request.bus = wish.bus;
	err = hotplug_check(hotplug, plugged->spec, &wish);
	if (!err)
		err = hotplug_configure(hotplug, plugged);
	return err ? err : machine_plug(machine, &request);
}

static int hotplug_plug(void *opaque, struct machine *machine, const char *text)
{
	struct run_hotplug *hotplug = opaque;
	struct run_plugged *plugged = calloc(1, sizeof(*plugged));
	int err;

	if (!plugged)
		return cli_no_memory(hotplug->ctx);
	err = hotplug_insert(hotplug, machine, plugged, text);
	if (err) {
		run_plugged_free(plugged);
		return err;
	}
	/* The client closes its copy. */
	plugged->pci.fd = -1;
	plugged->next = hotplug->first;
	hotplug->first = plugged;
	return 0;
}

/* The machine has the very string: names need not be unique. */
static void hotplug_gone(void *opaque, const char *device)
{
	struct run_hotplug *hotplug = opaque;
	struct run_plugged **link = &hotplug->first, *plugged;

	while (*link && (*link)->name != device)
		link = &(*link)->next;
	plugged = *link;
	if (!plugged)
		return;
	*link = plugged->next;
	run_plugged_free(plugged);
}

void run_hotplug_init(struct run_hotplug *hotplug, struct lend_ctx *ctx,
		      const struct run_iommu *iommu)
{
	*hotplug = (struct run_hotplug){
		.ctx = ctx,
		.iommu = iommu,
		.plugger = {hotplug_plug, hotplug_gone, hotplug},
	};
}

void run_hotplug_free(struct run_hotplug *hotplug)
{
	while (hotplug->first) {
		struct run_plugged *next = hotplug->first->next;

		run_plugged_free(hotplug->first);
		hotplug->first = next;
	}
}
