// SPDX-License-Identifier: MIT
// lend run as a command, on a scripted KVM and a scripted VFIO; lend ctl finds
// the run by its name.

#include <errno.h>
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
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "cli/command.h"
#include "tests/unit/vmm/machine/faults.h"
#include "tests/unit/vmm/machine/life.h"
#include "tests/unit/vmm/machine/scripted-kvm.h"

#define PATIENCE 300 /* seconds, for all */
#define DEVICE   "vfio-pci,host=0000:00:05.0,id=nic"
#define STATES   8
#define STATE    256

/* A guest that does nothing. */
static const struct scripted_step steps[] = {
	{PCI_PORTS_ADDRESS, 4, LIFE_COMMAND, .is_first = true},
};

static struct {
	struct life life;
	char directory[32];
	int notified;             /* socket of a service manager */
	const char *const *lines; /* of lend ctl; the last is NULL */
	char states[STATES][STATE];
	char failure[512];
} running;

/* An ordinary user's runs are in XDG_RUNTIME_DIR. */
uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return 1000;
}

/* Receives the states of a service up to the one that has these words. */
static bool running_await(const char *words)
{
	char *state = running.states[0];
	ssize_t size;

	do {
		memmove(running.states[1], running.states[0],
			sizeof(running.states) - STATE);
		size = recv(running.notified, state, STATE - 1, 0);
		state[size > 0 ? size : 0] = '\0';
	} while (size > 0 && !strstr(state, words));
	return size > 0;
}

static void running_control(const char *line)
{
	char text[128], *rest = text, *argv[16] = {NULL};
	struct cli cli = {0};
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	while (rest && argc < 15)
		argv[argc++] = strsep(&rest, " ");
	if (lend_ctx_new(NULL, &cli.ctx))
		abort();
	if (cmd_ctl(&cli, argc, argv))
		snprintf(running.failure, sizeof(running.failure), "%s: %s",
			 line, lend_ctx_error(cli.ctx)->what);
	lend_ctx_unref(cli.ctx);
}

/* Without lines, a signal ends the run. */
static void *running_client(void *opaque)
{
	(void)opaque;
	faults_enter();
	if (!running_await("READY=1"))
		snprintf(running.failure, sizeof(running.failure),
			 "the run is not ready");
	for (const char *const *line = running.lines;
	     *line && !*running.failure; line++)
		running_control(*line);
	if (*running.failure || !*running.lines)
		kill(getpid(), SIGTERM);
	faults_leave();
	return NULL;
}

static int running_command(struct cli *cli, const char *more)
{
	char text[512], *rest = text, *argv[32];
	int argc = 0;

	snprintf(text, sizeof(text),
		 "run -kernel %s -initrd %s -m 16 -smp 2 -device " DEVICE
		 " -name web -qmp auto -shutdown-timeout 0 -sandbox off%s",
		 running.life.kernel, running.life.initrd, more);
	while (rest && argc < 31)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	return cmd_run(cli, argc, argv);
}

/* Runs a guest whose client sends these commands. Returns what cmd_run() did.
 */
static int running_run(const char *const *lines)
{
	struct cli cli = {0};
	pthread_t thread;
	int err;

	running.lines = lines;
	*running.failure = '\0';
	assert_int_equal(fake_ctx_new(running.life.fake, &cli.ctx), 0);
	scripted_kvm_begin(steps, 1);
	faults_begin(0, 0);
	assert_int_equal(pthread_create(&thread, NULL, running_client, NULL),
			 0);
	err = running_command(&cli, "");
	faults_end();
	if (err)
		print_error("%s\n", lend_ctx_error(cli.ctx)->what);
	pthread_join(thread, NULL);
	assert_int_equal(faults_mappings(), 0);
	lend_ctx_unref(cli.ctx);
	if (*running.failure)
		fail_msg("%s", running.failure);
	return err;
}

static void a_run_is_found_by_its_name(void **state)
{
	static const char *const lines[] = {
		"ctl --list",   "ctl web status", "ctl web pci", "ctl stop",
		"ctl web cont", "ctl web quit",   NULL,
	};

	(void)state;
	assert_int_equal(running_run(lines), 0);
	assert_true(running_await("STOPPING=1"));
	assert_non_null(strstr(running.states[1], "STATUS="));
}

/* It is passed on, to who waits for the process. */
static void a_signal_ends_the_command(void **state)
{
	static const struct timespec now;
	const char *const none = NULL;
	sigset_t taken, before;

	(void)state;
	sigemptyset(&taken);
	sigaddset(&taken, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &taken, &before);
	assert_int_equal(running_run(&none), 0);
	assert_int_equal(sigtimedwait(&taken, NULL, &now), SIGTERM);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_true(running_await("STOPPING=1"));
}

/* Before anything is open. */
static void a_wrong_line_is_refused(void **state)
{
	static const char *const lines[][2] = {
		{" -qmp tcp:4444", "the control socket is a Unix socket"},
		{" -qmp unix:/tmp/q,server=off", "connects to no socket"},
		{" -qmp unix:/tmp/q,wait=on", "the guest starts at once"},
		{" -qmp unix:/tmp/q,telnet=on", "unknown property"},
		{" -name .web", "is not the path of a socket"},
		{" -device vfio-pci,host=0000:00:06.0", "no such device"},
	};
	struct cli cli = {0};

	(void)state;
	assert_int_equal(fake_ctx_new(running.life.fake, &cli.ctx), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_true(running_command(&cli, lines[i][0]) < 0);
		if (!strstr(lend_ctx_error(cli.ctx)->what, lines[i][1]))
			fail_msg("%s: %s", lines[i][0],
				 lend_ctx_error(cli.ctx)->what);
	}
	lend_ctx_unref(cli.ctx);
}

static int running_setup(void **state)
{
	const struct timeval patience = {.tv_sec = 60};
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	alarm(PATIENCE);
	strcpy(running.directory, "/tmp/lend-run-XXXXXX");
	if (life_open(&running.life) || !mkdtemp(running.directory))
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify",
		 running.directory);
	setenv("XDG_RUNTIME_DIR", running.directory, 1);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	running.notified = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return bind(running.notified, (const struct sockaddr *)&address,
		    sizeof(address)) ||
	       setsockopt(running.notified, SOL_SOCKET, SO_RCVTIMEO, &patience,
			  sizeof(patience));
}

/* The run has removed its socket. */
static int running_teardown(void **state)
{
	static const char *const names[] = {"notify", "lend/runs", "lend", ""};
	char path[64];
	int err = 0;

	(void)state;
	close(running.notified);
	life_close(&running.life);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", running.directory,
			 names[i]);
		err |= remove(path);
	}
	alarm(0);
	return err;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_found_by_its_name),
		cmocka_unit_test(a_signal_ends_the_command),
		cmocka_unit_test(a_wrong_line_is_refused),
	};

	return cmocka_run_group_tests(tests, running_setup, running_teardown);
}
