// SPDX-License-Identifier: MIT
// Facts as JSON objects, for --json and as the source of all text.

#include <inttypes.h>
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

struct json_object *json_new_document(void)
{
	struct json_object *document = json_object_new_object();

	json_add_number(document, "version", JSON_VERSION);
	return document;
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
	json_add(object, key, text && *text ? json_new_text(text) : NULL);
}

void json_add_number(struct json_object *object, const char *key,
		     int64_t number)
{
	json_add(object, key, json_object_new_int64(number));
}

void json_add_address(struct json_object *object, const char *key,
		      uint64_t address)
{
	json_add(object, key, json_object_new_uint64(address));
}

void json_add_bool(struct json_object *object, const char *key, bool is_so)
{
	json_add(object, key, json_object_new_boolean(is_so));
}

/* Adds an array of what is between the separators, of which only those of
 * lines may follow one another. */
static void json_add_split(struct json_object *object, const char *key,
			   const char *text, char separator)
{
	const char end[] = {separator, '\0'};
	struct json_object *parts = json_object_new_array();

	while (*text) {
		size_t length = strcspn(text, end);

		if (length || separator == '\n')
			json_object_array_add(parts, new_text(text, length));
		text += length + (text[length] == separator);
	}
	json_add(object, key, parts);
}

void json_add_lines(struct json_object *object, const char *key,
		    const char *text)
{
	json_add_split(object, key, text, '\n');
}

void json_add_words(struct json_object *object, const char *key,
		    const char *text)
{
	json_add_split(object, key, text, ' ');
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

uint64_t json_address(const struct json_object *object, const char *key)
{
	return json_object_get_uint64(json_get(object, key));
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

struct json_hex json_hex(const struct json_object *object, const char *key,
			 const char *otherwise)
{
	struct json_hex hex;

	if (json_get(object, key))
		snprintf(hex.text, sizeof(hex.text), "0x%" PRIx64,
			 json_address(object, key));
	else
		snprintf(hex.text, sizeof(hex.text), "%s", otherwise);
	return hex;
}

void json_join(const struct json_object *array, const char *separator,
	       char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < json_length(array) && length < size; i++)
		length += (size_t)snprintf(
			text + length, size - length, "%s%s",
			i ? separator : "",
			json_object_get_string(json_at(array, i)));
}

void json_print(struct json_object *document)
{
	puts(json_object_to_json_string_ext(
		document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}
