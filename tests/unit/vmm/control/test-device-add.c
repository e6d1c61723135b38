// SPDX-License-Identifier: MIT
// device_add takes a descriptor by name, and hands the device's own arguments
// on.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "link.h"

#define GETFD "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"a\"}}"
#define ADD(arguments)                                                         \
	"{'execute':'device_add','arguments':{" arguments "},'id':1}"

static void device_add_says(struct link *t, const char *request,
			    const char *words)
{
	const char *answer = link_ask(t, request);

	if (!strstr(answer, "\"class\": \"GenericError\"") ||
	    !strstr(answer, words) || !strstr(answer, "\"id\": 1"))
		fail_msg("%s: %s", words, answer);
	assert_string_equal(t->plugged, "");
}

static void a_wrong_driver_is_refused_as_in_qemu(void **state)
{
	struct link *t = *state;

	link_ask(t, READY);
	device_add_says(t, ADD("'id':'nic'"), "Parameter 'driver' is missing");
	device_add_says(t, ADD("'driver':'nosuch'"),
			"'nosuch' is not a valid device model name");
	device_add_says(t, ADD("'driver':'pcie-root-port'"),
			"Device 'pcie-root-port' does not support "
			"hotplugging");
	device_add_says(
		t, ADD("'driver':7"),
		"Invalid parameter type for 'driver', expected: string");
}

static void a_device_comes_as_a_descriptor(void **state)
{
	struct link *t = *state;

	link_ask(t, READY);
	device_add_says(t, ADD("'driver':'vfio-pci','host':'00:05.0'"),
			"Parameter 'fd' is missing");
	device_add_says(t, ADD("'driver':'vfio-pci','fd':'none'"),
			"File descriptor named 'none' has not been found");
	device_add_says(t, ADD("'driver':'vfio-pci','fd':2"),
			"Invalid parameter type for 'fd', expected: string");
	device_add_says(t, ADD("'driver':'vfio-pci','fd':'2'"),
			"File descriptor named '2' has not been found");
}

static void the_arguments_are_handed_on(void **state)
{
	struct link *t = *state;
	unsigned int before;
	char want[256];
	int fd;

	link_ask(t, READY);
	before = link_open_descriptors();
	link_pass(t, GETFD, STDERR_FILENO);
	fd = t->control.passed.kept[0].fd;
	assert_string_equal(
		link_ask(t, ADD("'driver':'vfio-pci','id':'n\\u0061c',"
				"'x-p2p':true,'fd':'a','x-pci-vendor-id':7")),
		"{\"return\": {}, \"id\": 1}\r\n");
	snprintf(want, sizeof(want),
		 "{\"driver\": \"vfio-pci\", \"id\": \"n\\u0061c\", "
		 "\"x-p2p\": true, \"fd\": \"%d\", \"x-pci-vendor-id\": 7, "
		 "\"iommufd\": \"auto\"}\r",
		 fd);
	assert_string_equal(t->plugged, want);
	assert_int_equal(link_open_descriptors(), before);
}

/* The device would stay open otherwise. */
static void the_descriptor_is_gone_after_a_failure(void **state)
{
	static const char add[] = ADD("'driver':'vfio-pci','fd':'a',"
				      "'iommufd':'x','q\\n':'y'");
	struct link *t = *state;
	unsigned int before;

	link_ask(t, READY);
	before = link_open_descriptors();
	link_pass(t, GETFD, STDERR_FILENO);
	t->plug_fails = true;
	assert_non_null(strstr(link_ask(t, add), "\"desc\": \"no\""));
	assert_non_null(strstr(t->plugged, "\"iommufd\": \"x\""));
	assert_null(strchr(t->plugged, '\n'));
	assert_int_equal(link_open_descriptors(), before);
	t->plugged[0] = '\0';
	device_add_says(t, add, "has not been found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINK_TEST(a_wrong_driver_is_refused_as_in_qemu),
		LINK_TEST(a_device_comes_as_a_descriptor),
		LINK_TEST(the_arguments_are_handed_on),
		LINK_TEST(the_descriptor_is_gone_after_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
