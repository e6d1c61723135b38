// SPDX-License-Identifier: MIT
// The host of a fuzzed machine: stub KVM and VFIO, and the machine on them.

#include <errno.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <lend/lend.h>

#include "machine-host.h"
#include "vmm/arch.h"
#include "vmm/assign/pci.h"
#include "vmm/pci/topology.h"

/* The seam of liblend has the same KVM as the machine, which calls ioctl(). */
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_ioctl(int fd, unsigned long request, ...);
size_t __wrap_console_put(struct console *console, uint8_t byte);
int __wrap_arch_reset(struct machine *machine);
int __wrap_arch_load(struct machine *machine, uint64_t *entry);
int __wrap_arch_set_entry(struct machine *machine, uint64_t entry);
int __wrap_boot_read_head(const struct boot *boot, struct boot_file *file);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *opaque), void *opaque);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *opaque), void *opaque);

static struct machine_host host;

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	va_list args;
	int result;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (fd != STUB_VM)
		return __real_ioctl(fd, request, argument);
	result = stub_kvm_ioctl(&host.kvm, request, argument);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

/* What opens devices does so without one, too. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *opaque), void *opaque)
{
	return host.has_threads
		       ? __real_pthread_create(thread, attr, run, opaque)
		       : EAGAIN;
}

size_t __wrap_console_put(struct console *console, uint8_t byte)
{
	(void)console;
	(void)byte;
	if (host.console_room)
		host.console_room--;
	return host.console_room;
}

/* There are no vCPUs, and no kernel that they would boot. */
int __wrap_arch_reset(struct machine *machine)
{
	(void)machine;
	return 0;
}

int __wrap_arch_load(struct machine *machine, uint64_t *entry)
{
	(void)machine;
	(void)entry;
	return 0;
}

int __wrap_arch_set_entry(struct machine *machine, uint64_t entry)
{
	(void)machine;
	(void)entry;
	return 0;
}

int __wrap_boot_read_head(const struct boot *boot, struct boot_file *file)
{
	(void)boot;
	(void)file;
	return 0;
}

static void host_forget_trigger(int fd)
{
	pthread_mutex_lock(&host.lock);
	for (unsigned int i = 0; i < MACHINE_TRIGGERS; i++)
		if (host.triggers[i] == fd)
			host.triggers[i] = -1;
	pthread_mutex_unlock(&host.lock);
}

static void host_take_triggers(const struct vfio_irq_set *set)
{
	int fd;

	if (!(set->flags & VFIO_IRQ_SET_DATA_EVENTFD) ||
	    !(set->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return;
	pthread_mutex_lock(&host.lock);
	for (unsigned int i = 0; i < set->count; i++) {
		memcpy(&fd, set->data + i * sizeof(fd), sizeof(fd));
		host.triggers[(set->index * 16 + set->start + i) %
			      MACHINE_TRIGGERS] = fd;
	}
	pthread_mutex_unlock(&host.lock);
}

void machine_host_fire(struct machine_host *unused, unsigned int index)
{
	(void)unused;
	pthread_mutex_lock(&host.lock);
	if (host.triggers[index % MACHINE_TRIGGERS] >= 0)
		eventfd_write(host.triggers[index % MACHINE_TRIGGERS], 1);
	pthread_mutex_unlock(&host.lock);
}

static int machine_host_ioctl(struct stub *stub, int fd, unsigned long request,
			      void *argument)
{
	(void)stub;
	if (fd >= STUB_VM)
		return stub_kvm_ioctl(&host.kvm, request, argument);
	if (request == VFIO_DEVICE_SET_IRQS)
		host_take_triggers(argument);
	return stub_function_ioctl(&host.functions[fd == STUB_DEVICE + 1],
				   request, argument);
}

static void machine_host_read(struct stub *stub, int fd, uint64_t offset,
			      void *data, size_t size)
{
	(void)stub;
	stub_function_read(&host.functions[fd - STUB_DEVICE], offset, data,
			   size);
}

/* The machine polls eventfds: these are real. */
static int machine_host_eventfd(const struct kernel *k)
{
	int err = stub_faults_next(host.stub, STUB_EVENT);
	int fd = err ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	(void)k;
	if (fd < 0)
		return err ? -err : -errno;
	host.stub->events++;
	return fd;
}

static int machine_host_close_fd(const struct kernel *k, int fd)
{
	(void)k;
	if (fd >= STUB_IOMMUFD)
		return 0;
	host_forget_trigger(fd);
	if (close(fd) || !host.stub->events--)
		stub_never("an eventfd closed twice");
	return 0;
}

static char names[STUB_DEVICES][8] = {"root", MACHINE_BELOW};
static struct pci_port_config port = {
	.name = "port",
	.place = {.slot = MACHINE_PORT_SLOT},
};
static const struct topology topology = {.ports = &port, .count = 1};
static struct lend_iommu_options space = LEND_IOMMU_OPTIONS_INIT;
static struct assign_pci_config functions[STUB_DEVICES];
static struct machine_device_config devices[STUB_DEVICES];
static struct machine_config config;

static void host_configure(uint8_t how)
{
	space.backend = LEND_BACKEND_IOMMUFD;
	space.iommufd = STUB_IOMMUFD;
	config.iommu = &space;
	config.topology = &topology;
	port.pluggable = how & 64;
	config.devices = devices;
	config.device_count = STUB_DEVICES;
	for (unsigned int i = 0; i < STUB_DEVICES; i++) {
		functions[i] = (struct assign_pci_config){
			.fd = STUB_DEVICE + (int)i,
			.name = names[i],
			.id = names[i],
			.place = {.port = i, .slot = i ? 0 : MACHINE_ROOT_SLOT},
			.no_mmap = how & 2,
			.no_kvm_irqs = how & 4 ? 7 : 0,
			.p2p = how & 8,
			.keeps = how & 16,
			.quirks.no_opregion = true,
		};
		devices[i] = (struct machine_device_config){
			.open = assign_pci_open,
			.create = assign_pci_create,
			.config = &functions[i],
		};
	}
}

static void host_power_off(void *opaque)
{
	machine_post(opaque, MACHINE_EVENT_OFF);
}

static void host_reset_guest(void *opaque)
{
	machine_post(opaque, MACHINE_EVENT_RESET);
}

static void host_press_power(void *opaque)
{
	arch_press_power(opaque);
}

static int host_start(struct machine *machine)
{
	const struct recall_host recall = {
		.ctx = machine->ctx,
		.watch = &machine->watch,
		.press_power = host_press_power,
		.fail = machine_on_fail,
		.opaque = machine,
	};
	int err = watch_open(&machine->watch, machine->ctx);

	recall_init(&machine->recall, &recall);
	if (!err)
		err = machine_open_plug(machine);
	if (!err)
		err = lend_kvm_new(machine->ctx, STUB_VM, NULL, &machine->kvm);
	if (!err)
		err = machine_open_devices(machine);
	if (!err)
		err = layout_compute(&machine->layout, machine->ctx, 256 << 20,
				     &machine->need, 40);
	if (err)
		return err;
	machine->layout.ecam = (struct range){MACHINE_ECAM, 16 << 20};
	machine_claim(machine);
	return machine_start(machine);
}

/* What machine_create() makes beside the devices; there are no vCPUs. */
static void host_make_machine(struct machine *machine)
{
	machine->ctx = host.stub->ctx;
	machine->config = &config;
	machine->vm.fd = STUB_VM;
	machine->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	machine->vcpus = calloc(1, sizeof(machine->vcpus[0]));
	machine->below = calloc(1, sizeof(machine->below[0]));
	if (machine->wake_fd < 0 || !machine->vcpus || !machine->below)
		abort();
	machine->below[0].is_bridge = true;
	machine->port_count = 1;
	machine->vcpu_host.off = host_power_off;
	machine->vcpu_host.reset = host_reset_guest;
}

struct machine_host *machine_host_open(struct input *input, uint8_t how)
{
	struct stub *stub = stub_get();

	memset(&host, 0, sizeof(host));
	host.has_threads = (how & VCPUS_MASK) == VCPUS_TWO;
	memset(host.triggers, 0xff, sizeof(host.triggers));
	pthread_mutex_init(&host.lock, NULL);
	host.stub = stub;
	stub->ioctl = machine_host_ioctl;
	stub->read = machine_host_read;
	stub->kernel.eventfd = machine_host_eventfd;
	stub->kernel.close = machine_host_close_fd;
	stub_kvm_open(&host.kvm, stub);
	for (unsigned int i = 0; i < STUB_DEVICES; i++) {
		stub_function_make(&host.functions[i], input);
		for (unsigned int k = 0; k < VFIO_PCI_NUM_IRQS; k++)
			host.functions[i].irqs[k] %= 64;
	}
	stub_faults_set(stub, how & 32 ? input : NULL);
	host_configure(how);
	host_make_machine(&host.machine);
	host.err = host_start(&host.machine);
	return &host;
}

int machine_host_restart(struct machine_host *unused)
{
	(void)unused;
	machine_stop(&host.machine);
	unplug_end_all(&host.machine.unplug);
	return machine_start(&host.machine);
}

void machine_host_close(struct machine_host *unused)
{
	struct machine *machine = &host.machine;

	(void)unused;
	machine_stop(machine);
	machine_close_devices(machine);
	free(machine->below);
	free(machine->vcpus);
	lend_kvm_free(machine->kvm);
	recall_close(&machine->recall);
	unplug_close(&machine->unplug);
	watch_close(&machine->watch);
	close(machine->wake_fd);
	lend_error_free(machine->failure_record);
	stub_check_idle(host.stub);
	stub_kvm_close(&host.kvm);
	pthread_mutex_destroy(&host.lock);
}
