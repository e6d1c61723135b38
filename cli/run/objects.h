/* SPDX-License-Identifier: MIT */
/* The -object options of `lend run`: iommufds, which devices name by ID. */
#ifndef CLI_RUN_OBJECTS_H
#define CLI_RUN_OBJECTS_H

#include <stddef.h>

struct lend_ctx;

struct run_object {
	char *id;
	int fd; /* an iommufd that this process was given, or -1 */
};

struct run_objects {
	struct run_object *list;
	size_t count;
};

/*
 * Add what -object @text asks for: [qom-type=]iommufd,id=ID[,fd=NUMBER].
 * Returns 0, or -errno with a record; run_objects_free() is due either way.
 */
int run_objects_add(struct run_objects *objects, struct lend_ctx *ctx,
		    const char *text);
void run_objects_free(struct run_objects *objects);

#endif
