// SPDX-License-Identifier: MIT
// Opens and closes lent devices, one by one and side by side, and prints the
// time in microseconds.

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <lend/lend.h>

#include "../clock.h"

#define MANY 256

struct job {
	struct lend_iommu *iommu;
	struct lend_address *address;
	struct lend_device *device;
	pthread_barrier_t *together;
	pthread_t thread;
};

static struct lend_ctx *ctx;

static void open_all_fail(void)
{
	const struct lend_error *err = lend_ctx_error(ctx);

	printf("FAILED: %s: %s\n", err->device, err->what);
	exit(1);
}

static void job_open(struct job *job)
{
	if (lend_device_open(job->iommu, job->address, NULL, &job->device))
		open_all_fail();
}

static void *job_run(void *opaque)
{
	struct job *job = opaque;

	pthread_barrier_wait(job->together);
	job_open(job);
	pthread_barrier_wait(job->together); /* all are open */
	pthread_barrier_wait(job->together);
	job->device = lend_device_unref(job->device);
	return NULL;
}

static void open_all_print(const char *what, unsigned int count,
			   uint64_t opened, uint64_t closed)
{
	printf("%s %u: open %llu close %llu\n", what, count,
	       (unsigned long long)opened, (unsigned long long)closed);
}

static void one_by_one(struct job *jobs, unsigned int count)
{
	uint64_t begin = clock_microseconds(), opened;

	for (unsigned int i = 0; i < count; i++)
		job_open(&jobs[i]);
	opened = clock_microseconds();
	for (unsigned int i = 0; i < count; i++)
		jobs[i].device = lend_device_unref(jobs[i].device);
	open_all_print("one by one", count, opened - begin,
		       clock_microseconds() - opened);
}

static void side_by_side(struct job *jobs, unsigned int count)
{
	pthread_barrier_t together;
	uint64_t begin, opened;

	pthread_barrier_init(&together, NULL, count + 1);
	for (unsigned int i = 0; i < count; i++) {
		jobs[i].together = &together;
		if (pthread_create(&jobs[i].thread, NULL, job_run, &jobs[i]))
			exit(1);
	}
	begin = clock_microseconds();
	pthread_barrier_wait(&together);
	pthread_barrier_wait(&together);
	opened = clock_microseconds();
	pthread_barrier_wait(&together);
	for (unsigned int i = 0; i < count; i++)
		pthread_join(jobs[i].thread, NULL);
	open_all_print("side by side", count, opened - begin,
		       clock_microseconds() - opened);
	pthread_barrier_destroy(&together);
}

/* Arguments: PCI addresses. The first device stays open, and keeps the address
 * space. */
int main(int argc, char **argv)
{
	static struct job jobs[MANY];
	struct lend_iommu *iommu;
	unsigned int count = 0;

	if (argc < 3 || argc > MANY || lend_ctx_new(NULL, &ctx)) {
		fputs("usage: open-all ADDRESS ADDRESS...\n", stderr);
		return 2;
	}
	if (lend_iommu_new(ctx, NULL, &iommu))
		open_all_fail();
	for (; count < (unsigned int)argc - 1; count++) {
		jobs[count].iommu = iommu;
		if (lend_address_find_host(ctx, LEND_BUS_PCI, argv[count + 1],
					   &jobs[count].address))
			open_all_fail();
	}
	job_open(&jobs[0]);
	one_by_one(jobs + 1, count - 1);
	side_by_side(jobs + 1, count - 1);
	for (unsigned int i = 0; i < count; i++) {
		lend_device_unref(jobs[i].device);
		lend_address_unref(jobs[i].address);
	}
	lend_iommu_unref(iommu);
	lend_ctx_unref(ctx);
	return 0;
}
