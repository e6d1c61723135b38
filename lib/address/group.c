// SPDX-License-Identifier: MIT
// IOMMU groups in sysfs: their members, and which of them block a group.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/dependents.h"
#include "lib/address/group.h"
#include "lib/base/context.h"

/* A line of more than this many names helps nobody. */
enum { NAMED_MAX = 16 };

/* Drivers other than VFIO's that do no DMA, and so do not block a group. */
static const struct {
	const char *name;
	enum lend_member_verdict verdict;
} passive_drivers[] = {
	{"pcieport", LEND_MEMBER_BRIDGE},
	{"pci-stub", LEND_MEMBER_STUB},
	{"pci-pf-stub", LEND_MEMBER_STUB},
};

static const char *const verdict_texts[] = {
	[LEND_MEMBER_VFIO] = "ok",
	[LEND_MEMBER_UNBOUND] = "ok",
	[LEND_MEMBER_STUB] = "ok",
	[LEND_MEMBER_BRIDGE] = "bridge, ok",
	[LEND_MEMBER_BLOCKS] = "BLOCKS: host driver still attached",
};

const char *lend_member_verdict_text(enum lend_member_verdict verdict)
{
	if ((unsigned int)verdict >=
		    sizeof(verdict_texts) / sizeof(verdict_texts[0]) ||
	    !verdict_texts[verdict])
		return "unknown";
	return verdict_texts[verdict];
}

int group_node_path(const struct lend_ctx *ctx, unsigned int group,
		    bool is_noiommu, char path[SYSFS_PATH])
{
	return sysfs_path(path, "%s/vfio/%s%u", ctx->dev,
			  is_noiommu ? "noiommu-" : "", group);
}

bool group_is_vfio_driver(const char *driver)
{
	/* vfio-pci, vfio-platform, mlx5_vfio_pci, nvgrace-gpu-vfio-pci, … */
	return strstr(driver, "vfio");
}

/* A device of VFIO has a vfio-dev directory, whatever its driver's name (since
 * Linux 6.1); a device on the mdev bus always belongs to VFIO. */
static bool is_served_by_vfio(struct lend_ctx *ctx, const char *device)
{
	char path[SYSFS_PATH], bus[SYSFS_NAME];

	if (!sysfs_path(path, "%s/vfio-dev", device) && sysfs_exists(ctx, path))
		return true;
	return !sysfs_path(path, "%s/subsystem", device) &&
	       sysfs_link(ctx, path, bus, sizeof(bus)) > 0 &&
	       !strcmp(bus, "mdev");
}

static enum lend_member_verdict
group_judge_member(struct lend_ctx *ctx, const char *device, const char *driver)
{
	if (!*driver)
		return LEND_MEMBER_UNBOUND;
	if (group_is_vfio_driver(driver) || is_served_by_vfio(ctx, device))
		return LEND_MEMBER_VFIO;
	for (unsigned int i = 0;
	     i < sizeof(passive_drivers) / sizeof(passive_drivers[0]); i++)
		if (!strcmp(driver, passive_drivers[i].name))
			return passive_drivers[i].verdict;
	return LEND_MEMBER_BLOCKS;
}

static int group_fill_member(struct lend_ctx *ctx, const char *group,
			     const char *name, struct group_member *member)
{
	char device[SYSFS_PATH], link[SYSFS_PATH];
	int err = sysfs_path(device, "%s/%s", group, name);

	if (!err)
		err = sysfs_path(link, "%s/driver", device);
	if (!err)
		err = sysfs_link(ctx, link, member->driver,
				 sizeof(member->driver));
	if (err == -ENOENT)
		member->driver[0] = '\0';
	else if (err < 0)
		return err;
	snprintf(member->name, sizeof(member->name), "%s", name);
	member->verdict = group_judge_member(ctx, device, member->driver);
	return 0;
}

int group_list(struct lend_ctx *ctx, unsigned int group,
	       struct group_members *members)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	int err;

	members->members = NULL;
	members->count = 0;
	err = sysfs_path(path, "%s/kernel/iommu_groups/%u/devices", ctx->sysfs,
			 group);
	if (!err)
		err = sysfs_list(ctx, path, &names);
	if (err)
		return err;
	members->members = calloc(names.count + 1, sizeof(*members->members));
	if (!members->members)
		err = -ENOMEM;
	for (unsigned int i = 0; i < names.count && !err; i++) {
		err = group_fill_member(ctx, path, names.names[i],
					&members->members[i]);
		members->count += !err;
	}
	sysfs_names_free(&names);
	if (err)
		group_members_free(members);
	return err;
}

void group_members_free(struct group_members *members)
{
	free(members->members);
	members->members = NULL;
	members->count = 0;
}

int lend_group_list(struct lend_ctx *ctx, unsigned int group,
		    int (*each)(void *opaque, const struct lend_member *member),
		    void *opaque)
{
	struct group_members members;
	int result = group_list(ctx, group, &members);

	if (result)
		return error_system(ctx, -result, NULL,
				    "list the members of IOMMU group %u",
				    group);
	for (unsigned int i = 0; i < members.count && !result; i++) {
		const struct group_member *m = &members.members[i];
		const struct lend_member member = {
			.device = m->name,
			.driver = m->driver,
			.verdict = m->verdict,
		};

		result = each(opaque, &member);
	}
	group_members_free(&members);
	return result;
}

/* Marks the members whose driver makes the device: to bind those would remove
 * it. Returns the first one's name, or NULL. */
static const char *group_find_makers(struct lend_ctx *ctx, unsigned int group,
				     const char *device,
				     struct group_members *members)
{
	const struct kernel *k = ctx->kernel;
	char dir[SYSFS_PATH], path[SYSFS_PATH], maker[SYSFS_PATH];
	const char *first = NULL;

	if (sysfs_path(dir, "%s/kernel/iommu_groups/%u/devices/%s", ctx->sysfs,
		       group, device) ||
	    k->realpath(k, dir, path, sizeof(path)))
		return NULL;
	for (unsigned int i = 0; i < members->count; i++) {
		struct group_member *m = &members->members[i];

		if (sysfs_path(dir, "%s/kernel/iommu_groups/%u/devices/%s",
			       ctx->sysfs, group, m->name) ||
		    k->realpath(k, dir, maker, sizeof(maker)))
			continue;
		m->is_maker = m->verdict == LEND_MEMBER_BLOCKS &&
			      dependents_include(ctx, maker, path);
		if (m->is_maker && !first)
			first = m->name;
	}
	return first;
}

/* Writes the names of the blocking members, each after a space; none if they
 * are too many or too long. */
static unsigned int name_blocking(const struct group_members *members,
				  char *names, size_t size)
{
	bool fits = true;
	unsigned int blocking = 0;
	size_t used = 0;

	names[0] = '\0';
	for (unsigned int i = 0; i < members->count; i++) {
		const struct group_member *m = &members->members[i];

		if (m->verdict != LEND_MEMBER_BLOCKS || m->is_maker)
			continue;
		fits = fits && blocking < NAMED_MAX &&
		       used + strlen(m->name) + 2 <= size;
		blocking++;
		if (fits)
			used += (size_t)snprintf(names + used, size - used,
						 " %s", m->name);
	}
	if (!fits)
		names[0] = '\0';
	return blocking;
}

bool group_is_blocked(struct lend_ctx *ctx, unsigned int group)
{
	struct group_members members;
	bool blocks = false;

	if (group_list(ctx, group, &members))
		return false;
	for (unsigned int i = 0; i < members.count; i++)
		blocks |= members.members[i].verdict == LEND_MEMBER_BLOCKS;
	group_members_free(&members);
	return blocks;
}

int group_explain_not_viable(struct lend_ctx *ctx, unsigned int group,
			     const char *device)
{
	struct group_members members;
	char blocking[512];
	const char *maker;
	unsigned int count;

	lend_error_set(ctx, LEND_ERROR_NOT_VIABLE, EPERM, device,
		       "its IOMMU group %u is not viable", group);
	if (group_list(ctx, group, &members))
		return lend_error_evidence(ctx, "its members cannot be listed");
	for (unsigned int i = 0; i < members.count; i++) {
		const struct group_member *m = &members.members[i];

		lend_error_evidence(ctx, "%s %-13s %s", m->name,
				    m->driver[0] ? m->driver : "(no driver)",
				    verdict_texts[m->verdict]);
	}
	maker = group_find_makers(ctx, group, device, &members);
	count = name_blocking(&members, blocking, sizeof(blocking));
	if (maker)
		dependents_add_maker_remedy(ctx, maker);
	else if (!count)
		lend_error_evidence(ctx,
				    "no member has a host driver; the kernel "
				    "refuses the group for another reason");
	else if (blocking[0])
		lend_error_remedy(ctx, "lend bind%s", blocking);
	else
		lend_error_remedy(ctx, "lend bind --group %s", device);
	group_members_free(&members);
	return -EPERM;
}

int group_explain_host_driver(struct lend_ctx *ctx, unsigned int group,
			      const char *device)
{
	char path[SYSFS_PATH], driver[SYSFS_NAME];

	if (sysfs_path(path, "%s/kernel/iommu_groups/%u/devices/%s/driver",
		       ctx->sysfs, group, device) ||
	    sysfs_link(ctx, path, driver, sizeof(driver)) < 0)
		lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, ENOENT, device,
			       "not bound to a VFIO driver: it has no driver");
	else
		lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, ENOENT, device,
			       "not bound to a VFIO driver: its driver is %s",
			       driver);
	return lend_error_remedy(ctx, "lend bind %s", device);
}
