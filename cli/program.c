// SPDX-License-Identifier: MIT
// Runs programs of the system that commands need.

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/program.h"

int program_run(struct cli *cli, const char *path, const char *const *argv)
{
	const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	pid_t pid;
	int status;
	int err = posix_spawn(&pid, path, NULL, NULL, (char *const *)argv,
			      (char *const *)env);

	if (err) {
		lend_log(cli->ctx, LEND_LOG_INFO, "%s: %s", path,
			 strerror(err));
		return -err;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	lend_log(cli->ctx, LEND_LOG_INFO, "%s: failed", path);
	return -ENOENT;
}
