// SPDX-License-Identifier: MIT
// lend serve: offers a device to a virtual machine monitor through a socket.

#include <errno.h>
#include <unistd.h>

#include "cli/devices.h"
#include "cli/serve/common.h"
#include "cli/serve/loop.h"
#include "cli/serve/socket.h"

struct serve {
	struct serve_common common; /* first: options are set in it */
	bool map;
};

/* What is open while a device is served. */
struct serve_state {
	struct lend_ctx *ctx;
	struct devices devices;
	struct lend_iommu *iommu;
	struct lend_device *device;
	struct lend_export *export;
	struct serve_process process;
};

static const struct cli_option options[] = {
	SERVE_OPTION_SOCKET,
	{.name = "map",
	 .help = "let clients map the BARs, by the device's descriptor",
	 .flag = offsetof(struct serve, map)},
	SERVE_OPTIONS_OF_PROCESS,
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
	export.fd = serve_socket_open(cli->ctx, serve->common.socket,
				      &serve->common.identity,
				      &state->process.path);
	if (export.fd < 0)
		return export.fd;
	err = lend_export_new(state->device, &export, &state->export);
	if (err)
		close(export.fd);
	return err;
}

static int serve_request_fd(void *opaque)
{
	const struct serve_state *state = opaque;

	return lend_export_request_fd(state->export);
}

static int serve_take_request(void *opaque)
{
	const struct serve_state *state = opaque;

	lend_error_set(state->ctx, LEND_ERROR_DEVICE, ENODEV,
		       lend_device_name(state->device),
		       "the host wants the device back");
	return lend_error_evidence(state->ctx, "VFIO's request interrupt was "
					       "signalled, as by an unbind");
}

static int serve_device(struct serve_state *state, struct cli *cli,
			const struct serve *serve)
{
	const struct serve_watch watch = {
		.fd = serve_request_fd,
		.ready = serve_take_request,
		.opaque = state,
	};
	/* Locked memory is the client's: the limit holds unless root serves. */
	bool keep_lock = privileges_has_lock();
	int err = serve_open(state, cli, serve);

	if (!err)
		err = serve_process_confine(&state->process, cli,
					    &serve->common, keep_lock);
	if (err)
		return err;
	lend_log(cli->ctx, LEND_LOG_INFO, "%s: served by %s",
		 lend_device_name(state->device),
		 lend_iommu_backend_name(state->iommu));
	return serve_loop(cli->ctx, lend_device_name(state->device),
			  lend_export_server(state->export), &watch,
			  &state->process.signals);
}

static void serve_close(struct serve_state *state)
{
	lend_export_free(state->export);
	lend_device_unref(state->device);
	lend_iommu_unref(state->iommu);
	serve_process_close(&state->process);
	devices_free(&state->devices);
}

int cmd_serve(struct cli *cli, int argc, char **argv)
{
	struct serve_state state = {.ctx = cli->ctx};
	struct serve serve = {.common = {.command = "serve"}};
	int end;

	serve_process_init(&state.process);
	end = devices_parse(cli, &syntax, &serve, argc, argv, &state.devices);
	if (!end && state.devices.count != 1)
		end = cli_refuse(cli, "serve", "a server has one device");
	if (!end) {
		serve_process_begin(&state.process, cli, &serve.common);
		end = serve_device(&state, cli, &serve);
	}
	serve_close(&state);
	return serve_process_end(end);
}
