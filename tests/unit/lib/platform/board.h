/* SPDX-License-Identifier: MIT */
/* Builds a host with a device tree, whose nodes below /soc are devices. */
#ifndef TESTS_UNIT_LIB_PLATFORM_BOARD_H
#define TESTS_UNIT_LIB_PLATFORM_BOARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include <lend/platform.h>

#include "tests/unit/lib/address/machine.h"

/* Where nodes are in the machine. */
#define BOARD_BASE "sys/firmware/devicetree/base"

/* Loads one of the compiled trees; the caller frees it. */
void *board_load(const char *file, size_t *size);

/* For cmocka: *state is a machine with the board of host.dts. */
int board_setup(void **state);

/* The same with the board of another compiled tree. */
int board_setup_tree(void **state, const char *file);

/* Writes a property's bytes. */
void board_property(struct machine *machine, const char *path, const void *data,
		    size_t size);

/* Makes a device of the node at /soc/NAME. */
void board_add_device(struct machine *machine, const char *name);

/* Makes a device of the node at a path. */
void board_add_device_at(struct machine *machine, const char *name,
			 const char *node);

/* Looks a device up. Returns as lend_platform_new(). */
int board_find(struct machine *machine, const char *name,
	       struct lend_platform **platform);

/* The guest's tree with the node of a device prepared before, from address
 * 0xc000000 and SPI 64 on; the caller frees it. */
void *board_write(const struct lend_platform *platform);

/* Fails where two trees differ by a node, a property or a value. Phandles are
 * equal if their nodes have the same path. */
void board_compare(const void *has, const void *wanted);

/* Fails unless the error has this kind and these words. */
void board_expect_error(struct machine *machine, int result, int err,
			enum lend_error_code code, const char *what,
			const char *evidence, const char *remedy);

#define BOARD_TEST(f)                                                          \
	cmocka_unit_test_setup_teardown(f, board_setup, machine_teardown)

#endif
