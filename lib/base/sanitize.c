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

void lend_text_clean(char *text)
{
	char *to = text;

	while (*text) {
		uint32_t character = 0;
		size_t length = utf8_decode(text, &character);

		if (!length || is_control(character)) {
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
