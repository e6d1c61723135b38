/* SPDX-License-Identifier: MIT */
/* A minimal ELF kernel with a PVH entry point, which tests can corrupt. */
#ifndef TESTS_UNIT_VMM_X86_ELF_KERNEL_H
#define TESTS_UNIT_VMM_X86_ELF_KERNEL_H

#include <elf.h>
#include <stdint.h>
#include <string.h>

#define ELF_KERNEL_SIZE  8192
#define ELF_KERNEL_NOTES 0x200 /* offsets in the file */
#define ELF_KERNEL_TEXT  0x1000
#define ELF_KERNEL_DATA  0x1800
#define ELF_KERNEL_ENTRY 0x1000123

static inline Elf64_Ehdr *elf_kernel_header(uint8_t *image)
{
	return (Elf64_Ehdr *)image;
}

/* 0: text, 1: data and room beyond it, 2: notes. */
static inline Elf64_Phdr *elf_kernel_segment(uint8_t *image, unsigned int i)
{
	return (Elf64_Phdr *)(image + sizeof(Elf64_Ehdr)) + i;
}

static inline Elf64_Nhdr *elf_kernel_put_note(uint8_t *at, const char *owner,
					      uint32_t type, uint32_t size)
{
	Elf64_Nhdr *note = (Elf64_Nhdr *)at;

	note->n_namesz = (uint32_t)strlen(owner) + 1;
	note->n_descsz = size;
	note->n_type = type;
	memcpy(note + 1, owner, note->n_namesz);
	return note;
}

/* Write ELF_KERNEL_SIZE bytes that elf_parse() accepts. */
static inline void elf_kernel_make(uint8_t *image)
{
	const uint32_t entry = ELF_KERNEL_ENTRY;

	memset(image, 0, ELF_KERNEL_SIZE);
	memset(image + ELF_KERNEL_TEXT, 0x90, 0x800);
	memset(image + ELF_KERNEL_DATA, 0xda, 0x100);
	*elf_kernel_header(image) = (Elf64_Ehdr){
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	*elf_kernel_segment(image, 0) = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_offset = ELF_KERNEL_TEXT,
		.p_paddr = 0x1000000,
		.p_filesz = 0x800,
		.p_memsz = 0x800,
	};
	*elf_kernel_segment(image, 1) = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_offset = ELF_KERNEL_DATA,
		.p_paddr = 0x1200000,
		.p_filesz = 0x100,
		.p_memsz = 0x3000,
	};
	*elf_kernel_segment(image, 2) = (Elf64_Phdr){
		.p_type = PT_NOTE,
		.p_offset = ELF_KERNEL_NOTES,
		.p_filesz = 20 + 20,
		.p_align = 4,
	};
	/* The first is not to be taken for the second. */
	elf_kernel_put_note(image + ELF_KERNEL_NOTES, "GNU", 18, 4);
	elf_kernel_put_note(image + ELF_KERNEL_NOTES + 20, "Xen", 18, 4);
	memcpy(image + ELF_KERNEL_NOTES + 36, &entry, sizeof(entry));
}

#endif
