// SPDX-License-Identifier: MIT
// Finds the host device of a -device string of `lend run`.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lend/lend.h>

#include "cli/no-memory.h"
#include "cli/run/locate.h"

/*
 * A descriptor is all that a device needs. sysfs is only used to recognise the
 * device, if this process can read it.
 */
static int locate_fd(struct run_identity *id, struct lend_ctx *ctx,
		     const struct lend_spec *spec)
{
	const char *text = lend_spec_get(spec, "fd");
	struct stat st;
	int err;

	id->fd = (int)strtoul(text, NULL, 10);
	if (fstat(id->fd, &st) < 0 || !S_ISCHR(st.st_mode)) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "fd=%s is not the descriptor of a device", text);
		return lend_error_remedy(
			ctx,
			"open the device's /dev/vfio/devices/vfioN as "
			"descriptor %s",
			text);
	}
	err = lend_spec_locate(spec, &id->address);
	return err && lend_ctx_error(ctx)->code == LEND_ERROR_WRONG_TYPE ? err
									 : 0;
}

const char *run_socket(const struct lend_spec *spec)
{
	const char *path = lend_spec_get(spec, "socket");

	return path ? path : lend_spec_get(spec, "socket.path");
}

/* Chooses the device's name in messages. */
static int name_device(struct run_identity *id, struct lend_ctx *ctx,
		       const struct lend_spec *spec)
{
	const char *name = lend_spec_get(spec, "id");
	char number[32];

	snprintf(number, sizeof(number), "fd %d", id->fd);
	if (id->address && (id->fd < 0 || !name))
		name = lend_address_name(id->address);
	if (!name)
		name = run_socket(spec);
	id->name = strdup(name ? name : number);
	if (id->name)
		return 0;
	return cli_no_memory(ctx);
}

int run_locate(struct run_identity *id, struct lend_ctx *ctx,
	       const struct lend_spec *spec)
{
	int err;

	*id = (struct run_identity){.fd = -1};
	if (run_socket(spec))
		err = 0;
	else if (lend_spec_get(spec, "fd"))
		err = locate_fd(id, ctx, spec);
	else
		err = lend_spec_locate(spec, &id->address);
	return err ? err : name_device(id, ctx, spec);
}

void run_identity_free(struct run_identity *id)
{
	lend_address_unref(id->address);
	free(id->name);
	*id = (struct run_identity){.fd = -1};
}
