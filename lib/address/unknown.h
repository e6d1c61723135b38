/* SPDX-License-Identifier: MIT */
/* Facts that a verdict depends on and that could not be found out. */
#ifndef LIB_ADDRESS_UNKNOWN_H
#define LIB_ADDRESS_UNKNOWN_H

#include <lend/context.h>

/* A longer list helps nobody. */
enum { UNKNOWN_MAX = 8 };

struct unknown {
	unsigned int count;
	char lines[UNKNOWN_MAX][256];
};

/* Adds a fact, unless it is listed: "requires root to know whether …". */
void unknown_add(struct unknown *unknown, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Logs each as a warning about a device. */
void unknown_log(struct lend_ctx *ctx, const char *device,
		 const struct unknown *unknown);

#endif
