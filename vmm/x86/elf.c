// SPDX-License-Identifier: MIT
// Validates an ELF kernel, and finds its entry point for PVH.
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/x86/boot-header.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/elf.h"

/* Xen's public interface, elfnote.h. */
#define NOTE_OWNER "Xen"
#define NOTE_PVH   18

static int elf_error(struct lend_ctx *ctx, const char *path, const char *what,
		     const char *remedy)
{
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL, "%s: %s", path,
		       what);
	return lend_error_remedy(ctx, "%s", remedy);
}

int elf_lacks_pvh(struct lend_ctx *ctx, const char *path)
{
	return elf_error(ctx, path,
			 "this ELF file has no PVH entry point (note 18 of "
			 "Xen)",
			 "give the bzImage (arch/x86/boot/bzImage), or build "
			 "the kernel with CONFIG_PVH");
}

bool elf_is_magic(const uint8_t *bytes, size_t length)
{
	return length >= SELFMAG && !memcmp(bytes, ELFMAG, SELFMAG);
}

static int check_file_header(struct lend_ctx *ctx, const char *path,
			     const uint8_t *bytes, size_t length,
			     Elf64_Ehdr *header)
{
	if (length < sizeof(*header))
		return elf_error(ctx, path, "the file ends within its header",
				 "copy the kernel again");
	memcpy(header, bytes, sizeof(*header));
	if (header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64)
		return elf_error(ctx, path, "it is for another processor",
				 "use an x86-64 kernel");
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return elf_error(ctx, path, "this ELF file is not linked",
				 "give vmlinux or the bzImage");
	if (header->e_phentsize != sizeof(Elf64_Phdr) || !header->e_phnum ||
	    header->e_phnum > ELF_SEGMENTS_MAX || header->e_phoff > length ||
	    length - header->e_phoff < header->e_phnum * sizeof(Elf64_Phdr))
		return elf_error(ctx, path,
				 "its program headers are not 1 to 16 in the "
				 "first kilobyte",
				 "give the bzImage (arch/x86/boot/bzImage)");
	return 0;
}

static bool is_in_file(const struct elf_segment *segment, uint64_t file_size)
{
	return segment->offset <= file_size &&
	       segment->filled <= file_size - segment->offset;
}

static int add_load(struct lend_ctx *ctx, const char *path,
		    const struct elf_segment *segment,
		    struct elf_kernel *kernel)
{
	uint64_t end;

	if (segment->filled > segment->room ||
	    segment->load < BOOT_KERNEL_MIN ||
	    __builtin_add_overflow(segment->load, segment->room, &end)) {
		lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
			       "%s: a segment cannot be loaded", path);
		lend_error_evidence(
			ctx, "%" PRIu64 " of %" PRIu64 " bytes to %#" PRIx64,
			segment->filled, segment->room, segment->load);
		return lend_error_remedy(
			ctx, "give a kernel that is loaded above 1 MiB");
	}
	if (end > kernel->end)
		kernel->end = end;
	kernel->segments[kernel->segment_count++] = *segment;
	return 0;
}

static int add_segment(struct lend_ctx *ctx, const char *path,
		       const Elf64_Phdr *from, uint64_t file_size,
		       struct elf_kernel *kernel)
{
	const struct elf_segment segment = {
		.offset = from->p_offset,
		.filled = from->p_filesz,
		.load = from->p_paddr,
		.room = from->p_memsz,
		.align = from->p_align,
	};

	if (from->p_type != PT_LOAD && from->p_type != PT_NOTE)
		return 0;
	if (!is_in_file(&segment, file_size))
		return elf_error(ctx, path, "the file ends within a segment",
				 "copy the kernel again");
	if (from->p_type == PT_LOAD)
		return add_load(ctx, path, &segment, kernel);
	kernel->notes[kernel->note_count++] = segment;
	return 0;
}

int elf_parse(struct lend_ctx *ctx, const char *path, const uint8_t *bytes,
	      size_t length, uint64_t file_size, uint64_t ram_low,
	      struct elf_kernel *kernel)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	int err;

	*kernel = (struct elf_kernel){.segment_count = 0};
	err = check_file_header(ctx, path, bytes, length, &header);
	for (unsigned int i = 0; !err && i < header.e_phnum; i++) {
		memcpy(&segment, bytes + header.e_phoff + i * sizeof(segment),
		       sizeof(segment));
		err = add_segment(ctx, path, &segment, file_size, kernel);
	}
	if (err)
		return err;
	if (!kernel->segment_count)
		return elf_error(ctx, path, "this ELF file has no segment",
				 "give vmlinux or the bzImage");
	return kernel->end > ram_low
		       ? boot_error_room(ctx, path, kernel->end, ram_low)
		       : 0;
}

/* Owner and content of a note end at multiples of @align, except the last one.
 */
static bool note_skip(size_t size, uint64_t length, uint64_t align, size_t *at)
{
	if (length > size - *at)
		return false;
	*at = (*at + length + align - 1) & ~(align - 1);
	if (*at > size)
		*at = size;
	return true;
}

bool elf_find_pvh(const uint8_t *notes, size_t size, uint64_t align,
		  uint32_t *entry)
{
	Elf64_Nhdr header;
	size_t at = 0, owner, content;

	if (align != 8)
		align = 4;
	while (size - at >= sizeof(header)) {
		memcpy(&header, notes + at, sizeof(header));
		owner = at += sizeof(header);
		if (!note_skip(size, header.n_namesz, align, &at))
			return false;
		content = at;
		if (!note_skip(size, header.n_descsz, align, &at))
			return false;
		if (header.n_type != NOTE_PVH ||
		    header.n_namesz != sizeof(NOTE_OWNER) ||
		    memcmp(notes + owner, NOTE_OWNER, sizeof(NOTE_OWNER)) ||
		    header.n_descsz < sizeof(*entry))
			continue;
		memcpy(entry, notes + content, sizeof(*entry));
		return true;
	}
	return false;
}
