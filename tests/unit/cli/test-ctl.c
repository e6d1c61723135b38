// SPDX-License-Identifier: MIT
// lend ctl: what it sends to the control socket of a run, and what it makes of
// the answers, whatever answers.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n"
#define EMPTY    "{\"return\": {}}\n"

/* A run for one client: what it says first, then for each line that it expects
 * the answer. It closes the connection after the last. */
struct ctl_script {
	const char *greeting;
	struct {
		const char *wanted; /* in the line, with any further text */
		const char *answer;
	} steps[4];
};

struct ctl_script_run {
	const struct ctl_script *script;
	int listener;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	pthread_t thread;
	char wrong[512]; /* the line that was not as wanted */
};

static void ctl_script_say(int fd, const char *text)
{
	if (text && send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return;
}

/* A command comes in one piece. */
static void ctl_script_hear(int fd, char line[512])
{
	ssize_t got = recv(fd, line, 511, 0);

	line[got > 0 ? got : 0] = '\0';
}

static void *ctl_script_serve(void *opaque)
{
	struct ctl_script_run *run = opaque;
	int fd = accept(run->listener, NULL, NULL);
	char line[512];

	ctl_script_say(fd, run->script->greeting);
	for (unsigned int i = 0; i < 4 && run->script->steps[i].wanted; i++) {
		ctl_script_hear(fd, line);
		if (!strstr(line, run->script->steps[i].wanted)) {
			memcpy(run->wrong, line, sizeof(line));
			break;
		}
		ctl_script_say(fd, run->script->steps[i].answer);
	}
	close(fd);
	return NULL;
}

static void ctl_script_start(struct ctl_script_run *run, struct machine *m,
			     const struct ctl_script *script)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*run = (struct ctl_script_run){.script = script};
	snprintf(run->path, sizeof(run->path), "%s/ctl", m->fake->root);
	memcpy(address.sun_path, run->path, sizeof(run->path));
	unlink(run->path);
	run->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(run->listener >= 0);
	assert_int_equal(bind(run->listener, (struct sockaddr *)&address,
			      sizeof(address)),
			 0);
	assert_int_equal(listen(run->listener, 1), 0);
	assert_int_equal(
		pthread_create(&run->thread, NULL, ctl_script_serve, run), 0);
}

static void ctl_script_end(struct ctl_script_run *run)
{
	pthread_join(run->thread, NULL);
	close(run->listener);
	unlink(run->path);
	if (run->wrong[0])
		fail_msg("unexpected: %s", run->wrong);
}

/* Runs "lend ctl PATH WORDS" beside the script. */
static void ctl_run(struct machine *m, struct admin *admin,
		    struct ctl_script_run *run, const struct ctl_script *script,
		    const char *words)
{
	char command[512];

	ctl_script_start(run, m, script);
	snprintf(command, sizeof(command), "ctl %s %s", run->path, words);
	admin_run(admin, m, command);
	ctl_script_end(run);
}

static void ctl_expect(struct machine *m, const struct ctl_script *script,
		       const char *words, const char *output)
{
	struct ctl_script_run run;
	struct admin admin;

	ctl_run(m, &admin, &run, script, words);
	if (admin.err)
		fail_msg("%s", m->error->what);
	assert_string_equal(admin.output, output);
	admin_free(&admin);
}

static void ctl_expect_error(struct machine *m, const struct ctl_script *script,
			     const char *words, enum lend_error_code code,
			     const char *what)
{
	struct ctl_script_run run;
	struct admin admin;

	ctl_run(m, &admin, &run, script, words);
	assert_true(admin.err < 0);
	assert_int_equal(m->error->code, code);
	if (!strstr(m->error->what, what))
		fail_msg("%s", m->error->what);
	admin_free(&admin);
}

static void answers_are_printed(void **state)
{
	static const struct ctl_script status = {
		GREETING,
		{{"qmp_capabilities", EMPTY},
		 {"query-status",
		  "{\"event\": \"RESUME\"}\n{\"return\": {\"status\": "
		  "\"running\", \"running\": true}}\n"}},
	};
	static const struct ctl_script stop = {
		GREETING, {{"qmp_capabilities", EMPTY}, {"\"stop\"", EMPTY}}};
	static const struct ctl_script pci = {
		GREETING,
		{{"qmp_capabilities", EMPTY},
		 {"query-pci",
		  "{\"return\": [{\"bus\": 0, \"devices\": [{\"bus\": 0, "
		  "\"slot\": 3, \"function\": 0, \"id\": {\"vendor\": 32902, "
		  "\"device\": 4307}, \"qdev_id\": \"port\", \"pci_bridge\": "
		  "{\"devices\": [{\"bus\": 1, \"slot\": 0, \"function\": 2, "
		  "\"id\": {\"vendor\": 1, \"device\": 2}, \"qdev_id\": "
		  "\"nic\"}]}}]}]}\n"}},
	};

	ctl_expect(*state, &status, "status", "running\n");
	ctl_expect(*state, &stop, "stop", "");
	ctl_expect(*state, &pci, "pci",
		   "00:03.0  8086:10d3  port\n01:00.2  0001:0002  nic\n");
}

static void documents_have_the_answer(void **state)
{
	static const struct ctl_script status = {
		GREETING,
		{{"qmp_capabilities", EMPTY},
		 {"query-status", "{\"return\": {\"status\": \"paused\"}}\n"}},
	};
	struct ctl_script_run run;
	struct admin admin;

	ctl_run(*state, &admin, &run, &status, "status --json");
	assert_int_equal(admin.err, 0);
	assert_non_null(strstr(admin.output, "\"paused\""));
	admin_free(&admin);
}

static void events_are_followed_to_the_end(void **state)
{
	static const struct ctl_script events = {
		GREETING,
		{{"qmp_capabilities",
		  EMPTY "{\"event\": \"STOP\"}\n{\"other\": 1}\n{\"event\": "
			"\"DEVICE_DELETED\", \"data\": {\"device\": "
			"\"nic\"}}\n"}},
	};

	ctl_expect(*state, &events, "events",
		   "STOP\nDEVICE_DELETED { \"device\": \"nic\" }\n");
}

static void an_id_is_passed_on(void **state)
{
	static const struct ctl_script refused = {
		GREETING,
		{{"qmp_capabilities", EMPTY},
		 {"\"arguments\":{\"id\":\"nic0\"}",
		  "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": "
		  "\"Device 'nic0' not found\"}}\n"}},
	};
	static const struct ctl_script gone = {
		GREETING, {{"qmp_capabilities", EMPTY}, {"nic0", EMPTY}}};

	ctl_expect(*state, &gone, "unplug nic0", "");
	ctl_expect_error(*state, &refused, "unplug nic0", LEND_ERROR_GUEST,
			 "Device 'nic0' not found");
}

/* A device on vfio-pci with a node of its own. */
static void ctl_add_device(struct machine *m)
{
	fake_add_pci(m->fake, "0000:09:00.0", "vfio-pci", 99);
	fake_file(m->fake,
		  "sys/devices/pci0000:00/0000:09:00.0/vfio-dev/vfio9/dev",
		  "1:3\n");
	fake_node(m->fake, "dev/vfio/devices/vfio9", "c1:3");
	fake_file(m->fake, "dev/iommu", "");
}

/* What lies below its name is no device: nothing is passed in. */
static void a_device_that_does_not_open_is_not_plugged(void **state)
{
	static const struct ctl_script none = {GREETING,
					       {{"qmp_capabilities", EMPTY}}};

	ctl_add_device(*state);
	ctl_expect_error(*state, &none, "plug -device vfio-pci,host=09:00.0",
			 LEND_ERROR_NO_VFIO, "stale node");
	ctl_expect_error(*state, &none, "plug -device vfio-pci,host=08:00.0",
			 LEND_ERROR_NO_DEVICE, "");
}

static void what_cannot_be_plugged_is_refused(void **state)
{
	static const struct ctl_script none = {GREETING,
					       {{"qmp_capabilities", EMPTY}}};

	ctl_expect_error(*state, &none, "plug -device vfio-platform,host=x",
			 LEND_ERROR_ARGUMENT, "cannot be plugged");
	ctl_expect_error(*state, &none, "plug -device vfio-pci,fd=3,iommufd=i",
			 LEND_ERROR_ARGUMENT, "opens the device itself");
	ctl_expect_error(*state, &none,
			 "plug -device vfio-pci,=", LEND_ERROR_ARGUMENT, "");
}

/* Whatever it is, it is no run, or no longer. */
static void other_servers_are_refused(void **state)
{
	static const struct ctl_script silent = {NULL, {{NULL, NULL}}};
	static const struct ctl_script text = {"SSH-2.0-OpenSSH_9.2\n",
					       {{NULL, NULL}}};
	static const struct ctl_script json = {"{\"hello\": 1}\n",
					       {{NULL, NULL}}};
	static const struct ctl_script ended = {GREETING,
						{{"qmp_capabilities", NULL}}};
	static const struct ctl_script odd = {
		GREETING, {{"qmp_capabilities", "{\"return\": {}\n"}}};

	ctl_expect_error(*state, &silent, "status", LEND_ERROR_STATE,
			 "not the control socket");
	ctl_expect_error(*state, &text, "status", LEND_ERROR_STATE, "no JSON");
	ctl_expect_error(*state, &json, "status", LEND_ERROR_STATE,
			 "not the control socket");
	ctl_expect_error(*state, &ended, "status", LEND_ERROR_STATE,
			 "has ended");
	ctl_expect_error(*state, &odd, "status", LEND_ERROR_STATE, "no JSON");
}

static void a_message_without_end_is_refused(void **state)
{
	static char greeting[3 * 1024 * 1024];
	static const struct ctl_script flood = {greeting, {{NULL, NULL}}};

	memset(greeting, ' ', sizeof(greeting) - 1);
	ctl_expect_error(*state, &flood, "status", LEND_ERROR_STATE,
			 "too long");
}

static void where_nothing_listens_the_remedy_is_known(void **state)
{
	struct machine *m = *state;
	struct ctl_script_run run = {0};
	char command[512], path[256];

	admin_expect_error(m, "ctl /nowhere/socket status", LEND_ERROR_SYSTEM,
			   "connect: No such file", "", "");
	snprintf(path, sizeof(path), "/%0200d", 1);
	snprintf(command, sizeof(command), "ctl %s status", path);
	admin_expect_error(m, command, LEND_ERROR_ARGUMENT,
			   "not the path of a socket", "", "");
	ctl_script_start(&run, m, &(struct ctl_script){0});
	pthread_cancel(run.thread);
	pthread_join(run.thread, NULL);
	close(run.listener);
	snprintf(command, sizeof(command), "ctl %s status", run.path);
	admin_expect_error(m, command, LEND_ERROR_SYSTEM, "refused", "",
			   "remove the stale socket");
	unlink(run.path);
}

static void words_are_checked_first(void **state)
{
	static const struct {
		const char *command;
		const char *what;
	} wrong[] = {
		{"ctl", "no action"},
		{"ctl x y", "no action"},
		{"ctl /x status more", "too much"},
		{"ctl /x unplug", "give one ID"},
		{"ctl /x plug", "give one -device"},
		{"ctl /x stop -device vfio-pci,host=1:0.0", "has no -device"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		admin_expect_error(*state, wrong[i].command,
				   LEND_ERROR_ARGUMENT, wrong[i].what, "", "");
	admin_expect_error(*state, "ctl no-such-run-here status",
			   LEND_ERROR_ARGUMENT, "no run has the name", "",
			   "lend ctl --list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(answers_are_printed),
		MACHINE_TEST(documents_have_the_answer),
		MACHINE_TEST(events_are_followed_to_the_end),
		MACHINE_TEST(an_id_is_passed_on),
		MACHINE_TEST(a_device_that_does_not_open_is_not_plugged),
		MACHINE_TEST(what_cannot_be_plugged_is_refused),
		MACHINE_TEST(other_servers_are_refused),
		MACHINE_TEST(a_message_without_end_is_refused),
		MACHINE_TEST(where_nothing_listens_the_remedy_is_known),
		MACHINE_TEST(words_are_checked_first),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
