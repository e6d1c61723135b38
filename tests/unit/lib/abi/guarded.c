// SPDX-License-Identifier: MIT
// Structures as programs of other releases pass them, before a page that nobody
// may read.

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guarded.h"

static size_t guarded_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Pages that @size bytes take, in bytes. */
static size_t guarded_room(size_t size)
{
	return (size + guarded_page() - 1) / guarded_page() * guarded_page();
}

void *guarded_copy(const void *from, size_t from_size, size_t size)
{
	size_t room = guarded_room(size);
	unsigned char *pages =
		mmap(NULL, room + guarded_page(), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *copy;

	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + room, guarded_page(), PROT_NONE), 0);
	copy = pages + room - size;
	memcpy(copy, from, from_size < size ? from_size : size);
	memcpy(copy, &size, sizeof(size));
	return copy;
}

void guarded_free(void *copy, size_t size)
{
	size_t room = guarded_room(size);
	unsigned char *pages = (unsigned char *)copy - (room - size);

	assert_int_equal(munmap(pages, room + guarded_page()), 0);
}

/* What the function returns for so many bytes, one of them set where @set is
 * not 0. */
static int sized_call(const struct sized_reader *reader, const void *valid,
		      size_t size, size_t set)
{
	unsigned char *copy = guarded_copy(valid, reader->known, size);
	int result;

	if (set)
		copy[set] = 1;
	result = reader->call(reader->opaque, copy);
	guarded_free(copy, size);
	return result;
}

static void sized_check_reported(const struct sized_reader *reader, int result,
				 const char *what, const char *evidence)
{
	const struct lend_error *e = reader->error;

	if (!e)
		return;
	assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
	assert_int_equal(e->err, -result);
	if (!strstr(e->what, what) || !strstr(e->what, reader->name) ||
	    !strstr(e->evidence, evidence) || !e->remedy[0])
		fail_msg("%s\n%s\n%s", e->what, e->evidence, e->remedy);
}

static void sized_check_refusals(const struct sized_reader *reader,
				 const void *valid)
{
	const size_t too_small[] = {sizeof(size_t), reader->first - 1};
	char evidence[64];
	int result;

	for (unsigned int i = 0; i < 2; i++) {
		result = sized_call(reader, valid, too_small[i], 0);
		assert_int_equal(result, -EINVAL);
		snprintf(evidence, sizeof(evidence), "size is %zu",
			 too_small[i]);
		sized_check_reported(reader, result, "smaller than", evidence);
	}
	result = sized_call(reader, valid, 4097, 0);
	assert_int_equal(result, -EINVAL);
	sized_check_reported(reader, result, "larger than", "size is 4097");
}

void sized_check(const struct sized_reader *reader, const void *valid)
{
	const size_t today =
		reader->known > reader->first ? reader->known : reader->first;
	const size_t sizes[] = {today, today + 1, today + 8, today + 40};
	char evidence[64];
	int result;

	for (size_t size = reader->first; size <= today; size++)
		assert_true(sized_call(reader, valid, size, 0) >= 0);
	sized_check_refusals(reader, valid);
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_true(sized_call(reader, valid, sizes[i], 0) >= 0);
		for (size_t at = reader->known; at < sizes[i]; at++) {
			result = sized_call(reader, valid, sizes[i], at);
			assert_int_equal(result, -E2BIG);
			snprintf(evidence, sizeof(evidence), "byte %zu of %zu",
				 at, sizes[i]);
			sized_check_reported(reader, result, "a member set",
					     evidence);
		}
	}
}
