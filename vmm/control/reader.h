/* SPDX-License-Identifier: MIT */
/* Reads JSON of strangers in place: a check of the whole text, then its parts.
 */
#ifndef VMM_CONTROL_READER_H
#define VMM_CONTROL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READER_DEPTH   16 /* objects and arrays within each other */
#define READER_MEMBERS 64 /* of an object */

/* A value within a checked text, borrowed from it. */
struct reader_value {
	const char *start; /* NULL: there is none */
	const char *end;
};

enum reader_kind {
	READER_NONE,
	READER_OBJECT,
	READER_ARRAY,
	READER_STRING,
	READER_NUMBER,
	READER_BOOLEAN,
	READER_NULL,
};

/*
 * Check that @text is one JSON value with white space around, in UTF-8; as in
 * QEMU, strings may be in single quotes. Returns NULL, after which the others
 * may be called with @value and with what they return; or what is wrong, a
 * constant.
 */
const char *reader_check(const char *text, size_t length,
			 struct reader_value *value);

enum reader_kind reader_kind(struct reader_value value);

/* Walk through an object's members or an array's entries. */
struct reader_walk {
	const char *at;  /* behind the last one */
	const char *end; /* of the container */
	bool has_names;
};

struct reader_walk reader_begin(struct reader_value container);

/* Returns false behind the last; an array's entries have no @name. */
bool reader_next(struct reader_walk *walk, struct reader_value *name,
		 struct reader_value *value);

/* The member @name of an object; none if it is missing. */
struct reader_value reader_find(struct reader_value object, const char *name);

/* Whether a string is @text. */
bool reader_is(struct reader_value string, const char *text);

/*
 * Decode a string into @text, terminated by NUL. Returns false if it is longer
 * than @size allows, or has a NUL itself.
 */
bool reader_copy(struct reader_value string, char *text, size_t size);

/* Convert a number. Returns false unless it is an integer of 64 bits. */
bool reader_integer(struct reader_value number, int64_t *result);

/* Convert true or false. Returns false if it is neither. */
bool reader_boolean(struct reader_value value, bool *result);

#endif
