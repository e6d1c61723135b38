// SPDX-License-Identifier: MIT
// lend bind: binds devices to their VFIO drivers.

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "cli/cdi-file.h"
#include "cli/devices.h"
#include "cli/modprobe.h"
#include "cli/moves.h"
#include "cli/options.h"
#include "cli/persist.h"
#include "cli/program.h"
#include "cli/user.h"

struct bind {
	bool group;
	bool dry_run;
	bool force;
	bool persistent;
	bool forget;
	bool cdi;
	const char *driver;
	const char *owner;
	uid_t uid;
};

static int cmd_bind_set_driver(struct cli *cli, void *opaque, const char *value)
{
	struct bind *bind = opaque;

	(void)cli;
	bind->driver = value;
	return 0;
}

static int set_owner(struct cli *cli, void *opaque, const char *value)
{
	struct bind *bind = opaque;
	const struct passwd *user = cli_user_find(cli->ctx, "bind", value);

	if (!user)
		return -EINVAL;
	bind->owner = value;
	bind->uid = user->pw_uid;
	return 0;
}

static const struct cli_option options[] = {
	{.name = "group",
	 .help = "also bind what blocks the IOMMU group",
	 .flag = offsetof(struct bind, group)},
	{.name = "dry-run",
	 .help = "show what would be done; change nothing",
	 .flag = offsetof(struct bind, dry_run)},
	{.name = "driver",
	 .argument = "NAME",
	 .help = "VFIO driver; auto: the one that fits best (auto)",
	 .set = cmd_bind_set_driver},
	{.name = "owner",
	 .argument = "USER",
	 .help = "make USER the owner of the nodes in /dev/vfio",
	 .set = set_owner},
	{.name = "persistent",
	 .help = "bind them at each boot too, by a udev rule",
	 .flag = offsetof(struct bind, persistent)},
	{.name = "forget",
	 .help = "remove their udev rules; change nothing else",
	 .flag = offsetof(struct bind, forget)},
	{.name = "cdi",
	 .help = "also describe them to container engines (lend cdi)",
	 .flag = offsetof(struct bind, cdi)},
	{.name = "force",
	 .help = "bind devices in use by the host; remove dependent ones",
	 .flag = offsetof(struct bind, force)},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE...",
	.about = "Unbinds each DEVICE from its host driver and binds it to the "
		 "VFIO driver of its\n"
		 "bus: all of them, or none. lend restore undoes it. A device "
		 "in use by the host\n"
		 "is refused.\n"
		 "\n"
		 "DEVICE is a PCI address (02:00.0), a path in /sys, the name "
		 "of a platform\n"
		 "device, the UUID of a mediated device, or a -device string.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

struct expansion {
	struct lend_ctx *ctx;
	struct devices *devices;
	const struct lend_address *of;
	bool adds;
	unsigned int blocking;
	bool has_maker;
};

/* Adds a device that blocks the group, or counts it. One that depends on the
 * device asked for goes with that one's driver. */
static int expand_by(struct expansion *expansion, struct lend_address *member)
{
	if (lend_address_depends(member, expansion->of))
		return 0;
	if (expansion->adds)
		return devices_add(expansion->ctx, expansion->devices, member);
	expansion->blocking += !lend_address_equal(member, expansion->of);
	expansion->has_maker |= lend_address_depends(expansion->of, member);
	return 0;
}

static int visit_blocking(void *opaque, const struct lend_member *member)
{
	struct expansion *expansion = opaque;
	struct lend_address *address;
	char path[4096];
	int err;

	if (member->verdict != LEND_MEMBER_BLOCKS)
		return 0;
	snprintf(path, sizeof(path), "%s/iommu_group/devices/%s",
		 lend_address_path(expansion->of), member->device);
	err = lend_address_find_path(expansion->ctx, path, &address);
	if (err)
		return err;
	err = expand_by(expansion, address);
	lend_address_unref(address);
	return err;
}

static void warn_of_blocking(struct cli *cli, int group,
			     const struct expansion *expansion)
{
	if (expansion->has_maker)
		lend_log(cli->ctx, LEND_LOG_WARNING,
			 "IOMMU group %d has the device whose driver makes "
			 "this one: it cannot be lent by itself",
			 group);
	else
		lend_log(cli->ctx, LEND_LOG_WARNING,
			 "IOMMU group %d has other devices with host drivers "
			 "(%u); bind them too: lend bind --group %s",
			 group, expansion->blocking,
			 lend_address_name(expansion->of));
}

/* Adds the devices that block the groups; without --group, only warns of
 * them. */
static int cmd_bind_expand(struct cli *cli, const struct bind *bind,
			   struct devices *devices)
{
	unsigned int named = devices->count;

	for (unsigned int i = 0; i < named; i++) {
		struct expansion expansion = {
			.ctx = cli->ctx,
			.devices = devices,
			.of = devices->addresses[i],
			.adds = bind->group,
		};
		int group = lend_address_group(expansion.of);
		int err = group < 0 ? group : 0;

		/* Binding creates the group of some devices; lend_bind()
		 * handles them. */
		if (err == -ENODATA)
			continue;
		if (!err)
			err = lend_group_list(cli->ctx, (unsigned int)group,
					      visit_blocking, &expansion);
		if (err)
			return err;
		if (expansion.blocking && named == 1)
			warn_of_blocking(cli, group, &expansion);
	}
	return 0;
}

/* Binds, and loads the VFIO driver of a bus first if it is missing. */
static int bind_loading(struct cli *cli, const struct devices *devices,
			const struct lend_bind_options *bind_options)
{
	int err = lend_bind(cli->ctx, devices->addresses, devices->count,
			    bind_options);

	/* -ENOTSUP: there is no module to load. */
	if (err != -ENOENT ||
	    lend_ctx_error(cli->ctx)->code != LEND_ERROR_NO_VFIO)
		return err;
	if (modprobe_for(cli, devices, bind_options->driver))
		return err;
	return lend_bind(cli->ctx, devices->addresses, devices->count,
			 bind_options);
}

/* udev sets the owner of a new node, so it must finish first. */
static int cmd_bind_give_nodes(struct cli *cli, const struct bind *bind,
			       const struct devices *devices)
{
	const char *const settle[] = {"udevadm", "settle", "--timeout=10",
				      NULL};
	int err = 0;

	if (!bind->owner)
		return 0;
	program_run(cli, "/usr/bin/udevadm", settle);
	for (unsigned int i = 0; i < devices->count && !err; i++)
		err = lend_host_give(devices->addresses[i], bind->uid);
	return err;
}

/* A driver in the initramfs is loaded before the rules of the root file system
 * are read. */
static int cmd_bind_persist(struct cli *cli, const struct bind *bind,
			    const struct devices *devices)
{
	int err = persist_add(cli, devices, bind->driver);

	if (err)
		return lend_error_remedy(cli->ctx,
					 "the devices are bound until the next "
					 "boot; then repeat lend bind "
					 "--persistent");
	if (cli->json)
		return 0;
	for (unsigned int i = 0; i < devices->count; i++)
		printf("%s  bound at each boot\n",
		       lend_address_name(devices->addresses[i]));
	puts("If the initramfs has one of their drivers: update-initramfs -u, "
	     "or dracut -f");
	return 0;
}

static int cmd_bind_carry_out(struct cli *cli, const struct bind *bind,
			      struct devices *devices)
{
	struct moves moves;
	struct lend_bind_options bind_options = {
		.size = sizeof(bind_options),
		.moved = moves_add,
		.opaque = &moves,
		.driver = bind->driver,
		.dry_run = bind->dry_run,
		.force = bind->force,
		.idle = !bind->force,
	};
	int err = cmd_bind_expand(cli, bind, devices);

	moves_begin(&moves, cli);
	if (!err && bind->persistent)
		err = persist_check(cli, devices);
	if (!err)
		err = bind_loading(cli, devices, &bind_options);
	if (!err && bind->persistent && !bind->dry_run)
		err = cmd_bind_persist(cli, bind, devices);
	if (!err && !bind->dry_run)
		err = cmd_bind_give_nodes(cli, bind, devices);
	if (!err && bind->cdi && !bind->dry_run)
		err = cdi_add(cli, devices);
	return moves_end(&moves, err);
}

static int cmd_bind_forget(struct cli *cli, const struct bind *bind,
			   char *const *names, unsigned int count)
{
	struct moves moves;

	if (bind->persistent || bind->group || bind->dry_run || bind->owner ||
	    bind->driver || bind->cdi)
		return cli_refuse(cli, "bind",
				  "--forget goes with no other option");
	moves_begin(&moves, cli);
	return moves_end(&moves, persist_forget(cli, names, count));
}

int cmd_bind(struct cli *cli, int argc, char **argv)
{
	struct bind bind = {0};
	struct devices devices;
	int count = cli_parse(cli, &syntax, &bind, argc, argv), err;

	if (count < 0)
		return count;
	if (!count)
		return cli_refuse(cli, argv[0], "no device given");
	/* One that was removed can be forgotten. */
	if (bind.forget)
		return cmd_bind_forget(cli, &bind, argv + 1,
				       (unsigned int)count);
	err = devices_find(cli->ctx, argv + 1, (unsigned int)count, &devices);
	if (err)
		return err;
	err = cmd_bind_carry_out(cli, &bind, &devices);
	devices_free(&devices);
	return err;
}
