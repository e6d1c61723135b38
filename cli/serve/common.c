// SPDX-License-Identifier: MIT
// The options that lend serve and lend disk share, and how their processes are
// confined.

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "cli/run/sandbox.h"
#include "cli/run/user.h"
#include "cli/serve/common.h"

int serve_set_socket(struct cli *cli, void *opaque, const char *value)
{
	struct serve_common *common = opaque;

	if (!*value)
		return cli_refuse(cli, common->command,
				  "-socket: the path is empty");
	common->socket = value;
	return 0;
}

int serve_set_name(struct cli *cli, void *opaque, const char *value)
{
	struct serve_common *common = opaque;

	(void)cli;
	common->name = value;
	return 0;
}

int serve_set_sandbox(struct cli *cli, void *opaque, const char *value)
{
	struct serve_common *common = opaque;

	return run_sandbox_parse(cli->ctx, value, &common->sandbox);
}

int serve_set_runas(struct cli *cli, void *opaque, const char *value)
{
	struct serve_common *common = opaque;

	return run_user_parse(cli->ctx, "-runas", value, &common->identity);
}

void serve_process_init(struct serve_process *process)
{
	*process = (struct serve_process){.signals = {.fd = -1}};
	control_path_init(&process->path, "-socket");
	sandbox_init(&process->sandbox);
}

void serve_process_close(struct serve_process *process)
{
	control_path_close(&process->path);
	signals_close(&process->signals);
	sandbox_close(&process->sandbox);
}

void serve_process_begin(struct serve_process *process, struct cli *cli,
			 struct serve_common *common)
{
	run_user_default(cli->ctx, &common->identity);
	if (common->name)
		prctl(PR_SET_NAME, common->name);
	signals_block_writes(&process->signals);
}

int serve_process_confine(struct serve_process *process, struct cli *cli,
			  const struct serve_common *common, bool keep_lock)
{
	struct sandbox_options sandbox = common->sandbox;
	int err;

	if (signals_open(&process->signals))
		return lend_error_set(cli->ctx, LEND_ERROR_SYSTEM, errno, NULL,
				      "signalfd: %s", strerror(errno));
	err = privileges_become(cli->ctx, &common->identity, keep_lock);
	sandbox.is_server = true;
	sandbox.is_disk = common->is_disk;
	return err ? err
		   : sandbox_enter(&process->sandbox, cli->ctx, &sandbox,
				   keep_lock);
}

int serve_process_end(int end)
{
	/* Let the parent see the signal that ended the service. */
	if (end > 0)
		raise(end);
	return end < 0 ? end : 0;
}
