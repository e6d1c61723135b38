// SPDX-License-Identifier: MIT
// Facts as JSON objects, for --json and as the source of all text.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/text.h>

#include "cli/json.h"

static struct json_object *new_text(const char *text, size_t length)
{
	char *copy = strndup(text, length);
	struct json_object *string;

	if (!copy)
		return NULL;
	lend_text_clean(copy);
	string = json_object_new_string(copy);
	free(copy);
	return string;
}

struct json_object *json_new_text(const char *text)
{
	return new_text(text, strlen(text));
}

void json_add(struct json_object *object, const char *key,
	      struct json_object *value)
{
	json_object_object_add(object, key, value);
}

void json_add_text(struct json_object *object, const char *key,
		   const char *text)
{
	json_add(object, key, text ? json_new_text(text) : NULL);
}

void json_add_number(struct json_object *object, const char *key,
		     int64_t number)
{
	json_add(object, key, json_object_new_int64(number));
}

void json_add_bool(struct json_object *object, const char *key, bool is_so)
{
	json_add(object, key, json_object_new_boolean(is_so));
}

void json_add_lines(struct json_object *object, const char *key,
		    const char *text)
{
	struct json_object *lines = json_object_new_array();

	while (*text) {
		size_t length = strcspn(text, "\n");

		json_object_array_add(lines, new_text(text, length));
		text += length + (text[length] == '\n');
	}
	json_add(object, key, lines);
}

struct json_object *json_get(const struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

const char *json_text(const struct json_object *object, const char *key)
{
	struct json_object *value = json_get(object, key);

	return value ? json_object_get_string(value) : "";
}

int64_t json_number(const struct json_object *object, const char *key)
{
	struct json_object *value = json_get(object, key);

	return value ? json_object_get_int64(value) : -1;
}

bool json_is(const struct json_object *object, const char *key)
{
	return json_object_get_boolean(json_get(object, key));
}

size_t json_length(const struct json_object *array)
{
	return json_object_is_type(array, json_type_array)
		       ? json_object_array_length(array)
		       : 0;
}

struct json_object *json_at(const struct json_object *array, size_t i)
{
	return i < json_length(array) ? json_object_array_get_idx(array, i)
				      : NULL;
}

void json_print(struct json_object *document)
{
	puts(json_object_to_json_string_ext(
		document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}
