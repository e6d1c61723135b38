// SPDX-License-Identifier: MIT
// What a confined machine may ask of an arm64 kernel besides the common table.
#include <ucontext.h>
#include <linux/audit.h>
#include <linux/kvm.h>

#include "vmm/sandbox/table.h"

static const struct sandbox_call calls[] = {
	SANDBOX_CALL(getrandom, MAIN, ANY, "the seed of the guest's kernel"),
};

static const struct sandbox_request requests[] = {
	{KVM_SET_VCPU_EVENTS, SANDBOX_VCPU, "an access that KVM cannot decode"},
	{KVM_GET_ONE_REG, SANDBOX_VCPU, "the position at a failure"},
	{KVM_SET_ONE_REG, SANDBOX_MAIN, "the guest's reset"},
	{KVM_ARM_PREFERRED_TARGET, SANDBOX_MAIN, "the guest's reset"},
	{KVM_ARM_VCPU_INIT, SANDBOX_MAIN, "the guest's reset"},
	{KVM_ARM_VCPU_FINALIZE, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_DEVICE_ATTR, SANDBOX_MAIN, "the guest's reset"},
};

const uint32_t arch_audit = AUDIT_ARCH_AARCH64;

const struct sandbox_table arch_sandbox = {
	.calls = calls,
	.call_count = sizeof(calls) / sizeof(calls[0]),
	.requests = requests,
	.request_count = sizeof(requests) / sizeof(requests[0]),
};

uint32_t arch_sandbox_request(const void *context)
{
	const ucontext_t *thread = context;

	return (uint32_t)thread->uc_mcontext.regs[1];
}
