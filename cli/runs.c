// SPDX-License-Identifier: MIT
// Lists the runs that have a name, by their control sockets.

#include <dirent.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/runs.h"
#include "cli/runtime.h"

void runs_each(void (*found)(void *opaque, const char *path, const char *name),
	       void *opaque)
{
	struct runtime_path directories[2], path;
	unsigned int count = runtime_directories(directories);

	for (unsigned int i = 0; i < count; i++) {
		DIR *directory = opendir(directories[i].text);
		const struct dirent *entry;

		while (directory && (entry = readdir(directory)))
			if (runtime_join(&directories[i], entry->d_name, &path))
				found(opaque, path.text, entry->d_name);
		if (directory)
			closedir(directory);
	}
}

static void runs_add(void *opaque, const char *path, const char *name)
{
	struct json_object *run = json_object_new_object();

	json_add_text(run, "name", name);
	json_add_text(run, "socket", path);
	json_object_array_add(opaque, run);
}

int runs_print(const struct cli *cli)
{
	struct json_object *runs = json_object_new_array(), *document;

	runs_each(runs_add, runs);
	for (size_t i = 0; !cli->json && i < json_length(runs); i++)
		printf("%s\t%s\n", json_text(json_at(runs, i), "name"),
		       json_text(json_at(runs, i), "socket"));
	if (cli->json) {
		document = json_new_document();
		json_add(document, "runs", json_object_get(runs));
		json_print(document);
	}
	json_object_put(runs);
	return 0;
}
