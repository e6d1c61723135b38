// SPDX-License-Identifier: MIT
// Reads JSON objects: the flat ones that QEMU's options take, and those with
// others in them that peers send.

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lend/json.h>

#include "lib/base/context.h"
#include "lib/base/json-string.h"
#include "lib/base/json.h"

enum { TEXT_MAX = 65536, MEMBERS_MAX = 64 };

struct json {
	struct lend_ctx *ctx;
	const char *option;
	const char *text;
	const char *at;
	char *free;        /* where the next decoded text is written */
	const char *name;  /* of the member that is read; NULL before it */
	const char *value; /* its first byte, for messages; NULL before it */
	const char *names[MEMBERS_MAX];
	unsigned int count;

	int (*member)(void *opaque, const char *name, enum lend_json_type type,
		      const char *value);
	/* Instead of @member: objects, arrays and null are values too. */
	int (*leaf)(void *opaque, const char *const *names, unsigned int depth,
		    enum lend_json_type type, const char *value);
	void *opaque;
	const char *path[JSON_DEPTH_MAX];
	unsigned int depth;
	unsigned int first; /* of the object that is read, in @names */
	bool is_ignored;    /* what is read is in an array */
};

static size_t json_place(const struct json *json, const char *at)
{
	return (size_t)(at - json->text) + 1;
}

static int json_refuse(struct json *json, const char *why)
{
	lend_error_set(json->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s: JSON: byte %zu: %s", json->option,
		       json_place(json, json->at), why);
	if (json->name)
		lend_error_evidence(json->ctx, "in the member \"%s\"",
				    json->name);
	if (*json->at)
		return lend_error_evidence(json->ctx, "at: %.32s", json->at);
	return lend_error_evidence(json->ctx, "at the end of the text");
}

static void json_skip_space(struct json *json)
{
	json->at += strspn(json->at, " \t\r\n");
}

/* Takes the character c, with white space around it. */
static bool json_take(struct json *json, char c)
{
	json_skip_space(json);
	if (*json->at != c)
		return false;
	json->at++;
	json_skip_space(json);
	return true;
}

/* Decodes the string at json->at. */
static int json_take_string(struct json *json, const char **string)
{
	const char *wrong;

	*string = json->free;
	wrong = json_string_decode(&json->at, &json->free);
	return wrong ? json_refuse(json, wrong) : 0;
}

/* Returns the length of the number at text, 0 if there is none. */
static size_t json_number_length(const char *text)
{
	static const char digits[] = "0123456789";
	const char *at = text + (*text == '-');
	size_t count = strspn(at, digits);

	if (!count || (*at == '0' && count > 1))
		return 0;
	at += count;
	if (*at == '.') {
		count = strspn(++at, digits);
		if (!count)
			return 0;
		at += count;
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '+' || *at == '-';
		count = strspn(at, digits);
		if (!count)
			return 0;
		at += count;
	}
	return (size_t)(at - text);
}

/* Copies a literal or number of @length bytes, as @text. */
static const char *json_keep(struct json *json, size_t length, const char *text,
			     size_t size)
{
	char *kept = json->free;

	memcpy(kept, text, size);
	kept[size] = '\0';
	json->free += size + 1;
	json->at += length;
	return kept;
}

/* Words end where no letter or digit follows: "trueish" is none. */
static bool json_is_word(const struct json *json, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(json->at, word, length) &&
	       !strchr("abcdefghijklmnopqrstuvwxyz0123456789_",
		       json->at[length] ? json->at[length] : '_');
}

static int json_refuse_value(struct json *json)
{
	if (*json->at == '{' || *json->at == '[')
		return json_refuse(json, "objects and arrays are unsupported "
					 "as values");
	if (json_is_word(json, "null")) {
		json_refuse(json, "null is unsupported as a value");
		return lend_error_remedy(json->ctx, "leave \"%s\" out",
					 json->name);
	}
	return json_refuse(json, "expected a string, a number, true or false");
}

static int json_take_value(struct json *json, enum lend_json_type *type,
			   const char **value)
{
	size_t length = json_number_length(json->at);

	if (*json->at == '"' || *json->at == '\'') {
		*type = LEND_JSON_STRING;
		return json_take_string(json, value);
	}
	if (length) {
		*type = LEND_JSON_NUMBER;
		*value = json_keep(json, length, json->at, length);
		return 0;
	}
	*type = LEND_JSON_BOOLEAN;
	if (json_is_word(json, "true"))
		*value = json_keep(json, 4, "on", 2);
	else if (json_is_word(json, "false"))
		*value = json_keep(json, 5, "off", 3);
	else
		return json_refuse_value(json);
	return 0;
}

static int json_take_name(struct json *json)
{
	const char *start = json->at;
	const char *name;
	int err;

	json->name = NULL;
	if (*json->at != '"' && *json->at != '\'')
		return json_refuse(json, "expected a name in quotes");
	err = json_take_string(json, &name);
	if (err)
		return err;
	for (unsigned int i = json->first; i < json->count; i++) {
		if (strcmp(json->names[i], name))
			continue;
		json->at = start;
		return json_refuse(json, "the name is given twice");
	}
	if (json->count == MEMBERS_MAX)
		return json_refuse(json, "more than 64 members");
	json->names[json->count++] = json->name = name;
	return json_take(json, ':') ? 0 : json_refuse(json, "expected ':'");
}

static int json_read_scalar(struct json *json)
{
	enum lend_json_type type = LEND_JSON_STRING;
	const char *start = json->at, *value = "";
	int err = json_take_value(json, &type, &value);

	if (err || json->is_ignored)
		return err;
	err = json->leaf ? json->leaf(json->opaque, json->path, json->depth,
				      type, value)
			 : json->member(json->opaque, json->name, type, value);
	if (err)
		lend_error_evidence(json->ctx, "at byte %zu of the JSON object",
				    json_place(json, start));
	return err;
}

static int json_read_any(struct json *json);

static int json_read_elements(struct json *json)
{
	bool is_ignored = json->is_ignored;
	int err = 0;

	json->is_ignored = true;
	if (!json_take(json, ']')) {
		do
			err = json_read_any(json);
		while (!err && json_take(json, ','));
		if (!err && !json_take(json, ']'))
			err = json_refuse(json, "expected ',' or ']'");
	}
	json->is_ignored = is_ignored;
	return err;
}

static int json_read_members(struct json *json)
{
	int err;

	if (json_take(json, '}'))
		return 0;
	do {
		err = json_take_name(json);
		if (err)
			return err;
		json->path[json->depth++] = json->name;
		err = json->leaf ? json_read_any(json) : json_read_scalar(json);
		json->depth--;
		if (err)
			return err;
	} while (json_take(json, ','));
	return json_take(json, '}') ? 0
				    : json_refuse(json, "expected ',' or '}'");
}

/* An object's names are its own: those before it are not compared. */
static int json_read_inner(struct json *json)
{
	unsigned int first = json->first, count = json->count;
	const char *name = json->name;
	int err;

	if (json->depth == JSON_DEPTH_MAX)
		return json_refuse(json, "more than 8 levels");
	json->first = count;
	err = json_read_members(json);
	json->first = first;
	json->count = count;
	if (!err)
		json->name = name;
	return err;
}

static int json_read_any(struct json *json)
{
	int err;

	if (json_take(json, '{'))
		return json_read_inner(json);
	if (*json->at == '[') {
		/* Arrays take a level each, without a name. */
		if (json->depth == JSON_DEPTH_MAX)
			return json_refuse(json, "more than 8 levels");
		json_take(json, '[');
		json->path[json->depth++] = "";
		err = json_read_elements(json);
		json->depth--;
		return err;
	}
	if (json_is_word(json, "null")) {
		json->at += strlen("null");
		return 0;
	}
	return json_read_scalar(json);
}

static int json_read_text(struct json *json)
{
	size_t length = strnlen(json->text, TEXT_MAX + 1);
	char *decoded;
	int err;

	if (length > TEXT_MAX)
		return lend_error_set(json->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      NULL, "%s: JSON: longer than %d bytes",
				      json->option, TEXT_MAX);
	/* No decoded text and its NUL are longer than their spelling: quotes,
	 * or the character that ends a number. */
	decoded = malloc(length + 1);
	if (!decoded)
		return error_no_memory(json->ctx, NULL);
	json->free = decoded;
	err = json_take(json, '{') ? json_read_members(json)
				   : json_refuse(json, "expected '{'");
	json->name = NULL;
	if (!err && *json->at)
		err = json_refuse(json, "text after the object");
	free(decoded);
	return err;
}

int json_read_tree(struct lend_ctx *ctx, const char *peer, const char *text,
		   int (*member)(void *opaque, const char *const *names,
				 unsigned int depth, enum lend_json_type type,
				 const char *value),
		   void *opaque)
{
	struct json json = {.ctx = ctx,
			    .option = peer,
			    .text = text,
			    .at = text,
			    .leaf = member,
			    .opaque = opaque};

	return json_read_text(&json);
}

int lend_json_read(struct lend_ctx *ctx, const char *option, const char *text,
		   int (*member)(void *opaque, const char *name,
				 enum lend_json_type type, const char *value),
		   void *opaque)
{
	struct json json = {.ctx = ctx,
			    .option = option,
			    .text = text,
			    .at = text,
			    .member = member,
			    .opaque = opaque};

	return json_read_text(&json);
}
