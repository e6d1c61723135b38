// SPDX-License-Identifier: MIT
// A machine and the client of its control socket, from the greeting to the end.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/context.h>
#include <lend/error.h>

#include "faults.h"
#include "life.h"
#include "scripted-kvm.h"
#include "tests/unit/lib/server/peer.h"
#include "vmm/machine/internal.h"
#include "vmm/pci/topology.h"

#define PATIENCE 300 /* seconds, for all */
#define PORT     2
#define BUSES    (1u << 31 | 5u << 11 | 0x18) /* a register of that port */

/* A guest that gives its second port bus 2. */
static const struct scripted_step steps[] = {
	{PCI_PORTS_ADDRESS, 4, BUSES, .is_first = true},
	{PCI_PORTS_ADDRESS + 4, 4, .value = 0x00020200},
};

/* What the client sends, and words of a line that it waits for. */
struct request {
	const char *text;
	const char *wanted;
	bool is_event; /* that line is none that answers */
	bool is_again; /* the request, until such an answer comes */
};

#define ANSWERS(text, words)                                                   \
	{                                                                      \
		text, words, false, false                                      \
	}
#define UNTIL(text, words)                                                     \
	{                                                                      \
		text, words, false, true                                       \
	}
#define REPORTS(text, name)                                                    \
	{                                                                      \
		text, "\"event\": \"" name "\"", true, false                   \
	}
#define REFUSES(text, words)                                                   \
	{                                                                      \
		text, "\"desc\": \"" words "\"", false, false                  \
	}

#define COMMAND(name) "{\"execute\":\"" name "\"}"
#define WITH(name, members)                                                    \
	"{\"execute\":\"" name "\",\"arguments\":{" members "}}"
#define GETFD WITH("getfd", "\"fdname\":\"f\"")
#define ADD(id)                                                                \
	WITH("device_add",                                                     \
	     "\"driver\":\"vfio-pci\",\"fd\":\"f\",\"id\":\"" id "\"")
#define DEL(id) WITH("device_del", "\"id\":\"" id "\"")
#define DONE    "{\"return\": {}}"
#define BEGIN                                                                  \
	ANSWERS(NULL, "\"QMP\""), ANSWERS(COMMAND("qmp_capabilities"), DONE)

static struct {
	struct life life;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const struct request *requests;
	size_t count;
	bool is_terminating; /* after the last: by a signal */
	char failure[12288]; /* the line that came instead */
	char line[8192];
	size_t read;
	pthread_t thread;
} controlled;

static int controlled_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = 60};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, controlled.path, sizeof(address.sun_path));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		abort();
	return fd;
}

/* Receives a line to controlled.line. Returns whether one came. */
static bool controlled_receive(int fd)
{
	size_t length = 0;
	char *line = controlled.line;

	while (length < sizeof(controlled.line) - 1 &&
	       recv(fd, line + length, 1, 0) == 1 && line[length++] != '\n')
		;
	line[length] = '\0';
	return length && line[length - 1] == '\n';
}

static bool controlled_is_answer(void)
{
	return !strncmp(controlled.line, "{\"return\"", 9) ||
	       !strncmp(controlled.line, "{\"error\"", 8);
}

/* With a descriptor, which it may hand over. */
static bool controlled_send(int fd, const char *text)
{
	int passed = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool is_sent = peer_send_bytes(fd, text, strlen(text), &passed,
				       strstr(text, "getfd") ? 1 : 0);

	close(passed);
	return is_sent;
}

/* Returns whether the line came that is waited for, and the answer, which may
 * be that line. An event may come before it or after it. */
static bool controlled_ask(int fd, const struct request *request)
{
	bool has_line = false, has_answer = !request->text;

	if (request->text && !controlled_send(fd, request->text))
		return false;
	while (!(has_line && has_answer)) {
		if (!controlled_receive(fd))
			return false;
		has_line = has_line ||
			   strstr(controlled.line, request->wanted) != NULL;
		has_answer = has_answer || controlled_is_answer();
		if (has_answer && !has_line && !request->is_event)
			return request->is_again && controlled_ask(fd, request);
	}
	return true;
}

static void *controlled_client(void *opaque)
{
	int fd;

	(void)opaque;
	faults_enter();
	fd = controlled_connect();
	for (size_t i = 0; i < controlled.count && !*controlled.failure; i++)
		if (!controlled_ask(fd, &controlled.requests[i]))
			snprintf(controlled.failure, sizeof(controlled.failure),
				 "%s: not %s but %s",
				 controlled.requests[i].text,
				 controlled.requests[i].wanted,
				 controlled.line);
	if (controlled.is_terminating || *controlled.failure)
		kill(getpid(), SIGTERM);
	/* The end is reported before the connection is closed. */
	while (controlled_receive(fd))
		if (strstr(controlled.line, "SHUTDOWN"))
			break;
	close(fd);
	faults_leave();
	return NULL;
}

/* Refuses a device for the reason that its ID stands for. */
static int controlled_plug(void *opaque, struct machine *machine,
			   const char *text)
{
	(void)opaque;
	if (strstr(text, "twin"))
		return lend_error_set(machine->ctx, LEND_ERROR_ARGUMENT, EEXIST,
				      "a", "the ID is in use");
	if (strstr(text, "astray"))
		return lend_error_set(machine->ctx, LEND_ERROR_ARGUMENT, ENODEV,
				      "b", "no such bus");
	lend_error_set(machine->ctx, LEND_ERROR_DEVICE, EIO, "c", "no answer");
	return lend_error_remedy(machine->ctx, "ask again");
}

static void controlled_gone(void *opaque, const char *device)
{
	(void)opaque;
	(void)device;
}

static const struct machine_plugger plugger = {
	.plug = controlled_plug,
	.gone = controlled_gone,
};

/* Runs a machine whose client asks for all this. Returns how it ended. */
static int controlled_run(const struct request *requests, size_t count,
			  const struct machine_plugger *plugs)
{
	struct life *life = &controlled.life;
	struct lend_ctx *ctx;
	int end;

	controlled.requests = requests;
	controlled.count = count;
	*controlled.failure = '\0';
	life->control.plugger = plugs;
	assert_int_equal(fake_ctx_new(life->fake, &ctx), 0);
	scripted_kvm_begin(steps, sizeof(steps) / sizeof(steps[0]));
	faults_begin(0, 0);
	assert_int_equal(life_begin(life, ctx), 0);
	assert_int_equal(pthread_create(&controlled.thread, NULL,
					controlled_client, NULL),
			 0);
	end = machine_run(life->machine);
	life_end(life);
	faults_end();
	pthread_join(controlled.thread, NULL);
	assert_int_equal(faults_mappings(), 0);
	lend_ctx_unref(ctx);
	if (*controlled.failure)
		fail_msg("%s", controlled.failure);
	return end;
}

#define RUN(requests, plugs)                                                   \
	controlled_run(requests, sizeof(requests) / sizeof((requests)[0]),     \
		       plugs)

static void a_guest_is_watched_and_told(void **state)
{
	static const struct request requests[] = {
		BEGIN,
		ANSWERS(COMMAND("query-cpus-fast"), "\"cpu-index\": 1"),
		UNTIL(COMMAND("query-pci"), "\"qdev_id\": \"lent\""),
		ANSWERS(COMMAND("query-pci"), "\"secondary\": 2"),
		REPORTS(COMMAND("stop"), "STOP"),
		ANSWERS(COMMAND("query-status"), "\"paused\""),
		REPORTS(COMMAND("cont"), "RESUME"),
		ANSWERS(COMMAND("query-status"), "\"running\", "),
		REPORTS(COMMAND("system_powerdown"), "POWERDOWN"),
		REPORTS(COMMAND("system_reset"), "RESET"),
		REPORTS(COMMAND("quit"), "SHUTDOWN"),
	};

	(void)state;
	assert_int_equal(RUN(requests, NULL), MACHINE_END_QUIT);
}

static void devices_are_refused_as_by_qemu(void **state)
{
	static const struct request requests[] = {
		BEGIN,
		ANSWERS(GETFD, DONE),
		REFUSES(ADD("twin"), "Duplicate device ID 'a'"),
		ANSWERS(GETFD, DONE),
		REFUSES(ADD("astray"), "Bus 'b' not found"),
		ANSWERS(GETFD, DONE),
		REFUSES(ADD("deaf"), "c: no answer; ask again"),
		REFUSES(DEL("nosuch"), "Device 'nosuch' not found"),
		ANSWERS(DEL("lent"), DONE),
		REFUSES(DEL("lent"),
			"Device lent is already in the process of unplug"),
	};

	(void)state;
	controlled.is_terminating = true;
	assert_int_equal(RUN(requests, &plugger), MACHINE_END_SIGNAL);
	assert_non_null(strstr(controlled.line, "\"host-signal\""));
	controlled.is_terminating = false;
}

static void none_is_plugged_without_a_plugger(void **state)
{
	static const struct request requests[] = {
		BEGIN,
		ANSWERS(GETFD, DONE),
		REFUSES(ADD("any"), "no device can be plugged"),
		REPORTS(COMMAND("quit"), "SHUTDOWN"),
	};

	(void)state;
	assert_int_equal(RUN(requests, NULL), MACHINE_END_QUIT);
}

static int controlled_setup(void **state)
{
	static struct pci_port_config ports[] = {
		{"one", {0, 4, 0}, 1, 1, false},
		{"two", {0, 5, 0}, 2, 2, true},
	};
	static const struct topology topology = {ports, 2};
	struct life *life = &controlled.life;

	(void)state;
	alarm(PATIENCE);
	if (life_open(life))
		return -1;
	snprintf(controlled.path, sizeof(controlled.path),
		 "/tmp/lend-controlled-%ld", (long)getpid());
	life->control.path = controlled.path;
	life->topology = &topology;
	life->port = PORT;
	/* It opens the device, and unlinks the socket, by a path. */
	life->is_free = true;
	return 0;
}

static int controlled_teardown(void **state)
{
	(void)state;
	life_close(&controlled.life);
	alarm(0);
	return access(controlled.path, F_OK) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_is_watched_and_told),
		cmocka_unit_test(devices_are_refused_as_by_qemu),
		cmocka_unit_test(none_is_plugged_without_a_plugger),
	};

	return cmocka_run_group_tests(tests, controlled_setup,
				      controlled_teardown);
}
