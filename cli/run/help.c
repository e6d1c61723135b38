// SPDX-License-Identifier: MIT
// Lists what an option of `lend run` takes, for the value "help".

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run/help.h"
#include "vmm/arch.h"

static bool help_is_meant(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "?");
}

static void help_list_drivers(const char *driver)
{
	const char *name;

	for (unsigned int i = 0; (name = lend_spec_known(driver, i)); i++)
		puts(name);
}

/* "help", or "DRIVER,help". Returns whether it was one. */
static bool help_print_device(const char *value)
{
	const char *comma = strchr(value, ',');
	char *driver;
	bool is_known;

	if (help_is_meant(value)) {
		help_list_drivers(NULL);
		return true;
	}
	if (!comma || !help_is_meant(comma + 1))
		return false;
	driver = strndup(value, (size_t)(comma - value));
	is_known = driver && lend_spec_known(driver, 0);
	if (is_known)
		help_list_drivers(driver);
	free(driver);
	return is_known;
}

static void help_print_cpu(void)
{
	const char *name;

	puts("models: host, max\nfeatures:");
	for (unsigned int i = 0; (name = arch_cpu_feature(i)); i++)
		printf("  %s\n", name);
}

/* Options with one line of values. */
static const struct {
	const char *option;
	const char *values;
} lists[] = {
	{"machine", "q35, virt: the same machine, on KVM"},
	{"M", "q35, virt: the same machine, on KVM"},
	{"accel", "kvm"},
	{"object", "iommufd,id=ID[,fd=NUMBER]"},
	{"display", "none"},
	{"vga", "none"},
	{"nic", "none"},
	{"net", "none"},
	{"audiodev", "none"},
	{"serial", "stdio, mon:stdio"},
	{"monitor", "none"},
};

int run_help(struct cli *cli, const char *option, const char *value)
{
	bool is_shown = false;

	if (!strcmp(option, "device")) {
		is_shown = help_print_device(value);
	} else if (!help_is_meant(value)) {
		return 0;
	} else if (!strcmp(option, "cpu")) {
		help_print_cpu();
		is_shown = true;
	}
	for (size_t i = 0; !is_shown && i < sizeof(lists) / sizeof(lists[0]);
	     i++) {
		if (strcmp(option, lists[i].option))
			continue;
		puts(lists[i].values);
		is_shown = true;
	}
	if (!is_shown)
		return 0;
	cli->help_shown = true;
	return -ECANCELED;
}
