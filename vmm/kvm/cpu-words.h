/* SPDX-License-Identifier: MIT */
/* The words of -cpu: the one model, and features put on or off by name. */
#ifndef VMM_KVM_CPU_WORDS_H
#define VMM_KVM_CPU_WORDS_H

#include <stddef.h>

struct lend_ctx;

/* The features that a processor architecture has names for. */
struct cpu_words {
	const char *const *names;
	size_t count;
	const char *hint; /* where to find them */
	/* Feature names[index] is to be on (1) or off (0); a later word beats
	 * an earlier one. Returns 0 or a recorded error. */
	int (*choose)(void *opaque, size_t index, int on);
	void *opaque;
};

/*
 * Parse "host[,+NAME|,-NAME|,NAME=on|,NAME=off]..."; NULL means "host". Pure.
 * Returns 0, or a recorded error that names the nearest known word.
 */
int cpu_words_parse(struct lend_ctx *ctx, const char *text,
		    const struct cpu_words *words);

#endif
