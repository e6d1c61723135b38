// SPDX-License-Identifier: MIT
// Splits the value of an option into its properties.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/json.h>

#include "cli/no-memory.h"
#include "cli/run/words.h"

struct words_json {
	int (*property)(void *opaque, const char *name, const char *value);
	void *opaque;
};

static int words_json_member(void *opaque, const char *name,
			     enum lend_json_type type, const char *value)
{
	struct words_json *json = opaque;

	(void)type;
	return json->property(json->opaque, name, value);
}

/* Ends the word at *text at its comma, and moves *text to the next; to NULL
 * after the last. */
static char *words_take(char **text)
{
	char *word = *text, *to = word;

	for (char *from = word;; from++) {
		if (*from == ',' && from[1] == ',') {
			from++;
		} else if (*from == ',' || !*from) {
			*text = *from ? from + 1 : NULL;
			*to = '\0';
			return word;
		}
		*to++ = *from;
	}
}

int run_words_each(struct lend_ctx *ctx, const char *option, const char *text,
		   const char *implied,
		   int (*property)(void *opaque, const char *name,
				   const char *value),
		   void *opaque)
{
	struct words_json json = {property, opaque};
	char *copy, *rest;
	int err = 0;

	if (text[strspn(text, " \t\r\n")] == '{')
		return lend_json_read(ctx, option, text, words_json_member,
				      &json);
	copy = rest = strdup(text);
	if (!copy)
		return cli_no_memory(ctx);
	while (!err && rest) {
		char *word = words_take(&rest);
		char *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		if (!value && word == copy && implied)
			err = property(opaque, implied, word);
		else
			err = property(opaque, word, value);
	}
	free(copy);
	return err;
}

struct words_search {
	const char *name;
	char *found;
};

static int words_note_found(void *opaque, const char *name, const char *value)
{
	struct words_search *search = opaque;

	if (!strcmp(name, search->name) && value && !search->found)
		search->found = strdup(value);
	return 0;
}

char *run_words_get(struct lend_ctx *ctx, const char *text, const char *implied,
		    const char *name)
{
	struct words_search search = {.name = name};

	if (!run_words_each(ctx, name, text, implied, words_note_found,
			    &search))
		return search.found;
	free(search.found);
	return NULL;
}
