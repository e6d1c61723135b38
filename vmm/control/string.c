// SPDX-License-Identifier: MIT
// The characters of a JSON string.
#include <stdbool.h>
#include <string.h>

#include "vmm/control/string.h"

#define SURROGATES     0xd800
#define SURROGATES_LOW 0xdc00
#define SURROGATES_END 0xe000
#define UNICODE_END    0x110000

struct string_walk string_begin(const char *at, const char *end)
{
	return (struct string_walk){.at = at + 1, .end = end, .quote = *at};
}

static int32_t string_refuse(struct string_walk *walk, const char *why)
{
	walk->wrong = why;
	return STRING_WRONG;
}

static int string_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;
	int value = found ? (int)(found - digits) : -1;

	return value < 16 ? value : value - 6;
}

/* The four digits of \uXXXX; -1 if there are fewer. */
static int32_t string_unit(struct string_walk *walk)
{
	int32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = walk->at < walk->end ? string_digit(*walk->at) : -1;

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
		walk->at++;
	}
	return unit;
}

/* Behind \u. Characters beyond 16 bits are two units. */
static int32_t string_unicode(struct string_walk *walk)
{
	int32_t high = string_unit(walk), low = -1;

	if (high < 0)
		return string_refuse(walk, "invalid escape");
	if (high < SURROGATES || high >= SURROGATES_END)
		return high;
	if (high < SURROGATES_LOW && walk->end - walk->at > 2 &&
	    !memcmp(walk->at, "\\u", 2)) {
		walk->at += 2;
		low = string_unit(walk);
	}
	if (low < SURROGATES_LOW || low >= SURROGATES_END)
		return string_refuse(walk, "a surrogate without the other");
	return 0x10000 + ((high - SURROGATES) << 10) + (low - SURROGATES_LOW);
}

static int32_t string_escape(struct string_walk *walk)
{
	static const char names[] = "\"'\\/bfnrt";
	static const char values[] = "\"'\\/\b\f\n\r\t";
	char c = walk->at < walk->end ? *walk->at++ : '\0';
	const char *found = c ? strchr(names, c) : NULL;

	if (found)
		return values[found - names];
	return c == 'u' ? string_unicode(walk)
			: string_refuse(walk, "invalid escape");
}

/* A character of several bytes; its shortest form alone is valid. */
static int32_t string_decode(struct string_walk *walk, unsigned char first)
{
	static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
	int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	int32_t character = first & (0x3f >> more);

	if (first < 0xc0 || first >= 0xf8 || walk->end - walk->at < more)
		return string_refuse(walk, "invalid UTF-8");
	for (int i = 0; i < more; i++) {
		unsigned char next = (unsigned char)*walk->at++;

		if ((next & 0xc0) != 0x80)
			return string_refuse(walk, "invalid UTF-8");
		character = character << 6 | (next & 0x3f);
	}
	if (character < least[more] || character >= UNICODE_END ||
	    (character >= SURROGATES && character < SURROGATES_END))
		return string_refuse(walk, "invalid UTF-8");
	return character;
}

int32_t string_next(struct string_walk *walk)
{
	unsigned char c;

	if (walk->at >= walk->end)
		return string_refuse(walk, "the string does not end");
	c = (unsigned char)*walk->at++;
	if (c == (unsigned char)walk->quote)
		return STRING_END;
	if (c == '\\')
		return string_escape(walk);
	if (c < 0x20)
		return string_refuse(walk, "control character in a string");
	return c < 0x80 ? c : string_decode(walk, c);
}

size_t string_encode(int32_t character, char utf8[STRING_UTF8_MAX])
{
	static const unsigned char marks[] = {0, 0xc0, 0xe0, 0xf0};
	size_t more = character < 0x80      ? 0
		      : character < 0x800   ? 1
		      : character < 0x10000 ? 2
					    : 3;

	for (size_t i = more; i > 0; i--) {
		utf8[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	utf8[0] = (char)(marks[more] | (unsigned char)character);
	return more + 1;
}
