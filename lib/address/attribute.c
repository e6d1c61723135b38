// SPDX-License-Identifier: MIT
// Reads the sysfs attributes of a device.

#include <string.h>

#include <lend/attribute.h>

#include "lib/address/address.h"
#include "lib/base/sysfs.h"

int lend_attribute_read(const struct lend_address *address, const char *name,
			char *text, size_t size)
{
	char path[SYSFS_PATH];
	int err = sysfs_path(path, "%s/%s", address->path, name);

	text[0] = '\0';
	return err ? err : sysfs_read(address->ctx, path, text, size);
}

int lend_attribute_bytes(const struct lend_address *address, const char *name,
			 void *data, size_t size)
{
	char path[SYSFS_PATH];
	int err = sysfs_path(path, "%s/%s", address->path, name);

	if (err)
		return err;
	/* The kernel asks the device, after any reset of it. */
	if (!strcmp(name, "config"))
		return sysfs_read_bytes_apart(address->ctx, path, data, size,
					      ATTRIBUTE_SECONDS);
	return sysfs_read_bytes(address->ctx, path, data, size);
}

int lend_attribute_link(const struct lend_address *address, const char *name,
			char *target, size_t size)
{
	char path[SYSFS_PATH];
	int err = sysfs_path(path, "%s/%s", address->path, name);

	target[0] = '\0';
	return err ? err : sysfs_link(address->ctx, path, target, size);
}

int lend_attribute_list(const struct lend_address *address, const char *name,
			int (*each)(void *opaque, const char *entry),
			void *opaque)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	int result = sysfs_path(path, "%s/%s", address->path, name);

	if (!result)
		result = sysfs_list(address->ctx, path, &names);
	if (result)
		return result;
	for (unsigned int i = 0; i < names.count && !result; i++)
		result = each(opaque, names.names[i]);
	sysfs_names_free(&names);
	return result;
}
