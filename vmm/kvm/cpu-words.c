// SPDX-License-Identifier: MIT
// Parses -cpu: the model, and features enabled or disabled by name.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <lend/error.h>
#include <lend/text.h>

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
		return lend_error_remedy(ctx, "did you mean \"%s\"?", nearest);
	return lend_error_remedy(ctx, "%s", words->hint);
}

static bool ends_with(const char *word, size_t length, const char *end)
{
	size_t n = strlen(end);

	return length > n && !memcmp(word + length - n, end, n);
}

/* One word after the model: +NAME, -NAME, NAME=on, NAME=off or NAME. */
static int parse_word(struct lend_ctx *ctx, const char *word, size_t length,
		      const struct cpu_words *words)
{
	int on = 1;

	if (length && (*word == '+' || *word == '-')) {
		on = *word == '+';
		word++;
		length--;
	} else if (ends_with(word, length, "=on")) {
		length -= 3;
	} else if (ends_with(word, length, "=off")) {
		on = 0;
		length -= 4;
	}
	for (size_t i = 0; i < words->count; i++)
		if (same_name(words->names[i], word, length))
			return words->choose(words->opaque, i, on);
	return unknown_feature(ctx, words, word, length);
}

int cpu_words_parse(struct lend_ctx *ctx, const char *text,
		    const struct cpu_words *words)
{
	size_t length;
	int err = 0;

	if (!text)
		return 0;
	length = strcspn(text, ",");
	if (!same_name("host", text, length)) {
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
