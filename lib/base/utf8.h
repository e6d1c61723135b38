/* SPDX-License-Identifier: MIT */
/* Characters as UTF-8. */
#ifndef LIB_BASE_UTF8_H
#define LIB_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Returns the length of the character at text, which is not at its end; 0 if it
 * is not UTF-8. A NUL is never a continuation byte. */
size_t utf8_decode(const char *text, uint32_t *character);

/* Writes a character of up to U+10FFFF, 1 to 4 bytes without a NUL. Returns
 * their number. */
size_t utf8_encode(uint32_t character, char *text);

#endif
