// SPDX-License-Identifier: MIT
// The -device strings of `lend run` together: no two clash.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "run-device.h"
#include "run-devices.h"
#include "run-options.h"

static bool same_device(const struct assign_pci_config *a,
			const struct assign_pci_config *b)
{
	return (a->fd >= 0 && a->fd == b->fd) ||
	       (a->address && b->address &&
		lend_address_equal(a->address, b->address));
}

static bool same_place(const struct assign_pci_config *a,
		       const struct assign_pci_config *b)
{
	return a->at.slot >= 0 && a->at.slot == b->at.slot &&
	       a->at.function == b->at.function;
}

/* Compare the newest device with those before it. */
static int check_repeat(const struct run_devices *d, struct lend_ctx *ctx,
			const char **texts)
{
	const struct assign_pci_config *new = &d->pci[d->count - 1];

	for (size_t i = 0; i < d->count - 1; i++) {
		const struct assign_pci_config *old = &d->pci[i];

		if (same_device(old, new)) {
			lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL,
				       new->name, "given twice");
		} else if (same_place(old, new)) {
			lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL,
				       new->name, "addr=%x.%x is %s's",
				       (unsigned int)new->at.slot,
				       (unsigned int)new->at.function,
				       old->name);
		} else {
			continue;
		}
		lend_error_evidence(ctx, "-device %s", texts[i]);
		lend_error_evidence(ctx, "-device %s", texts[d->count - 1]);
		return lend_error_remedy(ctx, "change one of them, or leave it "
					      "out");
	}
	return 0;
}

static int add(struct run_devices *d, struct lend_ctx *ctx,
	       const struct run_options *asked)
{
	struct assign_pci_config *config = &d->pci[d->count];
	const char *text = asked->devices[d->count];
	struct lend_spec *spec = NULL;
	int err;

	config->fd = -1;
	config->kvm_vfio = &d->kvm_vfio;
	d->configs[d->count++] = (struct machine_device_config){
		.create = assign_pci_create,
		.config = config,
	};
	err = lend_spec_parse(ctx, text, &spec);
	if (!err)
		err = run_device_configure(config, ctx, spec);
	if (!err)
		err = run_iommu_join(&d->iommu, ctx, asked, spec, text);
	lend_spec_unref(spec);
	return err ? err : check_repeat(d, ctx, asked->devices);
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
	d->pci = calloc(count, sizeof(*d->pci));
	d->configs = calloc(count, sizeof(*d->configs));
	if (!d->pci || !d->configs)
		return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
				      "not enough memory");
	while (!err && d->count < count)
		err = add(d, ctx, asked);
	if (!err)
		run_iommu_warn_unused(&d->iommu, ctx, asked);
	return err;
}

void run_devices_free(struct run_devices *d)
{
	for (size_t i = 0; i < d->count; i++) {
		lend_address_unref(d->pci[i].address);
		free(d->pci[i].name);
		free(d->pci[i].rom.bytes);
	}
	free(d->pci);
	free(d->configs);
	*d = (struct run_devices){};
}
