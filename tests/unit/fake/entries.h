/* SPDX-License-Identifier: MIT */
/* Counts the entries of a directory, as of /proc/self/fd. */
#ifndef TESTS_UNIT_FAKE_ENTRIES_H
#define TESTS_UNIT_FAKE_ENTRIES_H

/* Returns the number of entries, . and .. included; 0: they cannot be read. */
unsigned int entries_count(const char *path);

#endif
