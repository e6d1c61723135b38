/* SPDX-License-Identifier: MIT */
/* JSON objects with others in them, as peers send them. */
#ifndef LIB_BASE_JSON_H
#define LIB_BASE_JSON_H

#include <lend/json.h>

/* Objects and arrays within each other. */
#define JSON_DEPTH_MAX 8

/*
 * As lend_json_read(), with objects, arrays and null as values. @member gets
 * each string, number and boolean that is in no array, with the names of the
 * objects that it is in before its own: @depth names. Arrays and null must be
 * valid, and are ignored. @peer begins messages, as an option's name does.
 */
int json_read_tree(struct lend_ctx *ctx, const char *peer, const char *text,
		   int (*member)(void *opaque, const char *const *names,
				 unsigned int depth, enum lend_json_type type,
				 const char *value),
		   void *opaque);

#endif
