// SPDX-License-Identifier: MIT
// Features and registers of an arm64 guest's processor, through KVM.
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "vmm/arm64/cpu.h"

/* KVM capabilities to check, and vCPU feature bits to set, for each. */
static const struct {
	int caps[2];
	unsigned int bits[2];
} features[CPU_FEATURES] = {
	[CPU_PAUTH] = {{KVM_CAP_ARM_PTRAUTH_ADDRESS,
			KVM_CAP_ARM_PTRAUTH_GENERIC},
		       {KVM_ARM_VCPU_PTRAUTH_ADDRESS,
			KVM_ARM_VCPU_PTRAUTH_GENERIC}},
	[CPU_PMU] = {{KVM_CAP_ARM_PMU_V3, KVM_CAP_ARM_PMU_V3},
		     {KVM_ARM_VCPU_PMU_V3, KVM_ARM_VCPU_PMU_V3}},
	[CPU_SVE] = {{KVM_CAP_ARM_SVE, KVM_CAP_ARM_SVE},
		     {KVM_ARM_VCPU_SVE, KVM_ARM_VCPU_SVE}},
};

static bool cpu_features_offered(int kvm_fd, int cap)
{
	return ioctl(kvm_fd, KVM_CHECK_EXTENSION, cap) > 0;
}

int cpu_host_init(struct cpu_host *host, struct lend_ctx *ctx, int kvm_fd,
		  const struct cpu_model *model)
{
	for (unsigned int i = 0; i < CPU_FEATURES; i++) {
		const int *caps = features[i].caps;

		host->has[i] = model->choices[i] != 0 &&
			       cpu_features_offered(kvm_fd, caps[0]) &&
			       (caps[1] == caps[0] ||
				cpu_features_offered(kvm_fd, caps[1]));
		if (host->has[i] || model->choices[i] != 1)
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENOTSUP, NULL,
			       "-cpu: KVM on this host does not support \"%s\"",
			       cpu_feature_names[i]);
		return lend_error_remedy(ctx, "remove +%s from -cpu",
					 cpu_feature_names[i]);
	}
	return 0;
}

void cpu_host_apply(const struct cpu_host *host, struct kvm_vcpu_init *init)
{
	for (unsigned int i = 0; i < CPU_FEATURES; i++)
		for (unsigned int k = 0; host->has[i] && k < 2; k++)
			init->features[features[i].bits[k] / 32] |=
				1u << features[i].bits[k] % 32;
}

int cpu_finalize(const struct cpu_host *host, int vcpu_fd)
{
	int feature = KVM_ARM_VCPU_SVE;

	if (!host->has[CPU_SVE])
		return 0;
	return ioctl(vcpu_fd, KVM_ARM_VCPU_FINALIZE, &feature);
}

int cpu_start_pmu(int vcpu_fd)
{
	int irq = CPU_PMU_IRQ;
	struct kvm_device_attr request = {
		.group = KVM_ARM_VCPU_PMU_V3_CTRL,
		.attr = KVM_ARM_VCPU_PMU_V3_IRQ,
		.addr = (uintptr_t)&irq,
	};

	if (ioctl(vcpu_fd, KVM_SET_DEVICE_ATTR, &request) < 0)
		return -1;
	request.attr = KVM_ARM_VCPU_PMU_V3_INIT;
	return ioctl(vcpu_fd, KVM_SET_DEVICE_ATTR, &request);
}

#define CORE(field)                                                            \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |                 \
	 KVM_REG_ARM_CORE_REG(regs.field))
#define MPIDR ARM64_SYS_REG(3, 0, 0, 0, 5)

static int cpu_get_register(int vcpu_fd, uint64_t id, uint64_t *value)
{
	struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)value};

	return ioctl(vcpu_fd, KVM_GET_ONE_REG, &reg);
}

static int cpu_set_register(int vcpu_fd, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)&value};

	return ioctl(vcpu_fd, KVM_SET_ONE_REG, &reg);
}

int cpu_get_mpidr(int vcpu_fd, uint64_t *mpidr)
{
	return cpu_get_register(vcpu_fd, MPIDR, mpidr);
}

/* Fields of ID_AA64MMFR0_EL1: 4 and 64 KiB are there unless the field is 15,
 * 16 KiB are not there where it is 0. */
#define MEMORY_MODEL ARM64_SYS_REG(3, 0, 0, 7, 0)
#define GRANULE_16   20
#define GRANULE_64   24
#define GRANULE_4    28

bool cpu_has_pages(int vcpu_fd, uint64_t page)
{
	uint64_t model;

	if (cpu_get_register(vcpu_fd, MEMORY_MODEL, &model) < 0)
		return true;
	switch (page) {
	case 0x1000:
		return (model >> GRANULE_4 & 15) != 15;
	case 0x4000:
		return (model >> GRANULE_16 & 15) != 0;
	case 0x10000:
		return (model >> GRANULE_64 & 15) != 15;
	default:
		return true;
	}
}

int cpu_get_position(int vcpu_fd, uint64_t *pc, uint64_t *pstate)
{
	return cpu_get_register(vcpu_fd, CORE(pc), pc) < 0
		       ? -1
		       : cpu_get_register(vcpu_fd, CORE(pstate), pstate);
}

int cpu_set_entry(int vcpu_fd, uint64_t pc, uint64_t x0)
{
	return cpu_set_register(vcpu_fd, CORE(pc), pc) < 0
		       ? -1
		       : cpu_set_register(vcpu_fd, CORE(regs[0]), x0);
}
