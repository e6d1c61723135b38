// SPDX-License-Identifier: MIT
// A virtual machine monitor for x86-64: boots a Linux bzImage with lent PCI
// devices on one processor, a serial console, and neither firmware nor ACPI.
// APPEND should have console=ttyS0 pci=conf1 reboot=k: a reset ends the run.

#include <errno.h>
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm-devices.h"
#include "vmm-pc.h"

#define HOLE_BASE  0xe0000000u /* memory BARs are placed from here on */
#define HOLE_END   0xfec00000u /* the I/O APIC; KVM's pages and more follow */
#define PORTS_BASE 0xc000u     /* I/O BARs are placed from here on */
#define INTX_IRQ   11          /* of all devices: the line is shared */

struct vmm {
	struct lend_ctx *ctx;
	struct lend_kvm *kvm;
	struct devices devices;
	struct pc pc;
	uint32_t config_address; /* the port 0xcf8 */
};

/* Ports 0xcf8 to 0xcff: device 1 of bus 0 is the first lent one, and so on. */
static void config_access(struct vmm *vmm, unsigned int port, uint8_t *data,
			  unsigned int size, bool is_write)
{
	uint32_t address = vmm->config_address;
	unsigned int slot = address >> 11 & 0x1fff; /* and bus */

	if (port == 0xcf8 && size == 4) {
		if (is_write)
			memcpy(&vmm->config_address, data, size);
		else
			memcpy(data, &address, size);
		return;
	}
	/* Enabled, function 0. */
	if (port < 0xcfc || (address & 0x80000700) != 0x80000000)
		slot = 0;
	devices_config(&vmm->devices, slot, (address & 0xfc) + (port & 3), data,
		       size, is_write);
}

static void port_access(struct vmm *vmm, unsigned int port, uint8_t *data,
			unsigned int size, bool is_write)
{
	if (pc_access(&vmm->pc, port, data, is_write))
		return;
	if (port >= 0xcf8 && port < 0xd00)
		config_access(vmm, port, data, size, is_write);
	else if (!devices_access(&vmm->devices, port, true, data, size,
				 is_write) &&
		 !is_write)
		memset(data, 0xff, size);
}

static void vcpu_handle_exit(struct vmm *vmm)
{
	struct kvm_run *run = vmm->pc.run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		for (uint32_t i = 0; i < run->io.count; i++)
			port_access(vmm, run->io.port, data + i * run->io.size,
				    run->io.size,
				    run->io.direction == KVM_EXIT_IO_OUT);
		break;
	case KVM_EXIT_MMIO:
		if (!devices_access(&vmm->devices, run->mmio.phys_addr, false,
				    run->mmio.data, run->mmio.len,
				    run->mmio.is_write) &&
		    !run->mmio.is_write)
			memset(run->mmio.data, 0xff, run->mmio.len);
		break;
	case KVM_EXIT_INTR:
		break;
	default: /* a triple fault is how some guests reset */
		if (run->exit_reason != KVM_EXIT_SHUTDOWN)
			fprintf(stderr, "unexpected exit %u\n",
				run->exit_reason);
		pc_stop(&vmm->pc);
	}
}

static void *vcpu_main(void *opaque)
{
	struct vmm *vmm = opaque;

	while (!vmm->pc.stop) {
		if (ioctl(vmm->pc.vcpu_fd, KVM_RUN, 0) == 0)
			vcpu_handle_exit(vmm);
		else if (errno != EINTR && errno != EAGAIN)
			break;
	}
	if (!vmm->pc.stop)
		pc_fail("KVM_RUN");
	pc_stop(&vmm->pc);
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
	vmm->pc.stop = true;
	vmm->pc.run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
}

/* Gives the guest the next byte of input, if it has read the last. Returns
 * whether there is more to wait for. */
static bool console_pass(struct vmm *vmm)
{
	uint8_t byte;

	if (!pc_is_ready(&vmm->pc))
		return true;
	if (read(STDIN_FILENO, &byte, 1) != 1)
		return false;
	pc_receive(&vmm->pc, byte);
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

	fds[0] = (struct pollfd){.fd = vmm->pc.wake_fd, .events = POLLIN};
	for (unsigned int i = 0; i < DEVICES * EVENTS; i++)
		fds[2 + i] = (struct pollfd){
			.fd = vmm->devices.list[i / EVENTS].events[i % EVENTS],
			.events = POLLIN,
		};
	while (!vmm->pc.stop) {
		bool asks = has_input && pc_is_ready(&vmm->pc);

		fds[1] = (struct pollfd){
			.fd = asks ? STDIN_FILENO : -1,
			.events = POLLIN,
		};
		if (poll(fds, 2 + DEVICES * EVENTS, -1) < 0)
			return pc_fail("poll");
		eventfd_read(vmm->pc.wake_fd, &count);
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
		return pc_fail("pthread_create");
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

/* What no BAR may overlap: RAM, and all from the I/O APIC to 4 GiB. */
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
	if (lend_kvm_new(vmm->ctx, vmm->pc.vm_fd, NULL, &vmm->kvm))
		return fail_lend(vmm->ctx);
	if (lend_kvm_claim(vmm->kvm, 0, PC_RAM, "RAM", NULL) ||
	    lend_kvm_claim(vmm->kvm, HOLE_END, 0x100000000 - HOLE_END,
			   "the platform", NULL) ||
	    lend_kvm_map(vmm->kvm, 0, PC_RAM, vmm->pc.ram, 0) < 0) {
		fprintf(stderr, "KVM does not take the RAM\n");
		return -1;
	}
	vmm->devices = (struct devices){
		.ctx = vmm->ctx,
		.kvm = vmm->kvm,
		.memory = HOLE_BASE,
		.memory_end = HOLE_END,
		.ports = PORTS_BASE,
		.ports_end = 0x10000,
		.line = INTX_IRQ,
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
	err = pc_open(&vmm.pc);
	if (!err)
		err = vmm_make_space(&vmm);
	if (!err)
		err = devices_open(&vmm.devices, argv + 4, argc - 4, vmm.pc.ram,
				   PC_RAM);
	if (!err)
		err = pc_load(&vmm.pc, argv[1], argv[2], argv[3]);
	if (!err)
		err = vmm_run(&vmm);
	devices_close(&vmm.devices);
	lend_kvm_free(vmm.kvm);
	lend_ctx_unref(vmm.ctx);
	pc_close(&vmm.pc);
	return err ? 1 : 0;
}
