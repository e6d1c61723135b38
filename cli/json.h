/* SPDX-License-Identifier: MIT */
/* Facts as JSON objects: what --json prints, and what text is made from. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

/* A string, of names from sysfs too: what would make it no JSON, or do anything
 * to a terminal, is replaced by '?'. */
struct json_object *json_new_text(const char *text);

/* Add a member. json_add_text() adds null for NULL; json_add_lines() an array
 * of the lines of a text. What is added belongs to the object then. */
void json_add(struct json_object *object, const char *key,
	      struct json_object *value);
void json_add_text(struct json_object *object, const char *key,
		   const char *text);
void json_add_number(struct json_object *object, const char *key,
		     int64_t number);
void json_add_bool(struct json_object *object, const char *key, bool is_so);
void json_add_lines(struct json_object *object, const char *key,
		    const char *text);

/* Members by key: "", -1, false or NULL where there is none. */
const char *json_text(const struct json_object *object, const char *key);
int64_t json_number(const struct json_object *object, const char *key);
bool json_is(const struct json_object *object, const char *key);
struct json_object *json_get(const struct json_object *object, const char *key);

/* Entries of an array; 0 and NULL where it is none. */
size_t json_length(const struct json_object *array);
struct json_object *json_at(const struct json_object *array, size_t i);

/* Prints a document to stdout and drops it. */
void json_print(struct json_object *document);

#endif
