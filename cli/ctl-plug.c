// SPDX-License-Identifier: MIT
// Plugs a device into a run: opens it here, and passes it in.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/ctl-plug.h"
#include "cli/json.h"

#define FD_NAME "lend-ctl"

/* What names the device, which the run cannot find. */
static bool ctl_plug_is_name(const char *property)
{
	static const char *const names[] = {"host", "sysfsdev", "mdev", "fd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(property, names[i]))
			return true;
	return false;
}

static struct json_object *
ctl_plug_arguments(const struct lend_spec *spec,
		   const struct lend_address *address)
{
	struct json_object *arguments = json_object_new_object();
	const char *driver = lend_spec_driver(spec), *name, *value;

	json_add_text(arguments, "driver", driver);
	for (unsigned int i = 0; (name = lend_spec_known(driver, i)); i++) {
		value = lend_spec_get(spec, name);
		if (value && !ctl_plug_is_name(name))
			json_add_text(arguments, name, value);
	}
	/* Its name in the run's messages. */
	json_add_text(arguments,
		      lend_address_bus(address) == LEND_BUS_MDEV ? "mdev"
								 : "host",
		      lend_address_name(address));
	json_add_text(arguments, "fd", FD_NAME);
	return arguments;
}

static int ctl_plug_check(struct cli *cli, const struct lend_spec *spec)
{
	const char *driver = lend_spec_driver(spec);

	if (strcmp(driver, "vfio-pci") != 0) {
		lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-device %s: it cannot be plugged", driver);
		return lend_error_remedy(cli->ctx, "start lend run with it");
	}
	if (!lend_spec_get(spec, "fd"))
		return 0;
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-device %s: lend ctl opens the device itself", driver);
	return lend_error_remedy(cli->ctx, "replace fd= by host=");
}

static int ctl_plug_pass(struct client *client, const struct lend_spec *spec,
			 struct lend_address *address,
			 struct json_object **result)
{
	int fd = lend_device_open_node(address);
	int err;

	if (fd < 0)
		return fd;
	err = client_pass(client, FD_NAME, fd);
	/* The device stays in use while a copy is open. */
	close(fd);
	return err ? err
		   : client_call(client, "device_add",
				 ctl_plug_arguments(spec, address), result);
}

int ctl_plug(struct cli *cli, struct client *client, const char *text,
	     struct json_object **result)
{
	struct lend_address *address = NULL;
	struct lend_spec *spec;
	int err = lend_spec_parse(cli->ctx, text, &spec);

	if (err)
		return err;
	err = ctl_plug_check(cli, spec);
	if (!err)
		err = lend_spec_locate(spec, &address);
	if (!err)
		err = ctl_plug_pass(client, spec, address, result);
	lend_address_unref(address);
	lend_spec_unref(spec);
	return err;
}
