/* SPDX-License-Identifier: MIT */
/* The characters of a JSON string. */
#ifndef VMM_CONTROL_STRING_H
#define VMM_CONTROL_STRING_H

#include <stddef.h>
#include <stdint.h>

enum {
	STRING_END = -1,
	STRING_WRONG = -2,
};

#define STRING_UTF8_MAX 4

struct string_walk {
	const char *at;
	const char *end; /* of the text; the string may end before it */
	char quote;
	const char *wrong; /* after STRING_WRONG: what is, a constant */
};

/* @at is the string's opening quote, and before @end. */
struct string_walk string_begin(const char *at, const char *end);

/* Returns a character's number, STRING_END with walk->at behind the closing
 * quote, or STRING_WRONG. */
int32_t string_next(struct string_walk *walk);

/* Encode a character. Returns its length. */
size_t string_encode(int32_t character, char utf8[STRING_UTF8_MAX]);

#endif
