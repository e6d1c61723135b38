/* SPDX-License-Identifier: MIT */
/* Parses the -object options of `lend run`: iommufds that devices refer to by
 * ID. */
#ifndef CLI_RUN_OBJECTS_H
#define CLI_RUN_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

struct lend_ctx;

struct run_object {
	char *id;
	int fd; /* an iommufd that was passed in, or -1 */
};

struct run_objects {
	struct run_object *list;
	size_t count;
	bool prealloc; /* a memory backend asks for what -mem-prealloc does */
};

/*
 * Adds the object of -object @text: [qom-type=]iommufd,id=ID[,fd=NUMBER], or
 * the same as a JSON object. Objects that only emulated devices use, and memory
 * backends that ask for ordinary memory, are accepted and add nothing.
 * Returns 0, or -errno with a record; the caller must call run_objects_free()
 * in any case.
 */
int run_objects_add(struct run_objects *objects, struct lend_ctx *ctx,
		    const char *text);
void run_objects_free(struct run_objects *objects);

#endif
