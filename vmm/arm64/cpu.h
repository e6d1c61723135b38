/* SPDX-License-Identifier: MIT */
/* The processor of an arm64 guest: the words of -cpu, and what KVM gives. */
#ifndef VMM_ARM64_CPU_H
#define VMM_ARM64_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct kvm_vcpu_init;
struct lend_ctx;

/* Features that a guest can do without. */
enum cpu_feature { CPU_PAUTH, CPU_PMU, CPU_SVE, CPU_FEATURES };

extern const char *const cpu_feature_names[CPU_FEATURES];

/* -1: as the host has it. */
struct cpu_model {
	int choices[CPU_FEATURES];
};

/*
 * Parse "host[,+NAME|,-NAME|,NAME=on|,NAME=off]..."; NULL means "host". Pure.
 * Returns 0 or a recorded error.
 */
int cpu_model_parse(struct lend_ctx *ctx, const char *text,
		    struct cpu_model *model);

/* What the guest's vCPUs have. */
struct cpu_host {
	bool has[CPU_FEATURES];
};

/* Ask KVM what it offers and apply @model; 0 or a recorded error, when what
 * was asked for is not there. */
int cpu_host_init(struct cpu_host *host, struct lend_ctx *ctx, int kvm_fd,
		  const struct cpu_model *model);

/* Add the features to what KVM_ARM_VCPU_INIT gets. */
void cpu_host_apply(const struct cpu_host *host, struct kvm_vcpu_init *init);

/* Complete what the features of a new vCPU need at once; -1 and errno. */
int cpu_finalize(const struct cpu_host *host, int vcpu_fd);

/* Give the vCPU its counters' interrupt; the GIC is complete. -1 and errno. */
int cpu_start_pmu(int vcpu_fd);

#define CPU_PMU_IRQ 23 /* a private interrupt */

/* Registers, as KVM_GET_ONE_REG names them; -1 and errno. */
int cpu_get_mpidr(int vcpu_fd, uint64_t *mpidr);
int cpu_get_position(int vcpu_fd, uint64_t *pc, uint64_t *pstate);
int cpu_set_entry(int vcpu_fd, uint64_t pc, uint64_t x0);

#endif
