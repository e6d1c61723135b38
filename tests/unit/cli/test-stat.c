// SPDX-License-Identifier: MIT
// lend stat: what the kernel counts about lent devices.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "admin.h"

#define ROOT "sys/devices/pci0000:00/0000:04:00.0/"

#define INTERRUPTS(first, second)                                              \
	"            CPU0       CPU1\n"                                        \
	"   0:         10          0   IO-APIC    2-edge      timer\n"         \
	"  45:        " first "          2   IR-PCI-MSI 2097152-edge      "    \
	"vfio-msix[0](0000:04:00.0)\n"                                         \
	"  46:        " second "          0   IR-PCI-MSI 2097153-edge      "   \
	"vfio-msix[3](0000:04:00.0)\n"                                         \
	"  47:          7          0   IR-PCI-MSI 2097154-edge      "          \
	"vfio-msix[0](0000:04:00.1)\n"                                         \
	"  16:          5          1   IO-APIC   16-fasteoi   ehci, "          \
	"vfio-intx(0000:04:00.0)\n"                                            \
	"  17:          5          1   IO-APIC   17-fasteoi   vfio-msix[9\n"   \
	" NMI:          5          1   Non-maskable interrupts\n"

static struct machine *waiting;

double __wrap_stat_wait(double seconds);

/* Two seconds, in which the device has interrupted. */
double __wrap_stat_wait(double seconds)
{
	assert_true(seconds > 0);
	fake_file(waiting->fake, "proc/interrupts", INTERRUPTS("120", "31"));
	return 2;
}

static void stat_test_begin(struct machine *m)
{
	admin_build_host(m);
	fake_file(m->fake, "proc/interrupts", INTERRUPTS("100", "30"));
	fake_file(m->fake, ROOT "power_state", "D0\n");
	fake_file(m->fake, ROOT "current_link_speed", "2.5 GT/s PCIe\n");
	fake_file(m->fake, ROOT "max_link_speed", "16.0 GT/s PCIe\n");
	fake_file(m->fake, ROOT "current_link_width", "4\n");
	fake_file(m->fake, ROOT "max_link_width", "4\n");
	fake_file(m->fake, ROOT "aer_dev_correctable",
		  "RxErr 1\nBadTLP 2\nTOTAL_ERR_COR 3\n");
	fake_file(m->fake, ROOT "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0\n");
	fake_file(m->fake, ROOT "aer_dev_fatal", "TOTAL_ERR_FATAL 1\n");
	waiting = m;
}

static void a_lent_device_is_a_row(void **state)
{
	struct machine *m = *state;

	stat_test_begin(m);
	setenv("LC_ALL", "C", 1);
	admin_expect(m, "stat", "stat.txt");
	/* A table has no lines, in any locale. */
	setenv("LC_ALL", "en_US.UTF-8", 1);
	admin_expect(m, "stat", "stat.txt");
	unsetenv("LC_ALL");
	admin_expect_on_terminal(m, "stat 04:00.0", "stat-terminal.txt");
	admin_expect(m, "stat --json", "stat.json");
	admin_expect(m, "stat --openmetrics", "stat-metrics.txt");
}

/* Its name looks like what is read from the text. */
static void the_holder_is_asked_for_its_memory(void **state)
{
	struct machine *m = *state;

	stat_test_begin(m);
	fake_refuse(m->fake, "dev/vfio/16", 0, EBUSY);
	fake_file(m->fake, "proc/3141/comm", "q (pid 12, x\n");
	fake_file(m->fake, "proc/3141/status",
		  "Name:\tq\nUid:\t0\t0\t0\t0\nVmPin:\t  3072 kB\n");
	fake_link(m->fake, "proc/3141/fd/9", "dev/vfio/16");
	fake_file(m->fake, "proc/12/status", "VmPin:\t 9 kB\n");
	admin_expect(m, "stat", "stat-held.txt");
	admin_expect(m, "stat --openmetrics", "stat-held-metrics.txt");
}

static void what_is_unknown_is_left_out(void **state)
{
	static const char *const files[] = {
		"power_state",      "current_link_speed", "current_link_width",
		"max_link_speed",   "max_link_width",     "aer_dev_correctable",
		"aer_dev_nonfatal", "aer_dev_fatal",
	};
	struct machine *m = *state;
	char path[128];

	stat_test_begin(m);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), ROOT "%s", files[i]);
		fake_file(m->fake, path, "-1 0x\n");
	}
	fake_remove(m->fake, "proc/interrupts");
	admin_expect(m, "stat", "stat-unknown.txt");
	admin_expect(m, "stat --json", "stat-unknown.json");
}

static void a_rate_is_a_difference(void **state)
{
	struct machine *m = *state;

	stat_test_begin(m);
	admin_expect_on_terminal(m, "stat -w --count 2", "stat-watch.txt");
}

static void wrong_use_is_refused(void **state)
{
	struct machine *m = *state;

	stat_test_begin(m);
	admin_expect_error(m, "stat 02:00.0", LEND_ERROR_HOST_DRIVER,
			   "not bound to VFIO", "", "lend bind 0000:02:00.0");
	admin_expect_error(m, "stat -w --openmetrics", LEND_ERROR_ARGUMENT,
			   "exclude each other", "", "");
	admin_expect_error(m, "stat -w --json", LEND_ERROR_ARGUMENT,
			   "exclude each other", "", "");
	admin_expect_error(m, "stat --count 3", LEND_ERROR_ARGUMENT,
			   "goes with -w", "", "");
	admin_expect_error(m, "stat -w --count 0", LEND_ERROR_ARGUMENT,
			   "1 at least", "", "");
	admin_expect_error(m, "stat -w --count x", LEND_ERROR_ARGUMENT,
			   "out of range", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(a_lent_device_is_a_row),
		MACHINE_TEST(the_holder_is_asked_for_its_memory),
		MACHINE_TEST(what_is_unknown_is_left_out),
		MACHINE_TEST(a_rate_is_a_difference),
		MACHINE_TEST(wrong_use_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
