// SPDX-License-Identifier: MIT
// Parses the -object options of `lend run`: iommufds that devices refer to by
// ID.

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/error.h>
#include <lend/json.h>
#include <lend/text.h>

#include "cli/no-memory.h"
#include "cli/run/objects.h"
#include "cli/values.h"

#define TYPE "qom-type"
#define FORM "-object iommufd,id=ID[,fd=NUMBER]"

static const char *const keys[] = {"id", "fd"};

static int objects_refuse(struct lend_ctx *ctx, const char *fact,
			  const char *text)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-object iommufd: %s '%s'", fact, text);
	return lend_error_remedy(ctx, FORM);
}

static int refuse_key(struct lend_ctx *ctx, const char *key)
{
	const char *nearest;

	nearest = lend_nearest(key, keys, sizeof(keys) / sizeof(keys[0]));
	if (!nearest)
		return objects_refuse(ctx, "unknown property", key);
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-object iommufd: unknown property '%s'", key);
	return lend_error_remedy(ctx, "%s is the nearest", nearest);
}

static int check_kind(struct lend_ctx *ctx, const char *kind)
{
	static const char *const known[] = {"iommufd"};

	if (!strcmp(kind, known[0]))
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-object %s: only iommufd objects are supported", kind);
	if (lend_nearest(kind, known, 1))
		return lend_error_remedy(ctx, FORM);
	return lend_error_remedy(
		ctx, "for guest memory use -mem-path and -mem-prealloc");
}

/* IDs that devices can refer to with iommufd=. */
static int objects_check_id(struct lend_ctx *ctx, const char *id)
{
	const char *at = id;

	while (isalnum((unsigned char)*at) || (*at && strchr("-._", *at)))
		at++;
	if (isalpha((unsigned char)*id) && !*at)
		return 0;
	objects_refuse(ctx, "invalid id", id);
	return lend_error_evidence(ctx, "an id is a letter, followed by "
					"letters, digits, '-', '.' and '_'");
}

static int objects_set_property(struct run_object *object, struct lend_ctx *ctx,
				const char *key, const char *value)
{
	int err;

	if (strcmp(key, "id") && strcmp(key, "fd"))
		return refuse_key(ctx, key);
	if (!value)
		return objects_refuse(ctx, "no value for property", key);
	if (*key == 'f' ? object->fd >= 0 : object->id != NULL)
		return objects_refuse(ctx, "property given twice:", key);
	if (*key == 'f')
		return value_descriptor(ctx, "-object iommufd: fd", value,
					&object->fd);
	err = objects_check_id(ctx, value);
	if (err)
		return err;
	object->id = strdup(value);
	return object->id ? 0 : cli_no_memory(ctx);
}

/* No valid value has a comma, so none needs to be escaped. */
static int objects_parse_words(struct run_object *object, struct lend_ctx *ctx,
			       char *text)
{
	const char *kind = strsep(&text, ",");
	int err;

	if (!strncmp(kind, TYPE "=", strlen(TYPE "=")))
		kind += strlen(TYPE "=");
	err = check_kind(ctx, kind);
	while (!err && text) {
		char *value = strsep(&text, ",");
		const char *key = strsep(&value, "=");

		err = objects_set_property(object, ctx, key, value);
	}
	return err;
}

struct objects_json {
	struct lend_ctx *ctx;
	struct run_object *object;
	bool has_kind;
};

static int objects_json_kind(void *opaque, const char *name,
			     enum lend_json_type type, const char *value)
{
	struct objects_json *json = opaque;

	(void)type;
	if (strcmp(name, TYPE))
		return 0;
	json->has_kind = true;
	return check_kind(json->ctx, value);
}

static int objects_json_property(void *opaque, const char *name,
				 enum lend_json_type type, const char *value)
{
	struct objects_json *json = opaque;

	(void)type;
	if (!strcmp(name, TYPE))
		return 0;
	return objects_set_property(json->object, json->ctx, name, value);
}

/* The type, which may come last, says what the properties are. */
static int objects_parse_json(struct run_object *object, struct lend_ctx *ctx,
			      const char *text)
{
	struct objects_json json = {.ctx = ctx, .object = object};
	int err =
		lend_json_read(ctx, "-object", text, objects_json_kind, &json);

	if (!err && !json.has_kind) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-object: JSON: no member \"" TYPE "\"");
		return lend_error_remedy(ctx, "{\"" TYPE "\":\"iommufd\","
					      "\"id\":\"ID\"}");
	}
	return err ? err
		   : lend_json_read(ctx, "-object", text, objects_json_property,
				    &json);
}

static int objects_parse(struct run_object *object, struct lend_ctx *ctx,
			 char *text)
{
	int err;

	if (text[strspn(text, " \t\r\n")] == '{')
		err = objects_parse_json(object, ctx, text);
	else
		err = objects_parse_words(object, ctx, text);
	if (!err && !object->id)
		err = objects_refuse(ctx, "missing property", "id");
	return err;
}

static int objects_check_repeat(const struct run_objects *objects,
				struct lend_ctx *ctx)
{
	const struct run_object *new = &objects->list[objects->count - 1];

	for (const struct run_object *old = objects->list; old < new; old++)
		if (!strcmp(old->id, new->id))
			return objects_refuse(ctx, "duplicate id", new->id);
	return 0;
}

int run_objects_add(struct run_objects *objects, struct lend_ctx *ctx,
		    const char *text)
{
	struct run_object object = {.fd = -1};
	struct run_object *list;
	char *copy = strdup(text);
	int err;

	list = reallocarray(objects->list, objects->count + 1, sizeof(*list));
	if (list)
		objects->list = list;
	err = copy && list ? objects_parse(&object, ctx, copy)
			   : cli_no_memory(ctx);
	free(copy);
	if (err) {
		free(object.id);
		return err;
	}
	list[objects->count++] = object;
	return objects_check_repeat(objects, ctx);
}

void run_objects_free(struct run_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		free(objects->list[i].id);
	free(objects->list);
	*objects = (struct run_objects){};
}
