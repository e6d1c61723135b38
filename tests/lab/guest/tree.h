/* SPDX-License-Identifier: MIT */
/* Properties of the guest's device tree in /proc. */
#ifndef TESTS_LAB_GUEST_TREE_H
#define TESTS_LAB_GUEST_TREE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TREE "/proc/device-tree"

/* One or more non-empty strings, each with its terminating NUL. */
static inline bool tree_is_text(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] ? data[i] < ' ' || data[i] > '~'
			    : !i || !data[i - 1])
			return false;
	return size && !data[size - 1];
}

/* For scandir(): without the kernel's "name", and without the phandle, whose
 * value means nothing. */
static inline int tree_is_property(const struct dirent *entry)
{
	return entry->d_type != DT_DIR && strcmp(entry->d_name, "name") &&
	       strcmp(entry->d_name, "phandle");
}

#endif
