// SPDX-License-Identifier: MIT
// A temporary directory for files that stand for the kernel's.

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake/tree.h"

void tree_must(bool is_so, const char *what)
{
	if (is_so)
		return;
	perror(what);
	abort();
}

static void tree_join(char full[PATH_MAX], const char *root, const char *path)
{
	tree_must(snprintf(full, PATH_MAX, "%s/%s", root, path) < PATH_MAX,
		  path);
}

static void make_above(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

void tree_make(char root[TREE_ROOT])
{
	/* In memory if possible: sweeps make thousands of files. */
	strcpy(root, access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	strcat(root, "/lend-test-XXXXXX");
	tree_must(mkdtemp(root), "mkdtemp");
}

void tree_file(const char *root, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	tree_join(full, root, path);
	make_above(full);
	file = fopen(full, "we");
	tree_must(file, full);
	tree_must(fputs(text, file) >= 0 && !fclose(file), full);
}

void tree_dir(const char *root, const char *path)
{
	char full[PATH_MAX];

	tree_join(full, root, path);
	make_above(full);
	mkdir(full, 0755);
}

void tree_link(const char *root, const char *path, const char *target)
{
	char full[PATH_MAX], to[PATH_MAX];

	tree_join(full, root, path);
	tree_join(to, root, target);
	make_above(full);
	unlink(full);
	tree_must(!symlink(to, full), full);
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tree_remove(const char *root, const char *path)
{
	char full[PATH_MAX];

	tree_join(full, root, path);
	nftw(full, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
