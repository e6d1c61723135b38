// SPDX-License-Identifier: MIT
// Parses the arm64 CPU feature names of `-cpu host,-FEATURE`.
#include "vmm/arm64/cpu.h"
#include "vmm/kvm/cpu-words.h"

const char *const cpu_feature_names[CPU_FEATURES] = {
	[CPU_PAUTH] = "pauth",
	[CPU_PMU] = "pmu",
	[CPU_SVE] = "sve",
};

static int feature_choose(void *opaque, size_t index, int on)
{
	struct cpu_model *model = opaque;

	model->choices[index] = on;
	return 0;
}

int cpu_model_parse(struct lend_ctx *ctx, const char *text,
		    struct cpu_model *model)
{
	const struct cpu_words words = {
		.names = cpu_feature_names,
		.count = CPU_FEATURES,
		.hint = "the features are pauth, pmu and sve",
		.choose = feature_choose,
		.opaque = model,
	};

	for (unsigned int i = 0; i < CPU_FEATURES; i++)
		model->choices[i] = -1;
	return cpu_words_parse(ctx, text, &words);
}
