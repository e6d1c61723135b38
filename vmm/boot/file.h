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

struct boot_file {
	const char *path; /* or NULL: none */
	const char *option;
	int fd;
	uint64_t size;
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

/* Read the first bytes of the file, at most *length, which receives their
 * number. Returns 0 or a recorded error. */
int boot_read_head(const struct boot *boot, const struct boot_file *file,
		   uint8_t *head, size_t *length);

/* Record that @call failed on the file. Returns -error. */
int boot_file_error(struct lend_ctx *ctx, const struct boot_file *file,
		    const char *call, int err);

#endif
