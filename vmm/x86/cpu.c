// SPDX-License-Identifier: MIT
// Sets a vCPU's initial registers, for the kernel's entry point.
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "vmm/x86/boot.h"
#include "vmm/x86/cpu.h"

#define MSR_MTRR_DEF_TYPE 0x2ff
#define MTRR_ENABLE       (1u << 11)
#define MTRR_WRITE_BACK   6

#define CR0_PE   (1ull << 0)
#define CR0_ET   (1ull << 4)
#define CR0_PG   (1ull << 31)
#define CR4_PAE  (1ull << 5)
#define EFER_LME (1ull << 8)
#define EFER_LMA (1ull << 10)

#define CODE_SELECTOR 0x10
#define DATA_SELECTOR 0x18
#define GDT_LIMIT     0x1f
#define TYPE_CODE     0xb /* execute, read, accessed */
#define TYPE_DATA     0x3 /* read, write, accessed */
#define RFLAGS_FIXED  0x2

static int cpu_error(struct lend_ctx *ctx, const char *call)
{
	int err = errno;

	return lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL, "%s: %s", call,
			      strerror(err));
}

/*
 * With MTRRs disabled, all memory is uncached as soon as KVM honours guest
 * memory types, as it does when the guest has non-coherent DMA.
 */
int cpu_set_msrs(struct lend_ctx *ctx, int vcpu_fd)
{
	const struct kvm_msr_entry entry = {
		.index = MSR_MTRR_DEF_TYPE,
		.data = MTRR_ENABLE | MTRR_WRITE_BACK,
	};
	_Alignas(struct kvm_msrs) char
		buffer[sizeof(struct kvm_msrs) + sizeof(entry)] = {0};
	struct kvm_msrs *msrs = (struct kvm_msrs *)buffer;

	msrs->nmsrs = 1;
	msrs->entries[0] = entry;
	if (ioctl(vcpu_fd, KVM_SET_MSRS, msrs) < 0)
		return cpu_error(ctx, "KVM_SET_MSRS");
	return 0;
}

static struct kvm_segment flat_segment(uint16_t selector, uint8_t type,
				       bool is_64)
{
	return (struct kvm_segment){
		.limit = UINT32_MAX,
		.selector = selector,
		.type = type,
		.present = 1,
		.db = !is_64,
		.s = 1,
		.l = is_64,
		.g = 1,
	};
}

/* The task register is that of a processor after its reset, as PVH has it. */
static int set_system_registers(struct lend_ctx *ctx, int vcpu_fd, bool is_64)
{
	struct kvm_sregs sregs;

	if (ioctl(vcpu_fd, KVM_GET_SREGS, &sregs) < 0)
		return cpu_error(ctx, "KVM_GET_SREGS");
	sregs.cs = flat_segment(CODE_SELECTOR, TYPE_CODE, is_64);
	sregs.ds = flat_segment(DATA_SELECTOR, TYPE_DATA, false);
	sregs.es = sregs.ss = sregs.ds;
	sregs.fs = sregs.gs = sregs.ds;
	sregs.gdt.base = BOOT_GDT;
	sregs.gdt.limit = GDT_LIMIT;
	sregs.idt.limit = 0;
	sregs.cr0 = CR0_PE | CR0_ET;
	if (is_64) {
		sregs.cr0 |= CR0_PG;
		sregs.cr3 = BOOT_PAGES;
		sregs.cr4 = CR4_PAE;
		sregs.efer = EFER_LME | EFER_LMA;
	}
	if (ioctl(vcpu_fd, KVM_SET_SREGS, &sregs) < 0)
		return cpu_error(ctx, "KVM_SET_SREGS");
	return 0;
}

static int set_registers(struct lend_ctx *ctx, int vcpu_fd, bool is_64,
			 const struct kvm_regs *regs)
{
	int err = set_system_registers(ctx, vcpu_fd, is_64);

	if (!err && ioctl(vcpu_fd, KVM_SET_REGS, regs) < 0)
		err = cpu_error(ctx, "KVM_SET_REGS");
	return err;
}

int cpu_set_entry(struct lend_ctx *ctx, int vcpu_fd, uint64_t entry)
{
	const struct kvm_regs regs = {
		.rflags = RFLAGS_FIXED,
		.rip = entry,
		.rsp = BOOT_STACK,
		.rsi = BOOT_PARAMS,
	};

	return set_registers(ctx, vcpu_fd, true, &regs);
}

int cpu_set_entry_pvh(struct lend_ctx *ctx, int vcpu_fd, uint64_t entry)
{
	const struct kvm_regs regs = {
		.rflags = RFLAGS_FIXED,
		.rip = entry,
		.rbx = BOOT_PARAMS,
	};

	return set_registers(ctx, vcpu_fd, false, &regs);
}
