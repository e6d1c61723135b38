// SPDX-License-Identifier: MIT
// lend serve: offers a device to a virtual machine monitor through a socket.

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/devices.h"
#include "cli/run/sandbox.h"
#include "cli/run/user.h"
#include "cli/serve/loop.h"
#include "cli/serve/socket.h"
#include "vmm/control/path.h"
#include "vmm/machine/signals.h"
#include "vmm/sandbox/privileges.h"
#include "vmm/sandbox/sandbox.h"

struct serve {
	const char *socket;
	const char *name;
	bool map;
	struct sandbox_options sandbox;
	struct user_identity identity;
};

/* What is open while a device is served. */
struct serve_state {
	struct devices devices;
	struct lend_iommu *iommu;
	struct lend_device *device;
	struct lend_export *export;
	struct control_path path;
	struct signals signals;
	struct sandbox sandbox;
};

static int serve_set_socket(struct cli *cli, void *opaque, const char *value)
{
	struct serve *serve = opaque;

	if (!*value)
		return cli_refuse(cli, "serve", "-socket: the path is empty");
	serve->socket = value;
	return 0;
}

static int serve_set_name(struct cli *cli, void *opaque, const char *value)
{
	struct serve *serve = opaque;

	(void)cli;
	serve->name = value;
	return 0;
}

static int serve_set_sandbox(struct cli *cli, void *opaque, const char *value)
{
	struct serve *serve = opaque;

	return run_sandbox_parse(cli->ctx, value, &serve->sandbox);
}

static int serve_set_runas(struct cli *cli, void *opaque, const char *value)
{
	struct serve *serve = opaque;

	return run_user_parse(cli->ctx, "-runas", value, &serve->identity);
}

static const struct cli_option options[] = {
	{.name = "socket",
	 .argument = "PATH",
	 .help = "listen at PATH",
	 .set = serve_set_socket},
	{.name = "map",
	 .help = "let clients map the BARs, by the device's descriptor",
	 .flag = offsetof(struct serve, map)},
	{.name = "name",
	 .argument = "NAME",
	 .help = "name of the process",
	 .set = serve_set_name},
	{.name = "sandbox",
	 .argument = "on|off",
	 .help = "require the sandbox, or run without",
	 .set = serve_set_sandbox},
	{.name = "runas",
	 .argument = "USER",
	 .help = "become USER, or UID:GID, when all is open",
	 .set = serve_set_runas},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE",
	.about = "Offers DEVICE, which must be bound to VFIO, to a virtual "
		 "machine monitor that\n"
		 "speaks vfio-user: QEMU 10.1 or later, cloud-hypervisor. One "
		 "client at a time is\n"
		 "served; the device is reset between clients. It requires no "
		 "VFIO node and no\n"
		 "privilege. Without -socket, the service manager passes the "
		 "socket (LISTEN_FDS).",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
	.is_qemus = true,
};

static int serve_open(struct serve_state *state, struct cli *cli,
		      const struct serve *serve)
{
	const struct lend_iova_range *ranges;
	struct lend_export_options export = {
		.size = sizeof(export),
		.map = serve->map,
	};
	unsigned int count;
	int err = lend_iommu_new(cli->ctx, NULL, &state->iommu);

	if (!err)
		err = lend_device_open(state->iommu,
				       state->devices.addresses[0], NULL,
				       &state->device);
	/* What can be mapped is asked while the kernel may be. */
	if (!err)
		err = lend_iommu_ranges(state->iommu, &ranges, &count);
	if (err)
		return err;
	export.fd = serve_socket_open(cli->ctx, serve->socket, &serve->identity,
				      &state->path);
	if (export.fd < 0)
		return export.fd;
	err = lend_export_new(state->device, &export, &state->export);
	if (err)
		close(export.fd);
	return err;
}

static int serve_confine(struct serve_state *state, struct cli *cli,
			 const struct serve *serve)
{
	struct sandbox_options sandbox = serve->sandbox;
	/* Locked memory is the client's: the limit holds unless root serves. */
	bool keep_lock = privileges_has_lock();
	int err = privileges_become(cli->ctx, &serve->identity, keep_lock);

	sandbox.is_server = true;
	return err ? err
		   : sandbox_enter(&state->sandbox, cli->ctx, &sandbox,
				   keep_lock);
}

static int serve_device(struct serve_state *state, struct cli *cli,
			const struct serve *serve)
{
	int err = serve_open(state, cli, serve);

	if (!err && signals_open(&state->signals))
		err = lend_error_set(cli->ctx, LEND_ERROR_SYSTEM, errno, NULL,
				     "signalfd: %s", strerror(errno));
	if (!err)
		err = serve_confine(state, cli, serve);
	if (err)
		return err;
	lend_log(cli->ctx, LEND_LOG_INFO, "%s: served by %s",
		 lend_device_name(state->device),
		 lend_iommu_backend_name(state->iommu));
	return serve_loop(cli->ctx, lend_device_name(state->device),
			  state->export, &state->signals);
}

static void serve_close(struct serve_state *state)
{
	lend_export_free(state->export);
	lend_device_unref(state->device);
	lend_iommu_unref(state->iommu);
	control_path_close(&state->path);
	signals_close(&state->signals);
	sandbox_close(&state->sandbox);
	devices_free(&state->devices);
}

int cmd_serve(struct cli *cli, int argc, char **argv)
{
	struct serve_state state = {.signals = {.fd = -1}};
	struct serve serve = {0};
	int end;

	control_path_init(&state.path, "-socket");
	sandbox_init(&state.sandbox);
	end = devices_parse(cli, &syntax, &serve, argc, argv, &state.devices);
	if (!end && state.devices.count != 1)
		end = cli_refuse(cli, "serve", "a server has one device");
	if (!end) {
		run_user_default(cli->ctx, &serve.identity);
		if (serve.name)
			prctl(PR_SET_NAME, serve.name);
		signals_block_writes(&state.signals);
		end = serve_device(&state, cli, &serve);
	}
	serve_close(&state);
	/* Let the parent see the signal that ended the service. */
	if (end > 0)
		raise(end);
	return end < 0 ? end : 0;
}
