/* SPDX-License-Identifier: MIT */
/* Descriptors that a client of the control socket has passed in. */
#ifndef VMM_CONTROL_DESCRIPTORS_H
#define VMM_CONTROL_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSED_MAX      64 /* descriptors that are kept */
#define PASSED_NAME_MAX 64 /* bytes of a name, or of what a client adds */

/* With a name from getfd, or in a set from add-fd. */
struct passed_descriptor {
	int fd;
	bool is_in_set;
	int64_t set;
	char name[PASSED_NAME_MAX];
};

/* All zeros: none. They belong to the connection, and are closed with it. */
struct passed {
	struct passed_descriptor kept[PASSED_MAX];
	size_t count;
	int arrived; /* with the message that is being read; 0: none */
};

/* Take over @fd, which arrived with a message; one that was not used before is
 * closed. */
void passed_arrive(struct passed *passed, int fd);

/* Returns the descriptor that arrived, which is the caller's now; or -1. */
int passed_take(struct passed *passed);

/*
 * Keep @fd under @name, in place of another of that name; or in set @set, with
 * @name as the client's note. Returns false, with @fd closed, if there are too
 * many.
 */
bool passed_keep(struct passed *passed, int fd, const char *name);
bool passed_add(struct passed *passed, int fd, int64_t set, const char *name);

/* Returns the one of that name, which is the caller's now; or -1. */
int passed_take_named(struct passed *passed, const char *name);

/* A set that has none yet. */
int64_t passed_new_set(const struct passed *passed);

/* Close the one of that name; or @fd of a set, all of them with -1. Returns
 * false if there is none. */
bool passed_close(struct passed *passed, const char *name);
bool passed_remove(struct passed *passed, int64_t set, int64_t fd);

/* Close all. */
void passed_end(struct passed *passed);

#endif
