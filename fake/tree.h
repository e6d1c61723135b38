/* SPDX-License-Identifier: MIT */
/* A temporary directory for files that stand for the kernel's. What cannot be
 * made ends the test; paths are relative to the directory. */
#ifndef FAKE_TREE_H
#define FAKE_TREE_H

#include <stdbool.h>

#define TREE_ROOT 64 /* bytes of its path, at most */

/* Ends the test, with errno's text, unless what it depends on is so. */
void tree_must(bool is_so, const char *what);

void tree_make(char root[TREE_ROOT]);

/* Make the directories above them too. A link replaces what exists, and points
 * to @target in the same directory. */
void tree_file(const char *root, const char *path, const char *text);
void tree_dir(const char *root, const char *path);
void tree_link(const char *root, const char *path, const char *target);

/* Removes a path with all its contents; "" is the whole directory. */
void tree_remove(const char *root, const char *path);

#endif
