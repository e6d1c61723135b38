/* SPDX-License-Identifier: MIT */
/* Facts as JSON objects, for --json and as the source of all text. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

/* Version of the documents' form, their member "version": a release that
 * changes or removes a member adds one. cli/lend.schema.json describes the
 * form. */
enum { JSON_VERSION = 1 };

/* A document: what a command prints with --json. */
struct json_object *json_new_document(void);

/* A string, possibly from sysfs: invalid UTF-8 and what a terminal would act on
 * is replaced by '?'. */
struct json_object *json_new_text(const char *text);

/* Add a member. json_add_text() adds null for NULL and for "", which is what an
 * unknown name is; json_add_lines() adds an array of the lines of a text, and
 * json_add_words() one of its words. The object takes ownership. */
void json_add(struct json_object *object, const char *key,
	      struct json_object *value);
void json_add_text(struct json_object *object, const char *key,
		   const char *text);
void json_add_number(struct json_object *object, const char *key,
		     int64_t number);
void json_add_address(struct json_object *object, const char *key,
		      uint64_t address);
void json_add_bool(struct json_object *object, const char *key, bool is_so);
void json_add_lines(struct json_object *object, const char *key,
		    const char *text);
void json_add_words(struct json_object *object, const char *key,
		    const char *text);

/* Members by key: "", -1, false or NULL if there is none. */
const char *json_text(const struct json_object *object, const char *key);
int64_t json_number(const struct json_object *object, const char *key);
uint64_t json_address(const struct json_object *object, const char *key);
bool json_is(const struct json_object *object, const char *key);
struct json_object *json_get(const struct json_object *object, const char *key);

/* Entries of an array; 0 and NULL if it is not an array. */
size_t json_length(const struct json_object *array);
struct json_object *json_at(const struct json_object *array, size_t i);

struct json_hex {
	char text[32];
};

/* An address as text, "0xfe000000", or @otherwise if it is null. */
struct json_hex json_hex(const struct json_object *object, const char *key,
			 const char *otherwise);

/* Writes the strings of an array with a separator between them, cut to @size
 * bytes; "" if it has none. */
void json_join(const struct json_object *array, const char *separator,
	       char *text, size_t size);

/* Prints a document to stdout and releases it. */
void json_print(struct json_object *document);

#endif
