// SPDX-License-Identifier: MIT
// `-device` strings: which front end presents which host device, and how.

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/bdf.h"
#include "lib/address/property.h"
#include "lib/address/spec.h"
#include "lib/address/value.h"
#include "lib/base/context.h"

struct lend_spec *lend_spec_ref(struct lend_spec *spec)
{
	atomic_fetch_add_explicit(&spec->refs, 1, memory_order_relaxed);
	return spec;
}

static void spec_free_lists(struct lend_spec *spec)
{
	while (spec->lists) {
		struct spec_list *next = spec->lists->next;

		free(spec->lists->text);
		free(spec->lists);
		spec->lists = next;
	}
}

struct lend_spec *lend_spec_unref(struct lend_spec *spec)
{
	if (spec && atomic_fetch_sub_explicit(&spec->refs, 1,
					      memory_order_acq_rel) == 1) {
		lend_ctx_unref(spec->ctx);
		spec_free_lists(spec);
		free(spec->text);
		free(spec);
	}
	return NULL;
}

/* Ends the part at *text at its comma, unescapes double commas, and moves *text
 * to the next part; to NULL after the last. */
static char *take_part(char **text)
{
	char *part = *text;
	char *from = part;
	char *to = part;

	*text = NULL;
	for (; *from; from++) {
		if (*from == ',' && *++from != ',') {
			*text = from;
			break;
		}
		*to++ = *from;
	}
	*to = '\0';
	return part;
}

static int spec_refuse(struct lend_ctx *ctx, const char *driver,
		       const char *what, const char *text)
{
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			      "-device %s: %s '%s'", driver, what, text);
}

static int refuse_driver(struct lend_ctx *ctx, const char *name,
			 const char *nearest)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-device: unknown driver '%s'", name);
	if (nearest)
		return lend_error_remedy(ctx, "-device %s is the nearest",
					 nearest);
	return lend_error_remedy(ctx, "-device vfio-pci,host=0000:02:00.0");
}

/* The list of a property, added if it is the first. */
static struct spec_list *spec_open_list(struct lend_spec *spec, size_t i)
{
	struct spec_list *list = spec->lists;

	while (list && list->property != i)
		list = list->next;
	if (list)
		return list;
	list = calloc(1, sizeof(*list));
	if (!list)
		return NULL;
	list->property = i;
	list->next = spec->lists;
	spec->lists = list;
	return list;
}

static int spec_extend_list(struct lend_spec *spec, size_t i, const char *value)
{
	struct spec_list *list = spec_open_list(spec, i);
	char *text;

	if (!list || asprintf(&text, "%s:%s", spec->values[i], value) < 0)
		return error_no_memory(spec->ctx, NULL);
	free(list->text);
	list->text = text;
	spec->values[i] = text;
	return 0;
}

int spec_set_property(struct lend_spec *spec, const struct property *property,
		      const char *value)
{
	const char *driver = spec->front_end->name;
	size_t i = (size_t)(property - spec->front_end->properties);
	bool is_list = property->flags & PROPERTY_LIST;
	const char *wrong;

	if (spec->values[i] && !is_list) {
		spec_refuse(spec->ctx, driver,
			    "property given twice:", property->name);
		return lend_error_remedy(spec->ctx,
					 "remove one %s=", property->name);
	}
	wrong = property->check(value);
	if (wrong) {
		lend_error_set(
			spec->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			"-device %s: invalid value '%s' for property '%s'",
			driver, value, property->name);
		lend_error_evidence(spec->ctx, "%s", wrong);
		return lend_error_remedy(
			spec->ctx, "change or remove %s=", property->name);
	}
	if (spec->values[i])
		return spec_extend_list(spec, i, value);
	spec->values[i] = value;
	return 0;
}

const struct property *spec_find_property(const struct lend_spec *spec,
					  const char *name)
{
	const struct front_end *f = spec->front_end;
	const struct property *property;
	const char *nearest;
	struct bdf bdf;

	property = property_find(f, name, &nearest);
	if (property)
		return property;
	spec_refuse(spec->ctx, f->name, "unknown property", name);
	if (nearest)
		lend_error_remedy(spec->ctx, "%s is the nearest", nearest);
	else if (!bdf_parse(name, &bdf))
		lend_error_remedy(spec->ctx, "host=%s", name);
	else
		lend_error_remedy(spec->ctx, "remove %s", name);
	return NULL;
}

/* The switch that "noname" switches off, or NULL. */
static const struct property *spec_find_negated(const struct lend_spec *spec,
						const char *name)
{
	const struct property *property = NULL;
	const char *ignored;

	if (!property_find(spec->front_end, name, &ignored) &&
	    !strncmp(name, "no", 2))
		property = property_find(spec->front_end, name + 2, &ignored);
	return property && property->flags & PROPERTY_SWITCH ? property : NULL;
}

/* "name=value", or "name" or "noname" of a switch. */
static int parse_property(struct lend_spec *spec, char *part)
{
	const struct front_end *f = spec->front_end;
	char *value = strchr(part, '=');
	const struct property *property;

	if (!*part) {
		lend_error_set(spec->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-device %s: no property after a comma",
			       f->name);
		return lend_error_remedy(spec->ctx, "remove the comma; a comma "
						    "in a value is ',,'");
	}
	if (value)
		*value++ = '\0';
	property = value ? NULL : spec_find_negated(spec, part);
	if (property)
		return spec_set_property(spec, property, "off");
	property = spec_find_property(spec, part);
	if (!property)
		return -EINVAL;
	if (!value && !(property->flags & PROPERTY_SWITCH)) {
		spec_refuse(spec->ctx, f->name, "no value for property", part);
		return lend_error_remedy(spec->ctx, "%s=VALUE", part);
	}
	return spec_set_property(spec, property, value ? value : "on");
}

static int check_names_device(const struct lend_spec *spec)
{
	const struct front_end *f = spec->front_end;

	if (!f->example)
		return 0;
	for (unsigned int i = 0; i < f->count; i++)
		if (spec->values[i] &&
		    (f->properties[i].flags & PROPERTY_DEVICE))
			return 0;
	lend_error_set(spec->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-device %s: no host device is named", f->name);
	return lend_error_remedy(spec->ctx, "-device %s,%s", f->name,
				 f->example);
}

/* Only a descriptor of the iommufd interface can be passed to another process;
 * the group interface has none for a device. */
static int check_fd_has_iommufd(const struct lend_spec *spec)
{
	if (!lend_spec_get(spec, "fd") || lend_spec_get(spec, "iommufd"))
		return 0;
	lend_error_set(
		spec->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		"-device %s: fd= requires iommufd=", spec->front_end->name);
	return lend_error_remedy(spec->ctx,
				 "-object iommufd,id=iommufd0 -device "
				 "%s,fd=%s,iommufd=iommufd0",
				 spec->front_end->name,
				 lend_spec_get(spec, "fd"));
}

int spec_check_whole(const struct lend_spec *spec)
{
	int err = check_names_device(spec);

	return err ? err : check_fd_has_iommufd(spec);
}

int spec_new(struct lend_ctx *ctx, const char *driver, char *text,
	     struct lend_spec **result)
{
	const char *nearest;
	const struct front_end *front_end = front_end_find(driver, &nearest);
	struct lend_spec *spec;
	int err;

	if (!front_end) {
		err = refuse_driver(ctx, driver, nearest);
		free(text);
		return err;
	}
	spec = calloc(1,
		      sizeof(*spec) + front_end->count * sizeof(*spec->values));
	if (!spec) {
		free(text);
		return error_no_memory(ctx, NULL);
	}
	spec->refs = 1;
	spec->ctx = lend_ctx_ref(ctx);
	spec->front_end = front_end;
	spec->text = text;
	*result = spec;
	return 0;
}

bool spec_is_attempt(const char *text)
{
	const char *comma = strchr(text, ',');

	if (spec_is_json(text))
		return true;
	return *text != '/' && *text != '.' && comma &&
	       (strchr(comma, '=') || !strncmp(text, "vfio-", 5));
}

int lend_spec_parse(struct lend_ctx *ctx, const char *text,
		    struct lend_spec **result)
{
	struct lend_spec *spec;
	char *copy, *rest;
	const char *driver;
	int err;

	if (spec_is_json(text))
		return spec_parse_json(ctx, text, result);
	copy = rest = strdup(text);
	if (!copy)
		return error_no_memory(ctx, NULL);
	driver = take_part(&rest);
	if (!strncmp(driver, "driver=", strlen("driver=")))
		driver += strlen("driver=");
	err = spec_new(ctx, driver, copy, &spec);
	if (err)
		return err;
	while (rest && !err)
		err = parse_property(spec, take_part(&rest));
	if (!err)
		err = spec_check_whole(spec);
	if (err)
		lend_spec_unref(spec);
	else
		*result = spec;
	return err;
}

const char *lend_spec_driver(const struct lend_spec *spec)
{
	return spec->front_end->name;
}

const char *lend_spec_get(const struct lend_spec *spec, const char *name)
{
	const struct front_end *f = spec->front_end;

	for (unsigned int i = 0; i < f->count; i++)
		if (!strcmp(name, f->properties[i].name))
			return spec->values[i];
	return NULL;
}

bool lend_spec_get_bool(const struct lend_spec *spec, const char *name,
			bool fallback)
{
	const char *value = lend_spec_get(spec, name);
	bool is_on = fallback;

	if (value)
		value_read_switch(value, &is_on);
	return is_on;
}

int lend_spec_check_known(const struct lend_spec *spec,
			  const char *const *names, unsigned int count)
{
	const struct front_end *f = spec->front_end;

	for (unsigned int i = 0; i < f->count; i++) {
		const char *name = f->properties[i].name;
		bool is_known = !spec->values[i];

		for (unsigned int n = 0; n < count && !is_known; n++)
			is_known = !strcmp(name, names[n]);
		if (is_known)
			continue;
		spec_refuse(spec->ctx, f->name, "unsupported property", name);
		return lend_error_remedy(spec->ctx, "remove %s=", name);
	}
	return 0;
}
