/* SPDX-License-Identifier: MIT */
/* Shared by programs for a guest: failure, PCI devices by their IDs, and
 * physical addresses. Each defines PROGRAM, its name, and ends at a failure. */
#ifndef TESTS_LAB_GUEST_GUEST_H
#define TESTS_LAB_GUEST_GUEST_H

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

static inline __attribute__((noreturn)) void guest_fail(const char *what)
{
	printf(PROGRAM " FAILED: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* For where no call has set errno. */
static inline __attribute__((noreturn)) void guest_fail_with(int err,
							     const char *what)
{
	errno = err;
	guest_fail(what);
}

static inline int open_in(const char *dir, const char *file, int flags)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, flags);
	if (fd < 0)
		guest_fail(path);
	return fd;
}

/* Maps a region's file in sysfs, or /dev/mem from @at. */
static inline void *map_region(int fd, uint64_t at, size_t size)
{
	void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   (off_t)at);

	if (bytes == MAP_FAILED)
		guest_fail("map a device's memory");
	return bytes;
}

static inline void *map_in(const char *dir, const char *file, size_t size)
{
	int fd = open_in(dir, file, O_RDWR);
	void *bytes = map_region(fd, 0, size);

	close(fd);
	return bytes;
}

/* The directory in sysfs of the @n-th function, from 0 and by address, with
 * @id: device and vendor as configuration space has them. */
static inline void pci_find(uint32_t id, unsigned int n, char dir[256])
{
	uint32_t has;
	glob_t all;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &all))
		guest_fail("no PCI devices");
	for (size_t i = 0; i < all.gl_pathc; i++) {
		int fd = open_in(all.gl_pathv[i], "config", O_RDONLY);
		bool is_it = pread(fd, &has, 4, 0) == 4 && has == id && !n--;

		close(fd);
		if (!is_it)
			continue;
		snprintf(dir, 256, "%s", all.gl_pathv[i]);
		globfree(&all);
		return;
	}
	guest_fail_with(ENODEV, "no such device in this guest");
}

static inline int pci_open(uint32_t id, const char *file, int flags)
{
	char dir[256];

	pci_find(id, 0, dir);
	return open_in(dir, file, flags);
}

static inline uint32_t pci_get(int config, unsigned int at)
{
	uint32_t value;

	if (pread(config, &value, 4, at) != 4)
		guest_fail("read configuration space");
	return value;
}

static inline void pci_put(int config, unsigned int at, uint32_t value)
{
	if (pwrite(config, &value, 4, at) != 4)
		guest_fail("write configuration space");
}

/* The sum over all processors in a line of /proc/interrupts. */
static inline unsigned long interrupts_in(const char *line)
{
	const char *at = strchr(line, ':');
	unsigned long sum = 0;
	char *end;

	while (at) {
		unsigned long count = strtoul(at + 1, &end, 10);

		if (end == at + 1)
			break;
		sum += count;
		at = end;
	}
	return sum;
}

/* A page at a fixed physical address. */
static inline void *page_new(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);

	if (page == MAP_FAILED)
		guest_fail("get a page");
	return page;
}

static inline uint64_t page_physical(const void *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry;

	if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)page / PAGE * 8) != 8 ||
	    !(entry >> 63))
		guest_fail("find a page's physical address");
	close(fd);
	return (entry & ((1ull << 55) - 1)) * PAGE;
}

#endif
