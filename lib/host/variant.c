// SPDX-License-Identifier: MIT
// Chooses the VFIO driver of a device by the aliases of the kernel's drivers.

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include <lend/attribute.h>
#include <lend/bind.h>

#include "lib/address/address.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/host/variant-aliases.h"
#include "lib/host/variant.h"

/* The best module for a device, and what is known of the wanted one. */
struct variant_search {
	char device[SYSFS_NAME]; /* its modalias, without "pci:" */
	const char *wanted;      /* "" for the best */
	char module[SYSFS_NAME];
	unsigned int wildcards; /* of the best alias */
	bool has_wanted;        /* the wanted module has aliases */
};

/* Whether both name the same module, as modprobe takes them. */
static bool variant_is_same(const char *a, const char *b)
{
	while (*a && *b && (*a == '-' ? '_' : *a) == (*b == '-' ? '_' : *b))
		a++, b++;
	return !*a && !*b;
}

static unsigned int variant_count_wildcards(const char *pattern)
{
	unsigned int count = 0;

	for (; *pattern; pattern++)
		count += *pattern == '*';
	return count;
}

static void variant_judge(struct variant_search *search, const char *pattern,
			  const char *module)
{
	unsigned int wildcards = variant_count_wildcards(pattern);

	if (search->wanted[0] && !variant_is_same(search->wanted, module))
		return;
	search->has_wanted = true;
	if (fnmatch(pattern, search->device, 0) ||
	    (search->module[0] && search->wildcards <= wildcards))
		return;
	search->wildcards = wildcards;
	strcpy(search->module, module);
}

static int variant_search(const struct lend_address *address,
			  struct variant_search *search)
{
	static const char prefix[] = "pci:";
	const char *aliases = variant_aliases(address->ctx);
	char modalias[SYSFS_NAME], *text, *rest, *line;

	if (!aliases)
		return error_no_memory(address->ctx, address->name);
	if (lend_attribute_read(address, "modalias", modalias,
				sizeof(modalias)) <= 0 ||
	    strncmp(modalias, prefix, strlen(prefix)) != 0)
		return 0;
	strcpy(search->device, modalias + strlen(prefix));
	rest = text = strdup(aliases);
	if (!text)
		return error_no_memory(address->ctx, address->name);
	while ((line = strsep(&rest, "\n")) && *line) {
		const char *pattern = strsep(&line, " ");

		variant_judge(search, pattern, line);
	}
	free(text);
	return 0;
}

/* The driver of a module, whose name may be another, once it is loaded. */
static void variant_find_driver(struct lend_ctx *ctx,
				const struct vfio_bus *bus, const char *module,
				char driver[SYSFS_NAME])
{
	struct sysfs_names names;
	char path[SYSFS_PATH], directory[SYSFS_NAME];

	strcpy(driver,
	       variant_is_same(module, bus->driver) ? bus->driver : module);
	strcpy(directory, module);
	for (char *c = directory; *c; c++)
		*c = *c == '-' ? '_' : *c;
	if (sysfs_path(path, "%s/module/%s/drivers", ctx->sysfs, directory) ||
	    sysfs_list(ctx, path, &names))
		return;
	for (unsigned int i = 0; i < names.count; i++) {
		const char *name = strchr(names.names[i], ':');

		if (name && group_is_vfio_driver(name + 1))
			strcpy(driver, name + 1);
	}
	sysfs_names_free(&names);
}

/* A name without what is no part of one. */
static bool variant_is_name(const char *wanted)
{
	return group_is_vfio_driver(wanted) && !strpbrk(wanted, "/\n :") &&
	       strlen(wanted) < SYSFS_NAME;
}

static int variant_check_wanted(const struct lend_address *address,
				const struct vfio_bus *bus, const char *wanted)
{
	if (!variant_is_name(wanted)) {
		lend_error_set(address->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "'%s' is not a VFIO driver", wanted);
		return lend_error_remedy(
			address->ctx,
			"use auto, %s, or a variant of it, such as "
			"mlx5_vfio_pci",
			bus->driver);
	}
	if (bus->bus == LEND_BUS_PCI || !strcmp(wanted, bus->driver))
		return 0;
	lend_error_set(address->ctx, LEND_ERROR_WRONG_TYPE, EINVAL,
		       address->name, "%s is not a driver of its bus", wanted);
	return lend_error_remedy(address->ctx, "use auto, or %s", bus->driver);
}

static int variant_refuse(const struct lend_address *address,
			  const struct variant_search *search)
{
	lend_error_set(address->ctx, LEND_ERROR_WRONG_TYPE, ENOTSUP,
		       address->name, "driver %s does not support it",
		       search->wanted);
	lend_error_evidence(
		address->ctx,
		"none of its aliases in modules.alias matches " VARIANT_PREFIX
		"%s",
		search->device);
	return lend_error_remedy(address->ctx, "lend bind --driver auto %s",
				 address->name);
}

int variant_choose(const struct lend_address *address,
		   const struct vfio_bus *bus, const char *wanted,
		   char driver[SYSFS_NAME])
{
	struct variant_search search = {.wanted = wanted ? wanted : "auto"};
	char path[SYSFS_PATH];
	int err = 0;

	strcpy(driver, bus->driver);
	if (!strcmp(search.wanted, "auto"))
		search.wanted = "";
	else
		err = variant_check_wanted(address, bus, search.wanted);
	if (err || bus->bus != LEND_BUS_PCI)
		return err;
	err = variant_search(address, &search);
	if (err)
		return err;
	/* A driver without any alias supports what its user says. */
	if (search.wanted[0] && !search.module[0]) {
		if (search.has_wanted)
			return variant_refuse(address, &search);
		strcpy(search.module, search.wanted);
	}
	if (!search.module[0])
		return 0;
	if (search.wanted[0] &&
	    !sysfs_path(path, "%s/bus/pci/drivers/%s", address->ctx->sysfs,
			search.wanted) &&
	    sysfs_exists(address->ctx, path))
		strcpy(driver, search.wanted);
	else
		variant_find_driver(address->ctx, bus, search.module, driver);
	return 0;
}

void variant_add_remedy(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *device, const char *driver)
{
	if (strcmp(driver, bus->driver) != 0 &&
	    lend_ctx_error(ctx)->code == LEND_ERROR_HOST_DRIVER)
		lend_error_remedy(ctx,
				  "or use the driver of its bus: lend "
				  "bind --driver %s %s",
				  bus->driver, device);
}

int lend_bind_driver(const struct lend_address *address, const char *wanted,
		     char *driver, size_t size)
{
	const struct vfio_bus *bus = vfio_bus_of(address->bus);
	char name[SYSFS_NAME] = "";
	int err = 0;

	if (!bus && address->bus != LEND_BUS_MDEV)
		return driver_refuse_bus(address->ctx, address->name);
	if (bus)
		err = driver_check_not_bridge(address->ctx, bus, address->name);
	if (!err && bus)
		err = variant_choose(address, bus, wanted, name);
	if (err)
		return err;
	if (strlen(name) >= size)
		return lend_error_set(address->ctx, LEND_ERROR_ARGUMENT,
				      ENOBUFS, address->name,
				      "driver '%s' exceeds %zu bytes", name,
				      size);
	strcpy(driver, name);
	return 0;
}
