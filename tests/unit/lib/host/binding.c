// SPDX-License-Identifier: MIT
// A machine with a NIC and a disk, bound to VFIO and restored.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "binding.h"

int binding_setup(void **state)
{
	struct machine *m;

	machine_setup(state);
	m = *state;
	fake_add_driver(m->fake, "vfio-pci");
	fake_add_pci(m->fake, NIC, "e1000e", 1);
	fake_add_pci(m->fake, DISK, "nvme", 2);
	return 0;
}

static void binding_note_move(void *opaque, const char *device,
			      const char *from, const char *to)
{
	char *text = opaque;
	size_t used = strlen(text);

	snprintf(text + used, 512 - used, "%s %s>%s\n", device, from, to);
}

int bind_some(struct machine *m, const char *names[], unsigned int count,
	      char text[512])
{
	const struct lend_bind_options options = {
		.size = sizeof(options),
		.moved = binding_note_move,
		.opaque = text,
	};
	struct lend_address *a[4] = {NULL};
	int err;

	text[0] = '\0';
	for (unsigned int i = 0; i < count; i++)
		a[i] = machine_find(m, names[i]);
	err = lend_bind(m->ctx, a, count, &options);
	for (unsigned int i = 0; i < count; i++)
		lend_address_unref(a[i]);
	return err;
}

int bind_nic(struct machine *m)
{
	char text[512];

	return bind_some(m, (const char *[]){NIC}, 1, text);
}

int restore_all(struct machine *m, char text[512])
{
	const struct lend_bind_options options = {
		.size = sizeof(options),
		.moved = binding_note_move,
		.opaque = text,
	};

	text[0] = '\0';
	return lend_restore(m->ctx, NULL, 0, &options);
}

void is_now(struct machine *m, const char *device, const char *driver,
	    const char *override)
{
	char text[64];

	fake_driver(m->fake, device, text);
	assert_string_equal(text, driver);
	fake_override(m->fake, device, text);
	assert_string_equal(text, override);
}
