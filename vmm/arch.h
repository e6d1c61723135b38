/* SPDX-License-Identifier: MIT */
/* What the machine requires of a processor architecture; x86/ and arm64/ each
 * implement all of it.
 */
#ifndef VMM_ARCH_H
#define VMM_ARCH_H

#include <stdbool.h>
#include <stdint.h>

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

/* The remedy where /dev/kvm is missing. */
extern const char *const arch_kvm_remedy;

/* The architecture's name in QEMU's protocol. */
extern const char *const arch_target;

/* Most vCPUs that a machine can have: ARCH_CPUS_MAX. */
extern const unsigned int arch_cpus_max;

/*
 * Check that the guest's files, open by now, can be loaded: before any device
 * is opened, for as much RAM as there can be, and for the layout once it is
 * known.
 */
int arch_check_boot(struct machine *machine);

/* Check -cpu (NULL: not given) before there is a machine. */
int arch_check_cpu(struct lend_ctx *ctx, const char *text);

/* The name of a feature that -cpu takes, from 0; NULL after the last. */
const char *arch_cpu_feature(unsigned int index);

/* Parse -cpu; /dev/kvm is not open yet. */
int arch_configure(struct machine *machine);

/* Find out what the host's KVM, open by now, offers this machine, and which
 * type of VM to create. arch_close() is due in any case. */
int arch_open(struct machine *machine);
void arch_close(struct machine *machine);

/* Bits of a guest-physical address; after arch_open(). */
unsigned int arch_phys_bits(const struct machine *machine);

/* Set up a VM that KVM has just created. */
int arch_vm_init(struct vm *vm);

/* Place RAM and all windows except that for 64-bit BARs. @layout already has
 * ECAM and I/O ports; ram_high.base is the lowest address of the rest. */
int arch_layout_low(struct layout *layout, struct lend_ctx *ctx, uint64_t ram,
		    const struct layout_need *need, unsigned int phys_bits);

/*
 * Called once, in this order: claim the guest addresses of the platform itself
 * (0 or -errno, nothing recorded); create KVM's part of the platform, before
 * the vCPUs; with all vCPUs created, complete the interrupt controller. All of
 * it lasts as long as the VM.
 */
int arch_claim(struct machine *machine);
int arch_prepare(struct machine *machine);
int arch_ready(struct machine *machine);

/*
 * Called before each start but the first. The VM is the same, since a lent
 * device's driver may hold on to it for as long as the device is open. Its
 * vCPUs are stopped; put them, and KVM's part of the platform, back into their
 * initial state. Memory slots stay.
 */
int arch_reset(struct machine *machine);

/*
 * Called at each start, in this order: buses are new; create the platform's
 * devices; with all devices started, load the guest; set the entry point of
 * vCPU 0. arch_stop() undoes them, and may be called at any time.
 */
int arch_start(struct machine *machine);
int arch_load(struct machine *machine, uint64_t *entry);
int arch_set_entry(struct machine *machine, uint64_t entry);
void arch_stop(struct machine *machine);

/* Ask the guest to shut down by its power button; from any thread. */
void arch_press_power(struct machine *machine);

/* KVM_IRQ_LINE's number for the line of @gsi. */
uint32_t arch_irq_number(unsigned int gsi);

/* Set up a vCPU that KVM has just created. */
int arch_vcpu_open(struct vcpu *vcpu);

/* Handle an exit that only this architecture has; false: it is not one. */
bool arch_vcpu_exit(struct vcpu *vcpu);

/* Add the vCPU's position to the recorded error, and the meaning of @err, an
 * errno of KVM_RUN or 0, on this architecture. */
void arch_vcpu_explain(const struct vcpu *vcpu, int err);

#endif
