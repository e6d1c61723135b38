// SPDX-License-Identifier: MIT
// Loads the modules that binding needs.

#include <stddef.h>

#include "cli/modprobe.h"
#include "cli/program.h"

/* Modules have the names of their drivers. */
static const struct {
	enum lend_bus bus;
	const char *module;
} modules[] = {
	{LEND_BUS_PCI, "vfio-pci"},
	{LEND_BUS_PLATFORM, "vfio-platform"},
};

static bool has_bus(const struct devices *devices, enum lend_bus bus)
{
	for (unsigned int i = 0; i < devices->count; i++)
		if (lend_address_bus(devices->addresses[i]) == bus)
			return true;
	return false;
}

static int modprobe_run(struct cli *cli, const char *module)
{
	/* -b: respect the administrator's blacklist. */
	const char *const argv[] = {"modprobe", "-q", "-b", "--", module, NULL};
	int err = program_run(cli, "/sbin/modprobe", argv);

	if (!err)
		lend_log(cli->ctx, LEND_LOG_INFO, "modprobe %s: loaded",
			 module);
	return err;
}

int modprobe_for(struct cli *cli, const struct devices *devices)
{
	for (unsigned int i = 0; i < sizeof(modules) / sizeof(modules[0]);
	     i++) {
		int err = 0;

		if (has_bus(devices, modules[i].bus))
			err = modprobe_run(cli, modules[i].module);
		if (err)
			return err;
	}
	return 0;
}
