// SPDX-License-Identifier: MIT
// Reads JSON of strangers in place: a check of the whole text, then its parts.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/control/reader.h"
#include "vmm/control/string.h"

#define NUMBER_MAX 24 /* bytes of an integer of 64 bits, and more */

struct reader {
	const char *at;
	const char *end;
	unsigned int depth;
};

static const char *reader_check_value(struct reader *r);

static bool reader_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void reader_skip_space(struct reader *r)
{
	while (r->at < r->end && reader_is_space(*r->at))
		r->at++;
}

static char reader_peek(const struct reader *r)
{
	return r->at < r->end ? *r->at : '\0';
}

static bool reader_take(struct reader *r, char c)
{
	reader_skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	reader_skip_space(r);
	return true;
}

static const char *reader_check_string(struct reader *r)
{
	struct string_walk walk = string_begin(r->at, r->end);
	int32_t character;

	do
		character = string_next(&walk);
	while (character >= 0);
	r->at = walk.at;
	return character == STRING_END ? NULL : walk.wrong;
}

static bool reader_skip_digits(struct reader *r)
{
	const char *start = r->at;

	while (reader_peek(r) >= '0' && reader_peek(r) <= '9')
		r->at++;
	return r->at > start;
}

static const char *reader_check_number(struct reader *r)
{
	static const char wrong[] = "invalid number";

	if (reader_peek(r) == '-')
		r->at++;
	if (reader_peek(r) == '0')
		r->at++;
	else if (!reader_skip_digits(r))
		return wrong;
	if (reader_peek(r) == '.') {
		r->at++;
		if (!reader_skip_digits(r))
			return wrong;
	}
	if (reader_peek(r) == 'e' || reader_peek(r) == 'E') {
		r->at++;
		if (reader_peek(r) == '+' || reader_peek(r) == '-')
			r->at++;
		if (!reader_skip_digits(r))
			return wrong;
	}
	return NULL;
}

static bool reader_same(struct reader_value a, struct reader_value b)
{
	struct string_walk left = string_begin(a.start, a.end);
	struct string_walk right = string_begin(b.start, b.end);
	int32_t character;

	do {
		character = string_next(&left);
		if (character != string_next(&right))
			return false;
	} while (character >= 0);
	return true;
}

/* The name of a member, which no other of the object has. */
static const char *reader_check_name(struct reader *r,
				     struct reader_value names[READER_MEMBERS],
				     unsigned int count)
{
	const char *start = r->at, *wrong;

	if (count == READER_MEMBERS)
		return "more than 64 members";
	if (reader_peek(r) != '"' && reader_peek(r) != '\'')
		return "expected a name in quotes";
	wrong = reader_check_string(r);
	names[count] = (struct reader_value){start, r->at};
	for (unsigned int i = 0; !wrong && i < count; i++)
		if (reader_same(names[i], names[count]))
			wrong = "duplicate key";
	if (!wrong && !reader_take(r, ':'))
		wrong = "missing : in object pair";
	return wrong;
}

static const char *reader_check_object(struct reader *r)
{
	struct reader_value names[READER_MEMBERS];
	unsigned int count = 0;
	const char *wrong;

	if (reader_take(r, '}'))
		return NULL;
	do {
		wrong = reader_check_name(r, names, count++);
		if (!wrong)
			wrong = reader_check_value(r);
		if (wrong)
			return wrong;
	} while (reader_take(r, ','));
	return reader_take(r, '}') ? NULL : "expected separator in dict";
}

static const char *reader_check_array(struct reader *r)
{
	const char *wrong;

	if (reader_take(r, ']'))
		return NULL;
	do {
		wrong = reader_check_value(r);
		if (wrong)
			return wrong;
	} while (reader_take(r, ','));
	return reader_take(r, ']') ? NULL : "expected separator in list";
}

static const char *reader_check_nested(struct reader *r)
{
	const char *wrong;
	bool is_object = *r->at == '{';

	if (r->depth == READER_DEPTH)
		return "nested deeper than 16 levels";
	r->depth++;
	r->at++;
	reader_skip_space(r);
	wrong = is_object ? reader_check_object(r) : reader_check_array(r);
	r->depth--;
	return wrong;
}

/* A word ends where no other character of words follows. */
static const char *reader_check_word(struct reader *r)
{
	static const char *const words[] = {"true", "false", "null"};
	const char *start = r->at;
	size_t length;

	while ((reader_peek(r) >= 'a' && reader_peek(r) <= 'z') ||
	       (reader_peek(r) >= 'A' && reader_peek(r) <= 'Z'))
		r->at++;
	length = (size_t)(r->at - start);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length &&
		    !memcmp(start, words[i], length))
			return NULL;
	return length ? "invalid keyword" : "expecting value";
}

static const char *reader_check_value(struct reader *r)
{
	char c = reader_peek(r);

	if (c == '{' || c == '[')
		return reader_check_nested(r);
	if (c == '"' || c == '\'')
		return reader_check_string(r);
	if (c == '-' || (c >= '0' && c <= '9'))
		return reader_check_number(r);
	return reader_check_word(r);
}

const char *reader_check(const char *text, size_t length,
			 struct reader_value *value)
{
	struct reader r = {.at = text, .end = text + length};
	const char *wrong;

	reader_skip_space(&r);
	value->start = r.at;
	wrong = reader_check_value(&r);
	value->end = r.at;
	reader_skip_space(&r);
	return wrong || r.at == r.end ? wrong : "text after the value";
}

enum reader_kind reader_kind(struct reader_value value)
{
	if (!value.start)
		return READER_NONE;
	switch (*value.start) {
	case '{':
		return READER_OBJECT;
	case '[':
		return READER_ARRAY;
	case '"':
	case '\'':
		return READER_STRING;
	case 't':
	case 'f':
		return READER_BOOLEAN;
	case 'n':
		return READER_NULL;
	default:
		return READER_NUMBER;
	}
}

/* The checked text shows where each value ends. */
static struct reader_value reader_value_at(struct reader *r)
{
	struct reader_value value = {.start = r->at};

	reader_check_value(r);
	value.end = r->at;
	return value;
}

struct reader_walk reader_begin(struct reader_value container)
{
	return (struct reader_walk){
		.at = container.start + 1,
		.end = container.end,
		.has_names = *container.start == '{',
	};
}

/* A checked container has its closing bracket behind the last entry. */
bool reader_next(struct reader_walk *walk, struct reader_value *name,
		 struct reader_value *value)
{
	struct reader r = {.at = walk->at, .end = walk->end};

	reader_take(&r, ',');
	reader_skip_space(&r);
	if (reader_peek(&r) == '}' || reader_peek(&r) == ']')
		return false;
	*name = (struct reader_value){0};
	if (walk->has_names) {
		*name = reader_value_at(&r);
		reader_take(&r, ':');
	}
	*value = reader_value_at(&r);
	walk->at = r.at;
	return true;
}

struct reader_value reader_find(struct reader_value object, const char *name)
{
	struct reader_walk walk = reader_begin(object);
	struct reader_value key, value;

	while (reader_next(&walk, &key, &value))
		if (reader_is(key, name))
			return value;
	return (struct reader_value){0};
}

bool reader_is(struct reader_value string, const char *text)
{
	struct string_walk walk = string_begin(string.start, string.end);
	char utf8[STRING_UTF8_MAX];
	int32_t character;

	while ((character = string_next(&walk)) >= 0) {
		size_t length = string_encode(character, utf8);

		if (strncmp(text, utf8, length) || !character)
			return false;
		text += length;
	}
	return !*text;
}

bool reader_copy(struct reader_value string, char *text, size_t size)
{
	struct string_walk walk = string_begin(string.start, string.end);
	char utf8[STRING_UTF8_MAX];
	int32_t character;
	size_t used = 0;

	while ((character = string_next(&walk)) >= 0) {
		size_t length = string_encode(character, utf8);

		if (!character || used + length >= size)
			return false;
		memcpy(text + used, utf8, length);
		used += length;
	}
	text[used] = '\0';
	return true;
}

bool reader_integer(struct reader_value number, int64_t *result)
{
	size_t length = (size_t)(number.end - number.start);
	char text[NUMBER_MAX + 1] = "";
	char *end;

	if (reader_kind(number) != READER_NUMBER || length > NUMBER_MAX)
		return false;
	memcpy(text, number.start, length);
	errno = 0;
	*result = strtoll(text, &end, 10);
	return !errno && !*end;
}

bool reader_boolean(struct reader_value value, bool *result)
{
	*result = reader_kind(value) == READER_BOOLEAN && *value.start == 't';
	return reader_kind(value) == READER_BOOLEAN;
}
