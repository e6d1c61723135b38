/* SPDX-License-Identifier: MIT */
/* What the machine needs of a processor architecture: x86/ and arm64/ each have
 * all of it.
 */
#ifndef VMM_ARCH_H
#define VMM_ARCH_H

#include <stdbool.h>
#include <stdint.h>

struct kvm_irq_routing_entry;
struct layout;
struct layout_need;
struct lend_ctx;
struct machine;
struct vcpu;
struct vm;

/*
 * The build puts the include/ of one architecture on the include path. There
 * are
 *
 *   arch-map.h    fixed guest addresses (LAYOUT_*), interrupt numbers (IRQ_*),
 *                 ARCH_CPUS_MAX; constants alone
 *   arch-state.h  struct arch, embedded in struct machine
 *
 * and its directory defines the functions below. Those that return int return 0
 * or a recorded error, unless it says otherwise.
 */

/* What to do where /dev/kvm is missing. */
extern const char *const arch_kvm_remedy;

/* What -cpu says; /dev/kvm is not open yet. */
int arch_configure(struct machine *machine);

/* What the host's KVM, open by now, can give this machine, and what type of VM
 * it is to be; arch_close() is due in any case. */
int arch_open(struct machine *machine);
void arch_close(struct machine *machine);

/* Bits of a guest-physical address; after arch_open(). */
unsigned int arch_phys_bits(const struct machine *machine);

/* What the result of KVM_CREATE_VM needs at once. */
int arch_vm_init(struct vm *vm);

/* Place RAM and all windows but that for 64-bit BARs. @layout has ECAM and
 * I/O ports already; ram_high.base is where the rest may start. */
int arch_layout_low(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		    const struct layout_need *need, unsigned int phys_bits);

/*
 * Once, in this order: claim what the platform itself has of the guest's
 * addresses (0 or -errno, nothing recorded); make what KVM has of the platform,
 * before the vCPUs; with all vCPUs created, complete the interrupt controller.
 * All of it lasts until the VM goes.
 */
int arch_claim(struct machine *machine);
int arch_prepare(struct machine *machine);
int arch_ready(struct machine *machine);

/*
 * Before each start but the first: the VM is the same, since a lent device's
 * driver may hold on to it for as long as the device is open. Its vCPUs are
 * stopped; make them, and all that KVM has of the platform, what they were at
 * first. Memory slots stay.
 */
int arch_reset(struct machine *machine);

/*
 * At each start, in this order: busses are new; make the platform's devices;
 * with all devices started, load the guest; make vCPU 0 begin there.
 * arch_stop() undoes them, and may be called at any time.
 */
int arch_start(struct machine *machine);
int arch_load(struct machine *machine, uint64_t *entry);
int arch_set_entry(struct machine *machine, uint64_t entry);
void arch_stop(struct machine *machine);

/* Ask the guest to shut down, as its power key does; from any thread. */
void arch_press_power(struct machine *machine);

/* The routes that lines have from the start: IRQ_FIXED of them. */
void arch_irq_pins(struct kvm_irq_routing_entry *entries);

/* What KVM_IRQ_LINE calls the line of @gsi. */
uint32_t arch_irq_number(unsigned int gsi);

/* Set up a vCPU that KVM has just created. */
int arch_vcpu_open(struct vcpu *vcpu);

/* Deal with an exit that only this architecture has; false: it is none. */
bool arch_vcpu_exit(struct vcpu *vcpu);

/* Add where the vCPU is to the recorded error, and what @err, an errno of
 * KVM_RUN or 0, means on this architecture. */
void arch_vcpu_explain(const struct vcpu *vcpu, int err);

#endif
