// SPDX-License-Identifier: MIT
// Each call of the scripted kernel fails when it is to, and only then; what
// undoes something does so even then.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/vfio.h>

#include <lend/test.h>

#include "fake/public.h"

#define PAGE 4096

struct calls {
	struct lend_test *host;
	struct fake_kernel *fake;
	const struct kernel *k;
	char path[96], other[96];
	int fd;       /* open before each call */
	void *memory; /* and a page that is mapped */
	struct stat st;
	uint8_t bytes[8];
};

static int calls_take_name(void *opaque, const char *name)
{
	(void)opaque;
	(void)name;
	return 0;
}

static int calls_take_kind(void *opaque, const char *name, bool is_dir)
{
	(void)is_dir;
	return calls_take_name(opaque, name);
}

#define CALL(name, ...)                                                        \
	static long calls_##name(struct calls *c)                              \
	{                                                                      \
		return c->k->name(c->k, ##__VA_ARGS__);                        \
	}

CALL(open, c->path, O_RDONLY)
CALL(create, c->other, 0600)
CALL(close, c->fd)
CALL(read, c->fd, c->bytes, 1)
CALL(write, c->fd, c->bytes, 1)
CALL(pread, c->fd, c->bytes, 1, 0)
CALL(pwrite, c->fd, c->bytes, 1, 0)
CALL(ioctl, c->fd, VFIO_DEVICE_RESET, NULL)
CALL(unmap, c->memory, PAGE)
CALL(advise, c->memory, PAGE, MADV_DONTFORK)
CALL(eventfd)
CALL(adopt, c->fd)
CALL(poll, NULL, 0, 0)
CALL(readlink, c->path, (char *)c->bytes, sizeof(c->bytes))
CALL(realpath, c->path, c->other, sizeof(c->other))
CALL(list, c->fake->root, calls_take_name, NULL)
CALL(list_kinds, c->fake->root, calls_take_kind, NULL)
CALL(stat, c->path, &c->st)
CALL(peek, c->path, &c->st)
CALL(fstat, c->fd, &c->st)
CALL(access, c->path, F_OK)
CALL(chown, c->path, getuid())
CALL(address, "eth0", c->bytes)
CALL(mkdir, c->other, 0700)
CALL(rename, c->path, c->other)
CALL(unlink, c->path)
CALL(mknod, c->other, S_IFCHR | 0600, 0)
CALL(accept, c->fd)
CALL(send, c->fd, NULL)
CALL(receive, c->fd, NULL)
CALL(seals, c->fd)
CALL(dup, c->fd)
CALL(shutdown, c->fd)
CALL(fsync, c->fd)
CALL(lock, c->fd)

static long calls_map(struct calls *c)
{
	void *at;

	return c->k->map(c->k, NULL, PAGE, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, &at);
}

/* A job is an open, and what follows it. */
static long calls_apart(struct calls *c)
{
	const struct apart_job job = {
		.path = c->path,
		.buffer = (char *)c->bytes,
		.size = sizeof(c->bytes),
	};

	return c->k->apart(c->k, &job);
}

#define CALLED(name, kind)                                                     \
	{                                                                      \
#name, kind, calls_##name                                      \
	}

static const struct {
	const char *name;
	enum fake_op kind;
	long (*make)(struct calls *c);
} calls[] = {
	CALLED(open, FAKE_OPEN),         CALLED(create, FAKE_PATH),
	CALLED(close, FAKE_CLOSE),       CALLED(read, FAKE_READ),
	CALLED(write, FAKE_WRITE),       CALLED(pread, FAKE_PREAD),
	CALLED(pwrite, FAKE_PWRITE),     CALLED(ioctl, FAKE_IOCTL),
	CALLED(map, FAKE_MAP),           CALLED(unmap, FAKE_UNMAP),
	CALLED(advise, FAKE_ADVISE),     CALLED(eventfd, FAKE_EVENTFD),
	CALLED(poll, FAKE_POLL),         CALLED(readlink, FAKE_PATH),
	CALLED(realpath, FAKE_PATH),     CALLED(list, FAKE_PATH),
	CALLED(list_kinds, FAKE_PATH),   CALLED(stat, FAKE_PATH),
	CALLED(peek, FAKE_PATH),         CALLED(fstat, FAKE_FSTAT),
	CALLED(access, FAKE_PATH),       CALLED(chown, FAKE_PATH),
	CALLED(address, FAKE_PATH),      CALLED(mkdir, FAKE_PATH),
	CALLED(rename, FAKE_PATH),       CALLED(unlink, FAKE_PATH),
	CALLED(mknod, FAKE_PATH),        CALLED(fsync, FAKE_PATH),
	CALLED(lock, FAKE_PATH),         CALLED(apart, FAKE_OPEN),
	CALLED(accept, FAKE_ACCEPT),     CALLED(send, FAKE_SEND),
	CALLED(receive, FAKE_RECEIVE),   CALLED(seals, FAKE_SEALS),
	CALLED(adopt, FAKE_EVENTFD),     CALLED(dup, FAKE_DUP),
	CALLED(shutdown, FAKE_SHUTDOWN),
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

_Static_assert(sizeof(struct kernel) == CALLS * sizeof(void (*)(void)),
	       "each call of the seam is here");

static int calls_setup(void **state)
{
	static struct calls c;

	c = (struct calls){.host = lend_test_new()};
	c.fake = test_kernel(c.host);
	c.k = &c.fake->kernel;
	fake_kernel_file(c.fake, "file", "bytes");
	snprintf(c.path, sizeof(c.path), "%s/file", c.fake->root);
	snprintf(c.other, sizeof(c.other), "%s/other", c.fake->root);
	*state = &c;
	return 0;
}

static int calls_teardown(void **state)
{
	struct calls *c = *state;

	lend_test_free(c->host);
	return 0;
}

/* A kernel of its own for each: what failed once is remembered. */
static void assert_call_fails(struct calls *c, unsigned int n)
{
	char why[128];

	c->fd = c->k->open(c->k, c->path, O_RDWR);
	assert_true(c->fd >= 0);
	assert_int_equal(c->k->map(c->k, NULL, PAGE, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0,
				   &c->memory),
			 0);
	lend_test_fail(c->host, (enum lend_test_call)calls[n].kind, 0, 1,
		       ESTALE);
	assert_false(fake_has_failed(c->fake, calls[n].kind, 0));
	if (calls[n].make(c) != -ESTALE)
		fail_msg("%s: it does not fail", calls[n].name);
	if (!fake_has_failed(c->fake, calls[n].kind, 0) ||
	    !lend_test_has_failed(c->host))
		fail_msg("%s: nobody knows that it failed", calls[n].name);
	if (calls[n].kind != FAKE_CLOSE)
		assert_int_equal(c->k->close(c->k, c->fd), 0);
	if (calls[n].kind != FAKE_UNMAP)
		assert_int_equal(c->k->unmap(c->k, c->memory, PAGE), 0);
	if (!fake_is_idle(c->fake, why, sizeof(why)))
		fail_msg("%s: %s", calls[n].name, why);
}

static void each_call_fails_when_it_is_to(void **state)
{
	for (unsigned int n = 0; n < CALLS; n++) {
		assert_call_fails(*state, n);
		calls_teardown(state);
		calls_setup(state);
	}
}

/* The calls before the planned one, of other kinds, and after it. */
static void no_other_call_fails(void **state)
{
	struct calls *c = *state;
	int fd;

	lend_test_fail(c->host, LEND_TEST_CALL_OPEN, 0, 2, ESTALE);
	fd = c->k->open(c->k, c->path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(c->k->read(c->k, fd, c->bytes, 1), 1);
	assert_false(lend_test_has_failed(c->host));
	assert_int_equal(c->k->open(c->k, c->path, O_RDONLY), -ESTALE);
	assert_true(lend_test_has_failed(c->host));
	assert_int_equal(c->k->close(c->k, fd), 0);
	fd = c->k->open(c->k, c->path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(c->k->close(c->k, fd), 0);
	assert_false(fake_has_failed(c->fake, FAKE_CLOSE, 0));
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, calls_setup, calls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_call_fails_when_it_is_to),
		TEST(no_other_call_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
