// SPDX-License-Identifier: MIT
// The -device strings of `lend run` together: no two clash.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "run-device.h"
#include "run-devices.h"

static bool same_place(const struct assign_pci_config *a,
		       const struct assign_pci_config *b)
{
	return a->at.slot >= 0 && a->at.slot == b->at.slot &&
	       a->at.function == b->at.function;
}

/* Compare the newest device with those before it. */
static int check_repeat(const struct run_devices *d, struct lend_ctx *ctx,
			const char *const *texts)
{
	const struct assign_pci_config *new = &d->pci[d->count - 1];

	for (size_t i = 0; i < d->count - 1; i++) {
		const struct assign_pci_config *old = &d->pci[i];
		const char *name = lend_address_name(new->address);

		if (lend_address_equal(old->address, new->address)) {
			lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, name,
				       "given twice");
		} else if (same_place(old, new)) {
			lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, name,
				       "addr=%x.%x is %s's",
				       (unsigned int)new->at.slot,
				       (unsigned int)new->at.function,
				       lend_address_name(old->address));
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
	       const char *const *texts)
{
	struct assign_pci_config *config = &d->pci[d->count];
	struct lend_spec *spec = NULL;
	int err;

	config->fd = -1;
	err = lend_spec_parse(ctx, texts[d->count], &spec);
	if (!err)
		err = run_device_configure(config, ctx, spec);
	lend_spec_unref(spec);
	if (err)
		return err;
	config->kvm_vfio = &d->kvm_vfio;
	d->configs[d->count++] = (struct machine_device_config){
		.create = assign_pci_create,
		.config = config,
	};
	return check_repeat(d, ctx, texts);
}

int run_devices_find(struct run_devices *d, struct lend_ctx *ctx,
		     const char *const *texts, size_t count)
{
	int err = 0;

	*d = (struct run_devices){};
	if (!count)
		return 0;
	d->pci = calloc(count, sizeof(*d->pci));
	d->configs = calloc(count, sizeof(*d->configs));
	if (!d->pci || !d->configs)
		return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
				      "not enough memory");
	while (!err && d->count < count)
		err = add(d, ctx, texts);
	return err;
}

void run_devices_free(struct run_devices *d)
{
	for (size_t i = 0; i < d->count; i++)
		lend_address_unref(d->pci[i].address);
	free(d->pci);
	free(d->configs);
	*d = (struct run_devices){};
}
