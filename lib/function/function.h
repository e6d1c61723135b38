/* SPDX-License-Identifier: MIT */
/* A PCI function that is software, shared by the files of this directory. */
#ifndef LIB_FUNCTION_FUNCTION_H
#define LIB_FUNCTION_FUNCTION_H

#include <pthread.h>

#include <lend/function.h>

#include "lib/base/context.h"

#define FUNCTION_CONFIG 4096u
/* INTx, MSI, MSI-X and ERR; nothing requests the function back. */
#define FUNCTION_INDICES 4u

struct function_vector {
	int fd; /* the client's eventfd, ours; -1: none */
	bool is_pending;
};

struct function_index {
	struct function_vector *vectors;
	unsigned int count;
	bool is_on;
};

struct lend_function {
	struct lend_ctx *ctx;                 /* a reference */
	struct lend_function_options options; /* constant */
	uint8_t first[FUNCTION_CONFIG];       /* values after a reset */
	uint8_t writable[FUNCTION_CONFIG];
	unsigned int express; /* where the capability is */

	pthread_mutex_t lock; /* guards what follows */
	uint8_t config[FUNCTION_CONFIG];
	struct function_index indices[FUNCTION_INDICES];
	int unmask;       /* the client's eventfd, ours; -1: none */
	bool is_asserted; /* INTx */
	bool line_is_masked;
};

/* Lay out configuration space: values, and what can be written. */
void function_build(struct lend_function *function);

/* What is wrong with the options: the member's name; or NULL. */
const char *function_options_fault(const struct lend_function_options *options);

/* With the lock held: signal INTx if it is due. */
void function_update_line(struct lend_function *function);

/* With the lock held: no vector is pending, and INTx is not asserted. */
void function_quiet(struct lend_function *function);

/* Close all of the client's descriptors. */
void function_close(struct lend_function *function);

#endif
