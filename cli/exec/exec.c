// SPDX-License-Identifier: MIT
// lend exec: opens devices, and runs a command that gets them as a user without
// rights.

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cli/exec/become.h"
#include "cli/exec/passed.h"
#include "cli/exec/words.h"
#include "cli/options.h"
#include "cli/run/user.h"
#include "cli/values.h"

struct exec {
	struct user_identity identity;
	uint64_t memory;
	bool is_listed;
	char **command;
};

static int cmd_exec_set_user(struct cli *cli, void *opaque, const char *value)
{
	struct exec *exec = opaque;

	return run_user_parse(cli->ctx, "--user", value, &exec->identity);
}

static int cmd_exec_set_memory(struct cli *cli, void *opaque, const char *value)
{
	struct exec *exec = opaque;

	return value_memory(cli->ctx, "-m", value, &exec->memory);
}

static const struct cli_option options[] = {
	{.name = "user",
	 .argument = "USER",
	 .help = "run COMMAND as USER, or UID:GID (sudo's caller)",
	 .set = cmd_exec_set_user},
	{.name = "m",
	 .argument = "SIZE",
	 .help = "memory of the guest, which COMMAND may pin",
	 .set = cmd_exec_set_memory},
	{.name = "listen-fds",
	 .help = "pass descriptors from 3 on, as a service manager",
	 .flag = offsetof(struct exec, is_listed)},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE... -- COMMAND [ARGUMENT]...",
	.about = "Opens iommufd and each DEVICE, which must be bound to VFIO, "
		 "and executes COMMAND\n"
		 "as a user without capabilities, who may open neither. In the "
		 "words of COMMAND,\n"
		 "{iommufd} stands for the number of iommufd's descriptor, and "
		 "{fd:0}, {fd:1}...\n"
		 "for those of the devices.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

/* The arguments of this command end at "--". Returns their number. */
static int cmd_exec_split(struct exec *exec, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		exec->command = argv + i + 1;
		return i;
	}
	return argc;
}

static int cmd_exec_check_twice(struct cli *cli, const struct devices *devices)
{
	for (unsigned int i = 0; i < devices->count; i++)
		for (unsigned int j = 0; j < i; j++)
			if (lend_address_equal(devices->addresses[i],
					       devices->addresses[j]))
				return cli_refuse(
					cli, "exec", "%s is given twice",
					lend_address_name(
						devices->addresses[i]));
	return 0;
}

/* A command of root could open everything, and needs no broker. */
static int cmd_exec_check_user(struct cli *cli, struct exec *exec)
{
	run_user_default(cli->ctx, &exec->identity);
	if (getauxval(AT_EUID) != 0 ||
	    (exec->identity.is_given && exec->identity.uid))
		return 0;
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "exec: the command would run as root");
	return lend_error_remedy(cli->ctx, "--user USER runs it as USER; sudo "
					   "lend exec, as sudo's caller");
}

/* Returns only if it failed. */
static int cmd_exec_execute(struct cli *cli, const struct exec *exec,
			    struct exec_passed *passed)
{
	char **words;
	int err = exec_passed_keep(passed, cli->ctx);

	if (err)
		return err;
	words = exec_words_fill(cli->ctx, exec->command, passed->fds);
	if (!words)
		return -ENOMEM;
	err = exec_become(cli->ctx, &exec->identity, exec->memory);
	if (!err) {
		execvp(words[0], words);
		err = lend_error_set(cli->ctx, LEND_ERROR_SYSTEM, errno, NULL,
				     "execute %s: %s", words[0],
				     strerror(errno));
	}
	exec_words_free(words);
	return err;
}

static int cmd_exec_run(struct cli *cli, struct exec *exec,
			const struct devices *devices)
{
	struct exec_passed passed = {0};
	int err = cmd_exec_check_twice(cli, devices);

	if (!err)
		err = cmd_exec_check_user(cli, exec);
	if (!err)
		err = exec_words_check(cli->ctx, exec->command, devices,
				       !exec->is_listed);
	if (!err)
		err = exec_passed_open(&passed, cli, devices, exec->is_listed);
	if (!err)
		err = cmd_exec_execute(cli, exec, &passed);
	exec_passed_close(&passed);
	return err;
}

int cmd_exec(struct cli *cli, int argc, char **argv)
{
	struct exec exec = {0};
	struct devices devices;
	int own = cmd_exec_split(&exec, argc, argv);
	char *end = argv[own];
	int err;

	/* No value of an option. main() reads the whole line again. */
	argv[own] = NULL;
	err = devices_parse(cli, &syntax, &exec, own, argv, &devices);
	argv[own] = end;
	if (err)
		return err;
	if (exec.command && *exec.command)
		err = cmd_exec_run(cli, &exec, &devices);
	else
		err = cli_refuse(cli, "exec", "no command given after --");
	devices_free(&devices);
	return err;
}
