// SPDX-License-Identifier: MIT
// What checks of many devices read of the host once.

#include <stdlib.h>

#include "lib/base/context.h"
#include "lib/base/survey.h"

struct survey *survey_current(struct lend_ctx *ctx)
{
	struct survey *survey = NULL;

	pthread_mutex_lock(&ctx->survey_lock);
	if (ctx->survey && pthread_equal(ctx->surveyor, pthread_self()))
		survey = ctx->survey;
	pthread_mutex_unlock(&ctx->survey_lock);
	return survey;
}

void *survey_find(struct lend_ctx *ctx, enum survey_part part)
{
	const struct survey *survey = survey_current(ctx);

	return survey ? survey->parts[part].data : NULL;
}

void survey_keep(struct lend_ctx *ctx, enum survey_part part, void *data,
		 void (*release)(void *data))
{
	struct survey *survey = survey_current(ctx);
	struct survey_kept *kept;

	if (!survey) {
		release(data);
		return;
	}
	kept = &survey->parts[part];
	if (kept->data && kept->data != data)
		kept->free(kept->data);
	*kept = (struct survey_kept){data, release};
}

/* Without memory there is none: each check reads for itself. */
void survey_begin(struct lend_ctx *ctx)
{
	pthread_mutex_lock(&ctx->survey_lock);
	if (!ctx->survey) {
		ctx->survey = calloc(1, sizeof(*ctx->survey));
		ctx->surveyor = pthread_self();
	}
	if (ctx->survey && pthread_equal(ctx->surveyor, pthread_self()))
		ctx->survey->depth++;
	pthread_mutex_unlock(&ctx->survey_lock);
}

static void survey_free(struct survey *survey)
{
	for (unsigned int i = 0; i < PLACES_KINDS; i++) {
		if (survey->places[i])
			places_free(survey->places[i]);
		free(survey->places[i]);
	}
	for (unsigned int i = 0; i < SURVEY_PARTS; i++)
		if (survey->parts[i].data)
			survey->parts[i].free(survey->parts[i].data);
	free(survey);
}

void survey_end(struct lend_ctx *ctx)
{
	struct survey *ended = NULL;

	pthread_mutex_lock(&ctx->survey_lock);
	if (ctx->survey && pthread_equal(ctx->surveyor, pthread_self()) &&
	    !--ctx->survey->depth) {
		ended = ctx->survey;
		ctx->survey = NULL;
	}
	pthread_mutex_unlock(&ctx->survey_lock);
	if (ended)
		survey_free(ended);
}

void survey_close(struct lend_ctx *ctx)
{
	if (ctx->survey)
		survey_free(ctx->survey);
	pthread_mutex_destroy(&ctx->survey_lock);
}
