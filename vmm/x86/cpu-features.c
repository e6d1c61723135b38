// SPDX-License-Identifier: MIT
// Parses the CPU feature names of `-cpu host,+FEATURE,-FEATURE`.
#include <errno.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/kvm/cpu-words.h"
#include "vmm/x86/cpu-features.h"

/* CPUID leaf, subleaf, register and bit, from the vendors' manuals. */
static const struct cpu_feature features[] = {
	{"pni", 1, 0, CPU_ECX, 0},
	{"sse3", 1, 0, CPU_ECX, 0},
	{"pclmulqdq", 1, 0, CPU_ECX, 1},
	{"monitor", 1, 0, CPU_ECX, 3},
	{"vmx", 1, 0, CPU_ECX, 5},
	{"ssse3", 1, 0, CPU_ECX, 9},
	{"fma", 1, 0, CPU_ECX, 12},
	{"cx16", 1, 0, CPU_ECX, 13},
	{"pcid", 1, 0, CPU_ECX, 17},
	{"sse4.1", 1, 0, CPU_ECX, 19},
	{"sse4.2", 1, 0, CPU_ECX, 20},
	{"x2apic", 1, 0, CPU_ECX, 21},
	{"movbe", 1, 0, CPU_ECX, 22},
	{"popcnt", 1, 0, CPU_ECX, 23},
	{"tsc-deadline", 1, 0, CPU_ECX, 24},
	{"aes", 1, 0, CPU_ECX, 25},
	{"xsave", 1, 0, CPU_ECX, 26},
	{"avx", 1, 0, CPU_ECX, 28},
	{"f16c", 1, 0, CPU_ECX, 29},
	{"rdrand", 1, 0, CPU_ECX, 30},
	{"hypervisor", 1, 0, CPU_ECX, 31},
	{"fpu", 1, 0, CPU_EDX, 0},
	{"vme", 1, 0, CPU_EDX, 1},
	{"de", 1, 0, CPU_EDX, 2},
	{"pse", 1, 0, CPU_EDX, 3},
	{"tsc", 1, 0, CPU_EDX, 4},
	{"msr", 1, 0, CPU_EDX, 5},
	{"pae", 1, 0, CPU_EDX, 6},
	{"mce", 1, 0, CPU_EDX, 7},
	{"cx8", 1, 0, CPU_EDX, 8},
	{"apic", 1, 0, CPU_EDX, 9},
	{"sep", 1, 0, CPU_EDX, 11},
	{"mtrr", 1, 0, CPU_EDX, 12},
	{"pge", 1, 0, CPU_EDX, 13},
	{"mca", 1, 0, CPU_EDX, 14},
	{"cmov", 1, 0, CPU_EDX, 15},
	{"pat", 1, 0, CPU_EDX, 16},
	{"pse36", 1, 0, CPU_EDX, 17},
	{"clflush", 1, 0, CPU_EDX, 19},
	{"mmx", 1, 0, CPU_EDX, 23},
	{"fxsr", 1, 0, CPU_EDX, 24},
	{"sse", 1, 0, CPU_EDX, 25},
	{"sse2", 1, 0, CPU_EDX, 26},
	{"ss", 1, 0, CPU_EDX, 27},
	{"ht", 1, 0, CPU_EDX, 28},
	{"arat", 6, 0, CPU_EAX, 2},
	{"fsgsbase", 7, 0, CPU_EBX, 0},
	{"tsc-adjust", 7, 0, CPU_EBX, 1},
	{"bmi1", 7, 0, CPU_EBX, 3},
	{"hle", 7, 0, CPU_EBX, 4},
	{"avx2", 7, 0, CPU_EBX, 5},
	{"smep", 7, 0, CPU_EBX, 7},
	{"bmi2", 7, 0, CPU_EBX, 8},
	{"erms", 7, 0, CPU_EBX, 9},
	{"invpcid", 7, 0, CPU_EBX, 10},
	{"rtm", 7, 0, CPU_EBX, 11},
	{"mpx", 7, 0, CPU_EBX, 14},
	{"avx512f", 7, 0, CPU_EBX, 16},
	{"avx512dq", 7, 0, CPU_EBX, 17},
	{"rdseed", 7, 0, CPU_EBX, 18},
	{"adx", 7, 0, CPU_EBX, 19},
	{"smap", 7, 0, CPU_EBX, 20},
	{"avx512ifma", 7, 0, CPU_EBX, 21},
	{"clflushopt", 7, 0, CPU_EBX, 23},
	{"clwb", 7, 0, CPU_EBX, 24},
	{"avx512cd", 7, 0, CPU_EBX, 28},
	{"sha-ni", 7, 0, CPU_EBX, 29},
	{"avx512bw", 7, 0, CPU_EBX, 30},
	{"avx512vl", 7, 0, CPU_EBX, 31},
	{"avx512vbmi", 7, 0, CPU_ECX, 1},
	{"umip", 7, 0, CPU_ECX, 2},
	{"pku", 7, 0, CPU_ECX, 3},
	{"avx512vbmi2", 7, 0, CPU_ECX, 6},
	{"gfni", 7, 0, CPU_ECX, 8},
	{"vaes", 7, 0, CPU_ECX, 9},
	{"vpclmulqdq", 7, 0, CPU_ECX, 10},
	{"avx512vnni", 7, 0, CPU_ECX, 11},
	{"avx512bitalg", 7, 0, CPU_ECX, 12},
	{"avx512-vpopcntdq", 7, 0, CPU_ECX, 14},
	{"la57", 7, 0, CPU_ECX, 16},
	{"rdpid", 7, 0, CPU_ECX, 22},
	{"bus-lock-detect", 7, 0, CPU_ECX, 24},
	{"cldemote", 7, 0, CPU_ECX, 25},
	{"movdiri", 7, 0, CPU_ECX, 27},
	{"movdir64b", 7, 0, CPU_ECX, 28},
	{"fsrm", 7, 0, CPU_EDX, 4},
	{"avx512-vp2intersect", 7, 0, CPU_EDX, 8},
	{"md-clear", 7, 0, CPU_EDX, 10},
	{"serialize", 7, 0, CPU_EDX, 14},
	{"tsx-ldtrk", 7, 0, CPU_EDX, 16},
	{"amx-bf16", 7, 0, CPU_EDX, 22},
	{"avx512-fp16", 7, 0, CPU_EDX, 23},
	{"amx-tile", 7, 0, CPU_EDX, 24},
	{"amx-int8", 7, 0, CPU_EDX, 25},
	{"spec-ctrl", 7, 0, CPU_EDX, 26},
	{"stibp", 7, 0, CPU_EDX, 27},
	{"flush-l1d", 7, 0, CPU_EDX, 28},
	{"arch-capabilities", 7, 0, CPU_EDX, 29},
	{"core-capability", 7, 0, CPU_EDX, 30},
	{"ssbd", 7, 0, CPU_EDX, 31},
	{"avx-vnni", 7, 1, CPU_EAX, 4},
	{"avx512-bf16", 7, 1, CPU_EAX, 5},
	{"fzrm", 7, 1, CPU_EAX, 10},
	{"fsrs", 7, 1, CPU_EAX, 11},
	{"fsrc", 7, 1, CPU_EAX, 12},
	{"amx-fp16", 7, 1, CPU_EAX, 21},
	{"avx-ifma", 7, 1, CPU_EAX, 23},
	{"xsaveopt", 0xd, 1, CPU_EAX, 0},
	{"xsavec", 0xd, 1, CPU_EAX, 1},
	{"xgetbv1", 0xd, 1, CPU_EAX, 2},
	{"xsaves", 0xd, 1, CPU_EAX, 3},
	{"xfd", 0xd, 1, CPU_EAX, 4},
	{"lahf-lm", 0x80000001, 0, CPU_ECX, 0},
	{"cmp-legacy", 0x80000001, 0, CPU_ECX, 1},
	{"svm", 0x80000001, 0, CPU_ECX, 2},
	{"cr8legacy", 0x80000001, 0, CPU_ECX, 4},
	{"abm", 0x80000001, 0, CPU_ECX, 5},
	{"sse4a", 0x80000001, 0, CPU_ECX, 6},
	{"misalignsse", 0x80000001, 0, CPU_ECX, 7},
	{"3dnowprefetch", 0x80000001, 0, CPU_ECX, 8},
	{"osvw", 0x80000001, 0, CPU_ECX, 9},
	{"xop", 0x80000001, 0, CPU_ECX, 11},
	{"lwp", 0x80000001, 0, CPU_ECX, 15},
	{"fma4", 0x80000001, 0, CPU_ECX, 16},
	{"tbm", 0x80000001, 0, CPU_ECX, 21},
	{"topoext", 0x80000001, 0, CPU_ECX, 22},
	{"perfctr-core", 0x80000001, 0, CPU_ECX, 23},
	{"syscall", 0x80000001, 0, CPU_EDX, 11},
	{"nx", 0x80000001, 0, CPU_EDX, 20},
	{"mmxext", 0x80000001, 0, CPU_EDX, 22},
	{"fxsr-opt", 0x80000001, 0, CPU_EDX, 25},
	{"pdpe1gb", 0x80000001, 0, CPU_EDX, 26},
	{"rdtscp", 0x80000001, 0, CPU_EDX, 27},
	{"lm", 0x80000001, 0, CPU_EDX, 29},
	{"invtsc", 0x80000007, 0, CPU_EDX, 8},
	{"clzero", 0x80000008, 0, CPU_EBX, 0},
	{"xsaveerptr", 0x80000008, 0, CPU_EBX, 2},
	{"wbnoinvd", 0x80000008, 0, CPU_EBX, 9},
	{"ibpb", 0x80000008, 0, CPU_EBX, 12},
	{"ibrs", 0x80000008, 0, CPU_EBX, 14},
	{"amd-stibp", 0x80000008, 0, CPU_EBX, 15},
	{"amd-ssbd", 0x80000008, 0, CPU_EBX, 24},
	{"virt-ssbd", 0x80000008, 0, CPU_EBX, 25},
	{"amd-no-ssb", 0x80000008, 0, CPU_EBX, 26},
	{"kvmclock", 0x40000001, 0, CPU_EAX, 3},
	{"kvm-asyncpf", 0x40000001, 0, CPU_EAX, 4},
	{"kvm-steal-time", 0x40000001, 0, CPU_EAX, 5},
	{"kvm-pv-eoi", 0x40000001, 0, CPU_EAX, 6},
	{"kvm-pv-unhalt", 0x40000001, 0, CPU_EAX, 7},
	{"kvm-pv-tlb-flush", 0x40000001, 0, CPU_EAX, 9},
	{"kvm-pv-ipi", 0x40000001, 0, CPU_EAX, 11},
	{"kvm-poll-control", 0x40000001, 0, CPU_EAX, 12},
	{"kvm-pv-sched-yield", 0x40000001, 0, CPU_EAX, 13},
	{"kvm-asyncpf-int", 0x40000001, 0, CPU_EAX, 14},
	{"kvm-msi-ext-dest-id", 0x40000001, 0, CPU_EAX, 15},
	{"kvmclock-stable-bit", 0x40000001, 0, CPU_EAX, 24},
};

#define FEATURE_COUNT (sizeof(features) / sizeof(features[0]))

const char *arch_cpu_feature(unsigned int index)
{
	return index < FEATURE_COUNT ? features[index].name : NULL;
}

const struct cpu_feature *cpu_feature_find(const char *name)
{
	size_t i = 0;

	while (i < FEATURE_COUNT && strcmp(features[i].name, name))
		i++;
	return i < FEATURE_COUNT ? &features[i] : NULL;
}

struct parsing {
	struct lend_ctx *ctx;
	struct cpu_model *model;
};

static int feature_choose(void *opaque, size_t index, int on)
{
	struct parsing *parsing = opaque;
	struct cpu_model *model = parsing->model;

	if (model->count == CPU_MAX_CHOICES)
		return lend_error_set(parsing->ctx, LEND_ERROR_LIMIT, E2BIG,
				      NULL, "-cpu accepts at most %d features",
				      CPU_MAX_CHOICES);
	model->choices[model->count++] =
		(struct cpu_choice){&features[index], on};
	return 0;
}

int cpu_model_parse(struct lend_ctx *ctx, const char *text,
		    struct cpu_model *model)
{
	const char *names[FEATURE_COUNT];
	struct parsing parsing = {ctx, model};
	const struct cpu_words words = {
		.names = names,
		.count = FEATURE_COUNT,
		.hint = "use the names in /proc/cpuinfo, with - instead of _",
		.choose = feature_choose,
		.opaque = &parsing,
	};

	for (size_t i = 0; i < FEATURE_COUNT; i++)
		names[i] = features[i].name;
	model->count = 0;
	return cpu_words_parse(ctx, text, &words);
}

int cpu_model_choice(const struct cpu_model *model, const char *name)
{
	int on = -1;

	for (size_t i = 0; i < model->count; i++)
		if (!strcmp(model->choices[i].feature->name, name))
			on = model->choices[i].on;
	return on;
}
