/* SPDX-License-Identifier: MIT */
/* Builds the guest's CPUID table: KVM's, with our topology and choices. */
#ifndef VMM_X86_CPUID_H
#define VMM_X86_CPUID_H

#include <linux/kvm.h>

#include "vmm/x86/cpu-features.h"

#define CPUID_MAX_ENTRIES 256

struct cpuid {
	struct kvm_cpuid2 *table;
	unsigned int phys_bits; /* of guest-physical addresses */
};

/*
 * Read the features that KVM supports and apply @model. Returns 0 or a
 * recorded error, also when the host lacks a requested feature. Release with
 * cpuid_free().
 */
int cpuid_init(struct cpuid *cpuid, struct lend_ctx *ctx, int kvm_fd,
	       const struct cpu_model *model);
void cpuid_free(struct cpuid *cpuid);

/* The entry of a leaf, or NULL; and one of its registers. */
struct kvm_cpuid_entry2 *cpuid_find(struct cpuid *cpuid, uint32_t leaf,
				    uint32_t subleaf);
uint32_t *cpuid_register(struct kvm_cpuid_entry2 *entry, enum cpu_register reg);

/* Set the topology for vCPU @index of @cpus: cores of one socket. */
void cpuid_personalise(struct cpuid *cpuid, unsigned int index,
		       unsigned int cpus);

#endif
