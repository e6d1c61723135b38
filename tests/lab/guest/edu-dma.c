// SPDX-License-Identifier: MIT
// Has the edu device copy a pattern from and to this guest's memory by DMA, or
// asks whether its registers answer.

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define EDU_ID         0x11e81234 /* device and vendor in config space */
#define EDU_MEMORY     0x2        /* bits of the command register */
#define EDU_MASTER     0x4
#define EDU_LIVENESS   0x4 /* reads as the inverse of what was written */
#define EDU_DMA_SOURCE 0x80
#define EDU_DMA_DEST   0x88
#define EDU_DMA_COUNT  0x90
#define EDU_DMA_CMD    0x98
#define EDU_DMA_RUN    1
#define EDU_DMA_TO_RAM 2
#define EDU_BUFFER     0x40000 /* the device's own memory, as DMA sees it */
#define EDU_SIZE       2048    /* QEMU takes less than the whole buffer only */

#define PAGE 4096

static void fail(const char *what)
{
	printf("edu FAILED: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Opens file `name` of the edu device's directory in sysfs. */
static int edu_open(const char *name, int flags)
{
	char path[512];
	uint32_t id;
	glob_t dirs;
	int fd;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &dirs))
		fail("no PCI devices");
	for (size_t i = 0; i < dirs.gl_pathc; i++) {
		snprintf(path, sizeof(path), "%s/config", dirs.gl_pathv[i]);
		fd = open(path, O_RDONLY);
		if (fd < 0 || pread(fd, &id, 4, 0) != 4 || id != EDU_ID) {
			close(fd);
			continue;
		}
		close(fd);
		snprintf(path, sizeof(path), "%s/%s", dirs.gl_pathv[i], name);
		fd = open(path, flags);
		if (fd < 0)
			fail(path);
		globfree(&dirs);
		return fd;
	}
	errno = ENODEV;
	fail("no edu device in this guest");
	return -1;
}

/* Memory decoding, or bus mastering too: no driver has turned them on. */
static void edu_enable(uint16_t command)
{
	int fd = edu_open("config", O_RDWR);

	if (pwrite(fd, &command, 2, 4) != 2)
		fail("write the command register");
	close(fd);
}

static volatile uint8_t *edu_map(void)
{
	int fd = edu_open("resource0", O_RDWR);
	void *regs;

	regs = mmap(NULL, 0x100000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (regs == MAP_FAILED)
		fail("map the registers");
	close(fd);
	return regs;
}

static uint64_t physical(const void *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry;

	if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)page / PAGE * 8) != 8 ||
	    !(entry >> 63))
		fail("find a page's physical address");
	close(fd);
	return (entry & ((1ULL << 55) - 1)) * PAGE;
}

/* Pages until one lies at or above `from`, as the argument demands. */
static uint8_t *page_above(uint64_t from)
{
	for (int i = 0; i < 4096; i++) {
		uint8_t *page =
			mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);

		if (page == MAP_FAILED)
			fail("get a page");
		memset(page, 0, PAGE);
		if (physical(page) >= from)
			return page;
	}
	errno = ENOMEM;
	fail("no page lies so high");
	return NULL;
}

static void dma(volatile uint8_t *edu, uint64_t from, uint64_t to, int command)
{
	const struct timespec tick = {.tv_nsec = 10000000};
	volatile uint64_t *run = (volatile uint64_t *)(edu + EDU_DMA_CMD);

	*(volatile uint64_t *)(edu + EDU_DMA_SOURCE) = from;
	*(volatile uint64_t *)(edu + EDU_DMA_DEST) = to;
	*(volatile uint64_t *)(edu + EDU_DMA_COUNT) = EDU_SIZE;
	*run = EDU_DMA_RUN | command;
	/* The device takes 100 ms; without its interrupt, this is the event. */
	for (int i = 0; i < 500; i++) {
		if (!(*run & EDU_DMA_RUN))
			return;
		nanosleep(&tick, NULL);
	}
	errno = ETIMEDOUT;
	fail("the device did not end its DMA in 5 s");
}

static int try_dma(uint64_t least)
{
	uint8_t *source = page_above(least), *target = page_above(least);
	volatile uint8_t *edu;

	for (int i = 0; i < PAGE; i++)
		source[i] = i * 7 + i / 256 * 13 + 1;
	edu_enable(EDU_MEMORY | EDU_MASTER);
	edu = edu_map();
	dma(edu, physical(source), EDU_BUFFER, 0);
	dma(edu, EDU_BUFFER, physical(target), EDU_DMA_TO_RAM);
	if (memcmp(source, target, EDU_SIZE)) {
		errno = EIO;
		fail("the pattern came back changed");
	}
	printf("edu ok: %d bytes from %#llx to the device and to %#llx\n",
	       EDU_SIZE, (unsigned long long)physical(source),
	       (unsigned long long)physical(target));
	return 0;
}

/* No DMA: for where nothing guards the host against it. */
static int try_registers(void)
{
	volatile uint32_t *liveness;

	edu_enable(EDU_MEMORY);
	liveness = (volatile uint32_t *)(edu_map() + EDU_LIVENESS);
	*liveness = 0x600df00d;
	if (*liveness != ~0x600df00du) {
		errno = EIO;
		fail("its registers do not answer");
	}
	printf("edu ok: its registers answer\n");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "registers"))
		return try_registers();
	return try_dma(argc > 1 ? strtoull(argv[1], NULL, 0) : 0);
}
