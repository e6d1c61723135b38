// SPDX-License-Identifier: MIT
// Keeps 32 reads and writes of a disk in flight, and compares each block read
// with what was written to it last: deep OPERATIONS. The second half of its
// first 64 MiB is overwritten.

#include <linux/aio_abi.h>
#include <sys/syscall.h>

#define PROGRAM "deep"
#include "guest.h"

#define DISK   "/dev/nvme0n1"
#define DEPTH  32
#define FIRST  (32 << 20)
#define BLOCKS 512 /* few, so that each is written again soon */
#define WORDS  (PAGE / sizeof(uint64_t))

/* One in flight. */
struct deep_slot {
	struct iocb block;
	unsigned int number;
	bool is_write;
};

static struct {
	aio_context_t context;
	int fd;
	uint64_t (*data)[WORDS]; /* of each slot */
	struct deep_slot slots[DEPTH];
	uint32_t written[BLOCKS]; /* how often; each time differs */
	bool is_busy[BLOCKS];
	uint64_t random;
} deep = {.random = 88172645463325252u};

/* Marsaglia's xorshift. */
static unsigned int deep_random(unsigned int below)
{
	deep.random ^= deep.random << 13;
	deep.random ^= deep.random >> 7;
	deep.random ^= deep.random << 17;
	return (unsigned int)(deep.random >> 32) % below;
}

static uint64_t deep_word(unsigned int number, uint32_t written, size_t i)
{
	return (uint64_t)number << 52 | (uint64_t)written << 16 | i;
}

/* Blocks that were not written yet have anything. */
static void deep_compare(unsigned int slot, unsigned int number)
{
	uint32_t written = deep.written[number];

	for (size_t i = 0; written && i < WORDS; i++) {
		if (deep.data[slot][i] == deep_word(number, written, i))
			continue;
		printf(PROGRAM " FAILED: block %u has word %zu 0x%llx, and not "
			       "0x%llx\n",
		       number, i, (unsigned long long)deep.data[slot][i],
		       (unsigned long long)deep_word(number, written, i));
		exit(1);
	}
}

static void deep_submit(unsigned int i)
{
	struct deep_slot *slot = &deep.slots[i];
	struct iocb *block = &slot->block;

	do
		slot->number = deep_random(BLOCKS);
	while (deep.is_busy[slot->number]);
	deep.is_busy[slot->number] = true;
	slot->is_write = deep_random(2);
	if (slot->is_write) {
		deep.written[slot->number]++;
		for (size_t w = 0; w < WORDS; w++)
			deep.data[i][w] = deep_word(
				slot->number, deep.written[slot->number], w);
	}
	*block = (struct iocb){
		.aio_data = i,
		.aio_fildes = (uint32_t)deep.fd,
		.aio_lio_opcode =
			slot->is_write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_buf = (uintptr_t)deep.data[i],
		.aio_nbytes = PAGE,
		.aio_offset = FIRST + (int64_t)slot->number * PAGE,
	};
	if (syscall(SYS_io_submit, deep.context, 1L, &block) != 1)
		guest_fail("io_submit");
}

static void deep_take(const struct io_event *event)
{
	unsigned int i = (unsigned int)event->data;
	struct deep_slot *slot = &deep.slots[i];

	if (event->res != PAGE)
		guest_fail_with(EIO, slot->is_write ? "write" : "read");
	if (!slot->is_write)
		deep_compare(i, slot->number);
	deep.is_busy[slot->number] = false;
}

int main(int argc, char **argv)
{
	long operations = argc == 2 ? atol(argv[1]) : 1000, done = 0, n;
	struct io_event events[DEPTH];
	void *data;

	deep.fd = open(DISK, O_RDWR | O_DIRECT);
	if (deep.fd < 0)
		guest_fail(DISK);
	if (posix_memalign(&data, PAGE, DEPTH * PAGE) ||
	    syscall(SYS_io_setup, DEPTH, &deep.context))
		guest_fail("io_setup");
	deep.data = data;
	for (unsigned int i = 0; i < DEPTH; i++)
		deep_submit(i);
	for (; done < operations; done += n) {
		n = syscall(SYS_io_getevents, deep.context, 1L, (long)DEPTH,
			    events, NULL);
		if (n < 1)
			guest_fail("io_getevents");
		for (long e = 0; e < n; e++) {
			deep_take(&events[e]);
			deep_submit((unsigned int)events[e].data);
		}
	}
	printf(PROGRAM " ok: %ld operations\n", done);
	return 0;
}
