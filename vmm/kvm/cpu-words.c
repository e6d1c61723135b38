// SPDX-License-Identifier: MIT
// Parses -cpu: the model, and features enabled or disabled by name.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <lend/error.h>
#include <lend/text.h>

#include "vmm/kvm/cpu-properties.h"
#include "vmm/kvm/cpu-words.h"

#define LONGEST_NAME 32

static char canonical_feature(char c)
{
	return c == '_' ? '-' : c;
}

static bool same_name(const char *known, const char *name, size_t length)
{
	if (strlen(known) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (known[i] != canonical_feature(name[i]))
			return false;
	return true;
}

static int unknown_feature(struct lend_ctx *ctx, const struct cpu_words *words,
			   const char *name, size_t length)
{
	char word[LONGEST_NAME + 1];
	const char *nearest;

	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-cpu: unknown feature \"%.*s\"", (int)length, name);
	snprintf(word, sizeof(word), "%.*s", (int)length, name);
	nearest = lend_nearest(word, words->names, (unsigned int)words->count);
	if (nearest)
		return lend_error_remedy(ctx, "\"%s\" is the nearest", nearest);
	return lend_error_remedy(ctx, "%s", words->hint);
}

/* Reads a value as QEMU does. Returns "on" or "off", or NULL. */
static const char *cpu_words_switch(const char *value, size_t length)
{
	static const char *const words[] = {"on",  "yes", "true",  "y",
					    "off", "no",  "false", "n"};

	for (unsigned int i = 0; i < 8; i++)
		if (strlen(words[i]) == length &&
		    !memcmp(words[i], value, length))
			return i < 4 ? "on" : "off";
	return NULL;
}

static int cpu_words_refuse_value(struct lend_ctx *ctx, const char *word,
				  size_t length)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-cpu: %.*s: the value is neither on nor off",
		       (int)length, word);
	return lend_error_remedy(ctx, "use on or off");
}

/* Checks a word that is no feature: its value is copied, so that it ends. */
static int cpu_words_check_property(struct lend_ctx *ctx,
				    const struct cpu_words *words,
				    const char *name, size_t name_length,
				    const char *value, size_t value_length)
{
	char copy[LONGEST_NAME + 1];
	int err;

	snprintf(copy, sizeof(copy), "%.*s", (int)value_length, value);
	err = cpu_property_check(ctx, name, name_length, copy);
	return err == -ENOENT ? unknown_feature(ctx, words, name, name_length)
			      : err;
}

/* One word after the model: +NAME, -NAME, NAME=VALUE or NAME. */
static int parse_word(struct lend_ctx *ctx, const char *word, size_t length,
		      const struct cpu_words *words)
{
	const char *value = "on";
	size_t name_length = length, value_length = 2;
	const char *name = word, *equals, *is;

	if (length && (*word == '+' || *word == '-')) {
		value = *word == '+' ? "on" : "off";
		value_length = strlen(value);
		name++;
		name_length--;
	} else if ((equals = memchr(word, '=', length))) {
		name_length = (size_t)(equals - word);
		value = equals + 1;
		value_length = length - name_length - 1;
	}
	is = cpu_words_switch(value, value_length);
	for (size_t i = 0; i < words->count; i++) {
		if (!same_name(words->names[i], name, name_length))
			continue;
		if (!is)
			return cpu_words_refuse_value(ctx, word, length);
		return words->choose(words->opaque, i, !strcmp(is, "on"));
	}
	return cpu_words_check_property(ctx, words, name, name_length,
					is ? is : value,
					is ? strlen(is) : value_length);
}

int cpu_words_parse(struct lend_ctx *ctx, const char *text,
		    const struct cpu_words *words)
{
	size_t length;
	int err = 0;

	if (!text)
		return 0;
	length = strcspn(text, ",");
	/* QEMU's "max" is the same as "host" on KVM. */
	if (!same_name("host", text, length) &&
	    !same_name("max", text, length)) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "-cpu: unknown model \"%.*s\"", (int)length,
			       text);
		return lend_error_remedy(ctx, "use \"host\", the only model");
	}
	while (!err && text[length] == ',') {
		text += length + 1;
		length = strcspn(text, ",");
		err = parse_word(ctx, text, length, words);
	}
	return err;
}
