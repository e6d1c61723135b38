// SPDX-License-Identifier: MIT
// lend serve as a command, on the scripted kernel: what it refuses, and how its
// service ends.

#include <unistd.h>

#include "cli/command.h"
#include "cli/report.h"
#include "tests/unit/cli/serve/visit.h"
#include "tests/unit/lib/device/fixture.h"

static int serve_test_setup(void **state)
{
	int err = fixture_setup(state);
	struct fixture *f = *state;

	if (err)
		return err;
	f->nvme->regions[2].size = 0;
	f->nvme->irqs[LEND_PCI_IRQ_MSI].count = 0;
	f->nvme->irqs[LEND_PCI_IRQ_MSIX].count = 0;
	fake_irq_set(f->nvme, LEND_PCI_IRQ_REQ, 1, VFIO_IRQ_INFO_EVENTFD);
	return 0;
}

/* "lend serve" with words separated by '|'. */
static int serve_test_run(struct fixture *f, const char *line)
{
	char text[256], command[] = "serve", *rest = text;
	char *argv[16] = {command};
	struct cli cli = {.ctx = f->ctx};
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	while (*text && rest && argc < 15)
		argv[argc++] = strsep(&rest, "|");
	return cmd_serve(&cli, argc, argv);
}

static void assert_serve_refused(struct fixture *f, const char *line,
				 const char *what)
{
	const struct lend_error *e = lend_ctx_error(f->ctx);

	assert_true(serve_test_run(f, line) < 0);
	if (!strstr(e->what, what))
		fail_msg("%s: %s", line, e->what);
	assert_idle(f);
}

static void wrong_lines_of_serve_are_refused(void **state)
{
	struct fixture *f = *state;

	fake_pci_add(f->fake, OTHER, 8);
	assert_serve_refused(f, "", "no device given");
	assert_serve_refused(f, NAME "|" OTHER, "a server has one device");
	assert_serve_refused(f, "0000:7f:00.0", "no such device");
	assert_serve_refused(f, "-socket||" NAME, "-socket: the path is empty");
	assert_serve_refused(f, "-sandbox|perhaps|" NAME, "-sandbox");
	assert_serve_refused(f, "-runas|nobody-of-that-name|" NAME, "-runas");
	assert_serve_refused(f, NAME, "no socket given");
	assert_serve_refused(f, "-socket|/nowhere/socket|" NAME,
			     "/nowhere/socket");
}

static void the_service_ends_by_a_signal(void **state)
{
	struct visit visit = {.then = visit_terminate};
	struct fixture *f = *state;

	fake_fd_give(f->fake, visit_begin());
	visit_start(&visit);
	assert_int_equal(serve_test_run(f, "-map|-sandbox|off|" NAME), 0);
	visit_join(&visit);
	assert_true(visit.is_answered);
	assert_true(visit_was_terminated());
	assert_non_null(strstr(f->message, NAME));
	visit_end();
}

/* As an unbind does. */
static void serve_test_request(void *opaque)
{
	const struct fixture *f = opaque;
	int fd = f->nvme->irqs[LEND_PCI_IRQ_REQ].trigger[0];
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static void the_service_ends_when_the_host_wants_the_device(void **state)
{
	struct fixture *f = *state;
	struct visit visit = {.then = serve_test_request, .opaque = f};

	fake_fd_give(f->fake, visit_begin());
	visit_start(&visit);
	assert_error(f, serve_test_run(f, "-sandbox|off|" NAME), -ENODEV,
		     LEND_ERROR_DEVICE);
	assert_reported(f, "the host wants the device back", "by an unbind",
			"");
	visit_join(&visit);
	assert_true(visit.is_answered);
	assert_false(visit_was_terminated());
	visit_end();
}

#define TEST_SERVE(f)                                                          \
	cmocka_unit_test_setup_teardown(f, serve_test_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_SERVE(wrong_lines_of_serve_are_refused),
		TEST_SERVE(the_service_ends_by_a_signal),
		TEST_SERVE(the_service_ends_when_the_host_wants_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
