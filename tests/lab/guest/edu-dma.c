// SPDX-License-Identifier: MIT
// Has the edu device copy a pattern from and to this guest's memory, or that of
// another lent device, by DMA, or asks whether its registers answer.

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
#define PEER_ID        0x11101af4 /* ivshmem, whose BAR 2 is memory */
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

/* Opens file `name` of a device's directory in sysfs. */
static int device_open(uint32_t wanted, const char *name, int flags)
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
		if (fd < 0 || pread(fd, &id, 4, 0) != 4 || id != wanted) {
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
	fail("no such device in this guest");
	return -1;
}

static int edu_open(const char *name, int flags)
{
	return device_open(EDU_ID, name, flags);
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

/* The device's DMA copies a pattern to a peer's memory at `base`, and back. */
static void copy_to_peer(volatile uint8_t *edu, uint64_t base,
			 const uint8_t *source, uint8_t *target)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC);
	volatile uint8_t *peer;

	peer = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)base);
	if (fd < 0 || peer == MAP_FAILED)
		fail("map the peer's memory");
	close(fd);
	for (int i = 0; i < EDU_SIZE; i++)
		peer[i] = 0;
	dma(edu, physical(source), EDU_BUFFER, 0);
	dma(edu, EDU_BUFFER, base, EDU_DMA_TO_RAM);
	for (int i = 0; i < EDU_SIZE; i++) {
		errno = EIO;
		if (peer[i] != source[i])
			fail("the pattern did not reach the peer");
	}
	memset(target, 0, EDU_SIZE);
	dma(edu, base, EDU_BUFFER, 0);
	dma(edu, EDU_BUFFER, physical(target), EDU_DMA_TO_RAM);
	if (memcmp(source, target, EDU_SIZE))
		fail("the pattern did not come back from the peer");
	munmap((void *)peer, PAGE);
	printf("edu ok: a peer's memory at %#llx, by DMA both ways\n",
	       (unsigned long long)base);
}

/* Where the guest's kernel has put the peer, and where it is moved to. */
static int try_peer(void)
{
	uint8_t *source = page_above(0), *target = page_above(0);
	int peer = device_open(PEER_ID, "config", O_RDWR);
	const uint32_t moved[] = {0x80000000, 4};
	const uint16_t decode = 2;
	volatile uint8_t *edu;
	uint32_t bar[2];

	for (int i = 0; i < PAGE; i++)
		source[i] = i * 5 + i / 256 * 11 + 3;
	edu_enable(EDU_MEMORY | EDU_MASTER);
	edu = edu_map();
	if (pwrite(peer, &decode, 2, 4) != 2 || pread(peer, bar, 8, 0x18) != 8)
		fail("switch the peer on");
	copy_to_peer(edu, (uint64_t)bar[1] << 32 | (bar[0] & ~0xfu), source,
		     target);
	if (pwrite(peer, moved, 4, 0x18) != 4 ||
	    pwrite(peer, &moved[1], 4, 0x1c) != 4)
		fail("move the peer");
	for (int i = 0; i < PAGE; i++)
		source[i] = ~source[i];
	copy_to_peer(edu, (uint64_t)moved[1] << 32 | moved[0], source, target);
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
	if (argc > 1 && !strcmp(argv[1], "peer"))
		return try_peer();
	return try_dma(argc > 1 ? strtoull(argv[1], NULL, 0) : 0);
}
