/* SPDX-License-Identifier: MIT */
/* Suggestions for mistyped words, and text made safe to print. */
#ifndef LEND_TEXT_H
#define LEND_TEXT_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_nearest() - find the known word nearest to a mistyped one
 * @word:  what was typed; only its first 64 bytes are compared
 * @known: known words; of each, only the first 64 bytes are compared
 * @count: entries of @known
 *
 * The distance is the number of bytes inserted, omitted, replaced, or swapped
 * with their neighbour, ignoring letter case. Among equals the first entry
 * wins. An entry at a distance of more than two is not near, nor one at a
 * distance of two if it or @word has up to four bytes, nor one that @word
 * negates, such as "bind" for "unbind".
 *
 * Returns: the entry of @known, or NULL if none is near.
 *
 * Since: 0.1
 */
const char *lend_nearest(const char *word, const char *const *known,
			 unsigned int count);

/**
 * lend_text_clean() - make text safe to print on a terminal or in JSON
 * @text: text, terminated by NUL; changed in place, and never made longer
 *
 * Names in sysfs come from drivers, devices and firmware. Each control
 * character, newlines included (below U+0020, U+007F to U+009F), each that
 * changes the direction of the text or separates lines (U+061C, U+200E, U+200F,
 * U+2028 to U+202E, U+2066 to U+2069), and each byte that is not part of valid
 * UTF-8 becomes a '?'. The library does this itself to its error records,
 * findings and log messages.
 *
 * Since: 0.1. Source: RFC 3629; ECMA-48, section 5; Unicode
 * Standard Annex 9.
 */
void lend_text_clean(char *text);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
