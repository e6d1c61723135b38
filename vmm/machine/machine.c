// SPDX-License-Identifier: MIT
// The machine of `lend run`: creates and destroys what outlasts guest resets.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <lend/context.h>
#include <lend/error.h>
#include <lend/iommu.h>
#include <lend/kvm.h>

#include "vmm/arch.h"
#include "vmm/base/change-lock.h"
#include "vmm/base/no-memory.h"
#include "vmm/boot/append.h"
#include "vmm/control/warnings.h"
#include "vmm/machine/internal.h"
#include "vmm/memory/reach.h"
#include "vmm/pci/topology.h"

#define RAM_DEFAULT UINT64_C(0x8000000)
#define RAM_MIN     UINT64_C(0x1000000)

static int machine_check_config(struct machine *machine)
{
	const struct machine_config *config = machine->config;
	struct lend_ctx *ctx = machine->ctx;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	machine->boot = (struct boot){
		.ctx = ctx,
		.kernel = {.path = config->kernel,
			   .option = "-kernel",
			   .fd = -1},
		.initrd = {.path = config->initrd,
			   .option = "-initrd",
			   .fd = -1},
		.append = config->append ? config->append : "",
	};
	machine->cpus = config->cpus ? config->cpus : 1;
	machine->ram = config->ram ? config->ram : RAM_DEFAULT;
	machine->ram = range_align_up(machine->ram, page);
	if (!config->kernel) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-kernel is required");
		return lend_error_remedy(ctx, "add -kernel FILE");
	}
	if (machine->cpus > ARCH_CPUS_MAX)
		return lend_error_set(
			ctx, LEND_ERROR_LIMIT, EINVAL, NULL,
			"-smp %u is out of range: a machine has 1 to %d "
			"vCPUs",
			machine->cpus, ARCH_CPUS_MAX);
	if (machine->ram < RAM_MIN) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-m: %" PRIu64 " bytes is too small for a guest",
			       config->ram);
		return lend_error_remedy(ctx, "give at least %" PRIu64 "M",
					 RAM_MIN >> 20);
	}
	return 0;
}

static int machine_ask_kvm(struct machine *machine)
{
	int err = arch_configure(machine);

	return err ? err : vm_open(&machine->vm, machine->ctx);
}

static int machine_open_space(struct machine *machine)
{
	return lend_kvm_new(machine->ctx, machine->vm.fd, NULL, &machine->kvm);
}

static int machine_open_kvm(struct machine *machine)
{
	int err = machine_ask_kvm(machine);

	if (!err)
		err = arch_open(machine);
	if (!err)
		err = vm_start(&machine->vm);
	if (!err)
		err = machine_open_space(machine);
	return err;
}

static int open_topology(struct machine *machine)
{
	const struct topology *topology =
		topology_or_none(machine->config->topology);
	int err = machine_open_plug(machine);

	if (err || !topology->count)
		return err;
	if (machine_may_plug(machine))
		machine->need.spare = topology_count_pluggable(topology);
	machine->below = calloc(topology->count, sizeof(machine->below[0]));
	if (!machine->below)
		return vmm_no_memory(machine->ctx, NULL);
	machine->port_count = topology->count;
	for (unsigned int i = 0; i < machine->port_count; i++)
		machine->below[i].is_bridge = true;
	return 0;
}

struct layout_need *machine_need(struct machine *machine,
				 struct pci_place place)
{
	return place.port && place.port <= machine->port_count
		       ? &machine->below[place.port - 1]
		       : &machine->need;
}

/* Called with all devices' needs known: add those of their ports. */
static int sum_up(struct machine *machine)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < machine->port_count; i++)
		err = layout_need_add_bridge(&machine->need,
					     &machine->below[i]);
	return err ? lend_error_set(
			     machine->ctx, LEND_ERROR_PLACEMENT, -err, NULL,
			     "the devices' BARs together exceed the 64-bit "
			     "address space")
		   : 0;
}

/* None where nothing is mapped, or the kernel does not report them. */
static int machine_usable(struct machine *machine,
			  const struct lend_iova_range **usable,
			  unsigned int *count)
{
	*usable = machine->config->usable;
	*count = machine->config->usable_count;
	if (!machine_has_lent(machine) || !machine->iommu ||
	    lend_iommu_backend(machine->iommu) == LEND_BACKEND_NOIOMMU)
		return 0;
	return lend_iommu_ranges(machine->iommu, usable, count);
}

/* Checked before memory is mapped. Without ranges, mapping reports it. */
int machine_check_reach(struct machine *machine)
{
	const struct lend_iova_range *usable;
	unsigned int count;
	int err = machine_usable(machine, &usable, &count);

	return err ? err
		   : reach_check(&machine->layout, machine->ctx, usable, count,
				 machine->p2p);
}

static int compute_layout(struct machine *machine)
{
	struct layout_need need = machine->need;
	int err = machine_usable(machine, &need.usable, &need.usable_count);

	return err ? err
		   : layout_compute(&machine->layout, machine->ctx,
				    machine->ram, &need,
				    arch_phys_bits(machine));
}

/* Whether each device stays silent until dma_await() returned. */
static bool all_await_dma(const struct machine *machine)
{
	for (size_t i = 0; i < machine->device_count; i++)
		if (!machine->devices[i]->ops->awaits_dma)
			return false;
	return true;
}

/* Address spaces of devices that have their own, which none joins later. */
static int machine_find_spaces(struct machine *machine)
{
	machine->spaces =
		calloc(machine->device_count + 1, sizeof(struct lend_iommu *));
	if (!machine->spaces)
		return vmm_no_memory(machine->ctx, NULL);
	for (size_t i = 0; i < machine->device_count; i++)
		if (machine->devices[i]->space)
			machine->spaces[machine->space_count++] =
				lend_iommu_ref(machine->devices[i]->space);
	return 0;
}

static void machine_forget_spaces(struct machine *machine)
{
	while (machine->space_count)
		lend_iommu_unref(machine->spaces[--machine->space_count]);
	free(machine->spaces);
}

int machine_prepare_dma(struct machine *machine)
{
	const struct dma_host host = {
		.ctx = machine->ctx,
		.iommu = machine_has_lent(machine) ? machine->iommu : NULL,
		.spaces = machine->spaces,
		.space_count = machine->up ? 0 : machine->space_count,
		.memory = &machine->memory,
		.may_wait = all_await_dma(machine),
		/* A guest that runs has had no device until now. */
		.fail = machine->up ? machine_on_plug_fail : machine_on_fail,
		.mapped = machine_on_mapped,
		.opaque = machine,
	};

	return dma_prepare(&machine->dma, &host);
}

static bool machine_shares_ram(const struct machine *machine)
{
	const struct machine_config *config = machine->config;

	for (size_t i = 0; i < config->device_count; i++)
		if (config->devices[i].shares_ram)
			return true;
	return false;
}

static struct memory_options machine_memory(const struct machine *machine)
{
	return (struct memory_options){
		.path = machine->config->mem_path,
		.shared = machine_shares_ram(machine),
		.prealloc = machine->config->mem_prealloc,
		.pinned = machine->config->device_count > 0 ||
			  machine_may_plug(machine),
	};
}

/* Checks what is known without the devices, before the kernel resets one as it
 * is opened: guest addresses for RAM, and the host's memory. */
static int machine_reserve_memory(struct machine *machine)
{
	const struct memory_options options = machine_memory(machine);
	int err = compute_layout(machine);

	return err ? err
		   : memory_reserve(&machine->memory, machine->ctx,
				    machine->ram, &options);
}

static int machine_create_memory(struct machine *machine)
{
	const struct memory_options options = machine_memory(machine);
	int err = compute_layout(machine);

	if (!err)
		err = machine_check_reach(machine);
	if (!err)
		err = memory_place(&machine->memory, machine->ctx,
				   &machine->layout, &options);
	if (!err)
		err = machine_find_spaces(machine);
	return err ? err : machine_prepare_dma(machine);
}

static int open_events(struct machine *machine)
{
	int err;

	machine->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (machine->wake_fd >= 0 && machine->config->control.warnings)
		warnings_set_wake(machine->config->control.warnings,
				  machine->wake_fd);
	if (machine->wake_fd >= 0 && signals_open(&machine->signals) == 0)
		return vcpu_init_kick(&machine->kick, machine->ctx,
				      &machine->signals.before);
	err = errno;
	return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, err, NULL,
			      "eventfd, signalfd: %s", strerror(err));
}

/* Silence has no other sign. */
static void warn_of_silence(const struct machine *machine)
{
	enum append_console console = append_find_console(machine->boot.append);

	if (console == APPEND_SERIAL ||
	    (console == APPEND_NONE && SERIAL_IS_DEFAULT))
		return;
	lend_log(machine->ctx, LEND_LOG_WARNING,
		 "-append has no console=ttyS0: a Linux guest prints nothing "
		 "here");
}

static int open_files(struct machine *machine)
{
	int err = machine_check_config(machine);

	if (!err)
		err = boot_open(&machine->boot);
	if (!err)
		err = arch_check_boot(machine);
	if (!err)
		warn_of_silence(machine);
	return err;
}

static int machine_measure(struct machine *machine)
{
	const struct machine_config *config = machine->config;
	int err = open_files(machine);

	if (!err)
		err = machine_ask_kvm(machine);
	if (!err)
		err = arch_open(machine);
	if (!err)
		err = open_topology(machine);
	for (size_t i = 0; !err && i < config->device_count; i++) {
		const struct machine_device_config *device =
			&config->devices[i];

		if (device->measure)
			err = device->measure(machine, device->config);
	}
	if (!err)
		err = sum_up(machine);
	if (!err)
		err = compute_layout(machine);
	if (!err)
		err = arch_check_boot(machine);
	if (!err)
		err = machine_open_space(machine);
	return err ? err : machine_claim(machine);
}

static int machine_build(struct machine *machine)
{
	int err;

	signals_block_writes(&machine->signals);
	err = machine_open_control(machine);
	if (!err)
		err = open_files(machine);
	if (!err)
		err = machine_open_kvm(machine);
	if (!err)
		err = watch_open(&machine->watch, machine->ctx);
	if (!err)
		err = open_topology(machine);
	if (!err)
		err = machine_reserve_memory(machine);
	if (!err)
		err = machine_open_devices(machine);
	if (!err)
		err = sum_up(machine);
	if (!err)
		err = machine_create_memory(machine);
	if (!err)
		err = open_events(machine);
	if (!err)
		err = console_open(&machine->console, machine->ctx,
				   machine->wake_fd);
	if (!err)
		err = machine_start(machine);
	return err;
}

static void on_press_power(void *opaque)
{
	machine_press_power(opaque);
}

static void init_recall(struct machine *machine)
{
	const struct recall_host host = {
		.ctx = machine->ctx,
		.watch = &machine->watch,
		.press_power = on_press_power,
		.fail = machine_on_fail,
		.opaque = machine,
	};

	recall_init(&machine->recall, &host);
}

static void init_shutdown(struct machine *machine)
{
	const struct shutdown_host host = {
		.watch = &machine->watch,
		.seconds = machine->config->shutdown_timeout,
		.press_power = on_press_power,
		.opaque = machine,
	};

	shutdown_init(&machine->shutdown, &host);
}

static int machine_make(struct machine **out, struct lend_ctx *ctx,
			const struct machine_config *config,
			int (*fill)(struct machine *machine))
{
	struct machine *machine = calloc(1, sizeof(*machine));
	int err;

	*out = NULL;
	if (!machine)
		return vmm_no_memory(ctx, NULL);
	machine->ctx = ctx;
	machine->config = config;
	machine->vm.kvm_fd = machine->vm.fd = -1;
	machine->memory.backing.fd = -1;
	machine->wake_fd = machine->signals.fd = -1;
	machine->console.out = -1;
	machine->watch.fd = -1;
	change_lock_init(&machine->devices_lock);
	sandbox_init(&machine->sandbox);
	init_recall(machine);
	init_shutdown(machine);
	control_init(&machine->control);
	machine->notify.fd = -1;
	machine->boot.kernel.fd = machine->boot.initrd.fd = -1;
	err = fill(machine);
	if (err) {
		machine_destroy(machine);
		return err;
	}
	*out = machine;
	return 0;
}

int machine_create(struct machine **out, struct lend_ctx *ctx,
		   const struct machine_config *config)
{
	return machine_make(out, ctx, config, machine_build);
}

int machine_plan(struct machine **out, struct lend_ctx *ctx,
		 const struct machine_config *config)
{
	return machine_make(out, ctx, config, machine_measure);
}

const struct layout *machine_layout(const struct machine *machine)
{
	return &machine->layout;
}

uint64_t machine_ram(const struct machine *machine)
{
	return machine->ram;
}

unsigned int machine_cpus(const struct machine *machine)
{
	return machine->cpus;
}

unsigned int machine_lines_taken(const struct machine *machine)
{
	return machine->irq.lines_taken;
}

int machine_signal(const struct machine *machine)
{
	return machine->signal;
}

void machine_destroy(struct machine *machine)
{
	if (!machine)
		return;
	machine_stop(machine);
	dma_stop(&machine->dma);
	machine_forget_spaces(machine);
	machine_close_devices(machine);
	free(machine->below);
	machine_drop_vm(machine);
	memory_close(&machine->memory);
	arch_close(machine);
	boot_close(&machine->boot);
	console_close(&machine->console);
	recall_close(&machine->recall);
	unplug_close(&machine->unplug);
	shutdown_close(&machine->shutdown);
	watch_close(&machine->watch);
	if (machine->config->control.warnings)
		warnings_set_wake(machine->config->control.warnings, -1);
	if (machine->wake_fd >= 0)
		close(machine->wake_fd);
	vcpu_end_kick(&machine->kick);
	signals_close(&machine->signals);
	sandbox_close(&machine->sandbox);
	control_close(&machine->control);
	notify_close(&machine->notify);
	lend_error_free(machine->failure_record);
	lend_error_free(machine->plug_record);
	pthread_rwlock_destroy(&machine->devices_lock);
	free(machine);
}
