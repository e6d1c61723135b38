/* SPDX-License-Identifier: MIT */
/* What checks of many devices read of the host once. */
#ifndef LIB_BASE_SURVEY_H
#define LIB_BASE_SURVEY_H

#include <lend/context.h>

#include "lib/base/places.h"

/* What a room keeps in a survey. */
enum survey_part { SURVEY_FILES, SURVEY_MOUNTS, SURVEY_PARTS };

struct survey_kept {
	void *data; /* NULL: not read yet */
	void (*free)(void *data);
};

/* Of one thread. */
struct survey {
	unsigned int depth; /* lend_check_begin() without its end */
	struct places *places[PLACES_KINDS]; /* NULL: not read yet */
	struct survey_kept parts[SURVEY_PARTS];
};

/* The survey that is under way in the calling thread, or NULL. */
struct survey *survey_current(struct lend_ctx *ctx);

/* What a room keeps in the current survey, or NULL. */
void *survey_find(struct lend_ctx *ctx, enum survey_part part);

/* Keeps data in the current survey, in place of what it has of that part.
 * Without a survey it is freed. */
void survey_keep(struct lend_ctx *ctx, enum survey_part part, void *data,
		 void (*release)(void *data));

/* Begin and end, each as often as the other. Only the first thread of several
 * has a survey. */
void survey_begin(struct lend_ctx *ctx);
void survey_end(struct lend_ctx *ctx);

/* Frees a survey that was not ended, with its context. */
void survey_close(struct lend_ctx *ctx);

#endif
