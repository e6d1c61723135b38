// SPDX-License-Identifier: MIT
// Devices named on the command line.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "devices.h"

int devices_find(struct lend_ctx *ctx, char *const *names, unsigned int count,
		 struct devices *devices)
{
	int error = 0;

	devices->count = 0;
	devices->addresses = calloc(count, sizeof(*devices->addresses));
	if (!devices->addresses)
		return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
				      "not enough memory");
	for (unsigned int i = 0; i < count && !error; i++) {
		error = lend_address_find(ctx, names[i],
					  &devices->addresses[i]);
		devices->count += !error;
	}
	if (error)
		devices_free(devices);
	return error;
}

void devices_free(struct devices *devices)
{
	for (unsigned int i = 0; i < devices->count; i++)
		lend_address_unref(devices->addresses[i]);
	free(devices->addresses);
	devices->addresses = NULL;
	devices->count = 0;
}

static const char *driver_or_none(const char *driver)
{
	return driver[0] ? driver : "(none)";
}

void devices_print_moved(void *opaque, const char *device, const char *from,
			 const char *to)
{
	(void)opaque;
	printf("%s  %s -> %s\n", device, driver_or_none(from),
	       driver_or_none(to));
}
