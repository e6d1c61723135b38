// SPDX-License-Identifier: MIT
// Front ends that `-device` knows, and the properties each takes.

#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include <lend/text.h>

#include "bdf.h"
#include "property.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The longest table; for the list of names to search for the nearest. */
enum { NAMES_MAX = 32 };

static const char *check_pci_host(const char *value)
{
	struct bdf bdf;

	return bdf_parse(value, &bdf);
}

static const char *check_path(const char *value)
{
	if (!*value)
		return "it must be the path of a device in /sys";
	if (strlen(value) >= PATH_MAX)
		return "it is longer than a path can be";
	return NULL;
}

static const char *check_id(const char *value)
{
	static const char form[] = "it must begin with a letter, and go on "
				   "with letters, digits, '-', '.' and '_'";

	if (!isalpha((unsigned char)*value))
		return form;
	for (; *value; value++)
		if (!isalnum((unsigned char)*value) && !strchr("-._", *value))
			return form;
	return NULL;
}

static const char *check_slot(const char *value)
{
	struct bdf bdf;

	return bdf_parse_slot(value, &bdf);
}

static const char *check_switch(const char *value)
{
	bool is_on;

	return property_switch(value, &is_on) ? NULL : "it must be on or off";
}

static const struct property vfio_pci[] = {
	{"host", check_pci_host, PROPERTY_DEVICE},
	{"sysfsdev", check_path, PROPERTY_DEVICE},
	{"id", check_id, 0},
	{"addr", check_slot, 0},
	{"multifunction", check_switch, PROPERTY_SWITCH},
	{"x-no-mmap", check_switch, PROPERTY_SWITCH},
};

static const struct front_end front_ends[] = {
	{"vfio-pci", LEND_BUS_PCI, vfio_pci, COUNT(vfio_pci)},
};

_Static_assert(COUNT(front_ends) <= NAMES_MAX && COUNT(vfio_pci) <= NAMES_MAX,
	       "the nearest name is looked for among NAMES_MAX");

const struct front_end *front_end_find(const char *name, const char **nearest)
{
	const char *names[NAMES_MAX];

	for (unsigned int i = 0; i < COUNT(front_ends); i++) {
		if (!strcmp(name, front_ends[i].name))
			return &front_ends[i];
		names[i] = front_ends[i].name;
	}
	*nearest = lend_nearest(name, names, COUNT(front_ends));
	return NULL;
}

const struct property *property_find(const struct front_end *front_end,
				     const char *name, const char **nearest)
{
	const char *names[NAMES_MAX];

	for (unsigned int i = 0; i < front_end->count; i++) {
		if (!strcmp(name, front_end->properties[i].name))
			return &front_end->properties[i];
		names[i] = front_end->properties[i].name;
	}
	*nearest = lend_nearest(name, names, front_end->count);
	return NULL;
}

bool property_switch(const char *value, bool *is_on)
{
	static const struct {
		const char *word;
		bool is_on;
	} words[] = {
		{"on", true},   {"yes", true}, {"true", true},   {"y", true},
		{"off", false}, {"no", false}, {"false", false}, {"n", false},
	};

	for (unsigned int i = 0; i < COUNT(words); i++) {
		if (!strcmp(value, words[i].word)) {
			*is_on = words[i].is_on;
			return true;
		}
	}
	return false;
}
