// SPDX-License-Identifier: MIT
// Takes out of texts what identifies a host or its network.

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/redact.h"

enum { ID_DIGITS = 16, DEPTH_MAX = 16 };

static const char hex[] = "0123456789abcdefABCDEF";

/* Each returns the length of what begins the text, 0 for anything else. */

/* Groups of hexadecimal digits with a separator, as in a MAC or a UUID. */
static size_t redact_match_groups(const char *text, const char *separators,
				  const unsigned char *lengths,
				  unsigned int count)
{
	const char *at = text;

	for (unsigned int i = 0; i < count; i++) {
		if (strspn(at, hex) != lengths[i])
			return 0;
		at += lengths[i];
		if (i + 1 == count)
			break;
		if (!*at || !strchr(separators, *at))
			return 0;
		at++;
	}
	return (size_t)(at - text);
}

static size_t redact_match_mac(const char *text)
{
	static const unsigned char lengths[] = {2, 2, 2, 2, 2, 2};

	return redact_match_groups(text, ":-", lengths, sizeof(lengths));
}

static size_t redact_match_uuid(const char *text)
{
	static const unsigned char lengths[] = {8, 4, 4, 4, 12};

	return redact_match_groups(text, "-", lengths, sizeof(lengths));
}

static size_t redact_match_ipv4(const char *text)
{
	const char *at = text;

	for (unsigned int i = 0; i < 4; i++) {
		size_t digits = strspn(at, "0123456789");

		if (!digits || digits > 3)
			return 0;
		at += digits;
		if (i < 3 && *at++ != '.')
			return 0;
	}
	return (size_t)(at - text);
}

/* Three colons, or two in a row: the address of a PCI function has neither. */
static size_t redact_match_ipv6(const char *text)
{
	size_t length = strspn(text, "0123456789abcdefABCDEF:"), colons = 0;
	bool is_short = false;

	for (size_t i = 0; i < length; i++) {
		colons += text[i] == ':';
		is_short |= i && text[i] == ':' && text[i - 1] == ':';
	}
	if (colons < 3 && !is_short)
		return 0;
	/* A sentence may go on with a colon. */
	while (length > 1 && text[length - 1] == ':' && text[length - 2] != ':')
		length--;
	return length;
}

/* systemd's name of an interface that has no other: enx and its MAC. */
static size_t redact_match_enx(const char *text)
{
	return !strncmp(text, "enx", 3) && strspn(text + 3, hex) == 12 ? 15 : 0;
}

static size_t redact_match_id(const char *text)
{
	size_t length = strspn(text, hex);

	return length >= ID_DIGITS ? length : 0;
}

static const struct {
	const char *word;
	size_t (*match)(const char *text);
} redactions[] = {
	{"(MAC)", redact_match_mac},    {"(UUID)", redact_match_uuid},
	{"(IPv4)", redact_match_ipv4},  {"(IPv6)", redact_match_ipv6},
	{"enx(MAC)", redact_match_enx}, {"(ID)", redact_match_id},
};

static size_t redact_match_host(const char *text, const char *host)
{
	size_t whole = strlen(host), brief = strcspn(host, ".");

	if (whole && !strncmp(text, host, whole))
		return whole;
	return brief && !strncmp(text, host, brief) ? brief : 0;
}

/* Finds what begins the text and ends there, and the word for it. */
static size_t redact_find(const char *text, const char *host, const char **word)
{
	size_t length = redact_match_host(text, host);

	*word = "(host)";
	for (unsigned int i = 0;
	     !length && i < sizeof(redactions) / sizeof(redactions[0]); i++) {
		length = redactions[i].match(text);
		*word = redactions[i].word;
		if (isalnum((unsigned char)text[length]))
			length = 0;
	}
	return isalnum((unsigned char)text[length]) ? 0 : length;
}

void redact_text(const char *text, const char *host, char *out, size_t size)
{
	bool is_start = true;
	size_t used = 0;

	while (*text && used + 1 < size) {
		const char *word;
		size_t length = is_start ? redact_find(text, host, &word) : 0;

		if (length) {
			int n = snprintf(out + used, size - used, "%s", word);

			used += (size_t)n;
			text += length;
			is_start = false;
			continue;
		}
		is_start = !isalnum((unsigned char)*text);
		out[used++] = *text++;
	}
	out[used < size ? used : size - 1] = '\0';
}

static int redact_value(struct json_object *value, const char *host,
			unsigned int depth);

static int redact_object(struct json_object *object, const char *host,
			 unsigned int depth)
{
	int err = 0;

	json_object_object_foreach(object, key, value)
	{
		(void)key;
		if (!err)
			err = redact_value(value, host, depth + 1);
	}
	return err;
}

static int redact_string(struct json_object *value, const char *host)
{
	const char *text = json_object_get_string(value);
	size_t size = strlen(text) * 8 + 1;
	char *out = malloc(size);
	int err = out ? 0 : -ENOMEM;

	if (!err) {
		redact_text(text, host, out, size);
		err = json_object_set_string(value, out) ? 0 : -ENOMEM;
	}
	free(out);
	return err;
}

static int redact_value(struct json_object *value, const char *host,
			unsigned int depth)
{
	int err = 0;

	if (depth > DEPTH_MAX)
		return -E2BIG;
	switch (json_object_get_type(value)) {
	case json_type_string:
		return redact_string(value, host);
	case json_type_object:
		return redact_object(value, host, depth);
	case json_type_array:
		for (size_t i = 0; !err && i < json_length(value); i++)
			err = redact_value(json_at(value, i), host, depth + 1);
		return err;
	default:
		return 0;
	}
}

int redact_document(struct json_object *document, const char *host)
{
	return redact_value(document, host, 0);
}
