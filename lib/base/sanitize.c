// SPDX-License-Identifier: MIT
// Makes text from outside safe to print.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lend/text.h>

#include "lib/base/utf8.h"

static int is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character <= 0x9f);
}

/* Characters that change the direction of the text around them, or end its
 * line: what is shown would not be what is meant (Unicode Standard Annex 9). */
static int sanitize_is_bidi(uint32_t character)
{
	return character == 0x061c || character == 0x200e ||
	       character == 0x200f ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069);
}

void lend_text_clean(char *text)
{
	char *to = text;

	while (*text) {
		uint32_t character = 0;
		size_t length = utf8_decode(text, &character);

		if (!length || is_control(character) ||
		    sanitize_is_bidi(character)) {
			*to++ = '?';
			text += length ? length : 1;
			continue;
		}
		memmove(to, text, length);
		to += length;
		text += length;
	}
	*to = '\0';
}
