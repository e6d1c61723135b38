// SPDX-License-Identifier: MIT
// Has the edu device copy a pattern to and from this guest's memory or another
// lent device's by DMA, or only tests its registers.

#include <time.h>

#define PROGRAM "edu"
#include "guest.h"

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
#define EDU_SIZE       2048    /* QEMU refuses the whole buffer */

/* Memory decoding, and perhaps bus mastering: no driver has enabled them. */
static void edu_enable(uint16_t command)
{
	int fd = pci_open(EDU_ID, "config", O_RDWR);

	if (pwrite(fd, &command, 2, 4) != 2)
		guest_fail("write the command register");
	close(fd);
}

static volatile uint8_t *edu_map(void)
{
	char dir[256];

	pci_find(EDU_ID, 0, dir);
	return map_in(dir, "resource0", 0x100000);
}

/* Allocates pages until one has a physical address from @from. */
static uint8_t *page_above(uint64_t from)
{
	for (int i = 0; i < 4096; i++) {
		uint8_t *page = page_new();

		memset(page, 0, PAGE);
		if (page_physical(page) >= from)
			return page;
	}
	guest_fail_with(ENOMEM, "no page has so high an address");
}

static void edu_dma(volatile uint8_t *edu, uint64_t from, uint64_t to,
		    int command)
{
	const struct timespec tick = {.tv_nsec = 10000000};
	volatile uint64_t *run = (volatile uint64_t *)(edu + EDU_DMA_CMD);

	*(volatile uint64_t *)(edu + EDU_DMA_SOURCE) = from;
	*(volatile uint64_t *)(edu + EDU_DMA_DEST) = to;
	*(volatile uint64_t *)(edu + EDU_DMA_COUNT) = EDU_SIZE;
	*run = EDU_DMA_RUN | command;
	/* The device takes 100 ms. Its interrupt has no driver here: poll. */
	for (int i = 0; i < 6000; i++) {
		if (!(*run & EDU_DMA_RUN))
			return;
		nanosleep(&tick, NULL);
	}
	guest_fail_with(ETIMEDOUT, "the device did not end its DMA in 60 s");
}

static int edu_try_dma(uint64_t least)
{
	uint8_t *source = page_above(least), *target = page_above(least);
	volatile uint8_t *edu;

	for (int i = 0; i < PAGE; i++)
		source[i] = i * 7 + i / 256 * 13 + 1;
	edu_enable(EDU_MEMORY | EDU_MASTER);
	edu = edu_map();
	edu_dma(edu, page_physical(source), EDU_BUFFER, 0);
	edu_dma(edu, EDU_BUFFER, page_physical(target), EDU_DMA_TO_RAM);
	if (memcmp(source, target, EDU_SIZE)) {
		guest_fail_with(EIO, "the pattern came back changed");
	}
	printf("edu ok: %d bytes from %#llx to the device and to %#llx\n",
	       EDU_SIZE, (unsigned long long)page_physical(source),
	       (unsigned long long)page_physical(target));
	return 0;
}

/* The device's DMA copies a pattern to a peer's memory at @base, and back. */
static void copy_to_peer(volatile uint8_t *edu, uint64_t base,
			 const uint8_t *source, uint8_t *target)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC);
	volatile uint8_t *peer = map_region(fd, base, PAGE);

	close(fd);
	for (int i = 0; i < EDU_SIZE; i++)
		peer[i] = 0;
	edu_dma(edu, page_physical(source), EDU_BUFFER, 0);
	edu_dma(edu, EDU_BUFFER, base, EDU_DMA_TO_RAM);
	for (int i = 0; i < EDU_SIZE; i++) {
		errno = EIO;
		if (peer[i] != source[i])
			guest_fail("the pattern did not reach the peer");
	}
	memset(target, 0, EDU_SIZE);
	edu_dma(edu, base, EDU_BUFFER, 0);
	edu_dma(edu, EDU_BUFFER, page_physical(target), EDU_DMA_TO_RAM);
	if (memcmp(source, target, EDU_SIZE))
		guest_fail("the pattern did not come back from the peer");
	munmap((void *)peer, PAGE);
	printf("edu ok: a peer's memory at %#llx, by DMA both ways\n",
	       (unsigned long long)base);
}

/* At the address from the guest's kernel, and after a move. */
static int edu_try_peer(void)
{
	uint8_t *source = page_above(0), *target = page_above(0);
	int peer = pci_open(PEER_ID, "config", O_RDWR);
	const uint32_t moved[] = {0x80000000, 4};
	const uint16_t decode = 2;
	volatile uint8_t *edu;
	uint32_t bar[2];

	for (int i = 0; i < PAGE; i++)
		source[i] = i * 5 + i / 256 * 11 + 3;
	edu_enable(EDU_MEMORY | EDU_MASTER);
	edu = edu_map();
	if (pwrite(peer, &decode, 2, 4) != 2 || pread(peer, bar, 8, 0x18) != 8)
		guest_fail("switch the peer on");
	copy_to_peer(edu, (uint64_t)bar[1] << 32 | (bar[0] & ~0xfu), source,
		     target);
	if (pwrite(peer, moved, 4, 0x18) != 4 ||
	    pwrite(peer, &moved[1], 4, 0x1c) != 4)
		guest_fail("move the peer");
	for (int i = 0; i < PAGE; i++)
		source[i] = ~source[i];
	copy_to_peer(edu, (uint64_t)moved[1] << 32 | moved[0], source, target);
	return 0;
}

/* No DMA, for a host without an IOMMU. */
static int edu_try_registers(void)
{
	volatile uint32_t *liveness;

	edu_enable(EDU_MEMORY);
	liveness = (volatile uint32_t *)(edu_map() + EDU_LIVENESS);
	*liveness = 0x600df00d;
	if (*liveness != ~0x600df00du) {
		guest_fail_with(EIO, "its registers do not answer");
	}
	printf("edu ok: its registers answer\n");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "registers"))
		return edu_try_registers();
	if (argc > 1 && !strcmp(argv[1], "peer"))
		return edu_try_peer();
	return edu_try_dma(argc > 1 ? strtoull(argv[1], NULL, 0) : 0);
}
