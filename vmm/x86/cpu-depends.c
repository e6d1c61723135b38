// SPDX-License-Identifier: MIT
// Removes the features of a processor that another, absent one is required for.
#include <errno.h>
#include <stdbool.h>

#include <lend/error.h>

#include "vmm/x86/cpu-depends.h"

#define LEAF_STATE 0xd

/* From the vendors' manuals; what a feature requires comes before what
 * requires it. */
static const struct {
	const char *feature;
	const char *requires;
} depends[] = {
	{"xsaveopt", "xsave"},
	{"xsavec", "xsave"},
	{"xsaves", "xsavec"},
	{"xsaveerptr", "xsave"},
	{"pku", "xsave"},
	{"mpx", "xsave"},
	{"avx", "xsave"},
	{"fma", "avx"},
	{"f16c", "avx"},
	{"xop", "avx"},
	{"fma4", "avx"},
	{"vaes", "avx"},
	{"vpclmulqdq", "avx"},
	{"avx2", "avx"},
	{"avx-vnni", "avx2"},
	{"avx-ifma", "avx2"},
	{"avx512f", "avx2"},
	{"avx512dq", "avx512f"},
	{"avx512ifma", "avx512f"},
	{"avx512cd", "avx512f"},
	{"avx512bw", "avx512f"},
	{"avx512vl", "avx512f"},
	{"avx512vbmi", "avx512bw"},
	{"avx512vbmi2", "avx512bw"},
	{"avx512vnni", "avx512f"},
	{"avx512bitalg", "avx512bw"},
	{"avx512-vpopcntdq", "avx512f"},
	{"avx512-vp2intersect", "avx512f"},
	{"avx512-bf16", "avx512f"},
	{"avx512-fp16", "avx512bw"},
	{"amx-tile", "xsave"},
	{"amx-bf16", "amx-tile"},
	{"amx-int8", "amx-tile"},
	{"amx-fp16", "amx-tile"},
};

#define DEPENDS (sizeof(depends) / sizeof(depends[0]))

/* Registers that XSAVE saves, by their bits in XCR0. */
static const struct {
	unsigned int first, last;
	const char *feature;
} components[] = {
	{0, 63, "xsave"},  {2, 2, "avx"}, {3, 4, "mpx"},
	{5, 7, "avx512f"}, {9, 9, "pku"}, {17, 18, "amx-tile"},
};

#define COMPONENTS (sizeof(components) / sizeof(components[0]))

static uint32_t *depends_register(struct cpuid *cpuid,
				  const struct cpu_feature *f)
{
	struct kvm_cpuid_entry2 *entry = cpuid_find(cpuid, f->leaf, f->subleaf);

	return entry ? cpuid_register(entry, f->reg) : NULL;
}

static bool depends_has(struct cpuid *cpuid, const char *name)
{
	const struct cpu_feature *f = cpu_feature_find(name);
	const uint32_t *reg = depends_register(cpuid, f);

	return reg && (*reg & 1u << f->bit);
}

static void depends_clear_component(struct cpuid *cpuid, unsigned int bit)
{
	struct kvm_cpuid_entry2 *all = cpuid_find(cpuid, LEAF_STATE, 0);
	struct kvm_cpuid_entry2 *own = cpuid_find(cpuid, LEAF_STATE, bit);

	if (all && bit < 32)
		all->eax &= ~(1u << bit);
	else if (all)
		all->edx &= ~(1u << (bit - 32));
	if (own)
		own->eax = own->ebx = own->ecx = own->edx = 0;
}

int cpu_depends_apply(struct cpuid *cpuid, struct lend_ctx *ctx,
		      const struct cpu_model *model)
{
	for (size_t i = 0; i < DEPENDS; i++) {
		const struct cpu_feature *f =
			cpu_feature_find(depends[i].feature);

		if (!depends_has(cpuid, f->name) ||
		    depends_has(cpuid, depends[i].requires))
			continue;
		if (cpu_model_choice(model, f->name) == 1) {
			lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				       "-cpu: \"%s\" requires \"%s\"", f->name,
				       depends[i].requires);
			return lend_error_remedy(ctx,
						 "remove +%s or -%s from -cpu",
						 f->name, depends[i].requires);
		}
		*depends_register(cpuid, f) &= ~(1u << f->bit);
	}
	for (size_t i = 0; i < COMPONENTS; i++)
		for (unsigned int bit = components[i].first;
		     bit <= components[i].last &&
		     !depends_has(cpuid, components[i].feature);
		     bit++)
			depends_clear_component(cpuid, bit);
	return 0;
}
