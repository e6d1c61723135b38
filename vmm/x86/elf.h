/* SPDX-License-Identifier: MIT */
/* Validates an ELF kernel, and finds its entry point for PVH. */
#ifndef VMM_X86_ELF_H
#define VMM_X86_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lend_ctx;

#define ELF_SEGMENTS_MAX 16
#define ELF_NOTES_MAX    8192 /* bytes; Linux has some 500 */

struct elf_segment {
	uint64_t offset; /* in the file */
	uint64_t filled; /* bytes in the file; zeros follow */
	uint64_t load;   /* guest address to load it at */
	uint64_t room;   /* bytes in memory */
	uint64_t align;
};

struct elf_kernel {
	struct elf_segment segments[ELF_SEGMENTS_MAX];
	size_t segment_count;
	struct elf_segment notes[ELF_SEGMENTS_MAX];
	size_t note_count;
	uint64_t end; /* of all segments in memory */
};

/* Whether a file that starts so is to be parsed as an ELF file. */
bool elf_is_magic(const uint8_t *bytes, size_t length);

/*
 * Check the first @length bytes of the ELF file @path, of @file_size bytes, for
 * @ram_low bytes of low RAM. Pure. Returns 0 or a recorded error.
 */
int elf_parse(struct lend_ctx *ctx, const char *path, const uint8_t *bytes,
	      size_t length, uint64_t file_size, uint64_t ram_low,
	      struct elf_kernel *kernel);

/*
 * Find the PVH entry point (note 18 of "Xen") in a segment of notes, aligned to
 * @align bytes. Pure. Returns false if there is none.
 */
bool elf_find_pvh(const uint8_t *notes, size_t size, uint64_t align,
		  uint32_t *entry);

/* Record that the ELF file @path has no PVH entry point. Returns -ENOEXEC. */
int elf_lacks_pvh(struct lend_ctx *ctx, const char *path);

#endif
