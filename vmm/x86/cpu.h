/* SPDX-License-Identifier: MIT */
/* A vCPU's registers at the start: long mode at the kernel's entry point. */
#ifndef VMM_X86_CPU_H
#define VMM_X86_CPU_H

#include <stdint.h>

struct lend_ctx;

/* What every vCPU's firmware would have set; one ioctl. */
int cpu_set_msrs(struct lend_ctx *ctx, int vcpu_fd);

/* Make vCPU 0 begin at @entry as the 64-bit boot protocol asks for. */
int cpu_set_entry(struct lend_ctx *ctx, int vcpu_fd, uint64_t entry);

#endif
