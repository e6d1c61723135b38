/* SPDX-License-Identifier: MIT */
/* Decodes a JSON string. */
#ifndef LIB_BASE_JSON_STRING_H
#define LIB_BASE_JSON_STRING_H

/* Decodes the string that begins with the quote at *at, single or double, to
 * *to, and ends it with a NUL. That takes no more bytes than the string with
 * its quotes has. Moves *at behind the string, and *to behind the NUL. Returns
 * NULL; or what is wrong with the byte that *at is moved to, with what was
 * decoded before it ended by a NUL. */
const char *json_string_decode(const char **at, char **to);

#endif
