// SPDX-License-Identifier: MIT
// lend cdi: the file that container engines read, and what keeps it in step.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"

#define ROOT     "sys/devices/pci0000:00/"
#define FILE_CDI "run/cdi/lend.json"

static void cdi_test_run(struct machine *m, const char *command,
			 const char *output)
{
	struct admin admin;

	admin_run(&admin, m, command);
	if (admin.err)
		fail_msg("lend %s: %s", command, m->error->what);
	if (strcmp(admin.output, output) != 0)
		fail_msg("lend %s: %s", command, admin.output);
	admin_free(&admin);
}

/* Compares the file without its white space; "" for no file. */
static void cdi_test_expect(struct machine *m, const char *wanted)
{
	char path[256], text[4096];
	size_t size = 0;
	struct stat st;
	FILE *file;

	snprintf(path, sizeof(path), "%s/" FILE_CDI, m->fake->root);
	file = fopen(path, "re");
	if (!*wanted) {
		assert_null(file);
		return;
	}
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	for (int c; (c = fgetc(file)) != EOF && size < sizeof(text) - 1;)
		if (c != ' ' && c != '\n')
			text[size++] = (char)c;
	text[size] = '\0';
	fclose(file);
	assert_string_equal(text, wanted);
}

#define EDITS(path)                                                            \
	"\"containerEdits\":{\"deviceNodes\":[{\"path\":\"" path               \
	"\",\"permissions\":\"rw\"}]}"
#define DEVICE(name, path) "{\"name\":\"" name "\"," EDITS(path) "}"
#define HEAD               "{\"cdiVersion\":\"0.5.0\",\"kind\":\"lend.local/vfio\","
#define FOUR               DEVICE("0000:04:00.0", "/dev/vfio/16")
#define ALONE              HEAD EDITS("/dev/vfio/vfio") ",\"devices\":[" FOUR "]}"

static void cdi_test_begin(struct machine *m)
{
	admin_build_host(m);
	fake_dir(m->fake, "run");
	umask(077);
}

static void bound_devices_are_described(void **state)
{
	struct machine *m = *state;

	cdi_test_begin(m);
	cdi_test_run(m, "cdi", "lend.local/vfio=0000:04:00.0\n");
	cdi_test_expect(m, ALONE);
	assert_non_null(strstr(m->log, "--ulimit memlock=-1:-1"));
	cdi_test_run(m, "cdi --no-api-node 04:00.0",
		     "lend.local/vfio=0000:04:00.0\n");
	cdi_test_expect(m, HEAD "\"devices\":[" FOUR "]}");
	admin_expect(m, "cdi --output -", "cdi.json");
	admin_expect(m, "cdi --json", "cdi-document.json");
}

/* One back end a file: that of all devices. */
static void nodes_of_devices_are_named_if_all_have_one(void **state)
{
	struct machine *m = *state;

	cdi_test_begin(m);
	fake_file(m->fake, ROOT "0000:04:00.0/vfio-dev/vfio3/dev", "511:3\n");
	cdi_test_run(m, "cdi", "lend.local/vfio=0000:04:00.0\n");
	cdi_test_expect(
		m, HEAD EDITS("/dev/iommu") ",\"devices\":[" DEVICE(
			   "0000:04:00.0", "/dev/vfio/devices/vfio3") "]}");
	cdi_test_run(m, "bind --cdi 03:00.0",
		     "0000:03:00.0  nvme -> vfio-pci\n");
	cdi_test_expect(
		m,
		HEAD EDITS("/dev/vfio/vfio") ",\"devices\":[" FOUR "," DEVICE(
			"0000:03:00.0", "/dev/vfio/15") "]}");
}

static void restore_keeps_the_file_in_step(void **state)
{
	struct machine *m = *state;

	cdi_test_begin(m);
	cdi_test_run(m, "bind 03:00.0", "0000:03:00.0  nvme -> vfio-pci\n");
	cdi_test_expect(m, "");
	cdi_test_run(m, "restore", "0000:03:00.0  vfio-pci -> nvme\n");
	cdi_test_expect(m, "");
	cdi_test_run(m, "bind --cdi 03:00.0",
		     "0000:03:00.0  nvme -> vfio-pci\n");
	cdi_test_run(m, "cdi --no-api-node 03:00.0 04:00.0",
		     "lend.local/vfio=0000:03:00.0\n"
		     "lend.local/vfio=0000:04:00.0\n");
	cdi_test_run(m, "restore", "0000:03:00.0  vfio-pci -> nvme\n");
	/* What was left out stays so. */
	cdi_test_expect(m, HEAD "\"devices\":[" FOUR "]}");
	cdi_test_run(m, "bind --cdi --dry-run 03:00.0",
		     "0000:03:00.0  nvme -> vfio-pci\n");
	cdi_test_expect(m, HEAD "\"devices\":[" FOUR "]}");
}

/* A file without devices is invalid. */
static void the_last_device_takes_the_file_away(void **state)
{
	struct machine *m = *state;

	cdi_test_begin(m);
	cdi_test_run(m, "bind --cdi 03:00.0",
		     "0000:03:00.0  nvme -> vfio-pci\n");
	cdi_test_run(m, "restore 03:00.0", "0000:03:00.0  vfio-pci -> nvme\n");
	cdi_test_expect(m, "");
	cdi_test_run(m, "cdi", "lend.local/vfio=0000:04:00.0\n");
	fake_remove(m->fake, ROOT "0000:04:00.0/driver");
	cdi_test_run(m, "cdi", "");
	cdi_test_expect(m, "");
}

static void what_no_container_can_have_is_refused(void **state)
{
	struct machine *m = *state;

	cdi_test_begin(m);
	cdi_test_run(m, "cdi", "lend.local/vfio=0000:04:00.0\n");
	admin_expect_error(m, "cdi 02:00.0", LEND_ERROR_HOST_DRIVER,
			   "not bound to VFIO", "",
			   "lend bind --cdi 0000:02:00.0");
	admin_expect_error(m, "cdi --output /no/where/x 04:00.0",
			   LEND_ERROR_SYSTEM, "No such file", "",
			   "mkdir -p /no/where");
	admin_expect_error(m, "cdi --output - --json", LEND_ERROR_ARGUMENT,
			   "which is JSON already", "", "");
	admin_expect_error(m, "cdi --output= 04:00.0", LEND_ERROR_ARGUMENT,
			   "no file is named", "", "");
	fake_file(m->fake, "sys/kernel/iommu_groups/16/name", "vfio-noiommu\n");
	admin_expect_error(m, "cdi 04:00.0", LEND_ERROR_NO_IOMMU,
			   "no IOMMU confines its DMA", "", "");
	cdi_test_expect(m, ALONE);
	cdi_test_run(m, "cdi", "");
	assert_non_null(strstr(m->log, "0000:04:00.0 is left out"));
	cdi_test_expect(m, "");
}

static void a_foreign_file_is_not_changed(void **state)
{
	static const char *const texts[] = {"{", "[]", "{\"devices\":3}", "{}"};
	struct machine *m = *state;

	cdi_test_begin(m);
	fake_file(m->fake, FILE_CDI, texts[0]);
	admin_expect_error(m, "bind --cdi 03:00.0", LEND_ERROR_STATE,
			   "is not a file of lend cdi", "", "rm ");
	admin_expect_error(m, "restore 03:00.0", LEND_ERROR_STATE,
			   "is not a file of lend cdi", "", "rm ");
	for (unsigned int i = 1; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fake_file(m->fake, FILE_CDI, texts[i]);
		admin_expect_error(m, "cdi", LEND_ERROR_STATE, "", "", "rm ");
		admin_expect_error(m, "restore", LEND_ERROR_STATE,
				   "is not a file of lend cdi", "", "rm ");
	}
	fake_file(m->fake, FILE_CDI,
		  "{\"kind\":\"lend.local/vfio\",\"containerEdits\":{},"
		  "\"devices\":[{\"name\":3},[],null,"
		  "{\"name\":null},{\"name\":\"0000:04:00.0\"}]}");
	admin_expect_error(m, "restore 04:00.0", LEND_ERROR_STATE,
			   "did not bind it", "", "");
	cdi_test_expect(m, ALONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(bound_devices_are_described),
		MACHINE_TEST(nodes_of_devices_are_named_if_all_have_one),
		MACHINE_TEST(restore_keeps_the_file_in_step),
		MACHINE_TEST(the_last_device_takes_the_file_away),
		MACHINE_TEST(what_no_container_can_have_is_refused),
		MACHINE_TEST(a_foreign_file_is_not_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
