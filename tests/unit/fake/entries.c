// SPDX-License-Identifier: MIT
// Counts the entries of a directory, as of /proc/self/fd.
#include <dirent.h>
#include <stddef.h>

#include "entries.h"

unsigned int entries_count(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int count = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}
