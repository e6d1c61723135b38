/* SPDX-License-Identifier: MIT */
/* A vCPU as the guest first has it, also after a reset. */
#ifndef VMM_ARM64_VCPU_INIT_H
#define VMM_ARM64_VCPU_INIT_H

struct vcpu;

/* Registers as at power-on; the first vCPU runs, the others wait for PSCI to
 * start them. Returns 0 or a recorded error. */
int vcpu_init(const struct vcpu *vcpu);

#endif
