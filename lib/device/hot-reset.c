// SPDX-License-Identifier: MIT
// Hot reset of the slot or bus of a PCI function, with all functions on it,
// which must be open in this process.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/pci.h>
#include <linux/vfio.h>

#include <lend/reset.h>

#include "lib/address/bdf.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/base/uapi.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"
#include "lib/device/reset.h"
#include "lib/iommu/group.h"

/* All functions of a bus, and then some. */
#define REACH_MAX 4096
#define TRIES_MAX 4

_Static_assert(sizeof(struct vfio_pci_hot_reset_info) == 12 &&
		       sizeof(struct vfio_pci_dependent_device) == 8,
	       "as the kernel's");

/* The kernel's answer: the devices that a hot reset affects. */
struct reach {
	struct vfio_pci_hot_reset_info *info; /* ours to free */
	uint32_t count;
};

static int hot_reset_explain_none(struct lend_device *device)
{
	lend_error_set(device->ctx, LEND_ERROR_DEVICE, ENOTSUP,
		       lend_device_name(device), "hot reset is unsupported");
	return lend_error_evidence(
		device->ctx,
		"neither its slot nor its bus can be reset separately");
}

/* Repeats the query until the answer fits, a bounded number of times. */
static int hot_reset_ask(struct lend_device *device, struct reach *reach)
{
	int err = -ENOSPC;
	uint32_t room = 16;

	for (int i = 0; err == -ENOSPC && i < TRIES_MAX; i++) {
		size_t size = sizeof(*reach->info) + room * 8;

		free(reach->info);
		reach->info = calloc(1, size);
		if (!reach->info)
			return -ENOMEM;
		reach->info->argsz = (uint32_t)size;
		err = reach_ioctl(device, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
				  reach->info);
		reach->count = reach->info->count;
		if (err == -ENOSPC && reach->count > REACH_MAX)
			break;
		if (err >= 0 && reach->count > room)
			return -EBADMSG;
		room = reach->count > room ? reach->count : room;
	}
	if (err == -ENOSPC)
		return -EBADMSG;
	return err < 0 ? err : 0;
}

static int read_reach(struct lend_device *device, struct reach *reach)
{
	int err;

	reach->info = NULL;
	reach->count = 0;
	err = hot_reset_ask(device, reach);
	if (!err)
		return 0;
	free(reach->info);
	reach->info = NULL;
	switch (err) {
	case -ENOMEM:
		return error_no_memory(device->ctx, lend_device_name(device));
	case -ENODEV:
	case -ENOTTY:
	case -EINVAL: /* as drivers that know no such ioctl say too */
		return hot_reset_explain_none(device);
	case -EBADMSG:
		return device_bad_answer(device,
					 "number of devices in a hot reset",
					 reach->count);
	}
	return error_system(device->ctx, -err, lend_device_name(device),
			    "query the devices that a hot reset affects");
}

static struct vfio_pci_dependent_device
hot_reset_entry(const struct reach *reach, uint32_t i)
{
	struct vfio_pci_dependent_device entry;

	memcpy(&entry, (const char *)(reach->info + 1) + i * sizeof(entry),
	       sizeof(entry));
	return entry;
}

/* The kernel reports the low half of the domain. A reset stays in the domain of
 * the device, which has the high half. */
static uint32_t hot_reset_domain(const struct lend_device *asked,
				 const struct vfio_pci_dependent_device *entry)
{
	struct bdf own = {0};

	if (asked->address)
		bdf_parse(lend_address_name(asked->address), &own);
	return (own.domain & 0xffff0000) | entry->segment;
}

static void hot_reset_print_entry(const struct lend_device *asked,
				  const struct vfio_pci_dependent_device *entry,
				  char name[BDF_TEXT])
{
	const struct bdf bdf = {
		.domain = hot_reset_domain(asked, entry),
		.bus = entry->bus,
		.device = PCI_SLOT(entry->devfn),
		.function = PCI_FUNC(entry->devfn),
	};

	bdf_print(&bdf, name);
}

/* A group is owned as a whole; devices bound to an iommufd are reported one by
 * one. */
static void hot_reset_describe(struct lend_device *device,
			       const struct reach *reach, uint32_t i,
			       struct lend_reset_target *target)
{
	struct vfio_pci_dependent_device entry = hot_reset_entry(reach, i);
	const struct group *group;

	target->domain = hot_reset_domain(device, &entry);
	target->bus = entry.bus;
	target->slot = PCI_SLOT(entry.devfn);
	target->function = PCI_FUNC(entry.devfn);
	if (reach->info->flags & UAPI_HOT_RESET_DEV_ID) {
		target->group = -1;
		target->is_ours = entry.group_id != UAPI_HOT_RESET_NOT_OWNED;
		return;
	}
	group = entry.group_id <= INT32_MAX
			? group_find(device->ctx, (int)entry.group_id)
			: NULL;
	target->group = (int)(entry.group_id & INT32_MAX);
	target->is_ours = group && group->fd >= 0;
}

int lend_device_hot_reset_info(struct lend_device *device,
			       struct lend_reset_target *targets,
			       unsigned int room)
{
	struct reach reach;
	int err;

	pthread_mutex_lock(&device->ctx->open_lock);
	err = read_reach(device, &reach);
	for (uint32_t i = 0; !err && i < reach.count && i < room; i++)
		hot_reset_describe(device, &reach, i, &targets[i]);
	pthread_mutex_unlock(&device->ctx->open_lock);
	free(reach.info);
	return err ? err : (int)reach.count;
}

/* Whether an open device is entry @i of the kernel's answer. */
static bool hot_reset_is_entry(const struct lend_device *device,
			       const struct lend_device *asked,
			       const struct reach *reach, uint32_t i)
{
	struct vfio_pci_dependent_device entry = hot_reset_entry(reach, i);
	char name[BDF_TEXT];

	if (reach->info->flags & UAPI_HOT_RESET_DEV_ID)
		return device->attachment.number == entry.group_id &&
		       device->iommu->fd == asked->iommu->fd;
	hot_reset_print_entry(asked, &entry, name);
	return device->address &&
	       !strcmp(lend_address_name(device->address), name);
}

/* Whether a function of ours is in use outside the set. Notes it in the set if
 * it is there. */
static bool is_used(const struct lend_device *device, const struct reach *reach,
		    uint32_t i, const struct reset_set *set)
{
	const struct lend_device *other = device->ctx->devices;

	for (unsigned int j = 0; j < set->count; j++) {
		if (!hot_reset_is_entry(set->devices[j], device, reach, i))
			continue;
		set->reached[j] = true;
		return false;
	}
	if (reach->info->flags & UAPI_HOT_RESET_DEV_ID)
		return hot_reset_entry(reach, i).group_id !=
		       UAPI_HOT_RESET_OWNED;
	while (other && !hot_reset_is_entry(other, device, reach, i))
		other = other->next;
	return other;
}

static void hot_reset_add_name(const struct lend_device *asked,
			       const struct reach *reach, uint32_t i)
{
	struct vfio_pci_dependent_device entry = hot_reset_entry(reach, i);
	char name[BDF_TEXT];

	hot_reset_print_entry(asked, &entry, name);
	lend_error_evidence(asked->ctx, "%s", name);
}

/* Adds the function's driver and its users, as far as sysfs and procfs show. */
static void hot_reset_add_owner(const struct lend_device *asked,
				const struct reach *reach, uint32_t i)
{
	struct lend_ctx *ctx = asked->ctx;
	struct vfio_pci_dependent_device entry = hot_reset_entry(reach, i);
	char path[SYSFS_PATH], link[SYSFS_PATH], driver[SYSFS_NAME];
	char name[BDF_TEXT];

	hot_reset_print_entry(asked, &entry, name);
	if (sysfs_path(path, "%s/bus/pci/devices/%s", ctx->sysfs, name) ||
	    sysfs_path(link, "%s/driver", path) ||
	    sysfs_link(ctx, link, driver, sizeof(driver)) <= 0) {
		lend_error_evidence(ctx, "%s is bound to no driver", name);
		return;
	}
	lend_error_evidence(ctx, "%s is bound to %s", name, driver);
	holders_add_device_evidence(ctx, path);
}

/* All functions affected must be ours; those that are open must be in @set, if
 * it is given. */
static int hot_reset_check(struct lend_device *device,
			   const struct reach *reach,
			   const struct reset_set *set)
{
	struct lend_reset_target target;
	uint32_t foreign = 0, used = 0;
	bool is_in_the_way;

	for (uint32_t i = 0; i < reach->count; i++) {
		hot_reset_describe(device, reach, i, &target);
		is_in_the_way = !target.is_ours ||
				(set && is_used(device, reach, i, set));
		if (!is_in_the_way)
			continue;
		if (!foreign && !used)
			lend_error_set(
				device->ctx, LEND_ERROR_BUSY, EBUSY,
				lend_device_name(device),
				"a hot reset would affect devices that are %s",
				target.is_ours ? "in use"
					       : "not open in this process");
		foreign += !target.is_ours;
		used += target.is_ours;
		if (!set)
			hot_reset_add_owner(device, reach, i);
		else
			hot_reset_add_name(device, reach, i);
	}
	if (foreign)
		return lend_error_remedy(device->ctx,
					 "bind them with lend bind, and open "
					 "them in this process too");
	return used ? lend_error_remedy(device->ctx, "reset them together") : 0;
}

/* Collects the descriptor of each affected group once. Returns their number. */
static uint32_t collect_groups(struct lend_device *device,
			       const struct reach *reach, int32_t *fds)
{
	struct lend_reset_target target;
	const struct group *group;
	uint32_t count = 0;
	bool is_known;

	for (uint32_t i = 0; i < reach->count; i++) {
		hot_reset_describe(device, reach, i, &target);
		group = group_find(device->ctx, target.group);
		is_known = !group;
		for (uint32_t j = 0; j < count && !is_known; j++)
			is_known = fds[j] == group->fd;
		if (!is_known)
			fds[count++] = group->fd;
	}
	return count;
}

static int reset_reach(struct lend_device *device, const struct reach *reach)
{
	size_t size = sizeof(struct vfio_pci_hot_reset) +
		      reach->count * sizeof(int32_t);
	struct vfio_pci_hot_reset *reset = calloc(1, size);
	int err;

	if (!reset)
		return error_no_memory(device->ctx, lend_device_name(device));
	reset->argsz = (uint32_t)size;
	if (!(reach->info->flags & UAPI_HOT_RESET_DEV_ID))
		reset->count = collect_groups(device, reach, reset->group_fds);
	for (struct lend_device *d = device->ctx->devices; d; d = d->next)
		d->is_image_old = true;
	err = reach_ioctl(device, VFIO_DEVICE_PCI_HOT_RESET, reset);
	free(reset);
	if (err < 0)
		return lend_error_set(device->ctx, LEND_ERROR_DEVICE, -err,
				      lend_device_name(device),
				      "hot reset failed: %s", strerror(-err));
	return 0;
}

int hot_reset_set(struct lend_device *device, const struct reset_set *set)
{
	size_t notes = set ? set->count * sizeof(*set->reached) : 0;
	struct reach reach;
	int err;

	if (set)
		memset(set->reached, 0, notes);
	pthread_mutex_lock(&device->ctx->open_lock);
	err = read_reach(device, &reach);
	if (!err)
		err = hot_reset_check(device, &reach, set);
	if (!err)
		err = reset_reach(device, &reach);
	pthread_mutex_unlock(&device->ctx->open_lock);
	free(reach.info);
	if (set && err)
		memset(set->reached, 0, notes);
	return err;
}

int lend_device_hot_reset(struct lend_device *device)
{
	return hot_reset_set(device, NULL);
}
