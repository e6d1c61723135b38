// SPDX-License-Identifier: MIT
// Finds the devices that are named on the command line, or all devices.

#include <errno.h>
#include <stdlib.h>

#include <lend/check.h>

#include "cli/devices.h"
#include "cli/no-memory.h"

int devices_find(struct lend_ctx *ctx, char *const *names, unsigned int count,
		 struct devices *devices)
{
	int err = 0;

	devices->count = 0;
	devices->addresses = calloc(count, sizeof(*devices->addresses));
	if (!devices->addresses)
		return cli_no_memory(ctx);
	for (unsigned int i = 0; i < count && !err; i++) {
		err = lend_address_find(ctx, names[i], &devices->addresses[i]);
		devices->count += !err;
	}
	if (err)
		devices_free(devices);
	return err;
}

void devices_free(struct devices *devices)
{
	for (unsigned int i = 0; i < devices->count; i++)
		lend_address_unref(devices->addresses[i]);
	free(devices->addresses);
	devices->addresses = NULL;
	devices->count = 0;
}

int devices_parse(struct cli *cli, const struct cli_syntax *syntax,
		  void *opaque, int argc, char **argv, struct devices *devices)
{
	int count = cli_parse(cli, syntax, opaque, argc, argv);

	if (count < 0)
		return count;
	if (!count)
		return cli_refuse(cli, argv[0], "no device given");
	return devices_find(cli->ctx, argv + 1, (unsigned int)count, devices);
}

int devices_add(struct lend_ctx *ctx, struct devices *devices,
		struct lend_address *address)
{
	struct lend_address **more;

	for (unsigned int i = 0; i < devices->count; i++)
		if (lend_address_equal(devices->addresses[i], address))
			return 0;
	more = reallocarray(devices->addresses, devices->count + 1UL,
			    sizeof(*more));
	if (!more)
		return cli_no_memory(ctx);
	devices->addresses = more;
	more[devices->count++] = lend_address_ref(address);
	return 0;
}

int devices_each(struct lend_ctx *ctx,
		 int (*each)(void *opaque, struct lend_address *address),
		 void *opaque)
{
	static const enum lend_bus buses[] = {
		LEND_BUS_PCI,
		LEND_BUS_PLATFORM,
		LEND_BUS_MDEV,
	};
	int err = 0;

	lend_check_begin(ctx);
	for (unsigned int i = 0; i < sizeof(buses) / sizeof(buses[0]) && !err;
	     i++)
		err = lend_host_list(ctx, buses[i], each, opaque);
	lend_check_end(ctx);
	return err;
}
