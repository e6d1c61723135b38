// SPDX-License-Identifier: MIT
// Checks the values of `-device` properties.

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/bdf.h"
#include "lib/address/value.h"

const char *value_check_pci_host(const char *value)
{
	struct bdf bdf;

	return bdf_parse(value, &bdf);
}

const char *value_check_platform_host(const char *value)
{
	if (!*value || strchr(value, '/') || !strcmp(value, ".") ||
	    !strcmp(value, "..") || strlen(value) > NAME_MAX)
		return "expected a name from /sys/bus/platform/devices";
	return NULL;
}

const char *value_check_path(const char *value)
{
	if (!*value)
		return "expected a path";
	if (strlen(value) >= PATH_MAX)
		return "the path is too long";
	return NULL;
}

const char *value_check_names(const char *value)
{
	size_t length = strlen(value);

	if (!length || value[0] == ':' || value[length - 1] == ':' ||
	    strstr(value, "::"))
		return "expected a name, or names separated by ':'";
	return NULL;
}

const char *value_check_unix(const char *value)
{
	return strcmp(value, "unix") ? "only \"unix\" is supported" : NULL;
}

const char *value_check_uuid(const char *value)
{
	static const char form[] =
		"expected a UUID such as 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	unsigned int i;

	for (i = 0; shape[i]; i++)
		if (shape[i] == '-' ? value[i] != '-'
				    : !isxdigit((unsigned char)value[i]))
			return form;
	return value[i] ? form : NULL;
}

const char *value_check_id(const char *value)
{
	static const char form[] = "expected a letter, followed by letters, "
				   "digits, '-', '.' or '_'";

	if (!isalpha((unsigned char)*value))
		return form;
	for (; *value; value++)
		if (!isalnum((unsigned char)*value) && !strchr("-._", *value))
			return form;
	return NULL;
}

const char *value_check_slot(const char *value)
{
	struct bdf bdf;

	return bdf_parse_slot(value, &bdf);
}

const char *value_check_switch(const char *value)
{
	bool is_on;

	return value_read_switch(value, &is_on) ? NULL : "expected on or off";
}

const char *value_check_auto(const char *value)
{
	bool is_on;

	return !strcmp(value, "auto") || value_read_switch(value, &is_on)
		       ? NULL
		       : "expected on, off or auto";
}

const char *value_check_number(const char *value)
{
	unsigned long number;

	/* Ten digits cannot overflow it. */
	if (!*value || value[strspn(value, "0123456789")] || strlen(value) > 10)
		return "expected a decimal number";
	number = strtoul(value, NULL, 10);
	return number > INT_MAX ? "the number is too large" : NULL;
}

const char *value_check_bars(const char *value)
{
	for (;; value += 2) {
		if (*value < '0' || *value > '5' ||
		    (value[1] && value[1] != ':'))
			return "expected BAR numbers from 0 to 5, separated by "
			       "':', such as 2:4";
		if (!value[1])
			return NULL;
	}
}

const char *value_check_index(const char *value)
{
	return !strcmp(value, "-1") ? NULL : value_check_number(value);
}

/* Whether a value is a number as C writes it, of at most @max. */
static bool is_number(const char *value, unsigned long max)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*value))
		return false;
	errno = 0;
	number = strtoul(value, &end, 0);
	return !*end && !errno && number <= max;
}

const char *value_check_size(const char *value)
{
	return is_number(value, ULONG_MAX)
		       ? NULL
		       : "expected a number such as 4096 or 0x1000";
}

const char *value_check_bytes(const char *value)
{
	char digits[32];
	size_t length = strlen(value);

	if (length && strchr("bBkKmMgGtT", value[length - 1]) &&
	    strncmp(value, "0x", 2) != 0)
		length--;
	if (length >= sizeof(digits))
		return "the size is too large";
	memcpy(digits, value, length);
	digits[length] = '\0';
	return is_number(digits, ULONG_MAX)
		       ? NULL
		       : "expected a size such as 4096, 0x1000 or 32M";
}

static bool value_is_one_of(const char *value, const char *const *words,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(value, words[i]))
			return true;
	return false;
}

const char *value_check_speed(const char *value)
{
	static const char *const words[] = {"2_5", "5", "8", "16", "32", "64"};

	return value_is_one_of(value, words, sizeof(words) / sizeof(words[0]))
		       ? NULL
		       : "expected 2_5, 5, 8, 16, 32 or 64";
}

const char *value_check_width(const char *value)
{
	static const char *const words[] = {"1",  "2",  "4", "8",
					    "12", "16", "32"};

	return value_is_one_of(value, words, sizeof(words) / sizeof(words[0]))
		       ? NULL
		       : "expected 1, 2, 4, 8, 12, 16 or 32";
}

const char *value_check_pci_id(const char *value)
{
	return is_number(value, 0xffff)
		       ? NULL
		       : "expected a 16-bit number such as 0x8086";
}

const char *value_check_pci_class(const char *value)
{
	return is_number(value, 0xffffff)
		       ? NULL
		       : "expected a 24-bit number such as 0x020000";
}

const char *value_check_clique(const char *value)
{
	return is_number(value, 15) ? NULL : "expected a number from 0 to 15";
}

const char *value_check_relocation(const char *value)
{
	if (!strcmp(value, "off") || !strcmp(value, "auto"))
		return NULL;
	return !strncmp(value, "bar", 3) && value[3] >= '0' &&
			       value[3] <= '5' && !value[4]
		       ? NULL
		       : "expected off, auto, or bar0 to bar5";
}

const char *value_check_rombar(const char *value)
{
	/* A number in QEMU, and also a word since QEMU 10.1. */
	return !strcmp(value, "0") || !strcmp(value, "1") ||
			       !strcmp(value, "-1") || !value_check_auto(value)
		       ? NULL
		       : "expected 0 or 1";
}

const char *value_check_file(const char *value)
{
	return *value ? value_check_path(value) : NULL;
}

const char *value_check_byte(const char *value)
{
	return is_number(value, 0xff) ? NULL
				      : "expected a number from 0 to 255";
}

bool value_read_switch(const char *value, bool *is_on)
{
	static const struct {
		const char *word;
		bool is_on;
	} words[] = {
		{"on", true},   {"yes", true}, {"true", true},   {"y", true},
		{"off", false}, {"no", false}, {"false", false}, {"n", false},
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(value, words[i].word)) {
			*is_on = words[i].is_on;
			return true;
		}
	}
	return false;
}
