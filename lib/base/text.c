// SPDX-License-Identifier: MIT
// Suggests the nearest known word for a mistyped one.

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <lend/text.h>

enum { WORD_MAX = 64, SHORT_WORD = 4 };

static bool text_same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned int text_least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: edits, with a swap of neighbours as one. */
static unsigned int text_distance(const char *a, unsigned int a_size,
				  const char *b, unsigned int b_size)
{
	unsigned int rows[3][WORD_MAX + 1];

	for (unsigned int j = 0; j <= b_size; j++)
		rows[0][j] = j;
	for (unsigned int i = 1; i <= a_size; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i + 2) % 3];
		const unsigned int *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned int j = 1; j <= b_size; j++) {
			unsigned int cost =
				!text_same_letter(a[i - 1], b[j - 1]);

			row[j] = text_least(above[j - 1] + cost,
					    text_least(above[j], row[j - 1]) +
						    1);
			if (i > 1 && j > 1 &&
			    text_same_letter(a[i - 1], b[j - 2]) &&
			    text_same_letter(a[i - 2], b[j - 1]))
				row[j] = text_least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_size % 3][b_size];
}

/* Whether a word is another one after a prefix that turns it round: what was
 * meant is then anything but that. */
static bool text_is_negation(const char *word, const char *of)
{
	static const char *const prefixes[] = {"un",  "no-", "no",
					       "dis", "de",  "non"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);

		if (!strncasecmp(word, prefixes[i], length) &&
		    !strcasecmp(word + length, of))
			return true;
	}
	return false;
}

/* In a short word two edits leave nothing of what was typed. */
static unsigned int text_edits_allowed(unsigned int a_size, unsigned int b_size)
{
	return text_least(a_size, b_size) > SHORT_WORD ? 2 : 1;
}

const char *lend_nearest(const char *word, const char *const *known,
			 unsigned int count)
{
	unsigned int size = strnlen(word, WORD_MAX);
	unsigned int best = UINT_MAX;
	const char *nearest = NULL;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int known_size = strnlen(known[i], WORD_MAX);
		unsigned int n =
			text_distance(word, size, known[i], known_size);

		if (n >= best || n > text_edits_allowed(size, known_size) ||
		    n >= text_least(size, known_size) ||
		    text_is_negation(word, known[i]) ||
		    text_is_negation(known[i], word))
			continue;
		best = n;
		nearest = known[i];
	}
	return nearest;
}
