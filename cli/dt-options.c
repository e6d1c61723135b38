// SPDX-License-Identifier: MIT
// Parses dt-drop, dt-number, dt-overlay and dt-keep-address, as options of a
// command or as properties of a -device string.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lend/lend.h>

#include "cli/dt-options.h"
#include "cli/no-memory.h"

/* Real overlays are far smaller. */
#define OVERLAY_MAX (1u << 20)

static int dt_options_add(char **list, struct lend_ctx *ctx, const char *names)
{
	char *both;

	if (asprintf(&both, "%s%s%s", *list ? *list : "", *list ? ":" : "",
		     names) < 0)
		return cli_no_memory(ctx);
	free(*list);
	*list = both;
	return 0;
}

int dt_options_drop(struct dt_options *options, struct lend_ctx *ctx,
		    const char *names)
{
	return dt_options_add(&options->drop, ctx, names);
}

int dt_options_number(struct dt_options *options, struct lend_ctx *ctx,
		      const char *names)
{
	return dt_options_add(&options->numbers, ctx, names);
}

static int dt_options_refuse(struct lend_ctx *ctx, const char *path, int err,
			     const char *why)
{
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, err, NULL,
			      "dt-overlay: %s: %s", path, why);
}

/* Opening a FIFO would wait for a writer. */
static FILE *overlay_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	FILE *file = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	errno = EINVAL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		file = fdopen(fd, "r");
	if (!file)
		close(fd);
	return file;
}

int dt_options_overlay(struct dt_options *options, struct lend_ctx *ctx,
		       const char *path)
{
	FILE *file = overlay_open(path);
	int err = 0;

	if (!file)
		return dt_options_refuse(ctx, path, errno,
					 errno == EINVAL ? "not a regular file"
							 : strerror(errno));
	free(options->overlay);
	options->overlay = malloc(OVERLAY_MAX + 1);
	if (options->overlay)
		options->overlay_size =
			fread(options->overlay, 1, OVERLAY_MAX + 1, file);
	if (!options->overlay)
		err = cli_no_memory(ctx);
	else if (ferror(file))
		err = dt_options_refuse(ctx, path, EIO, "cannot be read");
	else if (options->overlay_size > OVERLAY_MAX)
		err = dt_options_refuse(ctx, path, EFBIG, "larger than 1 MiB");
	fclose(file);
	return err;
}

int dt_options_take(struct dt_options *options, struct lend_ctx *ctx,
		    const struct lend_spec *spec)
{
	const char *drop = lend_spec_get(spec, "dt-drop");
	const char *numbers = lend_spec_get(spec, "dt-number");
	const char *overlay = lend_spec_get(spec, "dt-overlay");
	int err = drop ? dt_options_drop(options, ctx, drop) : 0;

	if (!err && numbers)
		err = dt_options_number(options, ctx, numbers);
	if (!err && overlay)
		err = dt_options_overlay(options, ctx, overlay);
	options->keep_address = lend_spec_get_bool(spec, "dt-keep-address",
						   options->keep_address);
	return err;
}

struct lend_platform_options
dt_options_platform(const struct dt_options *options, const char *front_end)
{
	return (struct lend_platform_options){
		.size = sizeof(struct lend_platform_options),
		.front_end = front_end,
		.drop = options->drop,
		.numbers = options->numbers,
		.overlay = options->overlay,
		.overlay_size = options->overlay_size,
		.keep_addresses = options->keep_address,
	};
}

void dt_options_free(struct dt_options *options)
{
	free(options->overlay);
	free(options->numbers);
	free(options->drop);
	*options = (struct dt_options){0};
}
