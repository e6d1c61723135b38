/* SPDX-License-Identifier: MIT */
/*
 * The guest's kernel and initrd: files that stay open and are read at each
 * start.
 */
#ifndef VMM_BOOT_FILE_H
#define VMM_BOOT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lend_ctx;

#define BOOT_HEAD_BYTES 1024 /* for the headers and kinds of all formats */

struct boot_file {
	const char *path; /* or NULL: none */
	const char *option;
	int fd;
	uint64_t size;
	/* Its first bytes, as they were when the file was opened or reread. */
	uint8_t head[BOOT_HEAD_BYTES];
	size_t head_length;
};

/* Open for the whole run, so that a guest can be reset in the sandbox. */
struct boot {
	struct lend_ctx *ctx; /* borrowed */
	struct boot_file kernel;
	struct boot_file initrd;
	const char *append;
	bool is_unpacked; /* @kernel was looked at, and is not compressed */
};

/*
 * Open the files; fds are -1 and paths set. Returns 0 or a recorded error.
 * boot_close() must be called either way.
 */
int boot_open(struct boot *boot);
void boot_close(struct boot *boot);

/* Read exactly @size bytes; the file may have shrunk meanwhile. Returns 0 or a
 * recorded error. */
int boot_file_read(const struct boot *boot, const struct boot_file *file,
		   void *to, uint64_t size, uint64_t offset);

/* Read the head of the file again: the contents may have changed. Returns 0 or
 * a recorded error. */
int boot_read_head(const struct boot *boot, struct boot_file *file);

/* Record that @call failed on the file. Returns -error. */
int boot_file_error(struct lend_ctx *ctx, const struct boot_file *file,
		    const char *call, int err);

#endif
