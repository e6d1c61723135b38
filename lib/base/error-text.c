// SPDX-License-Identifier: MIT
// Error records as text for people, several lines of it.

#include <string.h>

#include <lend/error.h>

#include "lib/base/utf8.h"

/* Text that is written as far as it fits, and counted as a whole. */
struct error_text {
	char *buffer;
	size_t size;
	size_t length;
};

static void error_text_add(struct error_text *text, const char *bytes,
			   size_t size)
{
	for (size_t i = 0; i < size; i++, text->length++)
		if (text->length < text->size)
			text->buffer[text->length] = bytes[i];
}

/* Adds lines, each after a newline and a prefix: one for the first, another for
 * the others. */
static void error_text_add_lines(struct error_text *text, const char *lines,
				 const char *first, const char *others)
{
	const char *prefix = first;

	while (*lines) {
		size_t length = strcspn(lines, "\n");

		error_text_add(text, "\n", 1);
		error_text_add(text, prefix, strlen(prefix));
		error_text_add(text, lines, length);
		prefix = others;
		lines += length + (lines[length] == '\n');
	}
}

/* Ends the text at a whole character. */
static void error_text_end(struct error_text *text)
{
	uint32_t character;
	size_t at = 0, length;

	if (!text->size)
		return;
	if (text->length < text->size) {
		text->buffer[text->length] = '\0';
		return;
	}
	text->buffer[text->size - 1] = '\0';
	while (text->buffer[at]) {
		length = utf8_decode(text->buffer + at, &character);
		if (!length)
			break;
		at += length;
	}
	text->buffer[at] = '\0';
}

size_t lend_error_format(const struct lend_error *error, char *buffer,
			 size_t size)
{
	struct error_text text = {.buffer = buffer, .size = size};

	if (*error->device) {
		error_text_add(&text, error->device, strlen(error->device));
		error_text_add(&text, ": ", 2);
	}
	error_text_add(&text, error->what, strlen(error->what));
	error_text_add_lines(&text, error->evidence, "  ", "  ");
	error_text_add_lines(&text, error->remedy, "Fix: ", "     ");
	error_text_end(&text);
	return text.length;
}
