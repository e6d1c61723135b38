/* SPDX-License-Identifier: MIT */
/* What lend serve and lend disk have in common: options, and the process. */
#ifndef CLI_SERVE_COMMON_H
#define CLI_SERVE_COMMON_H

#include "cli/options.h"
#include "vmm/control/path.h"
#include "vmm/machine/signals.h"
#include "vmm/sandbox/privileges.h"
#include "vmm/sandbox/sandbox.h"

/* Options; the first member of those of a command. */
struct serve_common {
	const char *command; /* for messages */
	const char *socket;
	const char *name;
	struct sandbox_options sandbox;
	struct user_identity identity;
	bool is_disk; /* the process has a disk of its own */
};

/* What is open while a device is served. */
struct serve_process {
	struct control_path path;
	struct signals signals;
	struct sandbox sandbox;
};

int serve_set_socket(struct cli *cli, void *opaque, const char *value);
int serve_set_name(struct cli *cli, void *opaque, const char *value);
int serve_set_sandbox(struct cli *cli, void *opaque, const char *value);
int serve_set_runas(struct cli *cli, void *opaque, const char *value);

/* Rows of a command's table. */
/* clang-format off */
#define SERVE_OPTION_SOCKET                                                    \
	{.name = "socket",                                                     \
	 .argument = "PATH",                                                   \
	 .help = "listen at PATH",                                             \
	 .set = serve_set_socket}
#define SERVE_OPTIONS_OF_PROCESS                                               \
	{.name = "name",                                                       \
	 .argument = "NAME",                                                   \
	 .help = "name of the process",                                        \
	 .set = serve_set_name},                                               \
	{.name = "sandbox",                                                    \
	 .argument = "on|off",                                                 \
	 .help = "require the sandbox, or run without",                        \
	 .set = serve_set_sandbox},                                            \
	{.name = "runas",                                                      \
	 .argument = "USER",                                                   \
	 .help = "become USER, or UID:GID, when all is open",                  \
	 .set = serve_set_runas}
/* clang-format on */

void serve_process_init(struct serve_process *process);
void serve_process_close(struct serve_process *process);

/* After the options were parsed, before anything is opened. */
void serve_process_begin(struct serve_process *process, struct cli *cli,
			 struct serve_common *common);

/*
 * When all is open, and before there are threads: take signals, become the user
 * and enter the sandbox, with CAP_IPC_LOCK, which must be there, if @keep_lock.
 * Returns 0 or a recorded error.
 */
int serve_process_confine(struct serve_process *process, struct cli *cli,
			  const struct serve_common *common, bool keep_lock);

/* The status of a command whose loop has ended so; a signal ends the process.
 */
int serve_process_end(int end);

#endif
