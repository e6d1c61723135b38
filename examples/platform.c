// SPDX-License-Identifier: MIT
// Maps a platform device's registers by index or name, and waits for its
// interrupt.

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

struct driver {
	struct session session;
	struct lend_platform *platform; /* NULL: the host has no device tree */
};

/* Reads the names of regions and interrupts in the host's device tree, if any.
 */
static int platform_open_names(struct driver *driver)
{
	struct session *s = &driver->session;
	int err = lend_device_require(s->device, LEND_DEVICE_PLATFORM);

	if (err)
		return session_fail(s, err);
	err = lend_platform_new(s->address, s->device, &driver->platform);
	if (err == -ENOENT) {
		printf("the host has no device tree: no names\n");
		return 0;
	}
	return err ? session_fail(s, err) : 0;
}

static void platform_list(const struct driver *driver)
{
	const struct lend_device *device = driver->session.device;

	for (unsigned int i = 0; i < lend_device_region_count(device); i++) {
		const struct lend_region *r = lend_device_region(device, i);
		const char *name =
			driver->platform
				? lend_platform_region(driver->platform, i)
					  ->name
				: NULL;

		printf("region %u: 0x%" PRIx64 " bytes%s %s\n", i, r->size,
		       r->area_count ? ", mappable" : "", name ? name : "");
	}
	for (unsigned int i = 0; i < lend_device_irq_count(device); i++) {
		const char *name =
			driver->platform
				? lend_platform_irq(driver->platform, i)->name
				: NULL;

		printf("interrupt %u: %s %s\n", i,
		       lend_device_irq(device, i)->flags & LEND_IRQ_AUTOMASKED
			       ? "level"
			       : "edge",
		       name ? name : "");
	}
}

/* Looks up an index or a name. Returns the index or -errno. */
static int platform_find(const struct driver *driver, const char *text,
			 int (*by_name)(const struct lend_platform *platform,
					const char *name))
{
	int index;

	if (isdigit((unsigned char)*text))
		return atoi(text);
	if (!driver->platform)
		return print_errno("the host has no device tree, so no names",
				   -ENOENT);
	index = by_name(driver->platform, text);
	return index < 0 ? session_fail(&driver->session, index) : index;
}

/* Prints the first four bytes, read by a system call and, if mappable, from
 * memory. */
static int platform_read_region(const struct driver *driver, unsigned int index)
{
	struct lend_device *device = driver->session.device;
	const struct lend_region *region = lend_device_region(device, index);
	uint8_t bytes[4];
	void *vaddr;
	int err;

	err = lend_region_read(device, index, 0, bytes, sizeof(bytes));
	if (err)
		return print_errno("cannot read the region", err);
	printf("region %u reads %02x %02x %02x %02x\n", index, bytes[0],
	       bytes[1], bytes[2], bytes[3]);
	if (!region->area_count)
		return 0;
	err = lend_region_map(device, index, region->areas[0].offset,
			      region->areas[0].size, &vaddr);
	if (err)
		return session_fail(&driver->session, err);
	memcpy(bytes, vaddr, sizeof(bytes));
	printf("region %u mapped: %02x %02x %02x %02x\n", index, bytes[0],
	       bytes[1], bytes[2], bytes[3]);
	lend_region_unmap(device, vaddr, region->areas[0].size);
	return 0;
}

static int platform_await_irq(const struct driver *driver, unsigned int index)
{
	const struct session *s = &driver->session;
	struct lend_vectors *vectors;
	int err = lend_vectors_new(s->device, index, 1, &vectors);

	if (err)
		return session_fail(s, err);
	printf("waiting for interrupt %u\n", index);
	fflush(stdout);
	err = irq_await(vectors, 0);
	if (!err) {
		printf("interrupt %u came\n", index);
		/* A driver acknowledges the interrupt before it unmasks. */
		err = lend_vectors_unmask(vectors, 0);
		if (err)
			session_fail(s, err);
	}
	lend_vectors_free(vectors);
	return err;
}

static int platform_drive(struct driver *driver, const char *region,
			  const char *irq)
{
	int err = platform_open_names(driver);
	int index;

	if (err)
		return err;
	platform_list(driver);
	if (region) {
		index = platform_find(driver, region,
				      lend_platform_find_region);
		err = index < 0 ? index
				: platform_read_region(driver,
						       (unsigned int)index);
	}
	if (!err && irq) {
		index = platform_find(driver, irq, lend_platform_find_irq);
		err = index < 0
			      ? index
			      : platform_await_irq(driver, (unsigned int)index);
	}
	lend_platform_free(driver->platform);
	return err;
}

int main(int argc, char **argv)
{
	struct driver driver = {.platform = NULL};
	int err;

	if (argc < 2 || argc > 4) {
		fprintf(stderr, "usage: platform DEVICE [REGION [INTERRUPT]]\n"
				"Each is an index or a name.\n");
		return 2;
	}
	err = session_open(&driver.session, argv[1]);
	if (!err)
		err = platform_drive(&driver, argc > 2 ? argv[2] : NULL,
				     argc > 3 ? argv[3] : NULL);
	session_close(&driver.session);
	return err ? 1 : 0;
}
