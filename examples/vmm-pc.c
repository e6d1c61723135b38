// SPDX-License-Identifier: MIT
// The PC of the example VMM: boots a Linux bzImage by the 64-bit protocol, with
// neither firmware nor ACPI, on the interrupt controllers and timer of KVM.

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

#include "vmm-pc.h"

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
#define COM1_IRQ 4
#define KEYBOARD 0x64 /* its controller can reset the machine */

int pc_fail(const char *what)
{
	perror(what);
	return -1;
}

/* Serial port: a transmitter that is always empty, one byte of input. */

static void serial_set_line(struct pc *pc)
{
	uint8_t enabled = pc->registers[1];
	struct kvm_irq_level line = {
		.irq = COM1_IRQ,
		.level = (enabled & 1 && pc->received >= 0) ||
			 (enabled & 2 && pc->sent),
	};

	ioctl(pc->vm_fd, KVM_IRQ_LINE, &line);
}

static uint8_t serial_read(struct pc *pc, unsigned int reg)
{
	uint8_t value = pc->registers[reg];

	if (reg == 0 && !(pc->registers[3] & 0x80)) {
		value = pc->received < 0 ? 0 : (uint8_t)pc->received;
		pc->received = -1;
		eventfd_write(pc->wake_fd, 1);
	} else if (reg == 2) { /* which interrupt */
		value = 1;
		if (pc->registers[1] & 1 && pc->received >= 0)
			value = 4;
		else if (pc->registers[1] & 2 && pc->sent)
			value = 2;
		pc->sent = pc->sent && value != 2;
	} else if (reg == 5) {
		value = pc->received >= 0 ? 0x61 : 0x60;
	} else if (reg == 6) { /* carrier; in loopback, the outputs */
		value = pc->registers[4] & 0x10 ? 0x90 : 0xb0;
	}
	serial_set_line(pc);
	return value;
}

static void serial_write(struct pc *pc, unsigned int reg, uint8_t value)
{
	if (reg == 0 && !(pc->registers[3] & 0x80)) {
		if (write(STDOUT_FILENO, &value, 1) != 1)
			perror("console");
		pc->sent = true;
	} else {
		if (reg == 1 && value & ~pc->registers[1] & 2)
			pc->sent = true;
		pc->registers[reg] = value;
	}
	serial_set_line(pc);
}

void pc_stop(struct pc *pc)
{
	pc->stop = true;
	eventfd_write(pc->wake_fd, 1);
}

bool pc_is_ready(struct pc *pc)
{
	bool is_ready;

	pthread_mutex_lock(&pc->serial);
	is_ready = pc->received < 0;
	pthread_mutex_unlock(&pc->serial);
	return is_ready;
}

void pc_receive(struct pc *pc, uint8_t byte)
{
	pthread_mutex_lock(&pc->serial);
	pc->received = byte;
	serial_set_line(pc);
	pthread_mutex_unlock(&pc->serial);
}

bool pc_access(struct pc *pc, unsigned int port, uint8_t *data, bool is_write)
{
	if (port == KEYBOARD) {
		if (is_write && *data == 0xfe)
			pc_stop(pc);
		if (!is_write)
			*data = 0;
		return true;
	}
	if (port < COM1 || port >= COM1 + 8)
		return false;
	pthread_mutex_lock(&pc->serial);
	if (is_write)
		serial_write(pc, port - COM1, *data);
	else
		*data = serial_read(pc, port - COM1);
	pthread_mutex_unlock(&pc->serial);
	return true;
}

int pc_open(struct pc *pc)
{
	struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};

	*pc = (struct pc){.vm_fd = -1, .vcpu_fd = -1, .received = -1};
	pthread_mutex_init(&pc->serial, NULL);
	pc->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pc->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (pc->wake_fd < 0 || pc->kvm_fd < 0)
		return pc_fail("eventfd, /dev/kvm");
	pc->vm_fd = ioctl(pc->kvm_fd, KVM_CREATE_VM, 0);
	if (pc->vm_fd < 0 || ioctl(pc->vm_fd, KVM_SET_TSS_ADDR, TSS) ||
	    ioctl(pc->vm_fd, KVM_CREATE_IRQCHIP, 0) ||
	    ioctl(pc->vm_fd, KVM_CREATE_PIT2, &pit))
		return pc_fail("cannot create the virtual machine");
	pc->ram = mmap(NULL, PC_RAM, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pc->ram == MAP_FAILED) {
		pc->ram = NULL;
		return pc_fail("RAM");
	}
	return 0;
}

void pc_close(struct pc *pc)
{
	if (pc->run)
		munmap(pc->run, pc->run_size);
	if (pc->vcpu_fd >= 0)
		close(pc->vcpu_fd);
	if (pc->vm_fd >= 0)
		close(pc->vm_fd);
	if (pc->kvm_fd >= 0)
		close(pc->kvm_fd);
	if (pc->wake_fd >= 0)
		close(pc->wake_fd);
	if (pc->ram)
		munmap(pc->ram, PC_RAM);
	pthread_mutex_destroy(&pc->serial);
}

/* An identity mapping of the first gigabyte, and flat segments. */
static void pc_put_tables(struct pc *pc)
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

/* The bytes of a file, or NULL. */
static const uint8_t *pc_map_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		*size = (size_t)st.st_size;
		bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (bytes == MAP_FAILED)
		pc_fail(path);
	if (fd >= 0)
		close(fd);
	return bytes == MAP_FAILED ? NULL : bytes;
}

/* Copies the bzImage to where it asks to be. Returns its entry point, or 0. */
static uint64_t pc_put_kernel(struct pc *pc, const uint8_t *file, size_t size)
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

static void pc_put_params(struct pc *pc, size_t initrd, const char *append)
{
	struct boot_params *params = (void *)(pc->ram + PARAMS);

	snprintf((char *)pc->ram + CMDLINE, LOW_END - CMDLINE, "%s", append);
	params->hdr.type_of_loader = 0xff;
	params->hdr.cmd_line_ptr = CMDLINE;
	params->hdr.ramdisk_image = INITRD;
	params->hdr.ramdisk_size = (uint32_t)initrd;
	params->e820_table[0] = (struct boot_e820_entry){0, LOW_END, 1};
	params->e820_table[1] =
		(struct boot_e820_entry){0x100000, PC_RAM - 0x100000, 1};
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
static int pc_set_registers(struct pc *pc, uint64_t entry)
{
	const struct kvm_regs regs = {
		.rflags = 2,
		.rip = entry,
		.rsp = PAGES,
		.rsi = PARAMS,
	};
	struct kvm_sregs sregs;

	if (ioctl(pc->vcpu_fd, KVM_GET_SREGS, &sregs))
		return pc_fail("KVM_GET_SREGS");
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
		return pc_fail("cannot set the registers");
	return 0;
}

/* RAM is cached: KVM honours this where a lent device's DMA is not coherent. */
static int pc_set_memory_type(struct pc *pc)
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
		       : pc_fail("KVM_SET_MSRS");
}

/* What KVM supports, and that there is a hypervisor. */
static int pc_set_cpuid(struct pc *pc)
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
	return err ? pc_fail("CPUID") : 0;
}

static int pc_add_vcpu(struct pc *pc, uint64_t entry)
{
	int size = ioctl(pc->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	pc->vcpu_fd = ioctl(pc->vm_fd, KVM_CREATE_VCPU, 0);
	if (pc->vcpu_fd < 0 || size < (int)sizeof(*pc->run))
		return pc_fail("KVM_CREATE_VCPU");
	pc->run_size = (size_t)size;
	pc->run = mmap(NULL, pc->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       pc->vcpu_fd, 0);
	if (pc->run == MAP_FAILED) {
		pc->run = NULL;
		return pc_fail("mmap of the vCPU");
	}
	if (pc_set_cpuid(pc) || pc_set_memory_type(pc))
		return -1;
	return pc_set_registers(pc, entry);
}

int pc_load(struct pc *pc, const char *kernel, const char *initrd,
	    const char *append)
{
	size_t kernel_size = 0, initrd_size = 0;
	const uint8_t *code = pc_map_file(kernel, &kernel_size);
	const uint8_t *disk = pc_map_file(initrd, &initrd_size);
	uint64_t entry = code ? pc_put_kernel(pc, code, kernel_size) : 0;

	if (code && !entry)
		fprintf(stderr, "%s: not a bzImage that fits\n", kernel);
	if (initrd_size > PC_RAM - INITRD) {
		fprintf(stderr, "%s: too large\n", initrd);
		entry = 0;
	}
	if (entry && disk)
		memcpy(pc->ram + INITRD, disk, initrd_size);
	if (code)
		munmap((void *)(uintptr_t)code, kernel_size);
	if (disk)
		munmap((void *)(uintptr_t)disk, initrd_size);
	if (!entry || !disk)
		return -1;
	pc_put_params(pc, initrd_size, append);
	pc_put_tables(pc);
	return pc_add_vcpu(pc, entry);
}
