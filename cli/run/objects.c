// SPDX-License-Identifier: MIT
// Parses the -object options of `lend run`: iommufds that devices refer to by
// ID.

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/error.h>
#include <lend/text.h>

#include "cli/no-memory.h"
#include "cli/run/keys.h"
#include "cli/run/objects.h"
#include "cli/run/words.h"
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

static int objects_refuse_kind(struct lend_ctx *ctx, const char *kind)
{
	static const char *const known[] = {"iommufd"};

	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-object %s: such objects are unsupported", kind);
	if (lend_nearest(kind, known, 1))
		return lend_error_remedy(ctx, FORM);
	return lend_error_remedy(ctx, "remove it; for guest memory use "
				      "-mem-path and -mem-prealloc");
}

static int objects_refuse_no_kind(struct lend_ctx *ctx)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-object: no member \"" TYPE "\"");
	return lend_error_remedy(ctx, FORM);
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

struct objects_parsing {
	struct run_objects *objects;
	struct run_object object;
	struct lend_ctx *ctx;
};

static int objects_set_iommufd(void *opaque, const char *name,
			       const char *value)
{
	struct objects_parsing *parsing = opaque;

	if (!strcmp(name, TYPE))
		return 0;
	return objects_set_property(&parsing->object, parsing->ctx, name,
				    value);
}

static int objects_skip_property(void *opaque, const char *name,
				 const char *value)
{
	(void)opaque;
	(void)name;
	(void)value;
	return 0;
}

/* What a memory backend asks for beside memory of -m's size. */
static int objects_set_memory(void *opaque, const char *name, const char *value)
{
	struct objects_parsing *parsing = opaque;
	bool is_on = !value || run_keys_is_listed("on|yes|true|y", value);

	if (!strcmp(name, "prealloc"))
		parsing->objects->prealloc |= is_on;
	if (!strcmp(name, "hugetlb") && is_on) {
		lend_error_set(parsing->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-object memory backend: hugetlb=on is "
			       "unsupported");
		return lend_error_remedy(parsing->ctx,
					 "use -mem-path /dev/hugepages");
	}
	if (!strcmp(name, "host-nodes") || !strcmp(name, "policy")) {
		lend_error_set(parsing->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-object memory backend: %s= is unsupported",
			       name);
		return lend_error_remedy(parsing->ctx,
					 "start lend run with numactl(8)");
	}
	return 0;
}

/* The kinds of objects. Nothing here uses those that are skipped. */
static const struct {
	const char *names;
	int (*set)(void *opaque, const char *name, const char *value);
} kinds[] = {
	{"iommufd", objects_set_iommufd},
	{"memory-backend-ram|memory-backend-memfd", objects_set_memory},
	{"secret|secret_keyring|tls-creds-*|tls-cipher-suites|authz-*|iothread|"
	 "main-loop|thread-context|throttle-group|rng-*",
	 objects_skip_property},
};

/* The type, which may come last, says what the properties are. */
static int objects_parse(struct objects_parsing *parsing, const char *text)
{
	char *kind = run_words_get(parsing->ctx, text, TYPE, TYPE);
	int (*set)(void *opaque, const char *name, const char *value) =
		objects_skip_property;
	bool is_known = false;
	int err;

	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!run_keys_is_listed(kinds[i].names, kind))
			continue;
		is_known = true;
		set = kinds[i].set;
	}
	err = run_words_each(parsing->ctx, "-object", text, TYPE, set, parsing);
	if (!err && !kind)
		err = objects_refuse_no_kind(parsing->ctx);
	if (!err && !is_known)
		err = objects_refuse_kind(parsing->ctx, kind);
	if (!err && set == objects_set_iommufd && !parsing->object.id)
		err = objects_refuse(parsing->ctx, "missing property", "id");
	free(kind);
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
	struct objects_parsing parsing = {objects, {.fd = -1}, ctx};
	struct run_object *list;
	int err = objects_parse(&parsing, text);

	if (err || !parsing.object.id) {
		free(parsing.object.id);
		return err;
	}
	list = reallocarray(objects->list, objects->count + 1, sizeof(*list));
	if (!list) {
		free(parsing.object.id);
		return cli_no_memory(ctx);
	}
	objects->list = list;
	list[objects->count++] = parsing.object;
	return objects_check_repeat(objects, ctx);
}

void run_objects_free(struct run_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		free(objects->list[i].id);
	free(objects->list);
	*objects = (struct run_objects){};
}
