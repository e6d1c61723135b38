/* SPDX-License-Identifier: MIT */
/* Cuts a stream of JSON into messages. */
#ifndef VMM_CONTROL_FRAME_H
#define VMM_CONTROL_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#define FRAME_MAX 65536 /* bytes of a message */

/* All zeros: before the first byte. */
struct frame {
	char text[FRAME_MAX];
	size_t length;
	unsigned int depth; /* open brackets */
	char quote;         /* that ends the string; 0: in none */
	bool is_escaped;    /* the last byte was a backslash in a string */
	bool is_complete;
	bool is_skipping; /* the rest of a line after one that is too long */
};

enum frame_result {
	FRAME_MORE,    /* all bytes are taken */
	FRAME_MESSAGE, /* frame->text has frame->length bytes: check them */
	FRAME_LONG,    /* too long; the rest of the line is ignored */
};

/*
 * Take bytes from *@at up to @end, and stop behind a message: an object or
 * array that is closed, over any number of lines; or a line of anything else.
 * A string does not reach over the end of a line, so that a quote too many
 * spoils one line alone.
 */
enum frame_result frame_take(struct frame *frame, const char **at,
			     const char *end);

#endif
