// SPDX-License-Identifier: MIT
// lend udev: lets a group of users open VFIO's nodes, for good.

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/program.h"

static const char rule_file[] = "/etc/udev/rules.d/70-lend.rules";

struct udev {
	const char *group;
	bool dry_run;
};

static int set_group(struct cli *cli, void *opaque, const char *value)
{
	struct udev *udev = opaque;

	/* It is written into a rule, where quotes and commas have a meaning. */
	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return cli_refuse(cli, "udev", "'%s' is no group",
					  value);
	udev->group = value;
	return 0;
}

static const struct cli_option options[] = {
	{.name = "group",
	 .argument = "GROUP",
	 .help = "who may open them (kvm)",
	 .set = set_group},
	{.name = "dry-run",
	 .help = "print the rules, do not install them",
	 .flag = offsetof(struct udev, dry_run)},
};

static const struct cli_syntax syntax = {
	.about = "Installs udev rules that let the users of a group open the "
		 "nodes of devices that are\n"
		 "bound to VFIO, and prints them. Such a user can lend every "
		 "device that root binds.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static void write_rules(FILE *file, const char *group)
{
	static const char *const matches[] = {
		"SUBSYSTEM==\"vfio\"",
		"SUBSYSTEM==\"vfio-dev\"",
		"SUBSYSTEM==\"misc\", KERNEL==\"iommu\"",
	};

	fputs("# Made by lend udev: who may open the nodes of lent devices.\n",
	      file);
	for (unsigned int i = 0; i < sizeof(matches) / sizeof(matches[0]); i++)
		fprintf(file, "%s, GROUP=\"%s\", MODE=\"0660\"\n", matches[i],
			group);
}

static int cmd_udev_install(struct cli *cli, const char *group)
{
	static const char *const reload[] = {"udevadm", "control", "--reload",
					     NULL};
	static const char *const trigger[] = {"udevadm",
					      "trigger",
					      "--subsystem-match=vfio",
					      "--subsystem-match=vfio-dev",
					      "--sysname-match=iommu",
					      NULL};
	FILE *file = fopen(rule_file, "we");
	int err;

	if (!file) {
		err = errno;
		lend_error_set(cli->ctx,
			       err == EACCES ? LEND_ERROR_PERMISSION
					     : LEND_ERROR_SYSTEM,
			       err, NULL, "write %s: %s", rule_file,
			       strerror(err));
		return lend_error_remedy(cli->ctx, "run it as root (sudo)");
	}
	write_rules(file, group);
	if (fclose(file))
		return lend_error_set(cli->ctx, LEND_ERROR_SYSTEM, errno, NULL,
				      "write %s: %s", rule_file,
				      strerror(errno));
	if (program_run(cli, "/usr/bin/udevadm", reload) ||
	    program_run(cli, "/usr/bin/udevadm", trigger))
		lend_log(cli->ctx, LEND_LOG_WARNING,
			 "udevadm failed: the rules count for devices that are "
			 "bound from the next boot on");
	return 0;
}

static void cmd_udev_print(const struct cli *cli, const struct udev *udev)
{
	struct json_object *document;
	char rules[1024] = "";
	FILE *file;

	if (!cli->json) {
		write_rules(stdout, udev->group);
		return;
	}
	file = fmemopen(rules, sizeof(rules), "w");
	if (file) {
		write_rules(file, udev->group);
		fclose(file);
	}
	document = json_object_new_object();
	json_add_text(document, "file", rule_file);
	json_add_lines(document, "rules", rules);
	json_add_bool(document, "installed", !udev->dry_run);
	json_print(document);
}

int cmd_udev(struct cli *cli, int argc, char **argv)
{
	struct udev udev = {.group = "kvm"};
	int err = cli_parse(cli, &syntax, &udev, argc, argv);

	if (err < 0)
		return err;
	if (!getgrnam(udev.group))
		return cli_refuse(cli, "udev", "there is no group '%s'",
				  udev.group);
	err = udev.dry_run ? 0 : cmd_udev_install(cli, udev.group);
	if (!err)
		cmd_udev_print(cli, &udev);
	return err;
}
