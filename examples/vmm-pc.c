// SPDX-License-Identifier: MIT
// The example VMM on x86-64: a PC that boots a Linux bzImage by the 64-bit
// protocol, on the interrupt controllers and timer of KVM.

#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm-machine.h"

/* Guest addresses. */
#define GDT     0x500
#define PARAMS  0x7000
#define PAGES   0x9000 /* three pages of page tables; the stack is below */
#define CMDLINE 0x20000
#define LOW_END 0xa0000
#define INITRD  0x18000000u

#define HEADER_AT 0x1f1
#define ENTRY     0x200 /* of 64 bits, from the start of the kernel */
#define PAGE      4096
#define TSS       0xfffbd000 /* for KVM's own use on Intel */

#define COM1     0x3f8
#define KEYBOARD 0x64 /* its controller can reset the machine */

#define RAM_SIZE 0x20000000u /* from address 0 */
#define IOAPIC   0xfec00000u /* KVM's pages and more follow, up to 4 GiB */

const struct machine_layout layout = {
	.kernel = "a bzImage",
	.ram_size = RAM_SIZE,
	.initrd = INITRD,
	.memory = 0xe0000000,
	.memory_end = IOAPIC,
	.ports = 0xc000,
	.ports_end = 0x10000,
	.platform = IOAPIC,
	.platform_end = 0x100000000,
	.line = 11,
	.serial_line = 4,
};

int machine_add_controllers(struct machine *pc)
{
	struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};

	if (ioctl(pc->vm_fd, KVM_SET_TSS_ADDR, TSS) ||
	    ioctl(pc->vm_fd, KVM_CREATE_IRQCHIP, 0) ||
	    ioctl(pc->vm_fd, KVM_CREATE_PIT2, &pit))
		return fail_errno("cannot create the PC");
	return 0;
}

/* An access to a port of the PC's own. Returns whether it has the port. */
static bool pc_access(struct machine *pc, unsigned int port, uint8_t *data,
		      bool is_write)
{
	if (port == KEYBOARD) {
		if (is_write && *data == 0xfe)
			machine_end_run(pc);
		if (!is_write)
			*data = 0;
		return true;
	}
	if (port < COM1 || port >= COM1 + 8)
		return false;
	serial_access(pc, port - COM1, data, is_write);
	return true;
}

/* Ports 0xcf8 to 0xcff: device 1 of bus 0 is the first lent one, and so on. */
static void config_access(struct machine *pc, struct devices *devices,
			  unsigned int port, uint8_t *data, unsigned int size,
			  bool is_write)
{
	uint32_t address = pc->config_address;
	unsigned int slot = address >> 11 & 0x1fff; /* and bus */

	if (port == 0xcf8 && size == 4) {
		if (is_write)
			memcpy(&pc->config_address, data, size);
		else
			memcpy(data, &address, size);
		return;
	}
	/* Enabled, function 0. */
	if (port < 0xcfc || (address & 0x80000700) != 0x80000000)
		slot = 0;
	devices_config(devices, slot, (address & 0xfc) + (port & 3), data, size,
		       is_write);
}

static void port_access(struct machine *pc, struct devices *devices,
			unsigned int port, uint8_t *data, unsigned int size,
			bool is_write)
{
	if (pc_access(pc, port, data, is_write))
		return;
	if (port >= 0xcf8 && port < 0xd00)
		config_access(pc, devices, port, data, size, is_write);
	else if (!devices_access(devices, port, true, data, size, is_write) &&
		 !is_write)
		memset(data, 0xff, size);
}

void machine_exit(struct machine *pc, struct devices *devices)
{
	struct kvm_run *run = pc->run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		for (uint32_t i = 0; i < run->io.count; i++)
			port_access(pc, devices, run->io.port,
				    data + i * run->io.size, run->io.size,
				    run->io.direction == KVM_EXIT_IO_OUT);
		break;
	case KVM_EXIT_MMIO:
		if (!devices_access(devices, run->mmio.phys_addr, false,
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
		machine_end_run(pc);
	}
}

/* An identity mapping of the first gigabyte, and flat segments. */
static void pc_put_tables(struct machine *pc)
{
	static const uint64_t gdt[4] = {0, 0, 0x00af9b000000ffff,
					0x00cf93000000ffff};
	uint64_t *pages = (uint64_t *)(void *)(pc->ram + PAGES);

	memcpy(pc->ram + GDT, gdt, sizeof(gdt));
	pages[0] = (PAGES + PAGE) | 3;
	pages[512] = (PAGES + 2 * PAGE) | 3;
	for (uint64_t i = 0; i < 512; i++)
		pages[1024 + i] = i << 21 | 0x83;
}

/* Copies the bzImage to where it asks to be. Returns its entry point, or 0. */
uint64_t machine_put_kernel(struct machine *pc, const uint8_t *file,
			    size_t size)
{
	struct boot_params *params = (void *)(pc->ram + PARAMS);
	struct setup_header *header = &params->hdr;
	size_t code;

	if (size < HEADER_AT + sizeof(*header))
		return 0;
	memcpy(header, file + HEADER_AT, sizeof(*header));
	code = (header->setup_sects + 1ul) * 512;
	if (header->header != 0x53726448 || header->version < 0x20c ||
	    !(header->xloadflags & XLF_KERNEL_64) || code >= size ||
	    header->pref_address < 0x100000 || header->pref_address > INITRD ||
	    header->init_size > INITRD - header->pref_address ||
	    size - code > INITRD - header->pref_address)
		return 0;
	memcpy(pc->ram + header->pref_address, file + code, size - code);
	return header->pref_address + ENTRY;
}

static void pc_put_params(struct machine *pc, size_t initrd, const char *append)
{
	struct boot_params *params = (void *)(pc->ram + PARAMS);

	snprintf((char *)pc->ram + CMDLINE, LOW_END - CMDLINE, "%s", append);
	params->hdr.type_of_loader = 0xff;
	params->hdr.cmd_line_ptr = CMDLINE;
	params->hdr.ramdisk_image = INITRD;
	params->hdr.ramdisk_size = (uint32_t)initrd;
	params->e820_table[0] = (struct boot_e820_entry){0, LOW_END, 1};
	params->e820_table[1] =
		(struct boot_e820_entry){0x100000, RAM_SIZE - 0x100000, 1};
	params->e820_entries = 2;
}

static struct kvm_segment flat_code_or_data(uint16_t selector, bool is_code)
{
	return (struct kvm_segment){
		.limit = UINT32_MAX,
		.selector = selector,
		.type = is_code ? 0xb : 0x3,
		.present = 1,
		.db = !is_code,
		.s = 1,
		.l = is_code,
		.g = 1,
	};
}

/* In long mode, at the kernel's entry point. */
static int pc_set_registers(struct machine *pc, uint64_t entry)
{
	const struct kvm_regs regs = {
		.rflags = 2,
		.rip = entry,
		.rsp = PAGES,
		.rsi = PARAMS,
	};
	struct kvm_sregs sregs;

	if (ioctl(pc->vcpu_fd, KVM_GET_SREGS, &sregs))
		return fail_errno("KVM_GET_SREGS");
	sregs.cs = flat_code_or_data(0x10, true);
	sregs.ds = sregs.es = sregs.ss = sregs.fs = sregs.gs =
		flat_code_or_data(0x18, false);
	sregs.gdt = (struct kvm_dtable){.base = GDT, .limit = 31};
	sregs.cr0 = 1ull << 31 | 1ull << 4 | 1; /* PG, ET, PE */
	sregs.cr3 = PAGES;
	sregs.cr4 = 1ull << 5;               /* PAE */
	sregs.efer = 1ull << 10 | 1ull << 8; /* LMA, LME */
	if (ioctl(pc->vcpu_fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(pc->vcpu_fd, KVM_SET_REGS, &regs))
		return fail_errno("cannot set the registers");
	return 0;
}

/* RAM is cached: KVM honours this where a lent device's DMA is not coherent. */
static int pc_set_memory_type(struct machine *pc)
{
	union {
		struct kvm_msrs msrs;
		char bytes[sizeof(struct kvm_msrs) +
			   sizeof(struct kvm_msr_entry)];
	} mtrr = {.msrs.nmsrs = 1};

	mtrr.msrs.entries[0] = (struct kvm_msr_entry){
		.index = 0x2ff, /* IA32_MTRR_DEF_TYPE */
		.data = 1 << 11 | 6,
	};
	return ioctl(pc->vcpu_fd, KVM_SET_MSRS, &mtrr.msrs) == 1
		       ? 0
		       : fail_errno("KVM_SET_MSRS");
}

/* What KVM supports, and that there is a hypervisor. */
static int pc_set_cpuid(struct machine *pc)
{
	const int most = 256;
	struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + most * sizeof(cpuid->entries[0]));
	int err = -1;

	if (cpuid) {
		cpuid->nent = most;
		err = ioctl(pc->kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid);
		for (unsigned int i = 0; !err && i < cpuid->nent; i++)
			if (cpuid->entries[i].function == 1)
				cpuid->entries[i].ecx |= 1u << 31;
		if (!err)
			err = ioctl(pc->vcpu_fd, KVM_SET_CPUID2, cpuid);
	}
	free(cpuid);
	return err ? fail_errno("CPUID") : 0;
}

int machine_boot(struct machine *pc, uint64_t entry, size_t initrd,
		 const char *append)
{
	pc_put_params(pc, initrd, append);
	pc_put_tables(pc);
	if (machine_add_vcpu(pc) || pc_set_cpuid(pc) || pc_set_memory_type(pc))
		return -1;
	return pc_set_registers(pc, entry);
}
