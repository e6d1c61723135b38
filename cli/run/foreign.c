// SPDX-License-Identifier: MIT
// QEMU's other options: accepts those that ask for what happens anyway, and
// gives a reason for refusing the rest.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run/foreign-table.h"
#include "cli/run/foreign.h"
#include "cli/run/help.h"
#include "cli/run/keys.h"
#include "cli/run/words.h"

static int foreign_refuse(struct run_refusals *refusals, struct lend_ctx *ctx,
			  const struct foreign *f, const char *value)
{
	const char *separator = value ? " " : "";

	/* Where no value helps, none is worth its place in the message. */
	if (!f->same || !value)
		separator = value = "";
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL, "-%s%s%s: %s",
		       f->name, separator, value, f->why);
	lend_error_remedy(ctx, "%s", f->remedy);
	return run_refusals_take(refusals, ctx);
}

/* The options whose values have properties share the table of those. */
static const char *foreign_keys_name(const char *name)
{
	return strcmp(name, "M") ? name : "machine";
}

/* Defaults of devices that the guest does not have, such as those of the
 * chipset that libvirt sets, have no effect. */
static bool foreign_is_of_others(struct lend_ctx *ctx, const char *name,
				 const char *value)
{
	char *driver;
	bool is;

	if (strcmp(name, "global"))
		return false;
	driver = run_words_get(ctx, value, NULL, "driver");
	is = !run_keys_is_listed("vfio-*|pcie-root-port*",
				 driver ? driver : value);
	free(driver);
	return is;
}

int run_foreign(struct run_refusals *refusals, struct cli *cli,
		const char *name, const char *next, int *taken)
{
	const struct foreign *f = foreign_find(name);
	const char *value;
	int err;

	*taken = 0;
	if (!f)
		return -ENOENT;
	value = f->has_value ? next : NULL;
	*taken = value != NULL;
	if (value) {
		err = run_help(cli, name, value);
		if (err)
			return err;
		err = run_keys_check(refusals, cli->ctx,
				     foreign_keys_name(name), value);
		if (err != -ENOENT)
			return err;
	}
	if (value && foreign_is_of_others(cli->ctx, name, value))
		return 0;
	if (f->same &&
	    (!f->has_value || (value && run_keys_is_listed(f->same, value))))
		return 0;
	if (!f->remedy)
		return run_refusals_note(refusals, cli->ctx,
					 "-%s is ignored: %s", f->name, f->why);
	return foreign_refuse(refusals, cli->ctx, f, value);
}
