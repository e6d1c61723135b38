// SPDX-License-Identifier: MIT
// Configures a platform device of `lend run` from its -device string.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/no-memory.h"
#include "cli/run/platform.h"
#include "cli/run/properties.h"
#include "vmm/irq/irq.h"

/* The properties that are used here, by run_locate() or by run_iommu_join(). */
static const char *const supported[] = {
	"host",    "sysfsdev",        "fd",         "iommufd",
	"id",      "mmap-timeout-ms", "x-no-mmap",  "x-irqfd",
	"dt-drop", "dt-number",       "dt-overlay", "dt-keep-address",
};

bool run_platform_is_meant(const struct lend_spec *spec)
{
	const char *driver = lend_spec_driver(spec);

	return !strncmp(driver, "vfio-", 5) && strcmp(driver, "vfio-pci") &&
	       strcmp(driver, "vfio-user-pci");
}

/* A machine without interrupts for them has no device tree either. */
static int run_platform_check_machine(struct lend_ctx *ctx,
				      const struct lend_spec *spec)
{
	if (IRQ_PLATFORM_COUNT)
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENOTSUP, NULL,
		       "-device %s: platform devices are unsupported: the "
		       "guest has no device tree",
		       lend_spec_driver(spec));
	return lend_error_remedy(
		ctx, "use an arm64 host; here, use -device vfio-pci,...");
}

int run_platform_configure(struct run_platform *platform, struct lend_ctx *ctx,
			   const struct lend_spec *spec)
{
	struct assign_platform_config *config = &platform->config;
	int err = run_platform_check_machine(ctx, spec);

	if (!err)
		err = run_properties_check(ctx, spec, supported,
					   sizeof(supported) /
						   sizeof(supported[0]));
	if (!err)
		err = dt_options_take(&platform->options, ctx, spec);
	if (err)
		return err;
	/* mmap-timeout-ms is ignored: QEMU maps regions again after that time,
	 * but here they are never unmapped. */
	config->no_mmap = lend_spec_get_bool(spec, "x-no-mmap", false);
	config->no_irqfd = !lend_spec_get_bool(spec, "x-irqfd", true);
	platform->front_end = strdup(lend_spec_driver(spec));
	if (!platform->front_end)
		return cli_no_memory(ctx);
	config->node =
		dt_options_platform(&platform->options, platform->front_end);
	return 0;
}

void run_platform_free(struct run_platform *platform)
{
	dt_options_free(&platform->options);
	free(platform->front_end);
	platform->front_end = NULL;
}
