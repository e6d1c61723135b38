/* SPDX-License-Identifier: MIT */
/* Parses the options of `lend run`, spelled as in QEMU. */
#ifndef CLI_RUN_OPTIONS_H
#define CLI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/iommu.h>

#include "cli/command.h"
#include "cli/run/control.h"
#include "cli/run/objects.h"
#include "cli/run/refusals.h"
#include "vmm/sandbox/privileges.h"
#include "vmm/sandbox/sandbox.h"

/* Strings are borrowed from the argument list, except name. */
struct run_options {
	const char *kernel;
	const char *initrd;
	const char *append;
	char *name;
	uint64_t ram; /* bytes */
	unsigned int cpus;
	const char *cpu;
	const char *mem_path;
	bool mem_prealloc;
	bool no_reboot;
	bool dry_run;
	bool detach_on_error;
	unsigned int unplug_timeout;   /* seconds */
	unsigned int shutdown_timeout; /* the same */
	struct run_control control;
	const char **devices; /* -device strings, as typed */
	size_t device_count;
	unsigned int plug_slots; /* spare root ports */
	struct run_objects objects;
	struct sandbox_options sandbox;
	struct user_identity identity;
	enum lend_backend backend; /* never LEND_BACKEND_NOIOMMU */
	struct run_refusals refusals;
};

/*
 * Parses the command's arguments; argv[0] is its name. Opens no files. What is
 * refused is added to @options->refusals, which run_refusals_report() reports.
 * Returns 0, or -errno as cli_parse() after another failure and after -h; the
 * caller must call run_options_free() in any case.
 */
int run_options_parse(struct run_options *options, struct cli *cli, int argc,
		      char **argv);
void run_options_free(struct run_options *options);

#endif
