// SPDX-License-Identifier: MIT
// An ELF kernel with a PVH entry point is loaded, and others are refused.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "elf-kernel.h"
#include "loading.h"
#include "tests/unit/vmm/context.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/elf.h"

#define MIB LOADING_MIB

static int pvh_setup(void **state)
{
	int err = loading_setup(state);
	struct loading *l = *state;

	elf_kernel_make(l->image);
	l->size = ELF_KERNEL_SIZE;
	return err;
}

/* The number of @size bytes at a guest address. */
static uint64_t guest_get(struct loading *l, uint64_t at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, memory_at(&l->memory, at, size), size);
	return value;
}

static void segments_are_loaded_and_cleared(void **state)
{
	struct loading *l = *state;
	const uint8_t *data;

	/* What a boot before this one left. */
	memset(memory_at(&l->memory, 0x1200000, 0x3000), 0x55, 0x3000);
	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
	assert_true(boot_is_pvh(&l->boot));
	assert_int_equal(l->entry, ELF_KERNEL_ENTRY);
	assert_memory_equal(memory_at(&l->memory, 0x1000000, 0x800),
			    l->image + ELF_KERNEL_TEXT, 0x800);
	data = memory_at(&l->memory, 0x1200000, 0x3000);
	assert_memory_equal(data, l->image + ELF_KERNEL_DATA, 0x100);
	for (size_t i = 0x100; i < 0x3000; i++)
		assert_int_equal(data[i], 0);
}

/* Offsets are those of struct hvm_start_info, version 1. */
static void the_start_info_has_what_was_given(void **state)
{
	static uint8_t initrd[8192];
	struct loading *l = *state;
	uint64_t module, map, count, ram = 0;

	memset(initrd, 0x77, sizeof(initrd));
	assert_int_equal(loading_try(l, initrd, sizeof(initrd), "panic=1"), 0);
	assert_int_equal(guest_get(l, BOOT_PARAMS, 4), 0x336ec578);
	assert_int_equal(guest_get(l, BOOT_PARAMS + 4, 4), 1);
	assert_int_equal(guest_get(l, BOOT_PARAMS + 12, 4), 1);
	module = guest_get(l, BOOT_PARAMS + 16, 8);
	assert_int_equal(guest_get(l, module, 8), 64 * MIB - sizeof(initrd));
	assert_int_equal(guest_get(l, module + 8, 8), sizeof(initrd));
	assert_memory_equal(memory_at(&l->memory, 64 * MIB - sizeof(initrd),
				      sizeof(initrd)),
			    initrd, sizeof(initrd));
	assert_string_equal(
		memory_at(&l->memory, guest_get(l, BOOT_PARAMS + 24, 8), 8),
		"panic=1");
	assert_int_equal(guest_get(l, BOOT_PARAMS + 32, 8), ACPI_BASE);
	map = guest_get(l, BOOT_PARAMS + 40, 8);
	count = guest_get(l, BOOT_PARAMS + 48, 4);
	for (uint64_t i = 0; i < count; i++)
		if (guest_get(l, map + i * 24 + 16, 4) == 1)
			ram += guest_get(l, map + i * 24 + 8, 8);
	assert_int_equal(ram, 80 * MIB - (MIB - BOOT_LOW_END));
	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
	assert_int_equal(guest_get(l, BOOT_PARAMS + 12, 4), 0);
}

static void pvh_refuses(struct loading *l, int err, const char *words)
{
	assert_int_equal(loading_try(l, NULL, 0, ""), -err);
	if (!context_says(l->ctx, words))
		fail_msg("no '%s'", words);
	elf_kernel_make(l->image);
}

static void other_files_are_refused(void **state)
{
	struct loading *l = *state;
	Elf64_Ehdr *header = elf_kernel_header(l->image);

	header->e_machine = EM_AARCH64;
	pvh_refuses(l, ENOEXEC, "for another processor");
	header->e_ident[EI_CLASS] = ELFCLASS32;
	pvh_refuses(l, ENOEXEC, "for another processor");
	header->e_type = ET_REL;
	pvh_refuses(l, ENOEXEC, "is not linked");
	header->e_phentsize = 32;
	pvh_refuses(l, ENOEXEC, "program headers");
	header->e_phnum = 17;
	pvh_refuses(l, ENOEXEC, "program headers");
	header->e_phnum = 0;
	pvh_refuses(l, ENOEXEC, "program headers");
	header->e_phoff = 1024 - 3 * sizeof(Elf64_Phdr) + 1;
	pvh_refuses(l, ENOEXEC, "program headers");
	header->e_phoff = UINT64_MAX;
	pvh_refuses(l, ENOEXEC, "program headers");
	elf_kernel_segment(l->image, 0)->p_type = PT_NULL;
	elf_kernel_segment(l->image, 1)->p_type = PT_NULL;
	pvh_refuses(l, ENOEXEC, "has no segment");
	l->size = sizeof(*header) - 1;
	pvh_refuses(l, ENOEXEC, "ends within its header");
}

static void segments_stay_in_file_and_memory(void **state)
{
	struct loading *l = *state;
	Elf64_Phdr *segment = elf_kernel_segment(l->image, 1);

	segment->p_offset = ELF_KERNEL_SIZE - segment->p_filesz + 1;
	pvh_refuses(l, ENOEXEC, "ends within a segment");
	segment->p_offset = UINT64_MAX;
	pvh_refuses(l, ENOEXEC, "ends within a segment");
	segment->p_memsz = segment->p_filesz - 1;
	pvh_refuses(l, ENOEXEC, "cannot be loaded");
	segment->p_paddr = MIB - 1;
	pvh_refuses(l, ENOEXEC, "cannot be loaded");
	segment->p_paddr = UINT64_MAX;
	pvh_refuses(l, ENOEXEC, "cannot be loaded");
	segment->p_paddr = 64 * MIB - 0x3000 + 1;
	pvh_refuses(l, ENOMEM, "of RAM to start; the guest has 64 MiB");
	segment->p_paddr = 64 * MIB - 0x3000;
	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
	assert_int_equal(loading_try(l, "\037\213", 2, ""), -ENOMEM);
	assert_true(context_says(l->ctx, "does not fit beside the kernel"));
}

/* A segment without room has no address in memory. */
static void empty_segments_are_loaded(void **state)
{
	struct loading *l = *state;
	Elf64_Phdr *segment = elf_kernel_segment(l->image, 1);

	segment->p_filesz = segment->p_memsz = 0;
	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
	segment->p_memsz = 0x1000;
	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
}

static void without_pvh_it_is_refused(void **state)
{
	struct loading *l = *state;
	Elf64_Phdr *notes = elf_kernel_segment(l->image, 2);
	Elf64_Nhdr *note = (Elf64_Nhdr *)(l->image + ELF_KERNEL_NOTES);

	notes->p_filesz = 20;
	pvh_refuses(l, ENOEXEC, "no PVH entry point");
	notes->p_filesz = 39;
	pvh_refuses(l, ENOEXEC, "no PVH entry point");
	notes->p_filesz = ELF_NOTES_MAX + 1;
	l->size = sizeof(l->image);
	pvh_refuses(l, ENOEXEC, "no PVH entry point");
	note->n_namesz = UINT32_MAX;
	pvh_refuses(l, ENOEXEC, "no PVH entry point");
	note->n_descsz = UINT32_MAX;
	pvh_refuses(l, ENOEXEC, "no PVH entry point");
	notes->p_type = PT_NULL;
	pvh_refuses(l, ENOEXEC, "no PVH entry point");
}

/* With 8, the header and an owner of 4 bytes fill 16. */
static void notes_may_be_aligned_to_8(void **state)
{
	struct loading *l = *state;
	uint8_t *at = l->image + ELF_KERNEL_NOTES;
	const uint32_t entry = 0x1234567;

	memset(at, 0, 0x100);
	elf_kernel_put_note(at, "GNU", 5, 4);
	elf_kernel_put_note(at + 24, "Xen", 18, 8);
	memcpy(at + 24 + 16, &entry, sizeof(entry));
	elf_kernel_segment(l->image, 2)->p_filesz = 48;
	pvh_refuses(l, ENOEXEC, "no PVH entry point");
	elf_kernel_put_note(at, "GNU", 5, 4);
	elf_kernel_put_note(at + 24, "Xen", 18, 8);
	memcpy(at + 24 + 16, &entry, sizeof(entry));
	elf_kernel_segment(l->image, 2)->p_filesz = 48;
	elf_kernel_segment(l->image, 2)->p_align = 8;
	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
	assert_int_equal(l->entry, entry);
}

static void the_command_line_is_as_long_as_linux_reads(void **state)
{
	loading_try_cmdline(*state, 2047);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, pvh_setup, loading_teardown)
	const struct CMUnitTest tests[] = {
		TEST(segments_are_loaded_and_cleared),
		TEST(the_start_info_has_what_was_given),
		TEST(other_files_are_refused),
		TEST(segments_stay_in_file_and_memory),
		TEST(empty_segments_are_loaded),
		TEST(without_pvh_it_is_refused),
		TEST(notes_may_be_aligned_to_8),
		TEST(the_command_line_is_as_long_as_linux_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
