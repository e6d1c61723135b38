/* SPDX-License-Identifier: MIT */
/* Words that people mistype, and texts that people are shown. */
#ifndef LEND_TEXT_H
#define LEND_TEXT_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_nearest() - the known word that a mistyped one was meant to be
 * @word:  what was typed; only its first 64 bytes are looked at
 * @known: the known words
 * @count: how many
 *
 * Fewest letters inserted, left out, exchanged or swapped with their neighbour
 * wins, letter case aside; among equals, the first.
 *
 * Returns: the entry of @known, or NULL where none is near enough to be worth
 * telling.
 *
 * Since: 0.1
 */
const char *lend_nearest(const char *word, const char *const *known,
			 unsigned int count);

/**
 * lend_text_clean() - make a text fit to be shown on a terminal, or in JSON
 * @text: text, ended by NUL; changed in place
 *
 * What sysfs calls things is what a driver, a device or its firmware made of
 * it. Each control character (below U+0020, U+007F to U+009F), newlines
 * included, becomes a '?', and so does each byte that is no part of UTF-8. The
 * library does so itself with its error records, findings and messages.
 *
 * Returns: nothing; @text is never longer than it was.
 *
 * Since: 0.1. Source: RFC 3629; ECMA-48, section 5.
 */
void lend_text_clean(char *text);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
