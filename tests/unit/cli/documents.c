// SPDX-License-Identifier: MIT
// Keeps each JSON document that a test's commands print.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/json.h"
#include "documents.h"

static struct {
	char command[32];
	unsigned int count;
} documents;

void documents_of(const char *command)
{
	snprintf(documents.command, sizeof(documents.command), "%.*s",
		 (int)strcspn(command, " "), command);
}

void __real_json_print(struct json_object *document);
void __wrap_json_print(struct json_object *document);

/* In the place of json_print(): no document of a command escapes it. */
void __wrap_json_print(struct json_object *document)
{
	const char *directory = getenv("LEND_DOCUMENTS");
	char path[4096];
	FILE *file;

	if (directory) {
		snprintf(path, sizeof(path), "%s/%d-%u-%s.json", directory,
			 (int)getpid(), documents.count++, documents.command);
		file = fopen(path, "we");
		if (!file ||
		    fputs(json_object_to_json_string(document), file) == EOF)
			abort();
		fclose(file);
	}
	__real_json_print(document);
}
