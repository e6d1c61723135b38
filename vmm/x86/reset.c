// SPDX-License-Identifier: MIT
// Resets a KVM virtual machine to its initial state without recreating it.
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/machine/internal.h"
#include "vmm/x86/msrs.h"

#define STATE_MAX 4096 /* bytes of any part of a vCPU's state */

struct part {
	const char *name;
	unsigned long get, set;
};

/* The order matters: leave system management mode and nested guests first, then
 * set the local APIC's mode and base, and set the vCPU's run state last. */
static const struct part before_msrs[] = {
	{"KVM_SET_VCPU_EVENTS", KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS},
	{"KVM_SET_NESTED_STATE", KVM_GET_NESTED_STATE, KVM_SET_NESTED_STATE},
	{"KVM_SET_SREGS", KVM_GET_SREGS, KVM_SET_SREGS},
	{"KVM_SET_REGS", KVM_GET_REGS, KVM_SET_REGS},
	{"KVM_SET_XSAVE", KVM_GET_XSAVE, KVM_SET_XSAVE},
	{"KVM_SET_XCRS", KVM_GET_XCRS, KVM_SET_XCRS},
	{"KVM_SET_DEBUGREGS", KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS},
};

static const struct part after_msrs[] = {
	{"KVM_SET_LAPIC", KVM_GET_LAPIC, KVM_SET_LAPIC},
	{"KVM_SET_MP_STATE", KVM_GET_MP_STATE, KVM_SET_MP_STATE},
};

static int reset_error(struct lend_ctx *ctx, const char *call)
{
	int err = errno;

	return lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL,
			      "could not reset the guest: %s: %s", call,
			      strerror(err));
}

/* A KVM that is asked for more than it answers has the state. */
static bool state_is_supported(const struct vm *vm, const struct part *part)
{
	return part->get != KVM_GET_NESTED_STATE ||
	       ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_NESTED_STATE);
}

/* A processor without XSAVE has no such registers. */
static bool state_is_empty(const struct part *part, const void *state)
{
	const struct kvm_xcrs *xcrs = state;

	return part->get == KVM_GET_XCRS && !xcrs->nr_xcrs;
}

static int copy_part(const struct vm *vm, int from, int to,
		     const struct part *part)
{
	_Alignas(64) char state[STATE_MAX] = {0};

	if (part->get == KVM_GET_NESTED_STATE)
		((struct kvm_nested_state *)state)->size = STATE_MAX;
	if (ioctl(from, part->get, state) < 0)
		return state_is_supported(vm, part)
			       ? reset_error(vm->ctx, part->name)
			       : 0;
	if (!state_is_empty(part, state) && ioctl(to, part->set, state) < 0)
		return reset_error(vm->ctx, part->name);
	return 0;
}

static int copy_state(const struct vm *vm, int from, int to,
		      const struct part *parts, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = copy_part(vm, from, to, &parts[i]);
	return err;
}

static int reset_vcpu(const struct vm *vm, struct vcpu *vcpu,
		      const struct vcpu *pristine)
{
	int err;

	vcpu_end_access(vcpu);
	err = copy_state(vm, pristine->fd, vcpu->fd, before_msrs,
			 sizeof(before_msrs) / sizeof(before_msrs[0]));
	if (!err)
		err = msrs_copy(vm, pristine->fd, vcpu->fd);
	if (!err)
		err = copy_state(vm, pristine->fd, vcpu->fd, after_msrs,
				 sizeof(after_msrs) / sizeof(after_msrs[0]));
	return err;
}

/* A line left asserted would raise an interrupt as soon as it is unmasked. */
static int reset_irqchips(const struct vm *vm, const struct vm *pristine)
{
	for (unsigned int gsi = 0; gsi < IRQ_PINS; gsi++) {
		struct kvm_irq_level line = {.irq = gsi};

		if (ioctl(vm->fd, KVM_IRQ_LINE, &line) < 0)
			return reset_error(vm->ctx, "KVM_IRQ_LINE");
	}
	for (unsigned int id = KVM_IRQCHIP_PIC_MASTER; id <= KVM_IRQCHIP_IOAPIC;
	     id++) {
		struct kvm_irqchip chip = {.chip_id = id};

		if (ioctl(pristine->fd, KVM_GET_IRQCHIP, &chip) < 0 ||
		    ioctl(vm->fd, KVM_SET_IRQCHIP, &chip) < 0)
			return reset_error(vm->ctx, "KVM_SET_IRQCHIP");
	}
	return 0;
}

static int reset_vcpus(struct machine *machine, const struct vm *pristine)
{
	struct vcpu_host host = {
		.ctx = machine->ctx,
		.vm = pristine,
		.arch = &machine->arch,
		.cpus = machine->cpus,
	};
	int err = 0;

	for (unsigned int i = 0; !err && i < machine->cpus; i++) {
		struct vcpu fresh;

		err = vcpu_open(&fresh, &host, i);
		if (err)
			break;
		err = reset_vcpu(&machine->vm, &machine->vcpus[i], &fresh);
		vcpu_close(&fresh);
	}
	return err;
}

/*
 * The initial state is read from a temporary virtual machine: starting costs no
 * more, and state that a later KVM adds is reset as well.
 */
int arch_reset(struct machine *machine)
{
	struct vm pristine = machine->vm;
	int err;

	pristine.fd = -1;
	err = vm_start(&pristine);
	if (err)
		return err;
	err = reset_vcpus(machine, &pristine);
	if (!err)
		err = reset_irqchips(&machine->vm, &pristine);
	vm_stop(&pristine);
	return err;
}
