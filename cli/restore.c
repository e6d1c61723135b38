// SPDX-License-Identifier: MIT
// lend restore: returns devices to their host drivers.

#include <errno.h>

#include "cli/cdi-file.h"
#include "cli/devices.h"
#include "cli/moves.h"
#include "cli/options.h"
#include "cli/persist.h"
#include "cli/vf.h"

struct restore_flags {
	bool force;
};

static const struct cli_option options[] = {
	{.name = "force",
	 .help = "remove virtual functions and other dependent devices",
	 .flag = offsetof(struct restore_flags, force)},
};

static const struct cli_syntax syntax = {
	.operands = "[DEVICE]...",
	.about = "Returns each DEVICE to the driver that it had before lend "
		 "bind. Without DEVICE,\n"
		 "returns every device that lend bind took. Removes the rules "
		 "of lend bind\n"
		 "--persistent, and restores what lend sriov set for virtual "
		 "functions.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

/* A call of lend restore. */
struct restore_call {
	struct cli *cli;
	const struct devices *devices; /* none for all */
	struct lend_bind_options *options;
	struct devices ruled; /* that a rule binds, and that were restored */
	struct devices set;   /* virtual functions whose settings were */
	struct lend_error *failure; /* the first, for its report at the end */
	int err;
};

static bool restore_has_device(const struct devices *devices,
			       const struct lend_address *address)
{
	for (unsigned int i = 0; i < devices->count; i++)
		if (lend_address_equal(devices->addresses[i], address))
			return true;
	return false;
}

/* Returns 0 for a device that is on a host driver already. */
static int restore_if_bound(struct restore_call *call,
			    struct lend_address *address)
{
	struct lend_ctx *ctx = call->cli->ctx;
	int err = lend_restore(ctx, &address, 1, call->options);

	return err == -ENOENT && lend_ctx_error(ctx)->code == LEND_ERROR_STATE
		       ? 0
		       : err;
}

/* Restores a device that a rule binds at boot; that needs no record. Returns 0
 * if the rule can go. */
static int restore_ruled(void *opaque, const char *device,
			 struct lend_address *address)
{
	struct restore_call *call = opaque;
	struct lend_ctx *ctx = call->cli->ctx;
	int err;

	if (!address && call->devices->count)
		return 1;
	if (!address) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "%s is gone or was replaced; its rule is removed",
			 device);
		return 0;
	}
	if (call->devices->count && !restore_has_device(call->devices, address))
		return 1;
	err = devices_add(ctx, &call->ruled, address);
	if (err)
		return err;
	call->options->unrecorded = true;
	err = restore_if_bound(call, address);
	call->options->unrecorded = false;
	return err;
}

/* Restores those that no rule binds, or all that are recorded. */
static int restore_others(struct restore_call *call)
{
	struct lend_ctx *ctx = call->cli->ctx;
	struct devices others = {0};
	int err = 0;

	if (!call->devices->count)
		return lend_restore(ctx, NULL, 0, call->options);
	for (unsigned int i = 0; i < call->devices->count && !err; i++) {
		struct lend_address *address = call->devices->addresses[i];

		if (restore_has_device(&call->ruled, address))
			continue;
		if (restore_has_device(&call->set, address))
			err = restore_if_bound(call, address);
		else
			err = devices_add(ctx, &others, address);
	}
	if (!err && others.count)
		err = lend_restore(ctx, others.addresses, others.count,
				   call->options);
	devices_free(&others);
	return err;
}

/* No failure prevents what follows it. */
static void restore_note(struct restore_call *call, int err)
{
	if (!err || call->err)
		return;
	call->err = err;
	call->failure = lend_error_copy(call->cli->ctx);
}

static int cmd_restore_devices(struct cli *cli, const struct devices *devices,
			       bool force)
{
	struct moves moves;
	struct lend_bind_options restore_options = {
		.size = sizeof(restore_options),
		.force = force,
		.moved = moves_add,
		.opaque = &moves,
	};
	struct restore_call call = {
		.cli = cli, .devices = devices, .options = &restore_options};

	moves_begin(&moves, cli);
	/* A host driver reads the MAC address when it is bound. */
	restore_note(&call, vf_restore(cli, devices, &call.set));
	restore_note(&call, persist_end(cli, restore_ruled, &call));
	restore_note(&call, restore_others(&call));
	restore_note(&call, cdi_prune(cli));
	if (call.failure)
		lend_error_restore(cli->ctx, call.failure);
	lend_error_free(call.failure);
	devices_free(&call.ruled);
	devices_free(&call.set);
	return moves_end(&moves, call.err);
}

int cmd_restore(struct cli *cli, int argc, char **argv)
{
	struct restore_flags flags = {0};
	struct devices devices = {0};
	int count = cli_parse(cli, &syntax, &flags, argc, argv);
	int err;

	if (count < 0)
		return count;
	if (count) {
		err = devices_find(cli->ctx, argv + 1, (unsigned int)count,
				   &devices);
		if (err)
			return err;
	}
	err = cmd_restore_devices(cli, &devices, flags.force);
	devices_free(&devices);
	return err;
}
