// SPDX-License-Identifier: MIT
// The checks of one device: type, group, driver, other members, nodes, holders.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lend/attribute.h>

#include "lib/address/address.h"
#include "lib/address/dependents.h"
#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/check/bypass.h"
#include "lib/check/chipset.h"
#include "lib/check/device.h"
#include "lib/check/framebuffer.h"
#include "lib/check/idle.h"
#include "lib/check/iommu.h"
#include "lib/check/node.h"
#include "lib/check/presentation.h"
#include "lib/host/driver.h"
#include "lib/host/module.h"
#include "lib/host/variant.h"

/* Whether VFIO made the group without an IOMMU, in no-IOMMU mode. Only the name
 * of its node differs from that of a mediated device's group. */
static bool check_is_no_iommu(struct lend_ctx *ctx, unsigned int group)
{
	char path[SYSFS_PATH];

	return !group_node_path(ctx, group, true, path) &&
	       sysfs_exists(ctx, path);
}

/* Returns the group's number, or -errno if it has none. */
static int check_device_group(struct check *check,
			      const struct lend_address *address)
{
	int group = lend_address_group(address);

	if (group < 0) {
		report_failure(check, "iommu");
		return group;
	}
	if (!check_is_no_iommu(check->ctx, (unsigned int)group)) {
		report_ok(check, "iommu", address->name, "in IOMMU group %d",
			  group);
		check_iommu(check, address, (unsigned int)group);
		check_bypass(check, address);
		return group;
	}
	lend_error_set(
		check->ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, address->name,
		"no IOMMU restricts its DMA: its group %d is in no-IOMMU mode",
		group);
	lend_error_remedy(check->ctx,
			  "a virtual machine requires an IOMMU: enable it, and "
			  "boot without enable_unsafe_noiommu_mode");
	report_failure(check, "iommu");
	return group;
}

/* Returns whether a device of its type can be lent. */
static bool check_device_type(struct check *check,
			      const struct lend_address *address)
{
	const struct vfio_bus *bus = vfio_bus_of(address->bus);

	if (!bus || !driver_check_not_bridge(check->ctx, bus, address->name))
		return true;
	report_failure(check, "type");
	return false;
}

/* Returns whether the kernel has the VFIO driver that it would be bound to. */
static bool check_device_module(struct check *check,
				const struct lend_address *address)
{
	const struct vfio_bus *bus = vfio_bus_of(address->bus);
	char driver[SYSFS_NAME];

	lend_address_driver(address, driver, sizeof(driver));
	if (!bus || group_is_vfio_driver(driver))
		return true;
	if (variant_choose(address, bus, NULL, driver) ||
	    module_check(check->ctx, bus, driver, address->name)) {
		report_failure(check, "vfio");
		return false;
	}
	if (strcmp(driver, bus->driver) != 0)
		report_ok(check, "vfio", address->name,
			  "its model has a VFIO driver of its own: %s", driver);
	return true;
}

/* Returns whether it is bound to a VFIO driver. */
static bool check_device_driver(struct check *check,
				const struct lend_address *address, int group)
{
	struct unknown unknown = {0};
	char driver[SYSFS_NAME];

	lend_address_driver(address, driver, sizeof(driver));
	if (address->bus == LEND_BUS_MDEV || group_is_vfio_driver(driver)) {
		report_ok(check, "driver", address->name, "bound to %s",
			  driver[0] ? driver : "the mdev bus");
		return true;
	}
	group_explain_host_driver(check->ctx, (unsigned int)group,
				  address->name);
	report_failure(check, "driver");
	if (!driver[0])
		return false;
	if (idle_ask(address, &unknown))
		report_failure(check, "in-use");
	else if (unknown.count)
		report_unknown(check, "in-use", address->name, &unknown);
	else
		report_ok(check, "in-use", address->name,
			  "the host does not use it");
	return false;
}

struct members {
	struct check *check;
	const struct lend_address *address;
};

/* Whether binding a member would remove the device. */
static bool check_is_maker(const struct members *members, const char *member)
{
	const struct kernel *k = members->check->ctx->kernel;
	char path[SYSFS_PATH], maker[SYSFS_PATH];

	return !sysfs_path(path, "%s/iommu_group/devices/%s",
			   members->address->path, member) &&
	       !k->realpath(k, path, maker, sizeof(maker)) &&
	       dependents_include(members->check->ctx, maker,
				  members->address->path);
}

static int check_device_member(void *opaque, const struct lend_member *member)
{
	const struct members *members = opaque;
	struct lend_ctx *ctx = members->check->ctx;
	const char *text = lend_member_verdict_text(member->verdict);
	const char *driver = member->driver[0] ? member->driver : "(no driver)";

	if (!strcmp(member->device, members->address->name))
		return 0;
	if (member->verdict != LEND_MEMBER_BLOCKS) {
		report_ok(members->check, "member", member->device, "%s: %s",
			  driver, text);
		return 0;
	}
	lend_error_set(ctx, LEND_ERROR_NOT_VIABLE, EPERM, member->device,
		       "%s: %s", driver, text);
	lend_error_evidence(ctx, "it is in the group of %s",
			    members->address->name);
	if (check_is_maker(members, member->device))
		dependents_add_maker_remedy(ctx, member->device);
	else
		lend_error_remedy(ctx, "lend bind --group %s",
				  members->address->name);
	report_failure(members->check, "member");
	return 0;
}

static void check_device_holder(struct check *check,
				const struct lend_address *address)
{
	struct unknown unknown = {0};

	if (holders_ask_device(check->ctx, address->name, address->path,
			       &unknown))
		report_failure(check, "holder");
	else if (unknown.count)
		report_unknown(check, "holder", address->name, &unknown);
	else
		report_ok(check, "holder", address->name,
			  "no process has it or its group open");
}

void check_device(struct check *check, const struct lend_address *address)
{
	struct members members = {check, address};
	bool is_bound;
	int group;

	if (!check_device_type(check, address) ||
	    !check_chipset(check, address))
		return;
	check_presentation(check, address);
	/* No other remedy helps before. */
	if (!check_device_module(check, address))
		return;
	group = check_device_group(check, address);
	if (group < 0)
		return;
	is_bound = check_device_driver(check, address, group);
	if (lend_group_list(check->ctx, (unsigned int)group,
			    check_device_member, &members))
		report_failure(check, "member");
	if (is_bound) {
		check_nodes(check, address, (unsigned int)group);
		check_device_holder(check, address);
	} else {
		report_warning(check, "node", address->name, "",
			       "access rights are known only after binding");
	}
	check_framebuffer(check, address);
}
