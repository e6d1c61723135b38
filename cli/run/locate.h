/* SPDX-License-Identifier: MIT */
/* Finds the host device of a -device string of `lend run`. */
#ifndef CLI_RUN_LOCATE_H
#define CLI_RUN_LOCATE_H

struct lend_address;
struct lend_ctx;
struct lend_spec;

struct run_identity {
	struct lend_address *address; /* NULL if only a descriptor is known */
	int fd;                       /* that was passed in, or -1 */
	char *name;                   /* its name in messages */
};

/* Opens nothing. Returns 0, or -errno with a record; the caller must call
 * run_identity_free() in any case. */
int run_locate(struct run_identity *id, struct lend_ctx *ctx,
	       const struct lend_spec *spec);
void run_identity_free(struct run_identity *id);

/* The path of the server's socket that a -device string names, borrowed; NULL
 * where it names a device of the host. */
const char *run_socket(const struct lend_spec *spec);

#endif
