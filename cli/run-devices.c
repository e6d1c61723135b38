// SPDX-License-Identifier: MIT
// The -device strings of `lend run`: understood, and found in sysfs.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "run-devices.h"

/* Read addr=, which lend_spec_parse() has found to be SLOT[.FUNCTION]. */
static int read_slot(struct pci_slot *at, struct lend_ctx *ctx,
		     const struct lend_spec *spec)
{
	const char *text = lend_spec_get(spec, "addr");
	char *end;

	*at = (struct pci_slot){.slot = -1};
	if (!text)
		return 0;
	at->slot = (int)strtoul(text, &end, 16);
	if (*end == '.')
		at->function = (int)strtoul(end + 1, NULL, 16);
	if (at->slot)
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "addr=%s: slot 0 has the host bridge", text);
	return lend_error_remedy(ctx, "choose one of 1 to 1f, or leave it out");
}

/* What a machine of this kind can present. */
static int check_driver(struct lend_ctx *ctx, const struct lend_spec *spec)
{
	const char *driver = lend_spec_driver(spec);

	if (!strcmp(driver, "vfio-pci"))
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-device %s: this machine takes PCI functions only",
		       driver);
	return lend_error_remedy(ctx, "-device vfio-pci,...");
}

/* The properties that configure() heeds. */
static const char *const heeded[] = {
	"host", "sysfsdev", "mdev", "id", "addr", "multifunction", "x-no-mmap",
};

static int configure(struct assign_pci_config *config, struct lend_ctx *ctx,
		     const struct lend_spec *spec)
{
	int err = check_driver(ctx, spec);

	if (!err)
		err = lend_spec_check_known(spec, heeded,
					    sizeof(heeded) / sizeof(heeded[0]));
	if (!err)
		err = read_slot(&config->at, ctx, spec);
	if (err)
		return err;
	config->multifunction =
		lend_spec_get_bool(spec, "multifunction", false);
	config->no_mmap = lend_spec_get_bool(spec, "x-no-mmap", false);
	return lend_spec_locate(spec, &config->address);
}

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

	err = lend_spec_parse(ctx, texts[d->count], &spec);
	if (!err)
		err = configure(config, ctx, spec);
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
