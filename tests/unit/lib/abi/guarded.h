/* SPDX-License-Identifier: MIT */
/* Structures as programs of other releases pass them, before a page that nobody
 * may read. */
#ifndef TEST_GUARDED_H
#define TEST_GUARDED_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <lend/error.h>

#define offsetofend(type, member)                                              \
	(offsetof(type, member) + sizeof(((type *)0)->member))

/* A public function that reads a structure. */
struct sized_reader {
	const char *name; /* of the structure, without "struct" */
	size_t first;     /* bytes in release 0.1 */
	size_t known;     /* bytes of the members that are read now */
	/* Calls the function, and undoes what it did. */
	int (*call)(void *opaque, const void *given);
	void *opaque;
	const struct lend_error *error; /* NULL where there is no record */
};

/* A copy of @size bytes that ends where reading ends, its member size set;
 * what @from lacks is 0. guarded_free() ends it. */
void *guarded_copy(const void *from, size_t from_size, size_t size);
void guarded_free(void *copy, size_t size);

/* Fails unless the function accepts @valid at the first release's size, at
 * today's, and longer with zeros behind; refuses it smaller, larger than any
 * structure, and with a byte set behind what it knows; and reads no byte too
 * many of any. */
void sized_check(const struct sized_reader *reader, const void *valid);

#endif
