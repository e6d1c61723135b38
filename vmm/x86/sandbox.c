// SPDX-License-Identifier: MIT
// What a confined machine may ask of an x86 kernel besides the common table.
#include <ucontext.h>
#include <linux/audit.h>
#include <linux/kvm.h>

#include "vmm/sandbox/table.h"

static const struct sandbox_call calls[] = {
	SANDBOX_CALL(poll, VCPU, ANY, "the main loop, console output"),
	SANDBOX_CALL(epoll_wait, MAIN, ANY, "the main loop"),
};

/* The guest's reset reads the initial state from a VM of its own. */
static const struct sandbox_request requests[] = {
	{KVM_GET_REGS, SANDBOX_VCPU, "the position at a failure"},
	{KVM_CREATE_VM, SANDBOX_MAIN, "the guest's reset"},
	{KVM_CREATE_VCPU, SANDBOX_MAIN, "the guest's reset"},
	{KVM_CREATE_IRQCHIP, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_TSS_ADDR, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_VCPU_MMAP_SIZE, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_MSR_INDEX_LIST, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_IRQCHIP, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_IRQCHIP, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_CPUID2, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_TSC_KHZ, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_MSRS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_MSRS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_VCPU_EVENTS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_VCPU_EVENTS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_NESTED_STATE, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_NESTED_STATE, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_SREGS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_SREGS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_REGS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_XSAVE, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_XSAVE, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_XCRS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_XCRS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_DEBUGREGS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_DEBUGREGS, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_LAPIC, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_LAPIC, SANDBOX_MAIN, "the guest's reset"},
	{KVM_GET_MP_STATE, SANDBOX_MAIN, "the guest's reset"},
	{KVM_SET_MP_STATE, SANDBOX_MAIN, "the guest's reset"},
};

const uint32_t arch_audit = AUDIT_ARCH_X86_64;

const struct sandbox_table arch_sandbox = {
	.calls = calls,
	.call_count = sizeof(calls) / sizeof(calls[0]),
	.requests = requests,
	.request_count = sizeof(requests) / sizeof(requests[0]),
};

uint32_t arch_sandbox_request(const void *context)
{
	const ucontext_t *thread = context;

	return (uint32_t)thread->uc_mcontext.gregs[REG_RSI];
}
