// SPDX-License-Identifier: MIT
// Loads the modules that binding needs.

#include <stddef.h>
#include <string.h>

#include "cli/modprobe.h"
#include "cli/program.h"

/* Whether none of the devices before has the driver. */
static bool modprobe_is_first(const struct devices *devices, unsigned int until,
			      const char *wanted, const char *driver)
{
	char other[256];

	for (unsigned int i = 0; i < until; i++)
		if (!lend_bind_driver(devices->addresses[i], wanted, other,
				      sizeof(other)) &&
		    !strcmp(other, driver))
			return false;
	return true;
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

/* A driver that is not loaded yet has its module's name. */
int modprobe_for(struct cli *cli, const struct devices *devices,
		 const char *wanted)
{
	char driver[256];
	int err = 0;

	for (unsigned int i = 0; i < devices->count && !err; i++)
		if (!lend_bind_driver(devices->addresses[i], wanted, driver,
				      sizeof(driver)) &&
		    driver[0] && modprobe_is_first(devices, i, wanted, driver))
			err = modprobe_run(cli, driver);
	return err;
}
