// SPDX-License-Identifier: MIT
// `-device` as a JSON object, as libvirt writes it.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/json.h>

#include "lib/address/spec.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/json.h"

struct spec_json {
	struct lend_ctx *ctx;
	const char *driver; /* NULL until it is found */
	char *free;         /* where the next value is written */
	struct lend_spec *spec;
};

bool spec_is_json(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '{';
}

static const char *spec_json_keep(struct spec_json *json, const char *value)
{
	char *kept = json->free;

	json->free = stpcpy(kept, value) + 1;
	return kept;
}

static int spec_json_find_driver(void *opaque, const char *const *names,
				 unsigned int depth, enum lend_json_type type,
				 const char *value)
{
	struct spec_json *json = opaque;

	if (depth != 1 || strcmp(names[0], "driver"))
		return 0;
	if (type != LEND_JSON_STRING)
		return lend_error_set(json->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      NULL,
				      "-device: \"driver\" must be a "
				      "string");
	json->driver = spec_json_keep(json, value);
	return 0;
}

/* Whether the values of a property can be such a number or boolean: its check
 * accepts one, and does not accept just any word. */
static bool spec_json_fits(const struct property *property,
			   enum lend_json_type type)
{
	const char *sample = type == LEND_JSON_NUMBER ? "1" : "on";

	return !property->check(sample) && property->check("word");
}

/* QEMU reads a string as a slot in hexadecimal, but a number as both parts in
 * one. */
static int spec_json_refuse_slot(const struct lend_spec *spec,
				 const char *value)
{
	unsigned long devfn = strtoul(value, NULL, 10);

	lend_error_set(spec->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-device %s: \"addr\" must be a string",
		       spec->front_end->name);
	if (value_check_number(value) || devfn > 0xff)
		return lend_error_remedy(spec->ctx, "\"addr\":\"0x2.0x0\"");
	lend_error_evidence(spec->ctx,
			    "QEMU takes the number %s for 8 * SLOT + FUNCTION",
			    value);
	return lend_error_remedy(spec->ctx, "\"addr\":\"0x%lx.0x%lx\"",
				 devfn >> 3, devfn & 7);
}

static int spec_json_refuse_type(const struct lend_spec *spec,
				 const struct property *property,
				 enum lend_json_type type, const char *value)
{
	if (type == LEND_JSON_NUMBER && property->check == value_check_slot)
		return spec_json_refuse_slot(spec, value);
	lend_error_set(spec->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-device %s: \"%s\" must not be a %s",
		       spec->front_end->name, property->name,
		       type == LEND_JSON_NUMBER ? "number" : "boolean");
	return lend_error_remedy(spec->ctx, "give a string: \"%s\":\"...\"",
				 property->name);
}

static int spec_json_set(void *opaque, const char *name,
			 enum lend_json_type type, const char *value)
{
	struct spec_json *json = opaque;
	const struct property *property;

	if (!strcmp(name, "driver"))
		return 0;
	property = spec_find_property(json->spec, name);
	if (!property)
		return -EINVAL;
	if (type != LEND_JSON_STRING && (property->check == value_check_slot ||
					 !spec_json_fits(property, type)))
		return spec_json_refuse_type(json->spec, property, type, value);
	return spec_set_property(json->spec, property,
				 spec_json_keep(json, value));
}

static int spec_json_refuse_no_driver(struct lend_ctx *ctx)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-device: JSON: no member \"driver\"");
	return lend_error_remedy(ctx, "{\"driver\":\"vfio-pci\","
				      "\"host\":\"0000:02:00.0\"}");
}

/* A member of an object is a property with the names of both. */
static int spec_json_set_member(void *opaque, const char *const *names,
				unsigned int depth, enum lend_json_type type,
				const char *value)
{
	char name[64];

	if (depth == 1)
		return spec_json_set(opaque, names[0], type, value);
	snprintf(name, sizeof(name), "%s.%s%s", names[0], names[1],
		 depth > 2 ? "." : "");
	return spec_json_set(opaque, name, type, value);
}

/* Only a socket is an object. */
static int spec_json_read(struct spec_json *json, const char *text)
{
	if (!strcmp(json->spec->front_end->name, "vfio-user-pci"))
		return json_read_tree(json->ctx, "-device", text,
				      spec_json_set_member, json);
	return lend_json_read(json->ctx, "-device", text, spec_json_set, json);
}

/* The driver, which may come last, says what the properties are. */
int spec_parse_json(struct lend_ctx *ctx, const char *text,
		    struct lend_spec **result)
{
	/* What lend_json_read() passes on, each text with its NUL, is no longer
	 * than what it reads. */
	char *values = malloc(strlen(text) + 1);
	struct spec_json json = {.ctx = ctx, .free = values};
	int err;

	if (!values)
		return error_no_memory(ctx, NULL);
	err = json_read_tree(ctx, "-device", text, spec_json_find_driver,
			     &json);
	if (!err && !json.driver)
		err = spec_json_refuse_no_driver(ctx);
	if (err) {
		free(values);
		return err;
	}
	err = spec_new(ctx, json.driver, values, &json.spec);
	if (err)
		return err;
	err = spec_json_read(&json, text);
	if (!err)
		err = spec_check_whole(json.spec);
	if (err)
		lend_spec_unref(json.spec);
	else
		*result = json.spec;
	return err;
}
