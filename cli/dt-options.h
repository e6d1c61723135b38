/* SPDX-License-Identifier: MIT */
/* Parses dt-drop, dt-number, dt-overlay and dt-keep-address, as options of a
 * command or as properties of a -device string. */
#ifndef CLI_DT_OPTIONS_H
#define CLI_DT_OPTIONS_H

#include <lend/platform.h>

struct lend_ctx;
struct lend_spec;

struct dt_options {
	char *drop;    /* names separated by ':', or NULL */
	char *numbers; /* the same */
	void *overlay;
	size_t overlay_size;
	bool keep_address;
};

/* Adds names. Returns 0, or -errno with a record. */
int dt_options_drop(struct dt_options *options, struct lend_ctx *ctx,
		    const char *names);
int dt_options_number(struct dt_options *options, struct lend_ctx *ctx,
		      const char *names);

/* Reads the file of an overlay. Returns 0, or -errno with a record. */
int dt_options_overlay(struct dt_options *options, struct lend_ctx *ctx,
		       const char *path);

/* Takes these properties from a -device string of a platform device. Returns 0,
 * or -errno with a record. */
int dt_options_take(struct dt_options *options, struct lend_ctx *ctx,
		    const struct lend_spec *spec);

/* The same in the library's form; borrows from @options. */
struct lend_platform_options
dt_options_platform(const struct dt_options *options, const char *front_end);

void dt_options_free(struct dt_options *options);

#endif
