// SPDX-License-Identifier: MIT
// Writes JSON into memory, as QEMU spaces it.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/text.h>

#include "vmm/control/writer.h"

#define FIRST_ROOM 4096

void writer_free(struct writer *w)
{
	free(w->text);
	*w = (struct writer){.limit = w->limit};
}

void writer_drop(struct writer *w, size_t count)
{
	w->used -= count;
	if (w->used)
		memmove(w->text, w->text + count, w->used);
}

static bool writer_reserve(struct writer *w, size_t size)
{
	size_t room = w->room ? w->room : FIRST_ROOM;
	char *text;

	if (w->is_full || size > w->limit - w->used) {
		w->is_full = true;
		return false;
	}
	while (room < w->used + size)
		room *= 2;
	if (room == w->room)
		return true;
	text = realloc(w->text, room);
	w->is_full = !text;
	if (!text)
		return false;
	w->text = text;
	w->room = room;
	return true;
}

static void writer_put(struct writer *w, const char *bytes, size_t size)
{
	if (!writer_reserve(w, size))
		return;
	memcpy(w->text + w->used, bytes, size);
	w->used += size;
}

static void writer_put_text(struct writer *w, const char *text)
{
	writer_put(w, text, strlen(text));
}

/* @text is valid UTF-8 without control characters. */
static void writer_put_string(struct writer *w, const char *text)
{
	writer_put(w, "\"", 1);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			writer_put(w, "\\", 1);
		writer_put(w, text, 1);
	}
	writer_put(w, "\"", 1);
}

static void writer_begin(struct writer *w, const char *name)
{
	if (w->has_entry)
		writer_put_text(w, ", ");
	w->has_entry = true;
	if (!name)
		return;
	writer_put_string(w, name);
	writer_put_text(w, ": ");
}

void writer_open(struct writer *w, const char *name, char bracket)
{
	writer_begin(w, name);
	writer_put(w, &bracket, 1);
	w->has_entry = false;
}

void writer_close(struct writer *w, char bracket)
{
	writer_put(w, &bracket, 1);
	w->has_entry = true;
}

void writer_string(struct writer *w, const char *name, const char *text)
{
	char *clean = strdup(text);

	w->is_full |= !clean;
	if (!clean)
		return;
	lend_text_clean(clean);
	writer_begin(w, name);
	writer_put_string(w, clean);
	free(clean);
}

void writer_number(struct writer *w, const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	writer_begin(w, name);
	writer_put_text(w, text);
}

void writer_bool(struct writer *w, const char *name, bool is_so)
{
	writer_begin(w, name);
	writer_put_text(w, is_so ? "true" : "false");
}

/* JSON knows double quotes alone, which a string in single ones may contain,
 * and no escape for single ones. Returns where the string ends. */
static const char *writer_put_quoted(struct writer *w, const char *at)
{
	char quote = *at++;

	writer_put(w, "\"", 1);
	for (; *at != quote; at++) {
		bool is_escape = *at == '\\';

		at += is_escape;
		if (*at == '"' || (is_escape && *at != '\''))
			writer_put(w, "\\", 1);
		writer_put(w, at, 1);
	}
	writer_put(w, "\"", 1);
	return at;
}

void writer_value(struct writer *w, const char *name, struct reader_value value)
{
	writer_begin(w, name);
	for (const char *at = value.start; at < value.end; at++) {
		if (*at == '"' || *at == '\'')
			at = writer_put_quoted(w, at);
		else if (*at != '\r' && *at != '\n')
			writer_put(w, at, 1);
	}
}

void writer_end(struct writer *w)
{
	writer_put_text(w, "\r\n");
	w->has_entry = false;
}
