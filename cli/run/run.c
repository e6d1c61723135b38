// SPDX-License-Identifier: MIT
// lend run: boots a Linux guest with lent devices.

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>

#include "cli/command.h"
#include "cli/plan/plan.h"
#include "cli/run/devices.h"
#include "cli/run/file.h"
#include "cli/run/hotplug.h"
#include "cli/run/options.h"
#include "vmm/control/warnings.h"
#include "vmm/machine/machine.h"

static const char *const ends[] = {
	[MACHINE_END_POWEROFF] = "the guest powered off",
	[MACHINE_END_RESET] = "the guest requested a reset",
	[MACHINE_END_QUIT] = "ended by Ctrl-a x",
	[MACHINE_END_SIGNAL] = "ended by a signal",
};

static int run_machine(struct cli *cli, const struct machine_config *config)
{
	struct machine *machine;
	int end = machine_create(&machine, cli->ctx, config);
	int signal;

	if (end < 0)
		return end;
	end = machine_run(machine);
	if (end >= 0)
		lend_log(cli->ctx, LEND_LOG_INFO, "%s", ends[end]);
	signal = machine_signal(machine);
	machine_destroy(machine);
	/* Clean-up is done; let the parent see the signal that ended us. */
	if (end == MACHINE_END_SIGNAL)
		raise(signal);
	return end < 0 ? end : 0;
}

static void run_warn(void *opaque, const char *text)
{
	warnings_add(opaque, text);
}

/* With a control socket, its client gets warnings too. */
static int run_controlled(struct cli *cli, struct machine_config *config,
			  struct run_options *options,
			  const struct run_iommu *iommu)
{
	struct run_hotplug hotplug;
	struct warnings warnings;
	int err = run_control_configure(&config->control, cli->ctx,
					&options->control, options->name);

	run_hotplug_init(&hotplug, cli->ctx, iommu);
	config->control.plugger = &hotplug.plugger;
	if (!err && config->control.path) {
		warnings_init(&warnings);
		config->control.warnings = &warnings;
		cli->warn = run_warn;
		cli->warn_opaque = &warnings;
	}
	if (!err)
		err = run_machine(cli, config);
	run_hotplug_free(&hotplug);
	if (cli->warn)
		warnings_destroy(&warnings);
	cli->warn = NULL;
	return err;
}

static int run_start(struct cli *cli, struct run_options *options,
		     struct run_devices *devices)
{
	struct machine_config config = {
		.kernel = options->kernel,
		.initrd = options->initrd,
		.append = options->append,
		.ram = options->ram,
		.cpus = options->cpus,
		.cpu = options->cpu,
		.mem_path = options->mem_path,
		.mem_prealloc = options->mem_prealloc,
		.no_reboot = options->no_reboot,
		.unplug_timeout = options->unplug_timeout,
		.detach_on_error = options->detach_on_error,
		.shutdown_timeout = options->shutdown_timeout,
		.may_plug = run_control_is_given(&options->control),
		.sandbox = options->sandbox,
		.identity = options->identity,
		.iommu = &devices->iommu.options,
		.topology = &devices->topology,
		.devices = devices->configs,
		.device_count = devices->count,
	};

	if (options->dry_run)
		return plan_run(cli, &config, devices);
	/* The threads allocate little and rarely: a heap for each would cost
	 * memory, and system calls before the guest starts. */
	mallopt(M_ARENA_MAX, 1);
	if (options->name)
		prctl(PR_SET_NAME, options->name);
	return run_controlled(cli, &config, options, &devices->iommu);
}

static int run_line(struct cli *cli, int argc, char **argv)
{
	struct run_devices devices = {};
	struct run_options options;
	int err;

	err = run_options_parse(&options, cli, argc, argv);
	if (!err)
		err = run_devices_find(&devices, cli->ctx, &options,
				       &options.refusals);
	if (!err)
		err = run_refusals_report(&options.refusals, cli->ctx);
	if (!err)
		err = run_start(cli, &options, &devices);
	run_devices_free(&devices);
	run_options_free(&options);
	return err;
}

int cmd_run(struct cli *cli, int argc, char **argv)
{
	struct run_file file;
	int err = run_file_expand(cli->ctx, argc, argv, &file);

	if (!err)
		err = run_line(cli, file.argc, file.argv);
	run_file_free(&file);
	return err;
}
