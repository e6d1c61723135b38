/* SPDX-License-Identifier: MIT */
/* Parses the CPU feature names of `-cpu host,+FEATURE,-FEATURE`. */
#ifndef VMM_X86_CPU_FEATURES_H
#define VMM_X86_CPU_FEATURES_H

#include <stddef.h>
#include <stdint.h>

struct lend_ctx;

enum cpu_register { CPU_EAX, CPU_EBX, CPU_ECX, CPU_EDX };

struct cpu_feature {
	const char *name;
	uint32_t leaf;
	uint32_t subleaf;
	enum cpu_register reg;
	unsigned int bit;
};

/* Returns NULL for an unknown name. */
const struct cpu_feature *cpu_feature_find(const char *name);

/* A feature that -cpu enables or disables; the last choice wins. */
struct cpu_choice {
	const struct cpu_feature *feature;
	int on; /* 0 or 1 */
};

#define CPU_MAX_CHOICES 64

struct cpu_model {
	struct cpu_choice choices[CPU_MAX_CHOICES];
	size_t count;
};

/*
 * Parse "host[,+NAME|,-NAME|,NAME=on|,NAME=off]..."; NULL means "host". Pure.
 * Returns 0, or a recorded error that suggests the closest known name.
 */
int cpu_model_parse(struct lend_ctx *ctx, const char *text,
		    struct cpu_model *model);

/* The last choice for a feature: 1 (on), 0 (off) or -1 (none). */
int cpu_model_choice(const struct cpu_model *model, const char *name);

#endif
