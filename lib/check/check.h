/* SPDX-License-Identifier: MIT */
/* One run of checks: each looks at a precondition and reports how it stands. */
#ifndef LIB_CHECK_CHECK_H
#define LIB_CHECK_CHECK_H

#include <lend/check.h>

struct check {
	struct lend_ctx *ctx;
	const struct lend_check_options *options; /* never NULL */
	unsigned int failed;
};

/* device may be NULL for the host. */
void check_ok(struct check *check, const char *word, const char *device,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void check_warn(struct check *check, const char *word, const char *device,
		const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* What failed is the context's record. */
void check_failed(struct check *check, const char *word);

/* Device: its group, kind, driver, neighbours, who holds it. */
void check_device(struct check *check, const struct lend_address *address);

/* Whether this user can open what a device in this group is reached by. */
void check_nodes(struct check *check, const struct lend_address *address,
		 unsigned int group);
void check_kvm(struct check *check);

/* Whether the firmware's screen is in a device's memory. */
void check_framebuffer(struct check *check, const struct lend_address *address);

#endif
