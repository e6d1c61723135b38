/* SPDX-License-Identifier: MIT */
/* Values of options: sizes, counts, descriptors. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdint.h>

struct lend_ctx;

/* All return 0, or -EINVAL with the error recorded. @option, such as "-m",
 * says whose value it is. */

/* -m: [size=]NUMBER[K|M|G|T], MiB where there is no unit; in bytes. */
int value_memory(struct lend_ctx *ctx, const char *option, const char *text,
		 uint64_t *bytes);

/* -smp: [cpus=]NUMBER, up to @most. */
int value_cpus(struct lend_ctx *ctx, const char *option, const char *text,
	       unsigned int most, unsigned int *cpus);

/* -unplug-timeout: NUMBER of seconds, up to a day. */
int value_seconds(struct lend_ctx *ctx, const char *option, const char *text,
		  unsigned int *seconds);

/* NUMBER of an open descriptor; whether it is one is not looked at. */
int value_descriptor(struct lend_ctx *ctx, const char *option, const char *text,
		     int *fd);

#endif
