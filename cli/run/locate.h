/* SPDX-License-Identifier: MIT */
/* Which host device a -device string of `lend run` means. */
#ifndef CLI_RUN_LOCATE_H
#define CLI_RUN_LOCATE_H

struct lend_address;
struct lend_ctx;
struct lend_spec;

struct run_identity {
	struct lend_address *address; /* NULL where an fd is all there is */
	int fd;                       /* that was passed in, or -1 */
	char *name;                   /* what messages call it */
};

/* Opens nothing. Returns 0, or -errno with a record; run_identity_free() is due
 * either way. */
int run_locate(struct run_identity *id, struct lend_ctx *ctx,
	       const struct lend_spec *spec);
void run_identity_free(struct run_identity *id);

#endif
