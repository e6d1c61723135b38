// SPDX-License-Identifier: MIT
// Takes every right that Landlock knows away from this thread.
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/sandbox/landlock.h"

/* linux/landlock.h; the headers of Linux 6.1 lack the last two members. */
struct landlock_rights {
	uint64_t files;
	uint64_t net;    /* from version 4 on */
	uint64_t scoped; /* from version 6 on */
};

#define NEWEST     6
#define ALL_NET    UINT64_C(0x3) /* bind() and connect() of TCP */
#define ALL_SCOPES UINT64_C(0x3) /* abstract Unix sockets, signals */

/* The rights to files that each version of the interface added. */
static uint64_t landlock_files(int version)
{
	uint64_t rights = (UINT64_C(1) << 13) - 1;

	if (version >= 2)
		rights |= UINT64_C(1) << 13; /* links to other directories */
	if (version >= 3)
		rights |= UINT64_C(1) << 14; /* truncate */
	if (version >= 5)
		rights |= UINT64_C(1) << 15; /* ioctl() of devices */
	return rights;
}

/* Returns a descriptor, or -errno. */
static int landlock_make_rules(int version)
{
	const struct landlock_rights all = {
		.files = landlock_files(version),
		.net = version >= 4 ? ALL_NET : 0,
		.scoped = version >= 6 ? ALL_SCOPES : 0,
	};
	size_t size = version >= 6   ? sizeof(all)
		      : version >= 4 ? offsetof(struct landlock_rights, scoped)
				     : offsetof(struct landlock_rights, net);
	long rules = syscall(SYS_landlock_create_ruleset, &all, size, 0u);

	return rules < 0 ? -errno : (int)rules;
}

/* A kernel refuses what it does not know. The newest first: a call less than to
 * ask for the version. */
int landlock_close_all(int *rules)
{
	int made = -EINVAL;

	*rules = -1;
	for (int version = NEWEST; version > 0; version--) {
		made = landlock_make_rules(version);
		if (made != -EINVAL && made != -E2BIG)
			break;
	}
	if (made < 0)
		return made;
	*rules = made;
	return syscall(SYS_landlock_restrict_self, made, 0u) ? -errno : 0;
}
