/* SPDX-License-Identifier: MIT */
/* Takes out of texts what identifies a host or its network. */
#ifndef CLI_REDACT_H
#define CLI_REDACT_H

#include <stddef.h>

#include "cli/json.h"

/* Copies a text, cut to @size bytes, with a word in place of each MAC and IP
 * address, UUID, number of 16 or more hexadecimal digits, as serial numbers and
 * WWNs are, and of the host's name @host with or without its domain. PCI
 * addresses stay. */
void redact_text(const char *text, const char *host, char *out, size_t size);

/* Replaces the strings of a document, in objects and arrays too. Returns 0, or
 * -ENOMEM without a record. */
int redact_document(struct json_object *document, const char *host);

#endif
