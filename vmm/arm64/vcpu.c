// SPDX-License-Identifier: MIT
// What is arm64's own of a vCPU: its features, PSCI, accesses that cannot be
// decoded, and where it is.
#include <errno.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/context.h>
#include <lend/error.h>

#include "arch-state.h"
#include "vmm/arch.h"
#include "vmm/arm64/vcpu-init.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"

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

/* The guest's own fault: what it may bring about at will is told once. */
static void tell_undecoded(const struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	if (atomic_exchange(&host->arch->undecoded_told, true))
		return;
	lend_log(host->ctx, LEND_LOG_WARNING,
		 "vCPU %u: the guest reached for the trapped address %#llx by "
		 "an instruction that the processor does not tell of, such as "
		 "one with two registers or one that moves its address; it "
		 "gets an external abort, and more of them in silence",
		 vcpu->index,
		 (unsigned long long)vcpu->run->arm_nisv.fault_ipa);
}

/* On real hardware such an access can end so, too. The guest takes it, at its
 * own vector; the run goes on. */
static bool abort_access(const struct vcpu *vcpu)
{
	const struct kvm_vcpu_events events = {
		.exception.ext_dabt_pending = 1,
	};

	tell_undecoded(vcpu);
	return ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events) == 0;
}

/* Power-off and reset come as system events, which every architecture has. */
bool arch_vcpu_exit(struct vcpu *vcpu)
{
	return vcpu->run->exit_reason == KVM_EXIT_ARM_NISV &&
	       abort_access(vcpu);
}

void arch_vcpu_explain(const struct vcpu *vcpu, int err)
{
	struct lend_ctx *ctx = vcpu->host->ctx;
	uint64_t pc, pstate;

	if (err == ENOSYS) {
		lend_error_evidence(
			ctx, "the guest reached for a trapped address by an "
			     "instruction that KVM cannot decode, such as one "
			     "with two registers");
		lend_error_remedy(ctx, "use Linux 5.5 or later, where only "
				       "the guest's access fails");
	}
	if (cpu_get_position(vcpu->fd, &pc, &pstate) == 0)
		lend_error_evidence(ctx, "PC %#llx, PSTATE %#llx",
				    (unsigned long long)pc,
				    (unsigned long long)pstate);
}
