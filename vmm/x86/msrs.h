/* SPDX-License-Identifier: MIT */
/* Copies the model-specific registers of one vCPU to another. */
#ifndef VMM_X86_MSRS_H
#define VMM_X86_MSRS_H

struct vm;

/*
 * Copy the registers that KVM lists, and the MTRRs, from vCPU @from to @to
 * where they differ; the time-stamp counter is set to 0. A register that KVM
 * does not allow to be written keeps its value and is logged. Returns 0 or a
 * recorded error.
 */
int msrs_copy(const struct vm *vm, int from, int to);

#endif
