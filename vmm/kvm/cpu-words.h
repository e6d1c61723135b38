/* SPDX-License-Identifier: MIT */
/* Parses -cpu: the model, and features enabled or disabled by name. */
#ifndef VMM_KVM_CPU_WORDS_H
#define VMM_KVM_CPU_WORDS_H

#include <stddef.h>

struct lend_ctx;

/* The named features of a processor architecture. */
struct cpu_words {
	const char *const *names;
	size_t count;
	const char *hint; /* remedy: where the names are listed */
	/*
	 * Feature names[index] is enabled (1) or disabled (0); a later word
	 * overrides an earlier one. Returns 0 or a recorded error.
	 */
	int (*choose)(void *opaque, size_t index, int on);
	void *opaque;
};

/*
 * Parse "host[,+NAME|,-NAME|,NAME=VALUE|,NAME]..."; NULL means "host". A value
 * is on, yes, true or y, or the opposite. QEMU's properties that are no
 * features are accepted if they ask for what happens anyway. Pure. Returns 0,
 * or a recorded error that names the nearest known word.
 */
int cpu_words_parse(struct lend_ctx *ctx, const char *text,
		    const struct cpu_words *words);

#endif
