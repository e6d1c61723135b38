// SPDX-License-Identifier: MIT
// A configuration space with capability lists, for the tests of both lists.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "list.h"

static void list_test_note(void *opaque, enum lend_log_level level,
			   const char *text)
{
	struct list_test *s = opaque;

	s->warnings += level == LEND_LOG_WARNING;

	strncat(s->notes, text, sizeof(s->notes) - strlen(s->notes) - 2);
	strcat(s->notes, "\n");
}

void list_test_start(struct list_test *s)
{
	memset(s, 0, sizeof(*s));
	image_blank(s->image);
	s->source = (struct config_source){
		.image = s->image,
		.size = CONFIG_SIZE,
		.intx_count = 1,
		.msi_count = 32,
		.msix_count = 2048,
		.can_reset = true,
		.note = list_test_note,
		.note_opaque = s,
	};
}

int list_test_build(struct list_test *s)
{
	static const uint64_t sizes[BAR_COUNT] = {[0] = 0x4000};
	struct bar bars[BAR_COUNT];
	const char *fault;
	int err;

	assert_int_equal(bar_probe(bars, s->image, sizes, &fault), 0);
	err = config_build(&s->config, &s->source, bars, &fault);
	assert_int_equal(!err, !fault);
	return err;
}

void list_test_add_express(struct list_test *s, unsigned int before,
			   unsigned int at)
{
	image_add(s->image, before, at, 0x10);
	image_put(s->image, at + 2, 2, 0x0002);
}
