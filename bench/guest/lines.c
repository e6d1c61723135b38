// SPDX-License-Identifier: MIT
// Has lent platform devices interrupt a number of times, while the host counts
// exits and system calls.
//
// usage: lines KIND.TIMES
//
// Kinds: nothing; access, a write to a trapped register; edge, level, an
// interrupt, which costs the guest's driver some such accesses. The devices are
// those of bench/platform.dts: virtio disks with other names.

#define PROGRAM "lines"

#include <time.h>

#include "../../tests/lab/guest/guest.h"

#define ACKNOWLEDGE 0x64  /* register of a virtio transport */
#define MAILBOX     0x800 /* as in bench/inside-platform.sh */
#define DEVICES     "/sys/bus/platform/devices"
#define DRIVER      "/sys/bus/platform/drivers/virtio-mmio"

/* A device, as the kernel names it, and its node's regions. */
struct device {
	char name[128];
	uint8_t reg[128];
	size_t size;
};

static size_t read_from(const char *dir, const char *file, void *data,
			size_t size)
{
	int fd = open_in(dir, file, O_RDONLY);
	ssize_t length = read(fd, data, size);

	close(fd);
	return length < 0 ? 0 : (size_t)length;
}

static void write_to(const char *dir, const char *file, const char *text)
{
	int fd = open_in(dir, file, O_WRONLY);

	if (write(fd, text, strlen(text)) < 0)
		guest_fail(file);
	close(fd);
}

static bool has_word(const char *list, size_t size, const char *word)
{
	for (size_t i = 0; i < size; i += strlen(list + i) + 1)
		if (!strcmp(list + i, word))
			return true;
	return false;
}

static void lines_find(struct device *device, const char *compatible)
{
	bool found = false;
	glob_t nodes;

	if (glob(DEVICES "/*/of_node", 0, NULL, &nodes))
		guest_fail("no devices of a tree");
	for (size_t i = 0; i < nodes.gl_pathc && !found; i++) {
		char *node = nodes.gl_pathv[i], text[256];
		size_t size = read_from(node, "compatible", text, 255);

		text[size] = '\0';
		found = has_word(text, size, compatible);
		if (!found)
			continue;
		device->size = read_from(node, "reg", device->reg,
					 sizeof(device->reg));
		*strrchr(node, '/') = '\0';
		snprintf(device->name, sizeof(device->name), "%s",
			 strrchr(node, '/') + 1);
	}
	globfree(&nodes);
	if (!found)
		guest_fail_with(ENODEV, compatible);
}

/* The low cell of a region's address on its bus, which has as many cells for
 * addresses as for sizes. */
static uint32_t on_bus(const struct device *device, size_t region,
		       size_t regions)
{
	size_t cells = device->size / regions / 8;
	const uint8_t *at = device->reg + 4 * (2 * cells * region + cells - 1);

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* Maps a register of the edge, whose name has the first region's address. */
static volatile uint32_t *lines_map(const struct device *edge,
				    unsigned int region, unsigned int offset)
{
	uint64_t address = strtoull(edge->name, NULL, 16) +
			   on_bus(edge, region, 5) - on_bus(edge, 0, 5) +
			   offset;
	int memory = open_in("/dev", "mem", O_RDWR | O_SYNC);
	char *page = map_region(memory, address & ~(PAGE - 1ull), PAGE);

	return (void *)(page + address % PAGE);
}

/* Binds the virtio driver, which does not match the device's name here. */
static void lines_bind_driver(const struct device *device)
{
	char dir[256];

	snprintf(dir, sizeof(dir), DEVICES "/%s/driver", device->name);
	if (!access(dir, F_OK))
		return;
	*strrchr(dir, '/') = '\0';
	write_to(dir, "driver_override", "virtio-mmio");
	write_to(DRIVER, "bind", device->name);
}

/* Interrupts so far of the disk with this trigger. */
static long lines_count(const char *trigger)
{
	char text[4096];
	long count = -1;

	text[read_from("/proc", "interrupts", text, sizeof(text) - 1)] = '\0';
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (strstr(line, "virtio") && strstr(line, trigger))
			sscanf(line, "%*[^:]: %ld", &count);
	return count;
}

/* Requests interrupts one at a time, by a number in the mailbox. Returns how
 * many came. */
static long lines_interrupt(const struct device *edge, bool level,
			    unsigned int times)
{
	volatile uint32_t *mailbox = lines_map(edge, 1, MAILBOX);
	const char *trigger = level ? "Level" : "Edge";
	long base = lines_count(trigger);

	mailbox[1] = level;
	for (unsigned int i = 1; i <= times; i++) {
		time_t end = time(NULL) + 20;

		++*mailbox;
		while (lines_count(trigger) < base + i)
			if (time(NULL) > end)
				guest_fail_with(ETIME, trigger);
	}
	/* An extra interrupt would come at once. */
	usleep(200000);
	return lines_count(trigger) - base;
}

static void write_registers(volatile uint32_t *at, unsigned int times)
{
	for (unsigned int i = 0; i < times; i++)
		*at = 0;
}

int main(int argc, char **argv)
{
	struct device edge, level;
	const char *dot = argc == 2 ? strchr(argv[1], '.') : NULL;
	unsigned int times = dot ? (unsigned int)atoi(dot + 1) : 0;
	long came = 0;

	if (!times)
		return 2;
	lines_find(&edge, "amd,xgbe-seattle-v1a");
	lines_find(&level, "calxeda,hb-xgmac");
	lines_bind_driver(&edge);
	lines_bind_driver(&level);
	if (!strncmp(argv[1], "access.", 7))
		write_registers(lines_map(&edge, 0, ACKNOWLEDGE), times);
	else if (!strncmp(argv[1], "edge.", 5))
		came = lines_interrupt(&edge, false, times);
	else if (!strncmp(argv[1], "level.", 6))
		came = lines_interrupt(&edge, true, times);
	else if (strncmp(argv[1], "nothing.", 8))
		return 2;
	printf("%.*s %u ok, %ld interrupts\n", (int)(dot - argv[1]), argv[1],
	       times, came);
	return 0;
}
