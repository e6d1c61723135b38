// SPDX-License-Identifier: MIT
// One -device string of `lend run`: which host device it means, and how the
// machine is to present it.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "run-device.h"

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

/* The properties that are heeded here. */
static const char *const heeded[] = {
	"host", "sysfsdev", "mdev", "id", "addr", "multifunction", "x-no-mmap",
};

int run_device_configure(struct assign_pci_config *config, struct lend_ctx *ctx,
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
