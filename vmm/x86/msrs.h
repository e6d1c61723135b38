/* SPDX-License-Identifier: MIT */
/* A vCPU's model-specific registers, carried from one vCPU to another. */
#ifndef VMM_X86_MSRS_H
#define VMM_X86_MSRS_H

struct vm;

/*
 * Give the vCPU @to the values of @from, in all registers that KVM lists and
 * in those of memory types, where they differ; the time-stamp counter begins at
 * 0. What KVM does not let be written stays, and is logged. 0, or a recorded
 * error.
 */
int msrs_copy(const struct vm *vm, int from, int to);

#endif
