// SPDX-License-Identifier: MIT
// Prints a lent platform device's node, tests its registers, or counts
// interrupts of virtio-mmio transports one by one.
//
// usage: platform node NAME | regs NAME | irqs COUNT

#include <endian.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

#define BUS TREE "/platform"

/* As in tests/lab/host/links.c. */
#define MAILBOX 0x800

static size_t read_file(const char *path, void *data, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(data, 1, size, file) : 0;

	if (file)
		fclose(file);
	return length;
}

/* The node below @dir whose name is @name, with any unit address. */
static bool node_find(const char *dir, const char *name, char *path,
		      size_t size)
{
	DIR *list = opendir(dir);
	size_t length = strlen(name);
	struct dirent *entry;
	bool found = false;

	while (list && !found && (entry = readdir(list))) {
		const char *n = entry->d_name;

		found = !strncmp(n, name, length) &&
			(!n[length] || n[length] == '@');
		if (found)
			snprintf(path, size, "%s/%s", dir, n);
	}
	if (list)
		closedir(list);
	return found;
}

/* The node below @dir with this phandle. */
static bool node_find_below(const char *dir, const uint8_t *phandle, char *path,
			    size_t size)
{
	DIR *list = opendir(dir);
	struct dirent *entry;
	char file[600];
	uint8_t has[4];
	bool found = false;

	while (list && !found && (entry = readdir(list))) {
		snprintf(file, sizeof(file), "%s/%s/phandle", dir,
			 entry->d_name);
		found = read_file(file, has, 4) == 4 &&
			!memcmp(has, phandle, 4);
		if (found)
			snprintf(path, size, "%s/%s", dir, entry->d_name);
	}
	if (list)
		closedir(list);
	return found;
}

static bool node_find_phandle(const uint8_t *phandle, char *path, size_t size)
{
	return node_find_below(TREE, phandle, path, size) ||
	       node_find_below(TREE "/reserved-memory", phandle, path, size);
}

/* Whether a property of the lab's devices has phandles only. */
static bool is_references(const char *name)
{
	static const char *const names[] = {"clocks", "memory-region", "phys",
					    "vdd-supply"};
	bool found = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		found |= !strcmp(name, names[i]);
	return found;
}

static void node_print(const char *path);

/* A list of phandles, followed by the nodes that it refers to. */
static void node_print_targets(const uint8_t *data, size_t size)
{
	char target[600];

	for (size_t i = 0; i + 4 <= size; i += 4)
		printf(" &%s",
		       node_find_phandle(data + i, target, sizeof(target))
			       ? target + strlen(TREE)
			       : "?");
	puts("");
	for (size_t i = 0; i + 4 <= size; i += 4)
		if (node_find_phandle(data + i, target, sizeof(target)))
			node_print(target);
}

/* As in source, but numbers are hexadecimal without 0x. */
static void node_print_property(const char *node, const char *name)
{
	uint8_t data[4096];
	char path[600];
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", node, name);
	size = read_file(path, data, sizeof(data));
	printf("%s %s", node + strlen(TREE), name);
	if (is_references(name)) {
		node_print_targets(data, size);
		return;
	}
	if (tree_is_text(data, size))
		for (size_t i = 0; i < size; i += strlen((char *)data + i) + 1)
			printf(" \"%s\"", data + i);
	else if (size % 4)
		for (size_t i = 0; i < size; i++)
			printf(" %02x", data[i]);
	else
		for (size_t i = 0; i < size; i += 4)
			printf(" %x",
			       (unsigned int)(data[i] << 24 |
					      data[i + 1] << 16 |
					      data[i + 2] << 8 | data[i + 3]));
	puts("");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void node_print(const char *path)
{
	struct dirent **list;
	int count = scandir(path, &list, tree_is_property, by_name);

	for (int i = 0; i < count; i++)
		node_print_property(path, list[i]->d_name);
}

static int platform_node(const char *name)
{
	char path[600];

	if (!node_find(BUS, name, path, sizeof(path))) {
		printf("%s FAILED: no such node\n", name);
		return 1;
	}
	node_print(path);
	return 0;
}

/* Reads a region's first and last four bytes, and writes its index over the
 * last. */
static void try_region(int memory, unsigned int index, uint64_t base,
		       uint64_t size)
{
	uint64_t page = base & ~0xfffull;
	size_t length = (size_t)((base - page + size + 0xfff) & ~0xfffull);
	char *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
			memory, (off_t)page);
	volatile uint32_t *first, *last;

	if (at == MAP_FAILED) {
		printf("region %u FAILED: mmap\n", index);
		return;
	}
	first = (void *)(at + (base - page));
	last = (void *)(at + (base - page) + (size & ~3ull) - 4);
	printf("region %u %#llx first %#x last %#x", index,
	       (unsigned long long)size, *first, *last);
	*last = 0xabc00000 | index;
	printf(" now %#x, halves %#x %#x, bytes %#x %#x\n", *last,
	       ((volatile uint16_t *)last)[0], ((volatile uint16_t *)last)[1],
	       ((volatile uint8_t *)last)[0], ((volatile uint8_t *)last)[3]);
	munmap(at, length);
}

static int platform_regs(const char *name)
{
	int memory = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	uint64_t reg[2 * 16];
	char path[600];
	size_t size;

	if (memory < 0 || !node_find(BUS, name, path, sizeof(path) - 4)) {
		printf("%s FAILED: no such node, or no /dev/mem\n", name);
		return 1;
	}
	strcat(path, "/reg");
	size = read_file(path, reg, sizeof(reg));
	for (unsigned int i = 0; i < size / 16; i++)
		try_region(memory, i, be64toh(reg[2 * i]),
			   be64toh(reg[2 * i + 1]));
	return 0;
}

#define LINES 3

/* Interrupt of a virtio transport: its counts file, and its trigger. */
struct line {
	int counts;
	char trigger[16];
	long base;
};

/* Interrupts so far, from a file much shorter than /proc/interrupts. */
static long line_count(const struct line *line)
{
	char text[256];
	ssize_t size = pread(line->counts, text, sizeof(text) - 1, 0);
	long count = 0;

	text[size < 0 ? 0 : size] = '\0';
	for (char *rest = text, *one; (one = strsep(&rest, ","));)
		count += atol(one);
	return count;
}

static unsigned int line_find_all(struct line lines[LINES])
{
	FILE *file = fopen("/proc/interrupts", "re");
	char text[512], path[64], name[32];
	unsigned int count = 0, number;

	while (file && count < LINES && fgets(text, sizeof(text), file)) {
		char *at = strstr(text, "GIC");

		if (!at || sscanf(text, "%u:", &number) != 1 ||
		    sscanf(at, "%*s %*s %15s %31s", lines[count].trigger,
			   name) != 2 ||
		    strncmp(name, "virtio", 6) != 0)
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/irq/%u/per_cpu_count",
			 number);
		lines[count].counts = open(path, O_RDONLY | O_CLOEXEC);
		lines[count].base = line_count(&lines[count]);
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

/* Waits a minute at most for the count to be reached. */
static bool line_await(const struct line *line, long count)
{
	time_t end = time(NULL) + 60;

	while (line_count(line) < line->base + count) {
		if (time(NULL) > end)
			return false;
	}
	return true;
}

/* Memory that the host sees too, after the xgmac's registers. */
static volatile uint32_t *mailbox_map(void)
{
	int memory = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	char path[600];
	uint64_t reg[2];
	char *at;

	if (memory < 0 || !node_find(BUS, "ethernet", path, sizeof(path) - 4))
		return NULL;
	strcat(path, "/reg");
	if (read_file(path, reg, sizeof(reg)) != sizeof(reg))
		return NULL;
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
		  (off_t)be64toh(reg[0]));
	return at == MAP_FAILED ? NULL : (void *)(at + MAILBOX);
}

/* Requests one interrupt of each line at a time. */
static int platform_irqs(uint32_t count)
{
	volatile uint32_t *mailbox = mailbox_map();
	struct line lines[LINES];
	unsigned int found = line_find_all(lines);

	if (!mailbox || !found) {
		puts("irqs FAILED: no mailbox, or no interrupts");
		return 1;
	}
	for (uint32_t i = 1; i <= count; i++) {
		*mailbox = i;
		for (unsigned int t = 0; t < found; t++) {
			if (line_await(&lines[t], i))
				continue;
			printf("irqs FAILED: %s %u did not come\n",
			       lines[t].trigger, i);
			return 1;
		}
	}
	/* An extra interrupt would come at once. */
	usleep(200000);
	for (unsigned int t = 0; t < found; t++)
		printf("irqs %s %ld\n", lines[t].trigger,
		       line_count(&lines[t]) - lines[t].base);
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "node"))
		return platform_node(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "regs"))
		return platform_regs(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "irqs"))
		return platform_irqs((uint32_t)atol(argv[2]));
	return 2;
}
