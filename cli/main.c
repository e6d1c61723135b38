// SPDX-License-Identifier: MIT
// lend: finds the command, runs it, and reports errors.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/report.h"

static int cmd_help(struct cli *cli, int argc, char **argv);

static const struct command commands[] = {
	{"list", "list devices, and whether each can be lent", cmd_list, true},
	{"show", "show the details of devices", cmd_show, false},
	{"check",
	 "check whether devices can be lent, and how to fix what fails",
	 cmd_check, false},
	{"bind", "bind devices to their VFIO drivers", cmd_bind, false},
	{"restore", "return devices to their host drivers", cmd_restore, false},
	{"stat", "show what lent devices do: interrupts, links, errors",
	 cmd_stat, true},
	{"cdi", "describe bound devices to container engines", cmd_cdi, false},
	{"reset", "reset devices", cmd_reset, false},
	{"mdev", "list types of mediated devices; create and remove devices",
	 cmd_mdev, false},
	{"sriov", "show or set virtual functions: their number, their settings",
	 cmd_sriov, false},
	{"dt", "print the device-tree node that a guest gets for a device",
	 cmd_dt, false},
	{"udev", "install udev rules that let a group use VFIO devices",
	 cmd_udev, false},
	{"report", "print what a bug report requires", cmd_report, false},
	{"run", "run a virtual machine with lent devices", cmd_run, false},
	{"exec", "run a command as a user, with opened devices", cmd_exec,
	 false},
	{"serve", "offer a device to a virtual machine through a socket",
	 cmd_serve, false},
	{"disk", "offer a file as an NVMe disk through a socket", cmd_disk,
	 false},
	{"ctl", "control a virtual machine that runs", cmd_ctl, false},
	{"help", "show this help, or that of a command", cmd_help, false},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_commands(void)
{
	puts("usage: lend [-v] COMMAND [OPTION]... [OPERAND]...\n"
	     "\n"
	     "Lends host devices to virtual machines through VFIO.\n");
	for (unsigned int i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	puts("\n"
	     "  -v         report what is chosen and why; twice for more\n"
	     "  --json     print a JSON document instead of text\n"
	     "  -h         show this help; lend COMMAND -h shows a command's "
	     "options\n"
	     "  --version  show the version");
}

/* Words of other programs, and what helps. */
static const struct {
	const char *word;
	const char *remedy;
} synonyms[] = {
	{"unbind", "lend restore"},
	{"detach", "lend restore"},
	{"release", "lend restore"},
	{"unassign", "lend restore"},
	{"return", "lend restore"},
	{"reattach", "lend restore"},
	{"rebind", "lend restore"},
	{"free", "lend restore"},
	{"undo", "lend restore"},
	{"attach", "lend bind"},
	{"assign", "lend bind"},
	{"claim", "lend bind"},
	{"take", "lend bind"},
	{"override", "lend bind"},
	{"ls", "lend list"},
	{"devices", "lend list"},
	{"info", "lend show"},
	{"status", "lend show"},
	{"describe", "lend show"},
	{"test", "lend check"},
	{"verify", "lend check"},
	{"doctor", "lend check"},
	{"start", "lend run"},
	{"boot", "lend run"},
	{"launch", "lend run"},
	{"vf", "lend sriov"},
	{"vfs", "lend sriov"},
	{"version", "lend --version"},
	{"stop", "end a run with Ctrl-a x, or with SIGTERM"},
	{"kill", "end a run with Ctrl-a x, or with SIGTERM"},
	{"shutdown", "end a run with Ctrl-a x, or with SIGTERM"},
};

/* Records what helps for an unknown command. */
static void main_suggest_command(struct lend_ctx *ctx, const char *name)
{
	const char *names[COMMANDS];
	const char *nearest;

	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (!strcmp(name, synonyms[i].word)) {
			lend_error_remedy(ctx, "%s", synonyms[i].remedy);
			return;
		}
	for (unsigned int i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	nearest = lend_nearest(name, names, COMMANDS);
	if (nearest)
		lend_error_remedy(ctx, "lend %s", nearest);
	else
		lend_error_remedy(ctx, "lend help lists the commands");
}

static const struct command *find_command(struct lend_ctx *ctx,
					  const char *name)
{
	for (unsigned int i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "unknown command '%s'", name);
	main_suggest_command(ctx, name);
	return NULL;
}

static int cmd_help(struct cli *cli, int argc, char **argv)
{
	const struct command *command;
	char help[] = "-h";

	if (argc < 2 || argv[1][0] == '-') {
		print_commands();
		return 0;
	}
	command = find_command(cli->ctx, argv[1]);
	if (!command)
		return -EINVAL;
	return command->run(cli, 2, (char *[]){argv[1], help, NULL});
}

static void print_version(const struct cli *cli)
{
	struct json_object *document;

	if (!cli->json) {
		puts("lend " LEND_VERSION);
		return;
	}
	document = json_new_document();
	json_add_text(document, "lend", LEND_VERSION);
	json_print(document);
}

/* An error may come before --json is reached; who reads the output expects a
 * document all the same. */
static void main_find_json(struct cli *cli, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-json"))
			cli->json = true;
}

/* Options before the command's name. Returns the index of the name, 0 if there
 * is nothing more to do, or -errno with a record. */
static int global_options(struct cli *cli, int argc, char **argv)
{
	bool version = false;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		const char *name = argv[i] + 1 + (argv[i][1] == '-');

		if (!strcmp(name, "v") || !strcmp(name, "verbose")) {
			cli->verbose++;
		} else if (!strcmp(name, "vv")) {
			cli->verbose += 2;
		} else if (!strcmp(name, "json")) {
			cli->json = true;
		} else if (!strcmp(name, "h") || !strcmp(name, "help")) {
			print_commands();
			return 0;
		} else if (!strcmp(name, "version")) {
			version = true;
		} else {
			lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				       NULL, "unknown option '%s'", argv[i]);
			return lend_error_remedy(
				cli->ctx, "put a command's options after its "
					  "name; lend help lists the commands");
		}
	}
	if (version) {
		print_version(cli);
		return 0;
	}
	if (i < argc)
		return i;
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "no command given");
	return lend_error_remedy(cli->ctx, "lend help lists the commands");
}

static int run_command(struct cli *cli, int argc, char **argv)
{
	const struct command *command;
	int first = global_options(cli, argc, argv);

	if (first <= 0)
		return first;
	command = find_command(cli->ctx, argv[first]);
	if (!command)
		return -EINVAL;
	cli->terminal = command->has_header && isatty(STDOUT_FILENO);
	return command->run(cli, argc - first, argv + first);
}

static enum cli_status status_of(const struct cli *cli, int err)
{
	if (cli->help_shown)
		return CLI_OK;
	if (err >= 0)
		return cli->failed ? CLI_FAILURE : CLI_OK;
	report_error(cli);
	if (cli->no_device)
		return CLI_NO_DEVICE;
	return lend_ctx_error(cli->ctx)->code == LEND_ERROR_ARGUMENT
		       ? CLI_USAGE
		       : CLI_FAILURE;
}

/* A closed standard descriptor would be reused by the next open(): the guest's
 * kernel could become its input, or a state file the output. */
static void open_standard_files(void)
{
	struct pollfd fds[] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};
	int opened = 0;

	if (poll(fds, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3 && opened >= 0; i++)
		if (fds[i].revents & POLLNVAL)
			opened = open("/dev/null", O_RDWR);
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = report_log,
		.log_opaque = &cli,
	};
	enum cli_status status;
	int err;

	open_standard_files();
	report_find_watcher(&cli);
	if (lend_ctx_new(&options, &cli.ctx)) {
		fputs("lend: not enough memory\n", stderr);
		return CLI_FAILURE;
	}
	err = run_command(&cli, argc, argv);
	if (err < 0)
		main_find_json(&cli, argc, argv);
	status = status_of(&cli, err);
	lend_ctx_unref(cli.ctx);
	if (fflush(stdout) && status == CLI_OK) {
		perror("lend: standard output");
		status = CLI_FAILURE;
	}
	return status;
}
