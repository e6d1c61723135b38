/* SPDX-License-Identifier: MIT */
/* Sets a vCPU's initial registers, for the kernel's entry point. */
#ifndef VMM_X86_CPU_H
#define VMM_X86_CPU_H

#include <stdint.h>

struct lend_ctx;

/* Set the MSRs that firmware sets on every vCPU; one ioctl. */
int cpu_set_msrs(struct lend_ctx *ctx, int vcpu_fd);

/* Start vCPU 0 at @entry, according to the 64-bit boot protocol. */
int cpu_set_entry(struct lend_ctx *ctx, int vcpu_fd, uint64_t entry);

/* The same in 32-bit protected mode without paging, according to PVH. */
int cpu_set_entry_pvh(struct lend_ctx *ctx, int vcpu_fd, uint64_t entry);

#endif
