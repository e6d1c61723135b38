// SPDX-License-Identifier: MIT
// The words of a command, in which placeholders stand for descriptors.

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exec/words.h"
#include "cli/no-memory.h"

#define IOMMUFD "{iommufd}"
#define DEVICE  "{fd:"
#define DIGITS  "0123456789"

/* More digits than any count of devices has. */
enum { DIGITS_MAX = 6 };

struct placeholder {
	const char *at;
	size_t length;
	unsigned int number; /* UINT_MAX: it stands for nothing */
};

static void exec_words_read_device(struct placeholder *found)
{
	const char *digits = found->at + strlen(DEVICE);
	size_t count = strspn(digits, DIGITS);

	found->number = UINT_MAX;
	found->length = strcspn(found->at, "}");
	found->length += found->at[found->length] == '}';
	if (count && count <= DIGITS_MAX && digits[count] == '}')
		found->number = (unsigned int)atoi(digits) + 1;
}

/* Finds the next placeholder. Other braces, as those of JSON, are text. */
static bool exec_words_next(const char *text, struct placeholder *found)
{
	for (found->at = strchr(text, '{'); found->at;
	     found->at = strchr(found->at + 1, '{')) {
		if (!strncmp(found->at, IOMMUFD, strlen(IOMMUFD))) {
			found->length = strlen(IOMMUFD);
			found->number = 0;
			return true;
		}
		if (!strncmp(found->at, DEVICE, strlen(DEVICE))) {
			exec_words_read_device(found);
			return true;
		}
	}
	return false;
}

static int exec_words_refuse(struct lend_ctx *ctx,
			     const struct placeholder *found,
			     const struct devices *devices)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "exec: the placeholder %.*s stands for no device",
		       (int)found->length, found->at);
	lend_error_evidence(ctx,
			    "{fd:%u} is the last: devices are numbered "
			    "from 0 on, in the order of the command line",
			    devices->count - 1);
	return lend_error_remedy(ctx, "{fd:0} stands for %s",
				 lend_address_name(devices->addresses[0]));
}

/* A descriptor that the command does not know of would keep a device in use,
 * without use. */
static int exec_words_refuse_unnamed(struct lend_ctx *ctx, unsigned int number,
				     const struct devices *devices)
{
	char name[32] = IOMMUFD;

	if (number)
		snprintf(name, sizeof(name), DEVICE "%u}", number - 1);
	lend_error_set(
		ctx, LEND_ERROR_ARGUMENT, EINVAL,
		number ? lend_address_name(devices->addresses[number - 1])
		       : NULL,
		"the command does not name its descriptor: %s is missing",
		name);
	lend_error_remedy(ctx,
			  "put %s where the command expects the number of a "
			  "descriptor",
			  name);
	return lend_error_remedy(ctx, "or pass descriptors as a service "
				      "manager does: --listen-fds");
}

int exec_words_check(struct lend_ctx *ctx, char *const *command,
		     const struct devices *devices, bool all)
{
	bool *named = calloc(devices->count + 1UL, sizeof(*named));
	struct placeholder found;
	int err = 0;

	if (!named)
		return cli_no_memory(ctx);
	for (; *command && !err; command++)
		for (const char *text = *command;
		     !err && exec_words_next(text, &found);
		     text = found.at + found.length)
			if (found.number > devices->count)
				err = exec_words_refuse(ctx, &found, devices);
			else
				named[found.number] = true;
	for (unsigned int i = 0; i <= devices->count && all && !err; i++)
		if (!named[i])
			err = exec_words_refuse_unnamed(ctx, i, devices);
	free(named);
	return err;
}

static char *exec_words_fill_one(const char *text, const int *fds)
{
	struct placeholder found;
	char *filled = NULL;
	size_t size;
	FILE *file = open_memstream(&filled, &size);

	if (!file)
		return NULL;
	for (; exec_words_next(text, &found); text = found.at + found.length) {
		fwrite(text, (size_t)(found.at - text), 1, file);
		fprintf(file, "%d", fds[found.number]);
	}
	fputs(text, file);
	if (!fclose(file))
		return filled;
	free(filled);
	return NULL;
}

char **exec_words_fill(struct lend_ctx *ctx, char *const *command,
		       const int *fds)
{
	size_t count = 0;
	char **words;

	while (command[count])
		count++;
	words = calloc(count + 1, sizeof(*words));
	for (size_t i = 0; words && i < count; i++) {
		words[i] = exec_words_fill_one(command[i], fds);
		if (words[i])
			continue;
		exec_words_free(words);
		words = NULL;
	}
	if (!words)
		cli_no_memory(ctx);
	return words;
}

void exec_words_free(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}
