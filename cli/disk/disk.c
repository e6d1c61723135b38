// SPDX-License-Identifier: MIT
// lend disk: offers a file or block device as an NVMe disk, through a socket.

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/serve/common.h"
#include "cli/serve/loop.h"
#include "cli/serve/socket.h"
#include "device/base/image.h"
#include "device/nvme/nvme.h"

#define SERIAL_MAX 20u

struct disk {
	struct serve_common common; /* first: options are set in it */
	struct image_options image;
	const char *serial;
	bool has_no_msix;
};

/* What is open while a disk is served. */
struct disk_state {
	struct image image;
	struct nvme *nvme;
	struct serve_process process;
};

/* What the guest pads with blanks must not begin or end with one. */
static int disk_set_serial(struct cli *cli, void *opaque, const char *value)
{
	struct disk *disk = opaque;
	size_t length = strlen(value);
	bool is_valid = length && length <= SERIAL_MAX;

	for (size_t i = 0; is_valid && i < length; i++)
		is_valid = isgraph((unsigned char)value[i]) &&
			   !((unsigned char)value[i] & 0x80);
	if (!is_valid)
		return cli_refuse(cli, "disk",
				  "-serial: use 1 to %u letters, digits and "
				  "signs of ASCII",
				  SERIAL_MAX);
	disk->serial = value;
	return 0;
}

static const struct cli_option options[] = {
	SERVE_OPTION_SOCKET,
	{.name = "readonly",
	 .help = "let the guest write nothing",
	 .flag = offsetof(struct disk, image.is_read_only)},
	{.name = "direct",
	 .help = "bypass the host's page cache",
	 .flag = offsetof(struct disk, image.is_direct)},
	{.name = "serial",
	 .argument = "TEXT",
	 .help = "serial number of the disk",
	 .set = disk_set_serial},
	{.name = "no-msix",
	 .help = "offer MSI and INTx alone",
	 .flag = offsetof(struct disk, has_no_msix)},
	SERVE_OPTIONS_OF_PROCESS,
};

static const struct cli_syntax syntax = {
	.operands = "FILE",
	.about = "Offers FILE, a raw image or a block device, as an NVMe disk "
		 "to a virtual\n"
		 "machine monitor that speaks vfio-user: QEMU 10.1 or later, "
		 "cloud-hypervisor. It\n"
		 "requires no VFIO, no IOMMU and no privilege. Without "
		 "-socket, the service\n"
		 "manager passes the socket (LISTEN_FDS).",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
	.is_qemus = true,
};

static int disk_open_all(struct disk_state *state, struct cli *cli,
			 const struct disk *disk)
{
	struct nvme_options nvme = {
		.name = disk->image.path,
		.serial = disk->serial,
		.image = &state->image,
		.has_no_msix = disk->has_no_msix,
	};
	int err = image_open(&state->image, cli->ctx, &disk->image);

	if (err)
		return err;
	nvme.fd =
		serve_socket_open(cli->ctx, disk->common.socket,
				  &disk->common.identity, &state->process.path);
	if (nvme.fd < 0)
		return nvme.fd;
	err = nvme_new(cli->ctx, &nvme, &state->nvme);
	if (err)
		close(nvme.fd);
	return err;
}

static int disk_unmask_fd(void *opaque)
{
	return lend_function_unmask_fd(opaque);
}

static int disk_unmask(void *opaque)
{
	lend_function_unmask(opaque);
	return 0;
}

static int disk_serve(struct disk_state *state, struct cli *cli,
		      const struct disk *disk)
{
	int err = disk_open_all(state, cli, disk);
	struct serve_watch watch = {
		.fd = disk_unmask_fd,
		.ready = disk_unmask,
	};

	if (!err)
		err = serve_process_confine(&state->process, cli, &disk->common,
					    false);
	if (!err)
		err = nvme_start_threads(state->nvme);
	if (err)
		return err;
	watch.opaque = nvme_function(state->nvme);
	lend_log(cli->ctx, LEND_LOG_INFO, "%s: %llu blocks of %u bytes%s",
		 disk->image.path,
		 (unsigned long long)(state->image.size / state->image.block),
		 state->image.block,
		 state->image.is_read_only ? ", read-only" : "");
	return serve_loop(cli->ctx, disk->image.path, nvme_server(state->nvme),
			  &watch, &state->process.signals);
}

static void disk_close(struct disk_state *state)
{
	nvme_free(state->nvme);
	image_close(&state->image);
	serve_process_close(&state->process);
}

int cmd_disk(struct cli *cli, int argc, char **argv)
{
	struct disk disk = {.common = {.command = "disk", .is_disk = true}};
	struct disk_state state = {0};
	int end;

	serve_process_init(&state.process);
	image_init(&state.image);
	end = cli_parse(cli, &syntax, &disk, argc, argv);
	if (end >= 0 && end != 1)
		end = cli_refuse(cli, "disk", "a disk has one file");
	if (end == 1) {
		disk.image.path = argv[1];
		serve_process_begin(&state.process, cli, &disk.common);
		end = disk_serve(&state, cli, &disk);
	}
	disk_close(&state);
	return serve_process_end(end);
}
