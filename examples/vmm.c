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

#include <lend/lend.h>

#include "vmm-pc.h"

#define HOLE_BASE  0xe0000000u /* memory BARs are placed from here on */
#define HOLE_END   0xfec00000u /* the I/O APIC; KVM's pages and more follow */
#define PORTS_BASE 0xc000u     /* I/O BARs are placed from here on */
#define INTX_IRQ   11          /* of all devices: the line is shared */
#define DEVICES    8

enum { ERROR, REQUEST, EVENTS };

struct device {
	struct vmm *vmm;
	struct lend_device *lent;
	struct lend_kvm_pci *kvm;
	struct lend_pci *pci;
	uint64_t bars[LEND_PCI_BARS]; /* where they are; 0: nowhere */
	int events[EVENTS];           /* eventfds: ERR, REQ */
};

struct vmm {
	struct lend_ctx *ctx;
	struct lend_iommu *iommu;
	struct lend_kvm *kvm;
	struct device devices[DEVICES];
	unsigned int count;
	struct pc pc;
	uint32_t config_address; /* the port 0xcf8 */
};

static int fail_lend(const struct vmm *vmm)
{
	const struct lend_error *e = lend_ctx_error(vmm->ctx);

	fprintf(stderr, "%s%s%s\n%s\n%s\n", e->device, *e->device ? ": " : "",
		e->what, e->evidence, e->remedy);
	return -1;
}

/* Lent devices. The operations, and all accesses, run on the vCPU's thread. */

static int device_place(void *opaque, unsigned int bar, uint64_t base)
{
	struct device *d = opaque;

	d->bars[bar] = base;
	return 0;
}

static void device_drop(void *opaque, unsigned int bar)
{
	struct device *d = opaque;

	d->bars[bar] = 0;
}

static int device_intx(void *opaque)
{
	(void)opaque;
	return INTX_IRQ;
}

/* Each function that waits for room is asked again, since one gave some. */
static void devices_retry(struct vmm *vmm)
{
	for (unsigned int i = 0; i < vmm->count; i++)
		lend_pci_retry(vmm->devices[i].pci);
}

/* An access to a BAR. Returns whether there is one. */
static bool devices_access(struct vmm *vmm, uint64_t at, bool io, void *data,
			   unsigned int size, bool is_write)
{
	for (unsigned int i = 0; i < DEVICES * LEND_PCI_BARS; i++) {
		struct device *d = &vmm->devices[i / LEND_PCI_BARS];
		unsigned int n = i % LEND_PCI_BARS;
		const struct lend_pci_bar *bar;

		if (!d->bars[n])
			continue;
		bar = lend_pci_bar(d->pci, n);
		if (bar->io != io || at - d->bars[n] >= bar->size)
			continue;
		if (!is_write)
			lend_pci_bar_read(d->pci, n, at - d->bars[n], data,
					  size);
		else if (lend_pci_bar_write(d->pci, n, at - d->bars[n], data,
					    size))
			devices_retry(vmm);
		return true;
	}
	return false;
}

/* Ports 0xcf8 to 0xcff: device 1 of bus 0 is the first lent one, and so on. */
static void config_access(struct vmm *vmm, unsigned int port, uint8_t *data,
			  unsigned int size, bool is_write)
{
	uint32_t address = vmm->config_address, value = 0;
	unsigned int slot = address >> 11 & 0x1fff; /* and bus */
	unsigned int at = (address & 0xfc) + (port & 3);

	if (port == 0xcf8 && size == 4) {
		if (is_write)
			memcpy(&vmm->config_address, data, size);
		else
			memcpy(data, &address, size);
		return;
	}
	/* Enabled, function 0, a device that exists on bus 0. */
	if (port < 0xcfc || (address & 0x80000700) != 0x80000000 || !slot ||
	    slot > vmm->count) {
		memset(data, 0xff, is_write ? 0 : size);
	} else if (is_write) {
		memcpy(&value, data, size);
		if (lend_pci_config_write(vmm->devices[slot - 1].pci, at, size,
					  value))
			devices_retry(vmm);
	} else {
		value = lend_pci_config_read(vmm->devices[slot - 1].pci, at,
					     size);
		memcpy(data, &value, size);
	}
}

/* As firmware would: BARs and the interrupt line. Decoding is the guest's to
 * enable. */
static int device_program(struct device *d, uint64_t *memory, uint64_t *ports)
{
	for (unsigned int i = 0; i < 6; i++) {
		const struct lend_pci_bar *bar = lend_pci_bar(d->pci, i);
		uint64_t *next = bar->io ? ports : memory;
		uint64_t end = bar->io ? 0x10000 : HOLE_END;

		if (!bar->size)
			continue;
		*next = (*next + bar->size - 1) & ~(bar->size - 1);
		if (*next >= end || bar->size > end - *next) {
			fprintf(stderr, "%s: no room for BAR %u\n",
				lend_pci_name(d->pci), i);
			return -1;
		}
		lend_pci_config_write(d->pci, 0x10 + 4 * i, 4, (uint32_t)*next);
		*next += bar->size;
	}
	lend_pci_config_write(d->pci, 0x3c, 1, INTX_IRQ);
	return 0;
}

/* An error, and the host's request to release the device, each end the run. */
static int device_arm(struct device *d)
{
	static const unsigned int indices[EVENTS] = {LEND_PCI_IRQ_ERR,
						     LEND_PCI_IRQ_REQ};

	for (unsigned int i = 0; i < EVENTS; i++) {
		if (!lend_device_irq(d->lent, indices[i])->count)
			continue;
		d->events[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (d->events[i] < 0)
			return pc_fail("eventfd");
		if (lend_irq_set(d->lent, indices[i], 0, 1, &d->events[i]) < 0)
			return fail_lend(d->vmm);
	}
	return 0;
}

static int device_open(struct vmm *vmm, const char *name)
{
	struct device *d = &vmm->devices[vmm->count];
	const struct lend_device_options options = {
		.size = sizeof(options),
		.kvm_file = lend_kvm_file,
		.opaque = vmm->kvm,
	};
	const struct lend_kvm_pci_options wiring = {
		.size = sizeof(wiring),
		.pci = &d->pci,
		.bar_place = device_place,
		.bar_drop = device_drop,
		.intx_gsi = device_intx,
		.opaque = d,
	};
	struct lend_address *address = NULL;
	int err;

	d->vmm = vmm;
	err = lend_address_find(vmm->ctx, name, &address);
	if (!err)
		err = lend_device_open(vmm->iommu, address, &options, &d->lent);
	if (!err)
		err = lend_device_require(d->lent, LEND_DEVICE_PCI);
	if (!err)
		err = lend_kvm_pci_new(vmm->kvm, d->lent, &wiring, &d->kvm);
	if (!err)
		err = lend_pci_new(d->lent, NULL, lend_kvm_pci_ops(), d->kvm,
				   &d->pci);
	lend_address_unref(address);
	if (err)
		return fail_lend(vmm);
	vmm->count++;
	return device_arm(d);
}

static int devices_open(struct vmm *vmm, char **names, int count)
{
	uint64_t memory = HOLE_BASE, ports = PORTS_BASE;

	if (lend_iommu_new(vmm->ctx, NULL, &vmm->iommu))
		return fail_lend(vmm);
	for (int i = 0; i < count; i++)
		if (device_open(vmm, names[i]) ||
		    device_program(&vmm->devices[i], &memory, &ports))
			return -1;
	/* Last: a device's IOMMU decides what can be mapped. */
	if (count && lend_iommu_map(vmm->iommu, 0, vmm->pc.ram, PC_RAM,
				    LEND_DMA_READ | LEND_DMA_WRITE))
		return fail_lend(vmm);
	return 0;
}

static void devices_close(struct vmm *vmm)
{
	for (unsigned int i = 0; i < DEVICES; i++) {
		struct device *d = &vmm->devices[i];

		lend_pci_free(d->pci);
		lend_kvm_pci_free(d->kvm);
		lend_device_unref(d->lent);
		for (unsigned int n = 0; n < EVENTS; n++)
			if (d->events[n] >= 0)
				close(d->events[n]);
	}
	lend_iommu_unref(vmm->iommu);
}

/* The processor. */

static void port_access(struct vmm *vmm, unsigned int port, uint8_t *data,
			unsigned int size, bool is_write)
{
	if (pc_access(&vmm->pc, port, data, is_write))
		return;
	if (port >= 0xcf8 && port < 0xd00)
		config_access(vmm, port, data, size, is_write);
	else if (!devices_access(vmm, port, true, data, size, is_write) &&
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
		if (!devices_access(vmm, run->mmio.phys_addr, false,
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

	fds[0] = (struct pollfd){.fd = vmm->pc.wake_fd, .events = POLLIN};
	for (unsigned int i = 0; i < DEVICES * EVENTS; i++)
		fds[2 + i] = (struct pollfd){
			.fd = vmm->devices[i / EVENTS].events[i % EVENTS],
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
		for (unsigned int i = 0; i < vmm->count; i++) {
			if (fds[2 + EVENTS * i + ERROR].revents) {
				lend_device_fault(vmm->devices[i].lent);
				return fail_lend(vmm);
			}
			if (fds[2 + EVENTS * i + REQUEST].revents)
				return 0;
		}
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
		return fail_lend(vmm);
	if (lend_kvm_claim(vmm->kvm, 0, PC_RAM, "RAM", NULL) ||
	    lend_kvm_claim(vmm->kvm, HOLE_END, 0x100000000 - HOLE_END,
			   "the platform", NULL) ||
	    lend_kvm_map(vmm->kvm, 0, PC_RAM, vmm->pc.ram, 0) < 0) {
		fprintf(stderr, "KVM does not take the RAM\n");
		return -1;
	}
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
	for (unsigned int i = 0; i < DEVICES * EVENTS; i++)
		vmm.devices[i / EVENTS].events[i % EVENTS] = -1;
	err = pc_open(&vmm.pc);
	if (!err)
		err = vmm_make_space(&vmm);
	if (!err)
		err = devices_open(&vmm, argv + 4, argc - 4);
	if (!err)
		err = pc_load(&vmm.pc, argv[1], argv[2], argv[3]);
	if (!err)
		err = vmm_run(&vmm);
	devices_close(&vmm);
	lend_kvm_free(vmm.kvm);
	lend_ctx_unref(vmm.ctx);
	pc_close(&vmm.pc);
	return err ? 1 : 0;
}
