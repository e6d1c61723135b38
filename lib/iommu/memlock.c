// SPDX-License-Identifier: MIT
// Explains why memory could not be pinned: a limit or a shortage.

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <linux/capability.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/iommu/iommu.h"

#define MIB (1ull << 20)

/* The number after a label at the start of a line; 0 if there is none. */
static uint64_t number_after(const char *text, const char *label, int base)
{
	const char *at = text;

	while (at && strncmp(at, label, strlen(label))) {
		at = strchr(at, '\n');
		if (at)
			at++;
	}
	return at ? strtoull(at + strlen(label), NULL, base) : 0;
}

/* The kernel requires the capability in the initial user namespace. */
static bool may_lock_any(struct lend_ctx *ctx, const char *status)
{
	uint64_t caps = number_after(status, "CapEff:", 16);
	unsigned long first = 0, outside = 0, count = 0xffffffff;
	char map[256];

	if (!(caps >> CAP_IPC_LOCK & 1))
		return false;
	procfs_read(ctx, "self/uid_map", map, sizeof(map));
	if (map[0] && sscanf(map, "%lu %lu %lu", &first, &outside, &count) != 3)
		return true;
	return !first && !outside && count == 0xffffffff;
}

static uint64_t round_mib(uint64_t bytes)
{
	return bytes / MIB + !!(bytes % MIB);
}

/* A shell raises its limit up to the hard one; root raises that. */
static int memlock_add_remedies(struct lend_ctx *ctx, rlim_t hard,
				uint64_t need)
{
	unsigned long long mib = round_mib(need);

	if (hard == RLIM_INFINITY || mib * MIB <= hard) {
		lend_error_remedy(ctx, "shell: ulimit -l %llu", mib * 1024);
	} else {
		lend_error_evidence(ctx, "the hard limit is %llu bytes",
				    (unsigned long long)hard);
		lend_error_remedy(ctx,
				  "shell: sudo prlimit --pid $$ "
				  "--memlock=%llu",
				  mib * MIB);
	}
	return lend_error_remedy(ctx, "systemd: LimitMEMLOCK=%lluM", mib);
}

static int explain_limit(struct lend_ctx *ctx, const struct rlimit *rlimit,
			 uint64_t locked, uint64_t size)
{
	uint64_t limit = rlimit->rlim_cur, need = locked + size;

	lend_error_set(ctx, LEND_ERROR_MEMLOCK, ENOMEM, NULL,
		       "cannot pin %llu MiB of memory: RLIMIT_MEMLOCK is %llu "
		       "MiB, and %llu MiB are needed",
		       (unsigned long long)round_mib(size),
		       (unsigned long long)(limit / MIB),
		       (unsigned long long)round_mib(need));
	lend_error_evidence(ctx,
			    "%llu bytes are needed, %llu of them pinned "
			    "already; the limit is %llu bytes",
			    (unsigned long long)need,
			    (unsigned long long)locked,
			    (unsigned long long)limit);
	return memlock_add_remedies(ctx, rlimit->rlim_max, need);
}

/* Returns -ENOMEM with a record if the limit forbids pinning @size more bytes.
 */
static int check_limit(struct lend_ctx *ctx, uint64_t mapped, uint64_t size)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	char status[8192];
	uint64_t locked;

	procfs_read(ctx, "self/status", status, sizeof(status));
	locked = number_after(status, "VmLck:", 10) * 1024;
	if (locked < mapped)
		locked = mapped;
	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (limit.rlim_cur != RLIM_INFINITY && !may_lock_any(ctx, status) &&
	    (size > limit.rlim_cur || locked > limit.rlim_cur - size))
		return explain_limit(ctx, &limit, locked, size);
	return 0;
}

/* 0 if the kernel does not report it. */
static uint64_t available_kib(struct lend_ctx *ctx)
{
	char meminfo[8192];

	procfs_read(ctx, "meminfo", meminfo, sizeof(meminfo));
	return number_after(meminfo, "MemAvailable:", 10);
}

static int explain_shortage(struct lend_ctx *ctx, uint64_t size)
{
	uint64_t free_kib = available_kib(ctx);

	lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
		       "cannot pin %llu MiB: not enough memory is available",
		       (unsigned long long)round_mib(size));
	if (free_kib)
		lend_error_evidence(ctx, "%llu MiB are available",
				    (unsigned long long)(free_kib / 1024));
	lend_error_evidence(ctx, "RLIMIT_MEMLOCK is not the cause");
	return lend_error_remedy(ctx, "map less memory, or free some");
}

int memlock_explain(struct lend_ctx *ctx, uint64_t mapped, uint64_t size)
{
	int err = check_limit(ctx, mapped, size);

	return err ? err : explain_shortage(ctx, size);
}

int memlock_check(struct lend_ctx *ctx, uint64_t size)
{
	uint64_t free_kib = available_kib(ctx);
	int err = check_limit(ctx, 0, size);

	if (!err && free_kib && size / 1024 > free_kib)
		err = explain_shortage(ctx, size);
	return err;
}
