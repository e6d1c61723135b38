/* SPDX-License-Identifier: MIT */
/* An arm64 guest's processor: -cpu features and registers. */
#ifndef VMM_ARM64_CPU_H
#define VMM_ARM64_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct kvm_vcpu_init;
struct lend_ctx;

/* Optional features. */
enum cpu_feature { CPU_PAUTH, CPU_PMU, CPU_SVE, CPU_FEATURES };

extern const char *const cpu_feature_names[CPU_FEATURES];

/* 1 (on), 0 (off) or -1 (the host's default) for each feature. */
struct cpu_model {
	int choices[CPU_FEATURES];
};

/*
 * Parse "host[,+NAME|,-NAME|,NAME=on|,NAME=off]..."; NULL means "host". Pure.
 * Returns 0 or a recorded error.
 */
int cpu_model_parse(struct lend_ctx *ctx, const char *text,
		    struct cpu_model *model);

/* The features of the guest's vCPUs. */
struct cpu_host {
	bool has[CPU_FEATURES];
};

/* Read the features that KVM supports and apply @model. Returns 0, or a
 * recorded error if a requested feature is unsupported. */
int cpu_host_init(struct cpu_host *host, struct lend_ctx *ctx, int kvm_fd,
		  const struct cpu_model *model);

/* Set the features for KVM_ARM_VCPU_INIT. */
void cpu_host_apply(const struct cpu_host *host, struct kvm_vcpu_init *init);

/* Finalize the features of a new vCPU; -1 and errno on error. */
int cpu_finalize(const struct cpu_host *host, int vcpu_fd);

/* Set up the vCPU's PMU, after the GIC is complete; -1 and errno on error. */
int cpu_start_pmu(int vcpu_fd);

#define CPU_PMU_IRQ 23 /* a private interrupt */

/* Registers, through KVM_GET_ONE_REG; -1 and errno on error. */
int cpu_get_mpidr(int vcpu_fd, uint64_t *mpidr);
int cpu_get_position(int vcpu_fd, uint64_t *pc, uint64_t *pstate);
/* Whether the vCPU supports pages of @page bytes; true if that is unknown. */
bool cpu_has_pages(int vcpu_fd, uint64_t page);
int cpu_set_entry(int vcpu_fd, uint64_t pc, uint64_t x0);

#endif
