// SPDX-License-Identifier: MIT
// lend sriov: the settings of virtual functions, on a scripted network card.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <net/if.h>
#include <net/if_arp.h>

#include "admin.h"
#include "nic.h"

#define ROOT    "sys/devices/pci0000:00/"
#define RECORDS "run/lend/vf/"
#define MAC     "52:54:00:aa:bb:01"
#define ALL                                                                    \
	"sriov --mac " MAC " --vlan 100:3 --max-rate 100 --min-rate 10 "       \
	"--spoof-check off --trust on 02:10.0"

static const struct nic new_nic = {
	.number = 7,
	.flags = IFF_UP,
	.type = ARPHRD_ETHER,
	.functions = {{.protocol = 0x8100, .spoof_check = 1},
		      {.mac = {2, 0, 0, 0, 0, 9},
		       .protocol = 0x8100,
		       .spoof_check = UINT32_MAX,
		       .trust = UINT32_MAX}},
};

static struct nic nic;

static void sriov_add_function(struct machine *m, unsigned int i,
			       const char *device)
{
	char path[128], target[128];

	fake_add_pci(m->fake, device, NULL, 20 + (int)i);
	snprintf(path, sizeof(path), ROOT "0000:02:00.0/virtfn%u", i);
	snprintf(target, sizeof(target), ROOT "%s", device);
	fake_link(m->fake, path, target);
	snprintf(path, sizeof(path), ROOT "%s/physfn", device);
	fake_link(m->fake, path, ROOT "0000:02:00.0");
}

static void sriov_begin(struct machine *m)
{
	nic = new_nic;
	nic_present = &nic;
	admin_build_host(m);
	fake_dir(m->fake, "run");
	fake_file(m->fake, ROOT "0000:02:00.0/sriov_numvfs", "2\n");
	fake_file(m->fake, ROOT "0000:02:00.0/net/eth0/ifindex", "7\n");
	sriov_add_function(m, 0, "0000:02:10.0");
	sriov_add_function(m, 1, "0000:02:10.2");
}

static void sriov_run(struct machine *m, const char *command)
{
	struct admin admin;

	admin_run(&admin, m, command);
	if (admin.err)
		fail_msg("lend %s: %s", command, m->error->what);
	admin_free(&admin);
}

static void assert_untouched(void)
{
	assert_memory_equal(nic.functions, new_nic.functions,
			    sizeof(nic.functions));
}

static void settings_are_shown_and_set(void **state)
{
	struct machine *m = *state;

	sriov_begin(m);
	admin_expect(m, "sriov 02:10.0", "sriov-function.txt");
	/* Switches that the driver does not have. */
	admin_expect(m, "sriov 02:10.2", "sriov-function-2.txt");
	admin_expect(m, "sriov --json 02:10.2", "sriov-function-2.json");
	assert_untouched();
	admin_expect(m, ALL, "sriov-function-set.txt");
	admin_expect(m, "sriov --json 02:10.0", "sriov-function-set.json");
	assert_int_equal(nic.functions[0].vlan, 100);
	assert_int_equal(nic.functions[0].priority, 3);
	assert_int_equal(nic.functions[0].protocol, 0x8100);
	assert_memory_equal(&nic.functions[1], &new_nic.functions[1],
			    sizeof(nic.functions[1]));
}

static void restore_leads_back_to_the_first(void **state)
{
	struct machine *m = *state;

	sriov_begin(m);
	sriov_run(m, ALL);
	sriov_run(m, "sriov --vlan 200/802.1ad 02:10.0");
	assert_int_equal(nic.functions[0].protocol, 0x88a8);
	sriov_run(m, "sriov --mac 52:54:00:aa:bb:02 02:10.2");
	sriov_run(m, "restore 02:10.0");
	assert_memory_equal(&nic.functions[0], &new_nic.functions[0],
			    sizeof(nic.functions[0]));
	assert_false(fake_exists(m->fake, RECORDS "0000:02:10.0"));
	assert_int_equal(nic.functions[1].mac[5], 2);
	sriov_run(m, "restore");
	assert_untouched();
	assert_false(fake_exists(m->fake, RECORDS "0000:02:10.2"));
	admin_expect_error(m, "restore 02:10.0", LEND_ERROR_STATE,
			   "nothing to restore", "", "");
	assert_string_equal(m->log, "");
}

static void what_others_changed_is_left(void **state)
{
	struct machine *m = *state;

	sriov_begin(m);
	sriov_run(m, "sriov --vlan 100 --trust on 02:10.0");
	nic.functions[0].vlan = 300;
	sriov_run(m, "restore");
	assert_int_equal(nic.functions[0].vlan, 300);
	assert_int_equal(nic.functions[0].trust, 0);
	assert_non_null(strstr(m->log, "vlan is not restored to none, because "
				       "it was changed to 300 since"));
	/* And is what a later restore leads back to. */
	sriov_run(m, "sriov --vlan 100 02:10.0");
	nic.functions[0].vlan = 400;
	sriov_run(m, "sriov --vlan 100 02:10.0");
	sriov_run(m, "restore");
	assert_int_equal(nic.functions[0].vlan, 400);
}

/* Each request is refused once: the first reads the settings, the last reads
 * what the driver made of them. */
static void all_are_set_or_none(void **state)
{
	struct machine *m = *state;
	const unsigned int last = 8;

	sriov_begin(m);
	nic.err = EINVAL;
	nic.message = "no \x1b[31mlink";
	nic.fail_count = 1;
	for (unsigned int at = 1; at <= last; at++) {
		struct admin admin;

		nic.asked = 0;
		nic.fail_at = at;
		admin_run(&admin, m, ALL);
		admin_free(&admin);
		assert_int_equal(admin.err, -EINVAL);
		if (at == 1 || at == last)
			continue;
		assert_untouched();
		assert_false(fake_exists(m->fake, RECORDS "0000:02:10.0"));
		assert_non_null(
			strstr(m->error->what, "the driver of eth0 refuses"));
		assert_string_equal(m->error->evidence,
				    "the driver: no ?[31mlink");
	}
	assert_int_equal(nic.asked, last);
}

static void what_cannot_be_set_back_is_named(void **state)
{
	struct machine *m = *state;

	sriov_begin(m);
	nic.err = EINVAL;
	/* The VLAN, and the MAC address on the way back. */
	nic.fail_at = 3;
	nic.fail_count = 2;
	admin_expect_error(m, ALL, LEND_ERROR_DEVICE,
			   "refuses vlan 100:3: Invalid argument",
			   "mac could not be set back to none", "dmesg");
	nic = new_nic;
	nic.flags = 0;
	nic.err = EINVAL;
	nic.fail_at = 2;
	nic.fail_count = 1;
	admin_expect_error(m, "sriov --max-rate 5 02:10.0", LEND_ERROR_DEVICE,
			   "refuses max-rate 5", "", "ip link set eth0 up");
	nic.asked = 0;
	nic.err = EOPNOTSUPP;
	admin_expect_error(m, "sriov --max-rate 5 02:10.0",
			   LEND_ERROR_WRONG_TYPE, "refuses max-rate 5", "", "");
	nic.asked = 0;
	nic.err = EPERM;
	admin_expect_error(m, "sriov --max-rate 5 02:10.0",
			   LEND_ERROR_PERMISSION, "max-rate", "", "as root");
}

static void wrong_words_are_refused(void **state)
{
	static const char *const commands[][2] = {
		{"--mac 53:54:00:00:00:01", "MAC address"},
		{"--mac 00:00:00:00:00:00", "MAC address"},
		{"--mac 52:54:00:00:00:1", "MAC address"},
		{"--mac 52:54:00:00:00:011", "MAC address"},
		{"--mac 52:54:00:00:00:01:02", "MAC address"},
		{"--mac +2:54:00:00:00:01", "MAC address"},
		{"--mac ", "MAC address"},
		{"--vlan 4095", "1 to 4094"},
		{"--vlan 0", "1 to 4094"},
		{"--vlan -1", "1 to 4094"},
		{"--vlan 100:8", "1 to 4094"},
		{"--vlan 100:", "1 to 4094"},
		{"--vlan 100/802.1q", "1 to 4094"},
		{"--vlan 99999999999999999999", "1 to 4094"},
		{"--max-rate 0", "Mbit/s"},
		{"--max-rate 10M", "Mbit/s"},
		{"--min-rate 4294967296", "Mbit/s"},
		{"--trust yes", "on or off"},
		{"--spoof-check 1", "on or off"},
	};
	struct machine *m = *state;
	char command[128];

	sriov_begin(m);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		snprintf(command, sizeof(command), "sriov %s 02:10.0",
			 commands[i][0]);
		admin_expect_error(m, command, LEND_ERROR_ARGUMENT,
				   commands[i][1], "", "");
	}
	admin_expect_error(m, "sriov --trust on 02:00.0 1", LEND_ERROR_ARGUMENT,
			   "exclude each other", "", "");
	admin_expect_error(m, "sriov --trust on 02:00.0", LEND_ERROR_WRONG_TYPE,
			   "not a virtual function", "", "lend sriov lists");
	admin_expect_error(m, "sriov --trust on 02:10.2", LEND_ERROR_WRONG_TYPE,
			   "does not support trust", "", "");
	assert_untouched();
}

static void functions_without_an_interface_are_refused(void **state)
{
	struct machine *m = *state;

	sriov_begin(m);
	nic.type = ARPHRD_INFINIBAND;
	admin_expect_error(m, "sriov 02:10.0", LEND_ERROR_WRONG_TYPE,
			   "no network interface of 0000:02:00.0",
			   "driver of 0000:02:00.0: e1000e", "");
	nic_present = NULL;
	admin_expect_error(m, "sriov 02:10.0", LEND_ERROR_SYSTEM,
			   "cannot be read from eth0", "", "");
	fake_remove(m->fake, ROOT "0000:02:00.0/net/eth0/ifindex");
	admin_expect_error(m, "sriov 02:10.0", LEND_ERROR_WRONG_TYPE,
			   "no network interface", "",
			   "bind 0000:02:00.0 to its host driver");
}

/* A function that is made anew has settings of its own. */
static void records_end_with_their_functions(void **state)
{
	struct machine *m = *state;

	sriov_begin(m);
	sriov_run(m, "sriov --vlan 100 02:10.0");
	assert_true(fake_exists(m->fake, RECORDS "0000:02:10.0"));
	sriov_run(m, "sriov --force 02:00.0 0");
	assert_false(fake_exists(m->fake, RECORDS "0000:02:10.0"));
	fake_file(m->fake, ROOT "0000:02:00.0/sriov_numvfs", "2\n");
	nic = new_nic;
	sriov_run(m, "sriov --vlan 100 02:10.0");
	fake_remove(m->fake, "sys/bus/pci/devices/0000:02:10.0");
	fake_remove(m->fake, ROOT "0000:02:10.0");
	sriov_run(m, "restore");
	assert_false(fake_exists(m->fake, RECORDS "0000:02:10.0"));
	assert_int_equal(nic.functions[0].vlan, 100);
}

static void damaged_records_are_kept(void **state)
{
	static const char *const records[] = {
		"",
		"lend-vf 2\n",
		"lend-vf 1\nmac none\n",
		"lend-vf 1\nvlan 100 none more\n",
		"lend-vf 1\nvlan 100 none\nvlan 100 none\n",
		"lend-vf 1\nspeed 1 2\n",
		"lend-vf 1\ntrust on perhaps\n",
	};
	struct machine *m = *state;

	sriov_begin(m);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		fake_file(m->fake, RECORDS "0000:02:10.0", records[i]);
		admin_expect_error(m, "sriov --trust on 02:10.0",
				   LEND_ERROR_STATE,
				   "record of its settings "
				   "is damaged",
				   "", "remove that file");
		admin_expect_error(m, "restore", LEND_ERROR_STATE,
				   "record of its settings is damaged", "",
				   "remove that file");
		assert_true(fake_exists(m->fake, RECORDS "0000:02:10.0"));
	}
	assert_untouched();
}

/* Whatever the answer is, nothing beyond it is read. */
static void answers_may_be_anything(void **state)
{
	static unsigned char answer[512];
	struct machine *m = *state;
	size_t size;

	sriov_begin(m);
	size = (size_t)nic_answer(&nic, answer, sizeof(answer));
	for (size_t at = 0; at < size; at++) {
		unsigned char *cut = malloc(at + 1);
		struct admin admin;

		memcpy(cut, answer, at + 1);
		nic.answer = cut;
		nic.answer_size = at + 1;
		admin_run(&admin, m, "sriov 02:10.0");
		assert_true(admin.err || at + 1 == size);
		admin_free(&admin);
		free(cut);
		for (unsigned int value = 0; value < 256; value += 85) {
			unsigned char kept = answer[at];

			answer[at] = (unsigned char)value;
			nic.answer = answer;
			nic.answer_size = size;
			admin_run(&admin, m, "sriov 02:10.0");
			admin_free(&admin);
			answer[at] = kept;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(settings_are_shown_and_set),
		MACHINE_TEST(restore_leads_back_to_the_first),
		MACHINE_TEST(what_others_changed_is_left),
		MACHINE_TEST(all_are_set_or_none),
		MACHINE_TEST(what_cannot_be_set_back_is_named),
		MACHINE_TEST(wrong_words_are_refused),
		MACHINE_TEST(functions_without_an_interface_are_refused),
		MACHINE_TEST(records_end_with_their_functions),
		MACHINE_TEST(damaged_records_are_kept),
		MACHINE_TEST(answers_may_be_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
