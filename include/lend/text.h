/* SPDX-License-Identifier: MIT */
/* Words that people mistype. */
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

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
