// SPDX-License-Identifier: MIT
// Kernel, initrd, command line and boot parameters are at the right addresses.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "bzimage.h"
#include "loading.h"
#include "tests/unit/vmm/context.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/boot.h"

#define MIB LOADING_MIB

static int boot_setup(void **state)
{
	int err = loading_setup(state);
	struct loading *l = *state;

	bzimage_make(l->image);
	l->size = BZIMAGE_SIZE;
	return err;
}

static struct boot_params *boot_params_at(struct loading *l)
{
	return memory_at(&l->memory, BOOT_PARAMS, sizeof(struct boot_params));
}

static void the_kernel_is_ready_to_run(void **state)
{
	struct loading *l = *state;
	uint64_t *level4, *level3, *level2;

	assert_int_equal(loading_try(l, NULL, 0, "console=ttyS0"), 0);
	assert_int_equal(l->entry, 16 * MIB + 0x200);
	assert_memory_equal(memory_at(&l->memory, 16 * MIB, BZIMAGE_KERNEL),
			    l->image + BZIMAGE_PAYLOAD, BZIMAGE_KERNEL);
	assert_string_equal(
		memory_at(&l->memory, boot_params_at(l)->hdr.cmd_line_ptr, 14),
		"console=ttyS0");
	assert_int_equal(boot_params_at(l)->hdr.type_of_loader, 0xff);
	assert_int_equal(boot_params_at(l)->hdr.ramdisk_size, 0);
	assert_int_equal(boot_params_at(l)->acpi_rsdp_addr, ACPI_BASE);
	/* the page tables identity-map the entry */
	level4 = memory_at(&l->memory, BOOT_PAGES, 4096);
	level3 = memory_at(&l->memory, level4[0] & ~0xfffull, 4096);
	level2 = memory_at(&l->memory, level3[0] & ~0xfffull, 4096);
	assert_int_equal(level2[l->entry >> 21] & ~0xfffull, 16 * MIB);
	assert_int_equal(level2[511] & ~0xfffull, BOOT_MAPPED - 2 * MIB);
}

static void the_memory_map_matches_the_layout(void **state)
{
	struct loading *l = *state;
	uint64_t ram = 0;

	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
	for (unsigned int i = 0; i < boot_params_at(l)->e820_entries; i++) {
		const struct boot_e820_entry *e =
			&boot_params_at(l)->e820_table[i];

		if (e->type != 1)
			continue;
		ram += e->size;
		assert_non_null(memory_at(&l->memory, e->addr, e->size));
		assert_true(e->addr + e->size <= ACPI_BASE ||
			    e->addr >= ACPI_BASE + ACPI_SIZE);
	}
	assert_int_equal(ram, 80 * MIB - (MIB - BOOT_LOW_END));
}

/* The machine's ROM, at both reset vectors, is no RAM. */
static void the_rom_is_reserved(void **state)
{
	struct loading *l = *state;
	unsigned int found = 0;

	assert_int_equal(loading_try(l, NULL, 0, ""), 0);
	for (unsigned int i = 0; i < boot_params_at(l)->e820_entries; i++) {
		const struct boot_e820_entry *e =
			&boot_params_at(l)->e820_table[i];

		if (e->addr == LAYOUT_ROM_LOW || e->addr == LAYOUT_ROM_HIGH) {
			assert_int_equal(e->type, 2);
			assert_int_equal(e->size, LAYOUT_ROM_SIZE);
			found++;
		} else {
			assert_true(e->addr + e->size <= LAYOUT_ROM_LOW ||
				    e->addr >= MIB);
		}
	}
	assert_int_equal(found, 2);
}

/* Tables of devices at the end of low RAM are not overwritten. */
static void tables_of_devices_are_reserved(void **state)
{
	static uint8_t initrd[8192];
	struct loading *l = *state;
	const struct boot_e820_entry *e;
	uint64_t ram = 0, reserved = 0;

	l->layout.tables = (struct range){64 * MIB - 0x3000, 0x3000};
	assert_int_equal(loading_try(l, initrd, sizeof(initrd), ""), 0);
	for (unsigned int i = 0; i < boot_params_at(l)->e820_entries; i++) {
		e = &boot_params_at(l)->e820_table[i];
		ram += e->type == 1 ? e->size : 0;
		if (e->type == 2 && e->addr == l->layout.tables.base)
			reserved += e->size;
	}
	assert_int_equal(ram, 80 * MIB - 0x3000 - (MIB - BOOT_LOW_END));
	assert_int_equal(reserved, 0x3000);
	assert_int_equal(boot_params_at(l)->hdr.ramdisk_image,
			 64 * MIB - 0x3000 - sizeof(initrd));
}

static void the_initrd_is_as_high_as_possible(void **state)
{
	static uint8_t initrd[8192];
	struct loading *l = *state;
	uint32_t at;

	memset(initrd, 0x77, sizeof(initrd));
	assert_int_equal(loading_try(l, initrd, sizeof(initrd), ""), 0);
	at = boot_params_at(l)->hdr.ramdisk_image;
	assert_int_equal(at, 64 * MIB - 8192);
	assert_int_equal(boot_params_at(l)->hdr.ramdisk_size, sizeof(initrd));
	assert_memory_equal(memory_at(&l->memory, at, sizeof(initrd)), initrd,
			    sizeof(initrd));
	bzimage_header(l->image)->initrd_addr_max = 40 * MIB - 1;
	assert_int_equal(loading_try(l, initrd, sizeof(initrd), ""), 0);
	assert_int_equal(boot_params_at(l)->hdr.ramdisk_image, 40 * MIB - 8192);
	bzimage_header(l->image)->initrd_addr_max = 32 * MIB;
	assert_int_equal(loading_try(l, initrd, sizeof(initrd), ""), -ENOMEM);
	assert_true(context_says(l->ctx, "does not fit beside the kernel"));
}

static void the_command_line_has_a_limit(void **state)
{
	struct loading *l = *state;

	loading_try_cmdline(l, 2047);
	assert_true(context_says(l->ctx, "2048 bytes long"));
	assert_true(context_says(l->ctx, "accepts at most 2047"));
}

static void unreadable_files_are_reported(void **state)
{
	struct loading *l = *state;
	struct boot boot = {
		.ctx = l->ctx,
		.kernel = {.path = "/nonexistent/vmlinuz",
			   .option = "-kernel",
			   .fd = -1},
		.initrd = {.path = NULL, .option = "-initrd", .fd = -1},
	};

	assert_int_equal(boot_open(&boot), -ENOENT);
	assert_true(context_says(l->ctx, "/nonexistent/vmlinuz"));
	boot_close(&boot);
	boot.kernel.path = "/tmp";
	assert_int_equal(boot_open(&boot), -EISDIR);
	boot_close(&boot);
	boot.kernel.path = "/dev/zero";
	assert_int_equal(boot_open(&boot), -EINVAL);
	assert_true(context_says(l->ctx, "not a regular file"));
	boot_close(&boot);
}

/* Opening it would wait for ever. */
static void a_fifo_is_refused(void **state)
{
	static const char name[] = "/tmp/test-boot-fifo";
	struct loading *l = *state;
	struct boot boot = {
		.ctx = l->ctx,
		.kernel = {.path = name, .option = "-kernel", .fd = -1},
		.initrd = {.path = NULL, .option = "-initrd", .fd = -1},
	};

	unlink(name);
	assert_int_equal(mkfifo(name, 0600), 0);
	alarm(60);
	assert_int_equal(boot_open(&boot), -EINVAL);
	alarm(0);
	assert_true(context_says(l->ctx, "not a regular file"));
	boot_close(&boot);
	unlink(name);
}

/* A device would be reset by its opening: files are checked first. */
static void files_are_checked_before_there_is_memory(void **state)
{
	struct loading *l = *state;
	char append[4096];

	loading_name(l, l->image + 0x300, 8192, "");
	assert_int_equal(boot_open(&l->boot), 0);
	assert_int_equal(boot_check(&l->boot, 64 * MIB), 0);
	assert_int_equal(boot_check(&l->boot, 32 * MIB), -ENOMEM);
	assert_true(context_says(l->ctx, "does not fit beside the kernel"));
	assert_int_equal(boot_check(&l->boot, 16 * MIB), -ENOMEM);
	assert_true(context_says(l->ctx, "MiB of RAM to start"));
	memset(append, 'x', sizeof(append) - 1);
	append[sizeof(append) - 1] = '\0';
	l->boot.append = append;
	assert_int_equal(boot_check(&l->boot, 64 * MIB), -E2BIG);
	boot_close(&l->boot);
	unlink(l->kernel);
	unlink(l->initrd);
}

static void a_kernel_is_no_initrd(void **state)
{
	struct loading *l = *state;

	assert_int_equal(loading_try(l, l->image, l->size, ""), -ENOEXEC);
	assert_true(context_says(l->ctx, "is not an initrd"));
	assert_true(context_says(l->ctx, "it is an x86 kernel"));
	assert_int_equal(loading_try(l, "\037\213", 2, ""), 0);
}

static void empty_files_are_refused(void **state)
{
	struct loading *l = *state;

	assert_int_equal(loading_try(l, "", 0, ""), -ENODATA);
	assert_true(context_says(l->ctx, "-initrd"));
	assert_true(context_says(l->ctx, "is empty"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, boot_setup, loading_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_kernel_is_ready_to_run),
		TEST(the_memory_map_matches_the_layout),
		TEST(the_rom_is_reserved),
		TEST(tables_of_devices_are_reserved),
		TEST(the_initrd_is_as_high_as_possible),
		TEST(the_command_line_has_a_limit),
		TEST(unreadable_files_are_reported),
		TEST(a_fifo_is_refused),
		TEST(files_are_checked_before_there_is_memory),
		TEST(a_kernel_is_no_initrd),
		TEST(empty_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
