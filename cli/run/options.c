// SPDX-License-Identifier: MIT
// Parses the options of `lend run`, spelled as in QEMU.

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/no-memory.h"
#include "cli/options.h"
#include "cli/run/foreign.h"
#include "cli/run/help.h"
#include "cli/run/keys.h"
#include "cli/run/name.h"
#include "cli/run/options.h"
#include "cli/run/sandbox.h"
#include "cli/run/smp.h"
#include "cli/run/user.h"
#include "cli/run/words.h"
#include "cli/values.h"
#include "vmm/arch.h"
#include "vmm/pci/host.h"

#define DEFAULT_MIB      128
#define DEFAULT_CPUS     1
#define DEFAULT_UNPLUG   30
#define DEFAULT_SHUTDOWN 30

/* Setters of options whose values are not checked here. */
#define SETTER(field, assigned)                                                \
	static int set_##field(struct cli *cli, void *opaque,                  \
			       const char *value)                              \
	{                                                                      \
		struct run_options *o = opaque;                                \
                                                                               \
		(void)cli;                                                     \
		(void)value;                                                   \
		o->field = assigned;                                           \
		return 0;                                                      \
	}

SETTER(kernel, value)
SETTER(initrd, value)
SETTER(append, value)
SETTER(mem_path, value)
SETTER(mem_prealloc, true)
SETTER(no_reboot, true)
SETTER(dry_run, true)

static int run_options_set_memory(struct cli *cli, void *opaque,
				  const char *value)
{
	struct run_options *o = opaque;

	return value_memory(cli->ctx, "-m", value, &o->ram);
}

static int set_cpus(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;
	bool flat;
	int err =
		run_smp_parse(cli->ctx, value, arch_cpus_max, &o->cpus, &flat);

	if (err || flat)
		return err;
	return run_refusals_note(&o->refusals, cli->ctx,
				 "-smp %s: the guest sees one socket of %u "
				 "cores with one thread each",
				 value, o->cpus);
}

static int run_options_set_name(struct cli *cli, void *opaque,
				const char *value)
{
	struct run_options *o = opaque;

	return run_name_parse(cli->ctx, value, &o->name);
}

static int set_unplug_timeout(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;

	return value_seconds(cli->ctx, "-unplug-timeout", value,
			     &o->unplug_timeout);
}

static int set_plug_slots(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;

	return value_slots(cli->ctx, "-plug-slots", value, PCI_HOST_PORTS,
			   &o->plug_slots);
}

static int set_on_error(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;

	o->detach_on_error = !strcmp(value, "detach");
	if (o->detach_on_error || !strcmp(value, "stop"))
		return 0;
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-on-error %s: not stop or detach", value);
	return lend_error_remedy(cli->ctx, "use stop or detach");
}

static int set_shutdown_timeout(struct cli *cli, void *opaque,
				const char *value)
{
	struct run_options *o = opaque;

	return value_seconds(cli->ctx, "-shutdown-timeout", value,
			     &o->shutdown_timeout);
}

static int set_control(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;

	return run_control_parse(&o->control, cli->ctx, value);
}

static int run_options_set_cpu(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;

	o->cpu = value;
	return run_help(cli, "cpu", value);
}

static int run_options_add_device(struct cli *cli, void *opaque,
				  const char *value)
{
	struct run_options *o = opaque;
	const char **devices;
	int err = run_help(cli, "device", value);

	if (err)
		return err;
	devices =
		reallocarray(o->devices, o->device_count + 1, sizeof(*devices));
	if (!devices)
		return cli_no_memory(cli->ctx);
	devices[o->device_count++] = value;
	o->devices = devices;
	return 0;
}

static int add_object(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;
	int err = run_help(cli, "object", value);

	return err ? err : run_objects_add(&o->objects, cli->ctx, value);
}

static int set_sandbox(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;

	return run_sandbox_parse(cli->ctx, value, &o->sandbox);
}

static int set_runas(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;

	return run_user_parse(cli->ctx, "-runas", value, &o->identity);
}

/* Of its properties, user= alone has an effect. */
static int set_run_with(struct cli *cli, void *opaque, const char *value)
{
	struct run_options *o = opaque;
	char *user;
	int err = run_help(cli, "run-with", value);

	if (!err)
		err = run_keys_check(&o->refusals, cli->ctx, "run-with", value);
	if (err)
		return err;
	user = run_words_get(cli->ctx, value, NULL, "user");
	if (user)
		err = run_user_parse(cli->ctx, "-run-with user=", user,
				     &o->identity);
	free(user);
	return err;
}

static int set_backend(struct cli *cli, void *opaque, const char *value)
{
	static const char *const words[] = {
		[LEND_BACKEND_AUTO] = "auto",
		[LEND_BACKEND_CONTAINER] = "container",
		[LEND_BACKEND_IOMMUFD] = "iommufd",
	};
	struct run_options *o = opaque;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], value))
			continue;
		o->backend = (enum lend_backend)i;
		return 0;
	}
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-x-iommu %s: unknown kernel interface", value);
	return lend_error_remedy(cli->ctx, "use auto, container or iommufd");
}

static int run_options_refused(struct cli *cli, void *opaque)
{
	struct run_options *o = opaque;

	return run_refusals_take(&o->refusals, cli->ctx);
}

static int run_options_take_foreign(struct cli *cli, void *opaque,
				    const char *name, const char *next,
				    int *taken)
{
	struct run_options *o = opaque;

	return run_foreign(&o->refusals, cli, name, next, taken);
}

static const struct cli_option options[] = {
	{.name = "kernel",
	 .argument = "FILE",
	 .help = "Linux kernel to boot, a bzImage or Image; required",
	 .set = set_kernel},
	{.name = "initrd",
	 .argument = "FILE",
	 .help = "initial RAM disk (none)",
	 .set = set_initrd},
	{.name = "append",
	 .argument = "TEXT",
	 .help = "kernel command line (empty)",
	 .set = set_append},
	{.name = "device",
	 .argument = "SPEC",
	 .help = "device to lend; repeat for more",
	 .set = run_options_add_device},
	{.name = "object",
	 .argument = "SPEC",
	 .help = "iommufd,id=ID[,fd=NUMBER], for devices with iommufd=ID",
	 .set = add_object},
	{.name = "x-iommu",
	 .argument = "NAME",
	 .help = "container or iommufd, for all devices (auto)",
	 .set = set_backend},
	{.name = "m",
	 .argument = "[size=]SIZE",
	 .help = "memory in MiB, or with suffix K, M, G or T (128)",
	 .set = run_options_set_memory},
	{.name = "smp",
	 .argument = "[cpus=]NUMBER",
	 .help = "number of virtual CPUs (1)",
	 .set = set_cpus},
	{.name = "cpu",
	 .argument = "MODEL",
	 .help = "CPU model that the guest sees (host)",
	 .set = run_options_set_cpu},
	{.name = "mem-path",
	 .argument = "DIR",
	 .help = "allocate memory from a file in DIR (anonymous)",
	 .set = set_mem_path},
	{.name = "mem-prealloc",
	 .help = "allocate all memory at the start (on first use)",
	 .set = set_mem_prealloc},
	{.name = "no-reboot",
	 .help = "exit when the guest reboots",
	 .set = set_no_reboot},
	{.name = "unplug-timeout",
	 .argument = "SECONDS",
	 .help = "time to release a device that the host needs (30)",
	 .set = set_unplug_timeout},
	{.name = "plug-slots",
	 .argument = "N",
	 .help = "root ports for devices that are plugged later (0)",
	 .set = set_plug_slots},
	{.name = "on-error",
	 .argument = "stop|detach",
	 .help = "end the run, or remove a device that fails (stop)",
	 .set = set_on_error},
	{.name = "shutdown-timeout",
	 .argument = "SECONDS",
	 .help = "time to shut down after SIGTERM (30)",
	 .set = set_shutdown_timeout},
	{.name = "qmp",
	 .argument = "unix:PATH|auto",
	 .help = "socket to control the run by (none)",
	 .set = set_control},
	{.name = "sandbox",
	 .argument = "on|off",
	 .help = "confine the process (as far as the kernel can)",
	 .set = set_sandbox},
	{.name = "runas",
	 .argument = "USER",
	 .help = "user to become once all is open (sudo's caller)",
	 .set = set_runas},
	{.name = "run-with",
	 .argument = "user=USER",
	 .help = "the same",
	 .set = set_run_with},
	{.name = "dry-run",
	 .help = "show the planned machine; start nothing",
	 .set = set_dry_run},
	{.name = "name",
	 .argument = "NAME",
	 .help = "process name in ps and top (lend)",
	 .set = run_options_set_name},
};

static const struct cli_syntax syntax = {
	.about =
		"Runs a Linux guest on KVM. Its only devices are lent ones, "
		"and a serial console\n"
		"on this terminal, which Ctrl-a x ends. Options are spelled as "
		"in QEMU, with one\n"
		"dash or two, in any order; if one is repeated, the last "
		"counts.\n"
		"\n"
		"SPEC   vfio-pci,host=02:00.0\n"
		"       vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:02:00.0\n"
		"       vfio-pci,mdev=UUID\n"
		"       vfio-pci,fd=NUMBER,iommufd=ID\n"
		"       then [,iommufd=ID][,vf-token=UUID][,id=NAME][,bus=ID]\n"
		"       "
		"[,addr=SLOT[.FUNCTION]][,multifunction=on][,x-no-mmap=on]\n"
		"       [,x-no-mmap-bars=BAR:BAR...][,x-p2p=on]\n"
		"       vfio-platform,host=NAME, on arm64 hosts\n"
		"       pcie-root-port,id=ID[,addr=SLOT[.FUNCTION]]\n"
		"MODEL  host[,+FEATURE][,-FEATURE][,FEATURE=on|off]...",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
	.is_qemus = true,
	.unlisted = run_options_take_foreign,
	.refused = run_options_refused,
};

/* A group cannot be passed in, as a device's node can. */
static int run_options_check_slots(const struct run_options *o,
				   struct lend_ctx *ctx)
{
	if (!o->plug_slots)
		return 0;
	if (!run_control_is_given(&o->control)) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-plug-slots: no device can be plugged without "
			       "a control socket");
		return lend_error_remedy(ctx, "add -qmp auto");
	}
	if (o->backend != LEND_BACKEND_CONTAINER)
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-plug-slots requires iommufd");
	return lend_error_remedy(ctx, "remove -x-iommu container");
}

static int run_options_check_whole(struct run_options *o, struct cli *cli,
				   const char *command)
{
	int err = 0;

	if (arch_check_cpu(cli->ctx, o->cpu))
		err = run_options_refused(cli, o);
	if (!err && run_options_check_slots(o, cli->ctx))
		err = run_options_refused(cli, o);
	if (err || o->kernel)
		return err;
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s: -kernel is required", command);
	lend_error_remedy(cli->ctx, "-kernel /boot/vmlinuz-$(uname -r), or "
				    "another Linux kernel");
	return run_options_refused(cli, o);
}

int run_options_parse(struct run_options *o, struct cli *cli, int argc,
		      char **argv)
{
	int err;

	*o = (struct run_options){
		.ram = (uint64_t)DEFAULT_MIB << 20,
		.cpus = DEFAULT_CPUS,
		.unplug_timeout = DEFAULT_UNPLUG,
		.shutdown_timeout = DEFAULT_SHUTDOWN,
	};
	err = cli_parse(cli, &syntax, o, argc, argv);
	if (err < 0)
		return err;
	o->mem_prealloc |= o->objects.prealloc;
	run_user_default(cli->ctx, &o->identity);
	return run_options_check_whole(o, cli, argv[0]);
}

void run_options_free(struct run_options *o)
{
	free(o->devices);
	run_objects_free(&o->objects);
	run_control_free(&o->control);
	run_refusals_free(&o->refusals);
	free(o->name);
	o->name = NULL;
	o->devices = NULL;
	o->device_count = 0;
}
