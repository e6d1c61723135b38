// SPDX-License-Identifier: MIT
// Descriptors that a client of the control socket has passed in.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmm/control/descriptors.h"

/* Standard input is no descriptor that arrives: 0 stands for none. */
void passed_arrive(struct passed *passed, int fd)
{
	if (passed->arrived > 0)
		close(passed->arrived);
	passed->arrived = fd;
}

int passed_take(struct passed *passed)
{
	int fd = passed->arrived > 0 ? passed->arrived : -1;

	passed->arrived = 0;
	return fd;
}

static bool passed_put(struct passed *passed,
		       const struct passed_descriptor *descriptor)
{
	if (passed->count == PASSED_MAX) {
		close(descriptor->fd);
		return false;
	}
	passed->kept[passed->count++] = *descriptor;
	return true;
}

bool passed_keep(struct passed *passed, int fd, const char *name)
{
	struct passed_descriptor descriptor = {.fd = fd};

	snprintf(descriptor.name, sizeof(descriptor.name), "%s", name);
	passed_close(passed, name);
	return passed_put(passed, &descriptor);
}

bool passed_add(struct passed *passed, int fd, int64_t set, const char *name)
{
	struct passed_descriptor descriptor = {
		.fd = fd,
		.is_in_set = true,
		.set = set,
	};

	snprintf(descriptor.name, sizeof(descriptor.name), "%s", name);
	return passed_put(passed, &descriptor);
}

static size_t passed_index(const struct passed *passed, const char *name)
{
	size_t i = 0;

	while (i < passed->count && (passed->kept[i].is_in_set ||
				     strcmp(passed->kept[i].name, name)))
		i++;
	return i;
}

int passed_take_named(struct passed *passed, const char *name)
{
	size_t i = passed_index(passed, name);
	int fd = -1;

	if (i < passed->count) {
		fd = passed->kept[i].fd;
		passed->kept[i] = passed->kept[--passed->count];
	}
	return fd;
}

int64_t passed_new_set(const struct passed *passed)
{
	int64_t set = 0;

	for (size_t i = 0; i < passed->count; i++) {
		if (!passed->kept[i].is_in_set || passed->kept[i].set != set)
			continue;
		set++;
		i = (size_t)-1;
	}
	return set;
}

static void passed_drop(struct passed *passed, size_t i)
{
	close(passed->kept[i].fd);
	passed->kept[i] = passed->kept[--passed->count];
}

bool passed_close(struct passed *passed, const char *name)
{
	size_t i = passed_index(passed, name);

	if (i == passed->count)
		return false;
	passed_drop(passed, i);
	return true;
}

bool passed_remove(struct passed *passed, int64_t set, int64_t fd)
{
	bool was_there = false;

	for (size_t i = passed->count; i-- > 0;) {
		const struct passed_descriptor *kept = &passed->kept[i];

		if (!kept->is_in_set || kept->set != set ||
		    (fd >= 0 && kept->fd != fd))
			continue;
		passed_drop(passed, i);
		was_there = true;
	}
	return was_there;
}

void passed_end(struct passed *passed)
{
	passed_arrive(passed, 0);
	while (passed->count)
		passed_drop(passed, 0);
}
