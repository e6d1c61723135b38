// SPDX-License-Identifier: MIT
// Makes text from outside safe to print.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lend/text.h>

/* The forms of UTF-8 by length: mask and value of the first byte, and the least
 * character, since an overlong form is invalid. */
static const struct {
	uint8_t mask;
	uint8_t first;
	uint32_t least;
} forms[] = {
	{0x80, 0x00, 0},
	{0xe0, 0xc0, 0x80},
	{0xf0, 0xe0, 0x800},
	{0xf8, 0xf0, 0x10000},
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* Returns the length of the character at text, which is not at its end; 0 if it
 * is not UTF-8. A NUL is never a continuation byte. */
static size_t text_take_character(const char *text, uint32_t *character)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t length = 0;

	while (length < FORMS &&
	       (at[0] & forms[length].mask) != forms[length].first)
		length++;
	if (length == FORMS)
		return 0;
	*character = at[0] & (uint8_t)~forms[length].mask;
	for (size_t i = 1; i <= length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (at[i] & 0x3f);
	}
	if (*character < forms[length].least || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return length + 1;
}

static int is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character <= 0x9f);
}

void lend_text_clean(char *text)
{
	char *to = text;

	while (*text) {
		uint32_t character = 0;
		size_t length = text_take_character(text, &character);

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
