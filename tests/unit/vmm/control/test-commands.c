// SPDX-License-Identifier: MIT
// The commands of the control socket, as a client sees them.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/version.h>

#include "link.h"

static void a_client_is_greeted(void **state)
{
	struct link *t = *state;
	char expected[256];

	snprintf(expected, sizeof(expected),
		 "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": %d, "
		 "\"minor\": %d, \"major\": %d}, \"package\": \"lend "
		 "%d.%d.%d\"}, "
		 "\"capabilities\": []}}\r\n",
		 LEND_VERSION_MICRO, LEND_VERSION_MINOR, LEND_VERSION_MAJOR,
		 LEND_VERSION_MAJOR, LEND_VERSION_MINOR, LEND_VERSION_MICRO);
	assert_string_equal(t->answer, expected);
}

static void capabilities_come_first_and_once(void **state)
{
	struct link *t = *state;

	assert_string_equal(
		link_ask(t, "{\"execute\":\"query-status\",\"id\":1}"),
		"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": "
		"\"Expecting capabilities negotiation with "
		"'qmp_capabilities'\"}, \"id\": 1}\r\n");
	assert_non_null(
		strstr(link_ask(t, "{\"execute\":\"qmp_capabilities\","
				   "\"arguments\":{\"enable\":[\"oob\"]}}"),
		       "Capability oob is not available"));
	assert_string_equal(link_ask(t, READY), EMPTY);
	assert_string_equal(
		link_ask(t, READY),
		"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": "
		"\"Capabilities negotiation is already complete, command "
		"ignored\"}}\r\n");
}

static void requests_are_refused_as_by_qemu(void **state)
{
	static const char *const cases[][3] = {
		{"{\"execute\":\"nosuch\"}", "CommandNotFound",
		 "The command nosuch has not been found"},
		{"{\"execute\":\"query-status\",\"arguments\":{\"x\":1}}",
		 "GenericError", "Parameter 'x' is unexpected"},
		{"{\"execute\":\"query-status\",\"foo\":1}", "GenericError",
		 "QMP input member 'foo' is unexpected"},
		{"{}", "GenericError", "QMP input lacks member 'execute'"},
		{"{\"execute\":5}", "GenericError",
		 "QMP input member 'execute' must be a string"},
		{"{\"execute\":\"stop\",\"arguments\":5}", "GenericError",
		 "QMP input member 'arguments' must be an object"},
		{"[1]", "GenericError", "QMP input must be a JSON object"},
		{"5\n", "GenericError", "QMP input must be a JSON object"},
		{"{bad}", "GenericError",
		 "JSON parse error, expected a name in quotes"},
		{"{\"execute\":\"getfd\"}", "GenericError",
		 "Parameter 'fdname' is missing"},
		{"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":5}}",
		 "GenericError",
		 "Invalid parameter type for 'fdname', expected: string"},
		{"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"a\"}}",
		 "GenericError", "No file descriptor supplied via SCM_RIGHTS"},
		{"{\"execute\":\"closefd\",\"arguments\":{\"fdname\":\"a\"}}",
		 "GenericError", "File descriptor named 'a' not found"},
		{"{\"execute\":\"add-fd\"}", "GenericError",
		 "No file descriptor supplied via SCM_RIGHTS"},
		{"{\"execute\":\"remove-fd\",\"arguments\":{\"fdset-id\":3}}",
		 "GenericError",
		 "File descriptor named 'fdset-id:3' not found"},
		{"{\"execute\":\"remove-fd\",\"arguments\":{\"fdset-id\":"
		 "\"3\"}}",
		 "GenericError",
		 "Invalid parameter type for 'fdset-id', expected: integer"},
	};
	struct link *t = *state;
	char expected[256];

	link_ask(t, READY);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(expected, sizeof(expected),
			 "{\"error\": {\"class\": \"%s\", \"desc\": "
			 "\"%s\"}}\r\n",
			 cases[i][1], cases[i][2]);
		assert_string_equal(link_ask(t, cases[i][0]), expected);
	}
}

static void an_id_comes_back(void **state)
{
	struct link *t = *state;

	link_ask(t, READY);
	assert_string_equal(
		link_ask(t, "{'execute':'query-name',\n'id':{'a':[1,2.50,"
			    "null,\"\\u00e9\"]}}"),
		"{\"return\": {\"name\": \"web\"}, \"id\": "
		"{\"a\":[1,2.50,null,\"\\u00e9\"]}}\r\n");
}

static void a_guest_is_stopped_and_continued_once(void **state)
{
	static const char status[] = "{\"execute\":\"query-status\"}";
	static const char stop[] = "{\"execute\":\"stop\"}";
	static const char cont[] = "{\"execute\":\"cont\"}";
	struct link *t = *state;

	link_ask(t, READY);
	assert_string_equal(link_ask(t, status),
			    "{\"return\": {\"status\": \"running\", "
			    "\"running\": true}}\r\n");
	assert_non_null(
		strstr(link_ask(t, stop), "\"event\": \"STOP\"}\r\n" EMPTY));
	assert_string_equal(link_ask(t, stop), EMPTY);
	assert_string_equal(link_ask(t, status),
			    "{\"return\": {\"status\": \"paused\", "
			    "\"running\": false}}\r\n");
	assert_non_null(
		strstr(link_ask(t, cont), "\"event\": \"RESUME\"}\r\n" EMPTY));
	assert_string_equal(link_ask(t, cont), EMPTY);
	assert_false(t->is_paused);
}

static void commands_reach_the_machine(void **state)
{
	struct link *t = *state;

	link_ask(t, READY);
	assert_non_null(strstr(link_ask(t, "{\"execute\":\"system_"
					   "powerdown\"}"),
			       "\"event\": \"POWERDOWN\"}\r\n" EMPTY));
	assert_string_equal(link_ask(t, "{\"execute\":\"system_reset\"}"),
			    EMPTY);
	assert_non_null(
		strstr(link_ask(t, "{\"execute\":\"quit\"}"),
		       "\"event\": \"SHUTDOWN\", \"data\": {\"guest\": "
		       "false, \"reason\": \"host-qmp-quit\"}}\r\n" EMPTY));
	assert_int_equal(t->presses, 1);
	assert_int_equal(t->resets, 1);
	assert_int_equal(t->quits, 1);
	control_event_cause(&t->control, "SHUTDOWN", false, "host-signal");
	control_finish(&t->control);
	assert_string_equal(link_receive(t), "");
}

static void a_device_is_unplugged_by_its_id(void **state)
{
	struct link *t = *state;

	link_ask(t, READY);
	assert_string_equal(link_ask(t, "{\"execute\":\"device_del\","
					"\"arguments\":{\"id\":\"nic\"}}"),
			    EMPTY);
	assert_string_equal(link_ask(t, "{\"execute\":\"device_del\","
					"\"arguments\":{\"id\":\"zz\"}}"),
			    "{\"error\": {\"class\": \"DeviceNotFound\", "
			    "\"desc\": \"Device 'zz' not found\"}}\r\n");
	assert_int_equal(t->unplugs, 2);
}

static void lists_are_those_of_the_machine(void **state)
{
	struct link *t = *state;

	link_ask(t, READY);
	assert_string_equal(link_ask(t, "{\"execute\":\"query-cpus-fast\"}"),
			    "{\"return\": [{\"cpu-index\": 0}]}\r\n");
	assert_string_equal(link_ask(t, "{\"execute\":\"query-pci\"}"),
			    "{\"return\": []}\r\n");
	t->is_mapping = true;
	assert_non_null(strstr(link_ask(t, "{\"execute\":\"query-pci\"}"),
			       "\"GenericError\""));
	assert_non_null(strstr(link_ask(t, "{\"execute\":\"query-commands\"}"),
			       "{\"name\": \"remove-fd\"}]}\r\n"));
}

static void descriptors_are_kept_by_name(void **state)
{
	static const char name[] =
		"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"a\"}}";
	struct link *t = *state;
	unsigned int before;

	link_ask(t, READY);
	before = link_open_descriptors();
	assert_string_equal(link_pass(t, name, STDERR_FILENO), EMPTY);
	assert_string_equal(link_pass(t, name, STDERR_FILENO), EMPTY);
	assert_int_equal(link_open_descriptors(), before + 1);
	assert_true(fcntl(t->control.passed.kept[0].fd, F_GETFD) & FD_CLOEXEC);
	assert_string_equal(link_ask(t, "{\"execute\":\"closefd\","
					"\"arguments\":{\"fdname\":\"a\"}}"),
			    EMPTY);
	assert_int_equal(link_open_descriptors(), before);
	assert_non_null(strstr(link_pass(t,
					 "{\"execute\":\"getfd\",\"arguments\":"
					 "{\"fdname\":\"3\"}}",
					 STDERR_FILENO),
			       "not starting with a digit"));
	assert_int_equal(link_open_descriptors(), before);
}

static void descriptors_are_kept_in_sets(void **state)
{
	struct link *t = *state;
	unsigned int before;
	char ask[128];

	link_ask(t, READY);
	before = link_open_descriptors();
	for (int set = 0; set < 2; set++) {
		snprintf(ask, sizeof(ask), "\"fdset-id\": %d}}\r\n", set);
		assert_non_null(strstr(
			link_pass(t, "{\"execute\":\"add-fd\"}", STDERR_FILENO),
			ask));
	}
	assert_non_null(strstr(link_pass(t,
					 "{\"execute\":\"add-fd\",\"arguments\""
					 ":{\"fdset-id\":0,\"opaque\":\"x\"}}",
					 STDERR_FILENO),
			       "\"fdset-id\": 0}}\r\n"));
	assert_int_equal(link_open_descriptors(), before + 3);
	assert_string_equal(link_ask(t, "{\"execute\":\"remove-fd\","
					"\"arguments\":{\"fdset-id\":0}}"),
			    EMPTY);
	assert_int_equal(link_open_descriptors(), before + 1);
	assert_non_null(
		strstr(link_ask(t, "{\"execute\":\"remove-fd\",\"arguments\":"
				   "{\"fdset-id\":1,\"fd\":-1}}"),
		       "File descriptor named 'fdset-id:1, fd:"));
}

static void descriptors_go_with_the_client(void **state)
{
	static const char many[] =
		"{\"execute\":\"add-fd\"}{\"execute\":\"query-name\"}";
	struct link *t = *state;
	unsigned int before;

	link_ask(t, READY);
	before = link_open_descriptors();
	for (int i = 0; i < PASSED_MAX; i++)
		assert_null(strstr(link_pass(t, many, STDERR_FILENO), "error"));
	assert_non_null(strstr(link_pass(t, many, STDERR_FILENO),
			       "at most 64 file descriptors"));
	/* One that no command takes. */
	link_pass(t, "{\"execute\":\"query-name\"}", STDERR_FILENO);
	close(t->client);
	link_turn(t);
	assert_int_equal(t->control.client, -1);
	assert_int_equal(link_open_descriptors(), before - 2);
	t->client = link_connect(t);
	link_turn(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINK_TEST(a_client_is_greeted),
		LINK_TEST(capabilities_come_first_and_once),
		LINK_TEST(requests_are_refused_as_by_qemu),
		LINK_TEST(an_id_comes_back),
		LINK_TEST(a_guest_is_stopped_and_continued_once),
		LINK_TEST(commands_reach_the_machine),
		LINK_TEST(a_device_is_unplugged_by_its_id),
		LINK_TEST(lists_are_those_of_the_machine),
		LINK_TEST(descriptors_are_kept_by_name),
		LINK_TEST(descriptors_are_kept_in_sets),
		LINK_TEST(descriptors_go_with_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
