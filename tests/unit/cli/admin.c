// SPDX-License-Identifier: MIT
// Runs the administrator's commands on a machine made of files.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "admin.h"
#include "cli/command.h"
#include "cli/report.h"
#include "documents.h"

static const struct {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
} commands[] = {
	{"bind", cmd_bind},       {"cdi", cmd_cdi},       {"check", cmd_check},
	{"ctl", cmd_ctl},         {"dt", cmd_dt},         {"list", cmd_list},
	{"mdev", cmd_mdev},       {"report", cmd_report}, {"reset", cmd_reset},
	{"restore", cmd_restore}, {"show", cmd_show},     {"sriov", cmd_sriov},
	{"stat", cmd_stat},       {"udev", cmd_udev},
};

enum { ARGUMENTS_MAX = 16 };

static int admin_run_line(struct cli *cli, char *line)
{
	char *argv[ARGUMENTS_MAX + 1] = {NULL};
	int argc = 0;

	for (char *word; (word = strsep(&line, " ")) && argc < ARGUMENTS_MAX;)
		argv[argc++] = word;
	for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]);
	     i++)
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].run(cli, argc, argv);
	fail_msg("no command %s", argv[0]);
	return -1;
}

/* Removes the path of the root from a text. */
static void admin_leave_out(char *text, const char *root)
{
	size_t length = strlen(root);

	for (char *at = text; (at = strstr(at, root));)
		memmove(at, at + length, strlen(at + length) + 1);
}

static char *admin_read_all(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	return text;
}

static void admin_run_on(struct admin *admin, struct machine *machine,
			 const char *command, bool terminal)
{
	char etc[128], proc[128], run[128];
	struct cli cli = {.ctx = machine->ctx,
			  .etc = etc,
			  .proc = proc,
			  .run = run,
			  .terminal = terminal};
	char *line = strdup(command);
	int real = dup(STDOUT_FILENO);
	int fd = memfd_create("output", 0);

	assert_true(line && real >= 0 && fd >= 0);
	snprintf(etc, sizeof(etc), "%s/etc", machine->fake->root);
	snprintf(proc, sizeof(proc), "%s/proc", machine->fake->root);
	snprintf(run, sizeof(run), "%s/run", machine->fake->root);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	documents_of(command);
	admin->machine = machine;
	admin->err = admin_run_line(&cli, line);
	admin->failed = cli.failed;
	if (admin->err < 0 && cli.json)
		report_error(&cli);
	fflush(stdout);
	admin->output = admin_read_all(fd);
	/* The document of a failure, which --json would have printed. */
	if (admin->err < 0 && !cli.json) {
		cli.json = true;
		report_error(&cli);
	}
	fflush(stdout);
	dup2(real, STDOUT_FILENO);
	admin_leave_out(admin->output, machine->fake->root);
	close(real);
	close(fd);
	free(line);
}

void admin_run(struct admin *admin, struct machine *machine,
	       const char *command)
{
	admin_run_on(admin, machine, command, false);
}

void admin_free(struct admin *admin)
{
	free(admin->output);
}

static char *read_golden(const char *name)
{
	char path[4096];
	char *text;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", GOLDEN, name);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	text = admin_read_all(fileno(file));
	fclose(file);
	return text;
}

/* With GOLDEN_WRITE in the environment, the output becomes the expected output:
 * review it before you commit it. */
static void write_golden(const char *name, const char *text)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", GOLDEN, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A document is kept for each text, so that it is validated in every state that
 * a test puts the host in. The command changes nothing. */
static void admin_print_document(struct machine *machine, const char *command)
{
	static const char *const readers[] = {"list", "show", "check", "dt"};
	struct admin admin;
	char json[256];

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (strncmp(command, readers[i], strlen(readers[i])))
			continue;
		snprintf(json, sizeof(json), "%s --json", command);
		admin_run(&admin, machine, json);
		admin_free(&admin);
	}
}

static void admin_compare(struct machine *machine, const char *command,
			  const char *golden, bool terminal)
{
	struct admin admin;
	char *wanted;

	admin_run_on(&admin, machine, command, terminal);
	if (admin.err < 0 && !strstr(command, "--json"))
		fail_msg("lend %s: %s", command, machine->error->what);
	if (getenv("GOLDEN_WRITE"))
		write_golden(golden, admin.output);
	wanted = read_golden(golden);
	if (!wanted || strcmp(admin.output, wanted))
		fail_msg("lend %s is not as in golden/%s:\n%s", command, golden,
			 admin.output);
	admin_free(&admin);
	free(wanted);
}

void admin_expect(struct machine *machine, const char *command,
		  const char *golden)
{
	admin_compare(machine, command, golden, false);
	admin_print_document(machine, command);
}

void admin_expect_on_terminal(struct machine *machine, const char *command,
			      const char *golden)
{
	admin_compare(machine, command, golden, true);
}

void admin_expect_error(struct machine *machine, const char *command,
			enum lend_error_code code, const char *what,
			const char *evidence, const char *remedy)
{
	const struct lend_error *e = machine->error;
	struct admin admin;

	admin_run(&admin, machine, command);
	assert_true(admin.err < 0);
	if (e->code != code || !strstr(e->what, what) ||
	    !strstr(e->evidence, evidence) || !strstr(e->remedy, remedy))
		fail_msg("lend %s: %s: %s\n%s\n%s", command,
			 lend_error_code_name(e->code), e->what, e->evidence,
			 e->remedy);
	admin_free(&admin);
}
