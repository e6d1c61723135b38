/* SPDX-License-Identifier: MIT */
/* Facts as JSON objects, for --json and as the source of all text. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

/* A string, possibly from sysfs: invalid UTF-8 and what a terminal would act on
 * is replaced by '?'. */
struct json_object *json_new_text(const char *text);

/* Add a member. json_add_text() adds null for NULL; json_add_lines() adds an
 * array of the lines of a text. The object takes ownership. */
void json_add(struct json_object *object, const char *key,
	      struct json_object *value);
void json_add_text(struct json_object *object, const char *key,
		   const char *text);
void json_add_number(struct json_object *object, const char *key,
		     int64_t number);
void json_add_bool(struct json_object *object, const char *key, bool is_so);
void json_add_lines(struct json_object *object, const char *key,
		    const char *text);

/* Members by key: "", -1, false or NULL if there is none. */
const char *json_text(const struct json_object *object, const char *key);
int64_t json_number(const struct json_object *object, const char *key);
bool json_is(const struct json_object *object, const char *key);
struct json_object *json_get(const struct json_object *object, const char *key);

/* Entries of an array; 0 and NULL if it is not an array. */
size_t json_length(const struct json_object *array);
struct json_object *json_at(const struct json_object *array, size_t i);

/* Prints a document to stdout and releases it. */
void json_print(struct json_object *document);

#endif
