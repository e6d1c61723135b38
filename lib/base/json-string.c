// SPDX-License-Identifier: MIT
// Decodes a JSON string.

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/json-string.h"
#include "lib/base/utf8.h"

static const char bad_escape[] = "invalid escape";

/* Reads the "uXXXX" at text. */
static const char *json_string_read_unit(const char *text, uint32_t *unit)
{
	char digits[5] = {0};

	if (*text != 'u')
		return bad_escape;
	for (unsigned int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)text[1 + i]))
			return "expected four hexadecimal digits after \\u";
		digits[i] = text[1 + i];
	}
	*unit = (uint32_t)strtoul(digits, NULL, 16);
	return NULL;
}

/* Decodes \uXXXX, or the two that are a surrogate pair, at the first 'u'. */
static const char *json_string_decode_unicode(const char **at, char **to)
{
	uint32_t character, low = 0;
	const char *wrong = json_string_read_unit(*at, &character);
	size_t length = 5;

	if (wrong)
		return wrong;
	if (!character)
		return "\\u0000 is unsupported";
	if (character >= 0xdc00 && character <= 0xdfff)
		return "a low surrogate without a high one";
	if (character >= 0xd800 && character <= 0xdbff) {
		if ((*at)[5] != '\\' || json_string_read_unit(*at + 6, &low) ||
		    low < 0xdc00 || low > 0xdfff)
			return "a high surrogate without a low one";
		character =
			0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
		length = 11;
	}
	*to += utf8_encode(character, *to);
	*at += length;
	return NULL;
}

/* Decodes the escape whose backslash is at *at. */
static const char *json_string_decode_escape(const char **at, char **to)
{
	static const char from[] = "\"'\\/bfnrt", into[] = "\"'\\/\b\f\n\r\t";
	const char *found;

	++*at;
	found = **at ? strchr(from, **at) : NULL;
	if (!found)
		return json_string_decode_unicode(at, to);
	*(*to)++ = into[found - from];
	++*at;
	return NULL;
}

/* Copies the character at *at, which is not escaped. */
static const char *json_string_copy(const char **at, char **to)
{
	uint32_t character;
	size_t length;

	if (!**at)
		return "the string does not end";
	length = utf8_decode(*at, &character);
	if (!length)
		return "invalid UTF-8";
	if (character < 0x20)
		return "control characters in a string must be escaped";
	memcpy(*to, *at, length);
	*at += length;
	*to += length;
	return NULL;
}

const char *json_string_decode(const char **at, char **to)
{
	char quote = *(*at)++;
	const char *wrong = NULL;

	while (!wrong && **at != quote)
		wrong = **at == '\\' ? json_string_decode_escape(at, to)
				     : json_string_copy(at, to);
	*(*to)++ = '\0';
	if (!wrong)
		++*at;
	return wrong;
}
