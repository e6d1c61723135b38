// SPDX-License-Identifier: MIT
// The -device strings of `lend run` together: no two clash, and each has a
// place.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "run-device.h"
#include "run-devices.h"
#include "run-options.h"
#include "run-place.h"

static bool same_device(const struct assign_pci_config *a,
			const struct assign_pci_config *b)
{
	return (a->fd >= 0 && a->fd == b->fd) ||
	       (a->address && b->address &&
		lend_address_equal(a->address, b->address));
}

/* Compare the newest device with those before it. */
static int check_repeat(const struct run_devices *d, struct lend_ctx *ctx)
{
	size_t last = d->asked - 1;

	for (size_t i = 0; i < last; i++) {
		if (!same_device(&d->pci[i], &d->pci[last]))
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL,
			       d->pci[last].name, "given twice");
		lend_error_evidence(ctx, "-device %s", d->wishes[i].text);
		lend_error_evidence(ctx, "-device %s", d->wishes[last].text);
		return lend_error_remedy(ctx, "change one of them, or leave it "
					      "out");
	}
	return 0;
}

static int add_device(struct run_devices *d, struct lend_ctx *ctx,
		      const struct run_options *asked, size_t i)
{
	struct assign_pci_config *config = &d->pci[i];
	const char *text = asked->devices[i];
	int err;

	config->kvm_vfio = &d->kvm_vfio;
	d->configs[d->count++] = (struct machine_device_config){
		.create = assign_pci_create,
		.measure = assign_pci_measure,
		.config = config,
	};
	run_place_read(&d->wishes[i], d->specs[i], text);
	err = run_device_configure(config, ctx, d->specs[i]);
	if (!err)
		err = run_iommu_join(&d->iommu, ctx, asked, d->specs[i], text);
	d->wishes[i].name = config->name;
	return err ? err : check_repeat(d, ctx);
}

static int add(struct run_devices *d, struct lend_ctx *ctx,
	       const struct run_options *asked)
{
	size_t i = d->asked++;
	const char *text = asked->devices[i];
	int err;

	d->pci[i].fd = -1;
	err = lend_spec_parse(ctx, text, &d->specs[i]);
	if (err)
		return err;
	if (!run_place_is_port(d->specs[i]))
		return add_device(d, ctx, asked, i);
	run_place_read_port(&d->wishes[i], ctx, d->specs[i], text);
	return 0;
}

static int find_places(struct run_devices *d, struct lend_ctx *ctx)
{
	int err = topology_plan(&d->topology, ctx, d->wishes, d->asked);

	for (size_t i = 0; i < d->asked; i++)
		d->pci[i].place = d->wishes[i].place;
	return err;
}

int run_devices_find(struct run_devices *d, struct lend_ctx *ctx,
		     const struct run_options *asked)
{
	size_t count = asked->device_count;
	int err = 0;

	*d = (struct run_devices){};
	run_iommu_init(&d->iommu, asked);
	if (!count) {
		run_iommu_warn_unused(&d->iommu, ctx, asked);
		return 0;
	}
	d->specs = calloc(count, sizeof(*d->specs));
	d->wishes = calloc(count, sizeof(*d->wishes));
	d->pci = calloc(count, sizeof(*d->pci));
	d->configs = calloc(count, sizeof(*d->configs));
	if (!d->specs || !d->wishes || !d->pci || !d->configs)
		return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
				      "not enough memory");
	while (!err && d->asked < count)
		err = add(d, ctx, asked);
	if (!err)
		err = find_places(d, ctx);
	if (!err)
		run_iommu_warn_unused(&d->iommu, ctx, asked);
	return err;
}

void run_devices_free(struct run_devices *d)
{
	topology_free(&d->topology);
	for (size_t i = 0; i < d->asked; i++) {
		lend_address_unref(d->pci[i].address);
		free(d->pci[i].name);
		free(d->pci[i].rom.bytes);
		lend_spec_unref(d->specs[i]);
	}
	free(d->specs);
	free(d->wishes);
	free(d->pci);
	free(d->configs);
	*d = (struct run_devices){};
}
