// SPDX-License-Identifier: MIT
// Reads blocks of an NVMe disk to standard output, writes them from standard
// input, or measures reads, by an I/O queue and MSI-X.

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nvme.h"

#define IDENTIFY_NAMESPACE  0
#define IDENTIFY_CONTROLLER 1
#define NAMESPACE           1
#define NVME_WRITE          0x01
#define NVME_READ           0x02

#define QUEUE_NUMBER 1
#define COMMANDS     32  /* at once, at most */
#define PAGES        256 /* of the buffer; fewer than a list has entries */
#define VECTORS      2   /* for the admin queue, and for this one */

/* Of the description of the controller: the largest transfer, as a power of two
 * in pages; 0 for any size. */
#define CONTROLLER_TRANSFER 77

/* Of the description of a namespace: section 5.15.2.1. */
#define NAMESPACE_BLOCKS  0
#define NAMESPACE_FORMAT  26
#define NAMESPACE_FORMATS 128

struct disk {
	struct nvme nvme;
	struct nvme_queue queue;
	struct lend_dma
		*buffer;      /* PAGES pages, and a page with their addresses */
	unsigned int portion; /* pages of a command, at most */
	uint64_t blocks;
	unsigned int block_size;
};

static int disk_describe(struct disk *disk)
{
	const unsigned char *bytes = lend_dma_vaddr(disk->nvme.answer);
	uint64_t blocks;
	uint32_t format;
	unsigned int shift;
	int err = nvme_identify(&disk->nvme, IDENTIFY_CONTROLLER, 0);

	if (err)
		return err;
	shift = bytes[CONTROLLER_TRANSFER];
	disk->portion = shift && shift < 8 ? 1u << shift : PAGES;
	err = nvme_identify(&disk->nvme, IDENTIFY_NAMESPACE, NAMESPACE);
	if (err)
		return err;
	memcpy(&blocks, bytes + NAMESPACE_BLOCKS, sizeof(blocks));
	memcpy(&format,
	       bytes + NAMESPACE_FORMATS + 4 * (bytes[NAMESPACE_FORMAT] & 0xf),
	       sizeof(format));
	disk->blocks = le64toh(blocks);
	shift = le32toh(format) >> 16 & 0xff;
	if (shift < 9 || shift > 12 || le32toh(format) & 0xffff)
		return print_errno("blocks of this format are not supported",
				   -ENOTSUP);
	disk->block_size = 1u << shift;
	return 0;
}

/* The blocks of a batch, at most: whole commands, and no more than the buffer.
 */
static uint64_t disk_batch(const struct disk *disk)
{
	unsigned int pages = COMMANDS * disk->portion;

	return (pages < PAGES ? pages : PAGES) *
	       (uint64_t)(NVME_PAGE / disk->block_size);
}

/* Has up to a batch of blocks carried out. A command of more than two pages has
 * the second address in the list. */
static int disk_transfer(struct disk *disk, uint8_t opcode, uint64_t block,
			 uint64_t count)
{
	const unsigned int in_page = NVME_PAGE / disk->block_size;
	const unsigned int most = disk->portion * in_page;
	const uint64_t iova = lend_dma_iova(disk->buffer);
	const uint64_t list = iova + PAGES * NVME_PAGE;
	unsigned int page = 0;

	while (count) {
		unsigned int now = count < most ? (unsigned int)count : most;
		uint64_t second = now > 2 * in_page
					  ? list + (page + 1) * sizeof(uint64_t)
					  : iova + (page + 1) * NVME_PAGE;
		const struct nvme_command command = {
			.opcode = opcode,
			.namespace_id = htole32(NAMESPACE),
			.data = {htole64(iova + page * NVME_PAGE),
				 htole64(now > in_page ? second : 0)},
			.dword = {htole32((uint32_t)block),
				  htole32((uint32_t)(block >> 32)),
				  htole32(now - 1)},
		};

		nvme_submit(&disk->queue, &command);
		page += disk->portion;
		block += now;
		count -= now;
	}
	return nvme_run(&disk->nvme, &disk->queue);
}

/* Blocks fill the pages of the buffer without gaps: a page has whole blocks. */
static int disk_copy(struct disk *disk, bool is_write, uint64_t block,
		     uint64_t count)
{
	const uint64_t most = disk_batch(disk);
	void *data = lend_dma_vaddr(disk->buffer);

	if (block > disk->blocks || count > disk->blocks - block)
		return print_errno("the disk does not have these blocks",
				   -ERANGE);
	while (count) {
		uint64_t now = count < most ? count : most;
		size_t size = (size_t)now;
		int err;

		if (is_write &&
		    fread(data, disk->block_size, size, stdin) != size)
			return print_errno("cannot read the input", -EIO);
		err = disk_transfer(disk, is_write ? NVME_WRITE : NVME_READ,
				    block, now);
		if (err)
			return err;
		if (!is_write &&
		    fwrite(data, disk->block_size, size, stdout) != size)
			return print_errno("cannot write the output", -EIO);
		block += now;
		count -= now;
	}
	return fflush(stdout) ? print_errno("cannot write the output", -EIO)
			      : 0;
}

/* Reads blocks again and again, in the largest portions, and prints the rate.
 */
static int disk_measure(struct disk *disk, double seconds, uint64_t block,
			uint64_t count)
{
	const uint64_t most = disk_batch(disk);
	struct timespec begin, now;
	uint64_t at = 0, moved = 0;
	double passed = 0;

	if (!count || block > disk->blocks || count > disk->blocks - block)
		return print_errno("the disk does not have these blocks",
				   -ERANGE);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		uint64_t portion = count - at < most ? count - at : most;
		int err = disk_transfer(disk, NVME_READ, block + at, portion);

		if (err)
			return err;
		moved += portion;
		at = (at + portion) % count;
		clock_gettime(CLOCK_MONOTONIC, &now);
		passed = (double)(now.tv_sec - begin.tv_sec) +
			 (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
	} while (passed < seconds);
	printf("%.0f bytes per second\n",
	       (double)moved * disk->block_size / passed);
	return 0;
}

static int disk_set_up(struct disk *disk, const char *text)
{
	struct nvme *nvme = &disk->nvme;
	uint64_t *list;
	int err = nvme_open(nvme, text, LEND_PCI_IRQ_MSIX, VECTORS);

	if (!err)
		err = disk_describe(disk);
	if (err)
		return err;
	err = lend_dma_new(nvme->session.iommu, (PAGES + 1) * NVME_PAGE,
			   UINT64_MAX, &disk->buffer);
	if (err)
		return session_fail(&nvme->session, err);
	list = (uint64_t *)lend_dma_vaddr(disk->buffer) +
	       PAGES * NVME_PAGE / sizeof(*list);
	for (unsigned int i = 0; i < PAGES; i++)
		list[i] = htole64(lend_dma_iova(disk->buffer) + i * NVME_PAGE);
	return nvme_queue_new(nvme, QUEUE_NUMBER, COMMANDS + 1, VECTORS - 1,
			      &disk->queue);
}

/* The controller is stopped before its memory goes. */
static int disk_tear_down(struct disk *disk)
{
	int err = nvme_close(&disk->nvme);

	lend_dma_free(disk->queue.memory);
	lend_dma_free(disk->buffer);
	return err;
}

int main(int argc, char **argv)
{
	struct disk disk = {.block_size = 0};
	bool is_write = argc == 5 && !strcmp(argv[1], "-w");
	bool is_timed = argc == 6 && !strcmp(argv[1], "-t");
	char **last = argv + argc - 3; /* DEVICE BLOCK COUNT */
	uint64_t block, count;
	int err;

	if (argc != 4 && !is_write && !is_timed) {
		fprintf(stderr,
			"usage: nvme-read [-w | -t SECONDS] DEVICE BLOCK "
			"COUNT\n"
			"-w writes what is on standard input, -t reads again "
			"and again.\n");
		return 2;
	}
	block = strtoull(last[1], NULL, 0);
	count = strtoull(last[2], NULL, 0);
	err = disk_set_up(&disk, last[0]);
	if (!err && is_timed)
		err = disk_measure(&disk, strtod(argv[2], NULL), block, count);
	else if (!err)
		err = disk_copy(&disk, is_write, block, count);
	if (disk_tear_down(&disk))
		err = 1;
	return err ? 1 : 0;
}
