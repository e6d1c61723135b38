/* SPDX-License-Identifier: MIT */
/* Features of a processor that exist only with another one. */
#ifndef VMM_X86_CPU_DEPENDS_H
#define VMM_X86_CPU_DEPENDS_H

#include "vmm/x86/cpu-features.h"
#include "vmm/x86/cpuid.h"

/*
 * Remove from the table each feature that requires one which is not in it, and
 * the state components of both. Returns 0, or a recorded error if @model asks
 * for such a feature.
 */
int cpu_depends_apply(struct cpuid *cpuid, struct lend_ctx *ctx,
		      const struct cpu_model *model);

#endif
