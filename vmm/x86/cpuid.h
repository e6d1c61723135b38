/* SPDX-License-Identifier: MIT */
/* The CPUID table of the guest: KVM's own, with our topology and choices. */
#ifndef VMM_X86_CPUID_H
#define VMM_X86_CPUID_H

#include <linux/kvm.h>

struct cpu_model;
struct lend_ctx;

#define CPUID_MAX_ENTRIES 256

struct cpuid {
	struct kvm_cpuid2 *table;
	unsigned int phys_bits; /* of guest-physical addresses */
};

/*
 * Ask KVM what it supports and apply @model. Returns 0 or a recorded error: a
 * wanted feature that this host lacks is one. cpuid_free() undoes it.
 */
int cpuid_init(struct cpuid *cpuid, struct lend_ctx *ctx, int kvm_fd,
	       const struct cpu_model *model);
void cpuid_free(struct cpuid *cpuid);

/* Make the table that of vCPU @index of @cpus: all cores of one socket. */
void cpuid_personalise(struct cpuid *cpuid, unsigned int index,
		       unsigned int cpus);

#endif
