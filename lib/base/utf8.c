// SPDX-License-Identifier: MIT
// Decodes and encodes characters as UTF-8.

#include "lib/base/utf8.h"

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

size_t utf8_decode(const char *text, uint32_t *character)
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

size_t utf8_encode(uint32_t character, char *text)
{
	size_t length = 0;

	/* The form of the next length begins where this one ends. */
	while (length + 1 < FORMS && character >= forms[length + 1].least)
		length++;
	for (size_t i = length; i; i--) {
		text[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	text[0] = (char)(forms[length].first | character);
	return length + 1;
}
