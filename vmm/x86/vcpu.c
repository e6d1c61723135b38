// SPDX-License-Identifier: MIT
// The x86 part of a vCPU: CPUID, the TSC, port accesses and registers.
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "arch-state.h"
#include "vmm/arch.h"
#include "vmm/base/bus.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/x86/cpu.h"

/*
 * A vCPU starts with the TSC rate that the KVM module read when it was loaded.
 * If the kernel has refined the rate since, KVM rejects the old value and
 * leaves the vCPU without a rate: its timers never fire. 0 selects the kernel's
 * current rate. A KVM that rejects 0 does not have this problem.
 */
static void set_tsc_rate(const struct vcpu *vcpu)
{
	ioctl(vcpu->fd, KVM_SET_TSC_KHZ, 0);
}

int arch_vcpu_open(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;
	struct cpuid *cpuid = &host->arch->cpuid;

	cpuid_personalise(cpuid, vcpu->index, host->cpus);
	if (ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid->table) < 0)
		return vcpu_error(vcpu, "KVM_SET_CPUID2");
	set_tsc_rate(vcpu);
	return cpu_set_msrs(host->ctx, vcpu->fd);
}

static void port_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	char *data = (char *)run + run->io.data_offset;

	for (uint32_t i = 0; i < run->io.count; i++) {
		if (run->io.direction == KVM_EXIT_IO_IN)
			bus_read(vcpu->host->pio, run->io.port, data,
				 run->io.size);
		else
			bus_write(vcpu->host->pio, run->io.port, data,
				  run->io.size);
		data += run->io.size;
	}
}

bool arch_vcpu_exit(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_IO:
		port_io(vcpu);
		return true;
	case KVM_EXIT_SHUTDOWN: /* a triple fault */
		vcpu->host->reset(vcpu->host->opaque);
		return true;
	default:
		return false;
	}
}

void arch_vcpu_explain(const struct vcpu *vcpu, int err)
{
	struct kvm_regs regs;

	(void)err;
	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs) == 0)
		lend_error_evidence(vcpu->host->ctx,
				    "RIP %#llx, RSP %#llx, RFLAGS %#llx",
				    regs.rip, regs.rsp, regs.rflags);
}
