/* SPDX-License-Identifier: MIT */
/* Splits the value of an option into its properties. */
#ifndef CLI_RUN_WORDS_H
#define CLI_RUN_WORDS_H

struct lend_ctx;

/*
 * Calls @property for each property of @text:
 * [VALUE|NAME=VALUE][,NAME=VALUE]... or a JSON object. A first word without '='
 * is the value of @implied. Another word without '=' is passed with @value
 * NULL. Two commas in a value stand for one.
 *
 * Returns 0; what @property returned, if it was not 0; or -errno with a record.
 */
int run_words_each(struct lend_ctx *ctx, const char *option, const char *text,
		   const char *implied,
		   int (*property)(void *opaque, const char *name,
				   const char *value),
		   void *opaque);

/* Finds the value of one property, for a message about another fault. Returns
 * it, to be freed; NULL if it is not given, or if @text is invalid. */
char *run_words_get(struct lend_ctx *ctx, const char *text, const char *implied,
		    const char *name);

#endif
