// SPDX-License-Identifier: MIT
// Tests the VGA ranges of the graphics card in the slot given: disabled,
// enabled, and the same memory as its BAR.

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#define VIDEO 0xa0000
#define SIZE  0x10000

static const char *slot; /* and function, on the root bus */

static void *vga_map(const char *path, off_t at)
{
	int fd = open(path, O_RDWR | O_SYNC);
	void *bytes =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);

	if (fd < 0 || bytes == MAP_FAILED)
		perror(path);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static void vga_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "/sys/bus/pci/devices/0000:00:%s/%s", slot, name);
}

static int vga_set_command(uint16_t value)
{
	char path[128];
	int fd;

	vga_path(path, sizeof(path), "config");
	fd = open(path, O_RDWR);
	if (fd < 0 || pwrite(fd, &value, sizeof(value), 4) != sizeof(value)) {
		perror(path);
		return -1;
	}
	close(fd);
	return 0;
}

static void vga_set(uint16_t port, uint8_t index, uint8_t value)
{
	outb(index, port);
	outb(value, port + 1);
}

/* Chained planes from the start of memory: 256 colours. */
static void vga_set_mode(void)
{
	vga_set(0x3c4, 0x02, 0x0f);
	vga_set(0x3c4, 0x04, 0x0e);
	vga_set(0x3ce, 0x05, 0x40);
	vga_set(0x3ce, 0x06, 0x05);
	vga_set(0x3ce, 0x08, 0xff);
}

int main(int argc, char **argv)
{
	volatile uint8_t *video, *bar;
	unsigned int wrong = 0;
	char path[128];

	if (argc != 2 || ioperm(0x3b0, 0x30, 1)) {
		perror("ports");
		return 1;
	}
	slot = argv[1];
	vga_path(path, sizeof(path), "resource0");
	video = vga_map("/dev/mem", VIDEO);
	bar = vga_map(path, 0);
	if (!video || !bar || vga_set_command(0))
		return 1;
	printf("vga closed: port %02x memory %02x\n", inb(0x3cc), video[0]);
	if (vga_set_command(1))
		return 1;
	outb(0x02, 0x3c4);
	printf("vga ports: index %02x memory %02x\n", inb(0x3c4), video[0]);
	if (vga_set_command(3))
		return 1;
	vga_set_mode();
	for (unsigned int i = 0; i < SIZE; i += 251)
		video[i] = (uint8_t)(i / 251 + 1);
	for (unsigned int i = 0; i < SIZE; i += 251)
		wrong += video[i] != (uint8_t)(i / 251 + 1) ||
			 bar[i] != video[i];
	printf("vga memory: %u bytes wrong\n", wrong);
	return 0;
}
