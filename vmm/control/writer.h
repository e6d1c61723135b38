/* SPDX-License-Identifier: MIT */
/* Writes JSON into memory, as QEMU spaces it. */
#ifndef VMM_CONTROL_WRITER_H
#define VMM_CONTROL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/control/reader.h"

/* All zeros but @limit: empty. */
struct writer {
	char *text;
	size_t used, room;
	size_t limit;   /* bytes that are kept */
	bool is_full;   /* beyond @limit, or no memory: the rest is lost */
	bool has_entry; /* the next one follows a comma */
};

void writer_free(struct writer *writer);

/* Drop the first @count bytes. */
void writer_drop(struct writer *writer, size_t count);

/* '{' or '[', and what closes it. @name in an object, NULL in an array. */
void writer_open(struct writer *writer, const char *name, char bracket);
void writer_close(struct writer *writer, char bracket);

/* Strings are made printable: see lend_text_clean(). */
void writer_string(struct writer *writer, const char *name, const char *text);
void writer_number(struct writer *writer, const char *name, int64_t number);
void writer_bool(struct writer *writer, const char *name, bool is_so);

/* A value of a checked text, on one line and with double quotes. */
void writer_value(struct writer *writer, const char *name,
		  struct reader_value value);

/* The end of a message's line. */
void writer_end(struct writer *writer);

#endif
