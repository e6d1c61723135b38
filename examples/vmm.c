// SPDX-License-Identifier: MIT
// A virtual machine monitor that boots a Linux kernel with lent PCI devices on
// one processor, with a serial console and neither firmware nor ACPI.

/*
 * On x86-64 the kernel is a bzImage, and APPEND should have console=ttyS0
 * pci=conf1 reboot=k. On arm64 it is an Image, which is not compressed, and
 * APPEND should have console=ttyS0; the host requires a GICv3 with an ITS. A
 * reset ends the run.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm-devices.h"
#include "vmm-machine.h"

struct vmm {
	struct lend_ctx *ctx;
	struct lend_kvm *kvm;
	struct devices devices;
	struct machine machine;
};

int fail_errno(const char *what)
{
	perror(what);
	return -1;
}

void machine_end_run(struct machine *m)
{
	m->stop = true;
	eventfd_write(m->wake_fd, 1);
}

static int machine_open(struct machine *m)
{
	*m = (struct machine){
		.vm_fd = -1,
		.vcpu_fd = -1,
		.controllers = {-1, -1},
		.received = -1,
	};
	pthread_mutex_init(&m->serial, NULL);
	m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (m->wake_fd < 0 || m->kvm_fd < 0)
		return fail_errno("eventfd, /dev/kvm");
	m->vm_fd = ioctl(m->kvm_fd, KVM_CREATE_VM, 0);
	if (m->vm_fd < 0)
		return fail_errno("cannot create the virtual machine");
	m->ram = mmap(NULL, layout.ram_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->ram == MAP_FAILED) {
		m->ram = NULL;
		return fail_errno("RAM");
	}
	return machine_add_controllers(m);
}

static void machine_close(struct machine *m)
{
	const int fds[] = {m->controllers[0], m->controllers[1], m->vcpu_fd,
			   m->vm_fd,          m->kvm_fd,         m->wake_fd};

	if (m->run)
		munmap(m->run, m->run_size);
	for (unsigned int i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (m->ram)
		munmap(m->ram, layout.ram_size);
	pthread_mutex_destroy(&m->serial);
}

int machine_add_vcpu(struct machine *m)
{
	int size = ioctl(m->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	m->vcpu_fd = ioctl(m->vm_fd, KVM_CREATE_VCPU, 0);
	if (m->vcpu_fd < 0 || size < (int)sizeof(*m->run))
		return fail_errno("KVM_CREATE_VCPU");
	m->run_size = (size_t)size;
	m->run = mmap(NULL, m->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      m->vcpu_fd, 0);
	if (m->run == MAP_FAILED) {
		m->run = NULL;
		return fail_errno("mmap of the vCPU");
	}
	return 0;
}

/* The bytes of a file, or NULL. */
static const uint8_t *machine_map_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		*size = (size_t)st.st_size;
		bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (bytes == MAP_FAILED)
		fail_errno(path);
	if (fd >= 0)
		close(fd);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static int machine_load(struct machine *m, const char *kernel,
			const char *initrd, const char *append)
{
	size_t kernel_size = 0, initrd_size = 0;
	const uint8_t *code = machine_map_file(kernel, &kernel_size);
	const uint8_t *disk = machine_map_file(initrd, &initrd_size);
	uint64_t entry = code ? machine_put_kernel(m, code, kernel_size) : 0;

	if (code && !entry)
		fprintf(stderr, "%s: not %s that fits\n", kernel,
			layout.kernel);
	if (initrd_size > layout.ram_size - layout.initrd) {
		fprintf(stderr, "%s: too large\n", initrd);
		entry = 0;
	}
	if (entry && disk)
		memcpy(m->ram + layout.initrd, disk, initrd_size);
	if (code)
		munmap((void *)(uintptr_t)code, kernel_size);
	if (disk)
		munmap((void *)(uintptr_t)disk, initrd_size);
	if (!entry || !disk)
		return -1;
	return machine_boot(m, entry, initrd_size, append);
}

/* The processor. */

static void *vcpu_main(void *opaque)
{
	struct vmm *vmm = opaque;

	while (!vmm->machine.stop) {
		if (ioctl(vmm->machine.vcpu_fd, KVM_RUN, 0) == 0)
			machine_exit(&vmm->machine, &vmm->devices);
		else if (errno != EINTR && errno != EAGAIN)
			break;
	}
	if (!vmm->machine.stop)
		fail_errno("KVM_RUN");
	machine_end_run(&vmm->machine);
	return NULL;
}

/* Its only purpose is to interrupt KVM_RUN. */
static void vcpu_on_kick(int number)
{
	(void)number;
}

/* immediate_exit keeps a kick that comes before KVM_RUN from being lost. */
static void vcpu_end(struct vmm *vmm, pthread_t thread)
{
	vmm->machine.stop = true;
	vmm->machine.run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
}

/* Gives the guest the next byte of input, if it has read the last. Returns
 * whether there is more to wait for. */
static bool console_pass(struct vmm *vmm)
{
	uint8_t byte;

	if (!serial_is_ready(&vmm->machine))
		return true;
	if (read(STDIN_FILENO, &byte, 1) != 1)
		return false;
	serial_put_input(&vmm->machine, byte);
	return true;
}

/* Returns 0 when the guest resets or the host wants a device back, -1 after an
 * error of a device. */
static int vmm_wait(struct vmm *vmm)
{
	struct pollfd fds[2 + DEVICES * EVENTS];
	bool has_input = true;
	eventfd_t count;
	int err;

	fds[0] = (struct pollfd){.fd = vmm->machine.wake_fd, .events = POLLIN};
	for (unsigned int i = 0; i < DEVICES * EVENTS; i++)
		fds[2 + i] = (struct pollfd){
			.fd = vmm->devices.list[i / EVENTS].events[i % EVENTS],
			.events = POLLIN,
		};
	while (!vmm->machine.stop) {
		bool asks = has_input && serial_is_ready(&vmm->machine);

		fds[1] = (struct pollfd){
			.fd = asks ? STDIN_FILENO : -1,
			.events = POLLIN,
		};
		if (poll(fds, 2 + DEVICES * EVENTS, -1) < 0)
			return fail_errno("poll");
		eventfd_read(vmm->machine.wake_fd, &count);
		if (fds[1].revents)
			has_input = console_pass(vmm);
		err = devices_check(&vmm->devices);
		if (err)
			return err < 0 ? -1 : 0;
	}
	return 0;
}

static int vmm_run(struct vmm *vmm)
{
	struct sigaction kick = {.sa_handler = vcpu_on_kick};
	pthread_t thread;
	int err;

	sigaction(SIGUSR1, &kick, NULL);
	errno = pthread_create(&thread, NULL, vcpu_main, vmm);
	if (errno)
		return fail_errno("pthread_create");
	err = vmm_wait(vmm);
	vcpu_end(vmm, thread);
	return err;
}

static void log_warning(void *opaque, enum lend_log_level level,
			const char *text)
{
	(void)opaque;
	if (level == LEND_LOG_WARNING)
		fprintf(stderr, "%s\n", text);
}

/* No BAR may overlap RAM, or what else the machine has. */
static int vmm_make_space(struct vmm *vmm)
{
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = log_warning,
	};

	if (lend_ctx_new(&options, &vmm->ctx)) {
		fprintf(stderr, "not enough memory\n");
		return -1;
	}
	if (lend_kvm_new(vmm->ctx, vmm->machine.vm_fd, NULL, &vmm->kvm))
		return fail_lend(vmm->ctx);
	if (lend_kvm_claim(vmm->kvm, layout.ram, layout.ram_size, "RAM",
			   NULL) ||
	    lend_kvm_claim(vmm->kvm, layout.platform,
			   layout.platform_end - layout.platform,
			   "the platform", NULL) ||
	    lend_kvm_map(vmm->kvm, layout.ram, layout.ram_size,
			 vmm->machine.ram, 0) < 0) {
		fprintf(stderr, "KVM does not take the RAM\n");
		return -1;
	}
	vmm->devices = (struct devices){
		.ctx = vmm->ctx,
		.kvm = vmm->kvm,
		.memory = layout.memory,
		.memory_end = layout.memory_end,
		.ports = layout.ports,
		.ports_end = layout.ports_end,
		.line = layout.line,
		.has_requesters = layout.has_requesters,
	};
	return 0;
}

int main(int argc, char **argv)
{
	struct vmm vmm = {0};
	int err;

	if (argc < 4 || argc > 4 + DEVICES) {
		fprintf(stderr, "usage: vmm KERNEL INITRD APPEND DEVICE...\n");
		return 2;
	}
	err = machine_open(&vmm.machine);
	if (!err)
		err = vmm_make_space(&vmm);
	if (!err)
		err = devices_open(&vmm.devices, argv + 4, argc - 4,
				   vmm.machine.ram, layout.ram,
				   layout.ram_size);
	if (!err)
		err = machine_load(&vmm.machine, argv[1], argv[2], argv[3]);
	if (!err)
		err = vmm_run(&vmm);
	devices_close(&vmm.devices);
	lend_kvm_free(vmm.kvm);
	lend_ctx_unref(vmm.ctx);
	machine_close(&vmm.machine);
	return err ? 1 : 0;
}
