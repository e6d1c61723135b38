// SPDX-License-Identifier: MIT
// The guest's console is found in any command line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vmm/boot/append.h"

static void consoles_are_found(void **state)
{
	static const struct {
		const char *append;
		enum append_console console;
	} cases[] = {
		{"", APPEND_NONE},
		{"quiet", APPEND_NONE},
		{"console=ttyS0", APPEND_SERIAL},
		{"quiet  console=ttyS0,115200n8 root=/dev/vda", APPEND_SERIAL},
		{"console=tty0 console=ttyS0", APPEND_SERIAL},
		{"console=ttyS0 console=tty0", APPEND_SERIAL},
		{"console=ttyS,115200", APPEND_SERIAL},
		{"console=uart8250,io,0x3f8", APPEND_SERIAL},
		{"console=uart,mmio,0x9000000\n", APPEND_SERIAL},
		{"console=ttyAMA0", APPEND_OTHER},
		{"console=ttyS1", APPEND_OTHER},
		{"console=ttyS01", APPEND_OTHER},
		{"console=hvc0 console=", APPEND_OTHER},
		{"netconsole=ttyS0", APPEND_NONE},
		{"root=/dev/sda -- console=ttyS0", APPEND_NONE},
		{"--x console=ttyS0", APPEND_SERIAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(append_find_console(cases[i].append),
				 cases[i].console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consoles_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
