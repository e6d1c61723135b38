// SPDX-License-Identifier: MIT
// The arm64 part of a vCPU: features, PSCI and accesses that KVM cannot decode.
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
	/* The others wait for PSCI CPU_ON. */
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

/* A guest can cause this at will: log it only once. */
static void vcpu_log_undecoded(const struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	if (atomic_exchange(&host->arch->undecoded_logged, true))
		return;
	lend_log(host->ctx, LEND_LOG_WARNING,
		 "vCPU %u: guest accessed trapped address %#llx with an "
		 "instruction that KVM cannot decode (LDP/STP, writeback); "
		 "injecting an external abort; further ones are not logged",
		 vcpu->index,
		 (unsigned long long)vcpu->run->arm_nisv.fault_ipa);
}

/* Such an access can cause an external abort on hardware too. The guest handles
 * it and continues. */
static bool abort_access(const struct vcpu *vcpu)
{
	const struct kvm_vcpu_events events = {
		.exception.ext_dabt_pending = 1,
	};

	vcpu_log_undecoded(vcpu);
	return ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events) == 0;
}

/* Power-off and reset are system events, handled for all architectures. */
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
			ctx, "the guest accessed a trapped address with an "
			     "instruction that KVM cannot decode (LDP/STP, "
			     "writeback)");
		lend_error_remedy(ctx, "use Linux 5.5 or later on the host: "
				       "only the guest's access fails there");
	}
	if (cpu_get_position(vcpu->fd, &pc, &pstate) == 0)
		lend_error_evidence(ctx, "PC %#llx, PSTATE %#llx",
				    (unsigned long long)pc,
				    (unsigned long long)pstate);
}
