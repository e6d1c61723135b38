// SPDX-License-Identifier: MIT
// lend dt prints the addresses and interrupts of the arm64 machine.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/dt-guest.h"
#include "vmm/arm64/include/arch-map.h"

static void dt_guest_is_the_arm64_machine(void **state)
{
	(void)state;
	assert_int_equal(DT_GUEST_ADDRESS, LAYOUT_LOW_BASE);
	assert_int_equal(DT_GUEST_SPI, IRQ_PLATFORM_FIRST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dt_guest_is_the_arm64_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
