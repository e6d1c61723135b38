/* SPDX-License-Identifier: MIT */
/* Parses values of options: sizes, counts, descriptors. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdint.h>

struct lend_ctx;

/* All return 0, or -EINVAL with the error recorded. @option, such as "-m", is
 * the option's name in messages. */

/* -m: [size=]NUMBER[K|M|G|T], MiB if there is no unit; @bytes receives
 * bytes. */
int value_memory(struct lend_ctx *ctx, const char *option, const char *text,
		 uint64_t *bytes);

/* -smp: [cpus=]NUMBER, up to @most. */
int value_cpus(struct lend_ctx *ctx, const char *option, const char *text,
	       unsigned int most, unsigned int *cpus);

/* -unplug-timeout: NUMBER of seconds, a day at most. */
int value_seconds(struct lend_ctx *ctx, const char *option, const char *text,
		  unsigned int *seconds);

/* -plug-slots: NUMBER, up to @most. */
int value_slots(struct lend_ctx *ctx, const char *option, const char *text,
		unsigned int most, unsigned int *slots);

/* NUMBER of a descriptor; does not check that it is open. */
int value_descriptor(struct lend_ctx *ctx, const char *option, const char *text,
		     int *fd);

#endif
