// SPDX-License-Identifier: MIT
// A device that was found in sysfs: its name, path, bus, group and driver.

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/address.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

struct lend_ctx *address_ctx(const struct lend_address *address)
{
	return address->ctx;
}

const char *address_bus_name(enum lend_bus bus)
{
	switch (bus) {
	case LEND_BUS_PCI:
		return "pci";
	case LEND_BUS_PLATFORM:
		return "platform";
	case LEND_BUS_MDEV:
		return "mdev";
	case LEND_BUS_OTHER:
		break;
	}
	return NULL;
}

struct lend_address *lend_address_ref(struct lend_address *address)
{
	atomic_fetch_add_explicit(&address->refs, 1, memory_order_relaxed);
	return address;
}

struct lend_address *lend_address_unref(struct lend_address *address)
{
	if (address && atomic_fetch_sub_explicit(&address->refs, 1,
						 memory_order_acq_rel) == 1) {
		lend_ctx_unref(address->ctx);
		free(address->path);
		free(address);
	}
	return NULL;
}

const char *lend_address_name(const struct lend_address *address)
{
	return address->name;
}

const char *lend_address_path(const struct lend_address *address)
{
	return address->path;
}

enum lend_bus lend_address_bus(const struct lend_address *address)
{
	return address->bus;
}

int lend_address_group(const struct lend_address *address)
{
	struct lend_ctx *ctx = address->ctx;

	if (address->group >= 0)
		return address->group;
	if (address->group == -ENOENT)
		return group_explain_none(ctx, address->name, address->path);
	if (address->group == -EBADMSG)
		return lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG,
				      address->name,
				      "its iommu_group link in sysfs does not "
				      "point to a group");
	return error_system(ctx, -address->group, address->name,
			    "read %s/iommu_group", address->path);
}

int lend_address_driver(const struct lend_address *address, char *buffer,
			unsigned int size)
{
	char link[SYSFS_PATH];
	int length = sysfs_path(link, "%s/driver", address->path);

	if (!size)
		return -ENAMETOOLONG;
	buffer[0] = '\0';
	if (!length)
		length = sysfs_link(address->ctx, link, buffer, size);
	return length == -ENOENT ? 0 : length;
}

bool lend_address_equal(const struct lend_address *a,
			const struct lend_address *b)
{
	return !strcmp(a->path, b->path);
}
