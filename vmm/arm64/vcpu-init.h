/* SPDX-License-Identifier: MIT */
/* Sets a vCPU to its initial state, at start and at reset. */
#ifndef VMM_ARM64_VCPU_INIT_H
#define VMM_ARM64_VCPU_INIT_H

struct vcpu;

/* Set the registers to their power-on values; vCPU 0 runs, the others wait for
 * PSCI CPU_ON. Returns 0 or a recorded error. */
int vcpu_init(const struct vcpu *vcpu);

#endif
