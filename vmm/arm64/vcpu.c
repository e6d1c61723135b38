// SPDX-License-Identifier: MIT
// What is arm64's own of a vCPU: its features, PSCI, and where it is.
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "../arch.h"
#include "../vcpu.h"
#include "../vm.h"
#include "arch-state.h"
#include "vcpu-init.h"

int vcpu_init(const struct vcpu *vcpu)
{
	const struct vcpu_host *host = vcpu->host;
	struct kvm_vcpu_init init;

	if (ioctl(host->vm->fd, KVM_ARM_PREFERRED_TARGET, &init) < 0)
		return vcpu_error(vcpu, "KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	/* The others wait for the guest to switch them on. */
	if (vcpu->index)
		init.features[0] |= 1u << KVM_ARM_VCPU_POWER_OFF;
	cpu_host_apply(&host->arch->cpu, &init);
	if (ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init) < 0)
		return vcpu_error(vcpu, "KVM_ARM_VCPU_INIT");
	return 0;
}

int arch_vcpu_open(struct vcpu *vcpu)
{
	int err = vcpu_init(vcpu);

	if (err)
		return err;
	if (cpu_finalize(&vcpu->host->arch->cpu, vcpu->fd) < 0)
		return vcpu_error(vcpu, "KVM_ARM_VCPU_FINALIZE");
	return 0;
}

/* Power-off and reset come as system events, which every architecture has. */
bool arch_vcpu_exit(struct vcpu *vcpu)
{
	(void)vcpu;
	return false;
}

void arch_vcpu_registers(const struct vcpu *vcpu)
{
	uint64_t pc, pstate;

	if (cpu_get_position(vcpu->fd, &pc, &pstate) == 0)
		lend_error_evidence(vcpu->host->ctx, "PC %#llx, PSTATE %#llx",
				    (unsigned long long)pc,
				    (unsigned long long)pstate);
}
