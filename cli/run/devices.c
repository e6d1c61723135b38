// SPDX-License-Identifier: MIT
// Checks the -device strings of `lend run` for conflicts, and plans their
// places.

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/no-memory.h"
#include "cli/run/device.h"
#include "cli/run/devices.h"
#include "cli/run/emulated.h"
#include "cli/run/options.h"
#include "cli/run/place.h"
#include "cli/run/properties.h"

static bool same_device(const struct run_identity *a,
			const struct run_identity *b)
{
	return (a->fd >= 0 && a->fd == b->fd) ||
	       (a->address && b->address &&
		lend_address_equal(a->address, b->address));
}

/* Compares the last device with those before it. */
static int run_devices_check_repeat(const struct run_devices *d,
				    struct lend_ctx *ctx)
{
	size_t last = d->asked - 1;

	for (size_t i = 0; i < last; i++) {
		if (!same_device(&d->ids[i], &d->ids[last]))
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL,
			       d->ids[last].name, "given twice");
		lend_error_evidence(ctx, "-device %s", d->wishes[i].text);
		lend_error_evidence(ctx, "-device %s", d->wishes[last].text);
		return lend_error_remedy(ctx, "change or remove one of them");
	}
	return 0;
}

/* Checks for the device-tree node before the device is opened, which resets it.
 * sysfs shows the node, even of a device that was passed as a descriptor. */
static int run_devices_check_node(struct lend_ctx *ctx,
				  const struct run_identity *id)
{
	struct lend_platform *platform;
	char name[256];
	int err;

	if (id->address) {
		if (lend_attribute_read(id->address, "of_node/name", name,
					sizeof(name)) != -ENOENT)
			return 0;
		err = lend_platform_new(id->address, NULL, &platform);
		if (!err)
			lend_platform_free(platform);
		return err;
	}
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENODEV, id->name,
		       "sysfs does not show which device this is, so its "
		       "device-tree node is unknown");
	return lend_error_remedy(ctx, "give this process read access to /sys");
}

static int run_devices_add_pci(struct run_devices *d, struct lend_ctx *ctx,
			       size_t i)
{
	struct assign_pci_config *config = &d->pci[i];
	int err = run_device_configure(config, ctx, d->specs[i]);

	if (!err)
		err = run_locate(&d->ids[i], ctx, d->specs[i]);
	config->address = d->ids[i].address;
	config->fd = d->ids[i].fd;
	config->name = d->ids[i].name;
	config->id = lend_spec_get(d->specs[i], "id");
	config->socket = run_socket(d->specs[i]);
	d->wishes[i].name = config->name;
	d->configs[d->count++] = (struct machine_device_config){
		.open = assign_pci_open,
		.create = assign_pci_create,
		.measure = assign_pci_measure,
		.config = config,
		.shares_ram = config->socket,
	};
	return err;
}

static int run_devices_add_platform(struct run_devices *d, struct lend_ctx *ctx,
				    size_t i)
{
	struct assign_platform_config *config = &d->platform[i].config;
	int err = run_platform_configure(&d->platform[i], ctx, d->specs[i]);

	if (!err)
		err = run_locate(&d->ids[i], ctx, d->specs[i]);
	if (!err)
		err = run_devices_check_node(ctx, &d->ids[i]);
	config->address = d->ids[i].address;
	config->fd = d->ids[i].fd;
	config->name = d->ids[i].name;
	d->configs[d->count++] = (struct machine_device_config){
		.open = assign_platform_open,
		.create = assign_platform_create,
		.measure = assign_platform_measure,
		.config = config,
	};
	return err;
}

static int run_devices_add_device(struct run_devices *d, struct lend_ctx *ctx,
				  const struct run_options *asked, size_t i)
{
	const struct lend_spec *spec = d->specs[i];
	const char *text = asked->devices[i];
	int err;

	run_place_read(&d->wishes[i], spec, text);
	err = run_platform_is_meant(spec) ? run_devices_add_platform(d, ctx, i)
					  : run_devices_add_pci(d, ctx, i);
	if (!err)
		run_properties_warn(ctx, spec, d->ids[i].name);
	/* A server has an address space of its own. */
	if (!err && !run_socket(spec))
		err = run_iommu_join(&d->iommu, ctx, asked, spec, text);
	return err ? err : run_devices_check_repeat(d, ctx);
}

static int run_devices_add(struct run_devices *d, struct lend_ctx *ctx,
			   const struct run_options *asked)
{
	size_t i = d->asked++;
	bool is_spare = i >= asked->device_count;
	const char *text = is_spare ? d->spares[i - asked->device_count].text
				    : asked->devices[i];
	int err;

	d->ids[i].fd = -1;
	err = run_emulated_check(ctx, text);
	if (!err)
		err = lend_spec_parse(ctx, text, &d->specs[i]);
	if (err)
		return err;
	if (!run_place_is_port(d->specs[i]))
		return run_devices_add_device(d, ctx, asked, i);
	run_place_read_port(&d->wishes[i], d->specs[i], text);
	d->wishes[i].is_spare = is_spare;
	return 0;
}

/* Plans the places of devices on the guest's PCI buses. */
static int find_places(struct run_devices *d, struct lend_ctx *ctx)
{
	struct topology_wish *wishes = calloc(d->asked, sizeof(*wishes));
	size_t count = 0;
	int err;

	if (!wishes)
		return cli_no_memory(ctx);
	for (size_t i = 0; i < d->asked; i++)
		if (!run_platform_is_meant(d->specs[i]))
			wishes[count++] = d->wishes[i];
	err = topology_plan(&d->topology, ctx, wishes, count);
	count = 0;
	for (size_t i = 0; i < d->asked; i++)
		if (!run_platform_is_meant(d->specs[i])) {
			d->wishes[i] = wishes[count++];
			d->pci[i].place = d->wishes[i].place;
		}
	free(wishes);
	return err;
}

static int run_devices_allocate(struct run_devices *d, struct lend_ctx *ctx,
				size_t count)
{
	d->specs = calloc(count, sizeof(*d->specs));
	d->wishes = calloc(count, sizeof(*d->wishes));
	d->ids = calloc(count, sizeof(*d->ids));
	d->platform = calloc(count, sizeof(*d->platform));
	d->pci = calloc(count, sizeof(*d->pci));
	d->configs = calloc(count, sizeof(*d->configs));
	if (d->specs && d->wishes && d->ids && d->platform && d->pci &&
	    d->configs)
		return 0;
	return cli_no_memory(ctx);
}

/* As if they were among the -device options. */
static int run_devices_make_spares(struct run_devices *d, struct lend_ctx *ctx,
				   unsigned int count)
{
	if (!count)
		return 0;
	d->spares = calloc(count, sizeof(*d->spares));
	if (!d->spares)
		return cli_no_memory(ctx);
	for (unsigned int i = 0; i < count; i++)
		snprintf(d->spares[i].text, sizeof(d->spares[i].text),
			 "pcie-root-port,id=plug%u", i + 1);
	return 0;
}

int run_devices_find(struct run_devices *d, struct lend_ctx *ctx,
		     const struct run_options *asked,
		     struct run_refusals *refusals)
{
	size_t count = asked->device_count + asked->plug_slots;
	int err;

	*d = (struct run_devices){};
	run_iommu_init(&d->iommu, asked);
	err = run_devices_make_spares(d, ctx, asked->plug_slots);
	if (!err && count)
		err = run_devices_allocate(d, ctx, count);
	while (!err && d->asked < count)
		if (run_devices_add(d, ctx, asked))
			err = run_refusals_take(refusals, ctx);
	if (!err && run_iommu_keep_open(&d->iommu, ctx, asked))
		err = run_refusals_take(refusals, ctx);
	if (!err && count && !refusals->count && find_places(d, ctx))
		err = run_refusals_take(refusals, ctx);
	if (!err && !refusals->count)
		run_iommu_warn_unused(&d->iommu, ctx, asked);
	return err;
}

void run_devices_free(struct run_devices *d)
{
	topology_free(&d->topology);
	for (size_t i = 0; i < d->asked; i++) {
		run_identity_free(&d->ids[i]);
		run_platform_free(&d->platform[i]);
		free(d->pci[i].rom.bytes);
		lend_spec_unref(d->specs[i]);
	}
	free(d->spares);
	free(d->specs);
	free(d->wishes);
	free(d->ids);
	free(d->platform);
	free(d->pci);
	free(d->configs);
	*d = (struct run_devices){};
}
