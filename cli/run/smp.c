// SPDX-License-Identifier: MIT
// Parses -smp: the number of processors, and QEMU's description of where they
// are.

#include <errno.h>
#include <string.h>

#include <lend/error.h>
#include <lend/text.h>

#include "cli/run/smp.h"
#include "cli/run/words.h"
#include "cli/values.h"

enum smp_part { CPUS, MAXCPUS, CORES, THREADS, OTHERS, PARTS = 10 };

static const char *const smp_names[PARTS] = {
	[CPUS] = "cpus",   [MAXCPUS] = "maxcpus",
	[CORES] = "cores", [THREADS] = "threads",
	"sockets",         "dies",
	"clusters",        "modules",
	"books",           "drawers",
};

struct smp {
	struct lend_ctx *ctx;
	unsigned int most;
	unsigned int parts[PARTS]; /* 0: not given */
};

static int smp_set_part(void *opaque, const char *name, const char *value)
{
	struct smp *smp = opaque;
	const char *nearest;

	for (unsigned int i = 0; i < PARTS; i++)
		if (!strcmp(smp_names[i], name))
			return value_cpus(smp->ctx, "-smp", value ? value : "",
					  smp->most, &smp->parts[i]);
	lend_error_set(smp->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-smp: unknown property '%s'", name);
	nearest = lend_nearest(name, smp_names, PARTS);
	return lend_error_remedy(smp->ctx,
				 nearest ? "%s= is the nearest" : "use -smp 2",
				 nearest);
}

/* How many processors the parts make, those that are not given being 1. */
static unsigned long long smp_product(const struct smp *smp)
{
	unsigned long long product = 1;

	for (unsigned int i = CORES; i < PARTS; i++)
		if (smp->parts[i])
			product *= smp->parts[i];
	return product;
}

static int smp_refuse(struct smp *smp, const char *text, const char *why,
		      unsigned int cpus)
{
	lend_error_set(smp->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-smp %s: %s", text, why);
	return lend_error_remedy(smp->ctx, "use -smp %u", cpus);
}

int run_smp_parse(struct lend_ctx *ctx, const char *text, unsigned int most,
		  unsigned int *cpus, bool *flat)
{
	struct smp smp = {.ctx = ctx, .most = most};
	unsigned int *parts = smp.parts;
	unsigned long long product;
	int err = run_words_each(ctx, "-smp", text, "cpus", smp_set_part, &smp);

	if (err)
		return err;
	product = smp_product(&smp);
	if (product > most)
		return smp_refuse(&smp, text, "more processors than supported",
				  parts[CPUS] ? parts[CPUS] : most);
	if (!parts[CPUS])
		parts[CPUS] =
			parts[MAXCPUS] ? parts[MAXCPUS] : (unsigned int)product;
	if (parts[MAXCPUS] > parts[CPUS])
		return smp_refuse(&smp, text,
				  "processors cannot be added to a running "
				  "guest",
				  parts[CPUS]);
	/* As in QEMU, cores are what is left. */
	if (!parts[CORES] && parts[CPUS] % product == 0)
		parts[CORES] = parts[CPUS] / (unsigned int)product;
	if (smp_product(&smp) != parts[CPUS] ||
	    (parts[MAXCPUS] && parts[MAXCPUS] != parts[CPUS]))
		return smp_refuse(&smp, text,
				  "the parts do not multiply to the number of "
				  "processors",
				  parts[CPUS]);
	*cpus = parts[CPUS];
	*flat = parts[CORES] == parts[CPUS];
	return 0;
}
