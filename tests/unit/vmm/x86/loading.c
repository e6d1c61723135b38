// SPDX-License-Identifier: MIT
// Loads a kernel of a test into RAM, as a machine would.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "loading.h"
#include "vmm/x86/boot.h"

void loading_write(char *name, const void *bytes, size_t size)
{
	int fd;

	strcpy(name, "/tmp/test-boot-XXXXXX");
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

int loading_setup(void **state)
{
	struct loading *l = calloc(1, sizeof(*l));

	*state = l;
	l->layout = (struct layout){
		.ram_low = {0, 64 * LOADING_MIB},
		.ram_high = {LAYOUT_4G, 16 * LOADING_MIB},
		.ecam = {LAYOUT_ECAM_BASE, LOADING_MIB},
	};
	if (lend_ctx_new(NULL, &l->ctx))
		return -1;
	return memory_open(&l->memory, l->ctx, &l->layout,
			   &(struct memory_options){0});
}

int loading_teardown(void **state)
{
	struct loading *l = *state;

	memory_close(&l->memory);
	lend_ctx_unref(l->ctx);
	free(l);
	return 0;
}

void loading_name(struct loading *l, const void *initrd, size_t size,
		  const char *append)
{
	loading_write(l->kernel, l->image, l->size);
	l->boot = (struct boot){
		.ctx = l->ctx,
		.kernel = {.path = l->kernel, .option = "-kernel", .fd = -1},
		.initrd = {.path = NULL, .option = "-initrd", .fd = -1},
		.append = append,
	};
	if (!initrd)
		return;
	loading_write(l->initrd, initrd, size);
	l->boot.initrd.path = l->initrd;
}

int loading_try(struct loading *l, const void *initrd, size_t size,
		const char *append)
{
	int err;

	loading_name(l, initrd, size, append);
	err = boot_open(&l->boot);
	if (!err)
		err = boot_load(&l->boot, &l->memory, &l->layout, &l->entry);
	boot_close(&l->boot);
	unlink(l->kernel);
	if (initrd)
		unlink(l->initrd);
	return err;
}

void loading_try_cmdline(struct loading *l, size_t limit)
{
	char *line = calloc(1, limit + 2);

	assert_non_null(line);
	memset(line, 'x', limit);
	assert_int_equal(loading_try(l, NULL, 0, line), 0);
	line[limit] = 'x';
	assert_int_equal(loading_try(l, NULL, 0, line), -E2BIG);
	free(line);
}
