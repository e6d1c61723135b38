// SPDX-License-Identifier: MIT
// Draws into the frame buffer of each PCI display, and reads it back.

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CLASS_DISPLAY 0x03
#define SLOW_PIXELS   1024 /* with "slow", where each access is trapped */

static const char *name;

static int draw_fault(const char *what)
{
	printf("draw FAILED: %s: %s: %s\n", name, what, strerror(errno));
	return -1;
}

static int draw_open(const char *dir, const char *file, int flags)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return open(path, flags);
}

/* Any display controller: mdpy has the class 0x038000. */
static int is_display(const char *dir)
{
	char text[16] = "";
	int fd = draw_open(dir, "class", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 && strtoul(text, NULL, 16) >> 16 == CLASS_DISPLAY;
}

static int draw_enable(const char *dir)
{
	int fd = draw_open(dir, "enable", O_WRONLY);
	int err = fd < 0 || write(fd, "1", 1) != 1 ? draw_fault("enable") : 0;

	close(fd);
	return err;
}

/* Maps BAR @bar, and sets its size, 0 if there is none. */
static volatile uint32_t *draw_map(const char *dir, int bar, size_t *size)
{
	char file[16];
	void *at;
	off_t end;
	int fd;

	snprintf(file, sizeof(file), "resource%d", bar);
	*size = 0;
	fd = draw_open(dir, file, O_RDWR);
	if (fd < 0)
		return NULL;
	end = lseek(fd, 0, SEEK_END);
	*size = (size_t)end;
	at = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static uint32_t draw_colour(size_t pixel)
{
	return (uint32_t)pixel * 2654435761u;
}

/* Draws through one mapping and reads through another. */
static int draw_frame(const char *dir, int slow)
{
	volatile uint32_t *frame;
	size_t size, step, count;

	frame = draw_map(dir, 0, &size);
	if (!frame || !size)
		return draw_fault("map the frame buffer");
	count = size / sizeof(*frame);
	step = slow ? count / SLOW_PIXELS : 1;
	for (size_t i = 0; i < count; i += step)
		frame[i] = draw_colour(i);
	munmap((void *)(uintptr_t)frame, size);
	frame = draw_map(dir, 0, &size);
	if (!frame)
		return draw_fault("map the frame buffer again");
	for (size_t i = 0; i < count; i += step) {
		errno = EILSEQ;
		if (frame[i] != draw_colour(i))
			return draw_fault("another colour");
	}
	munmap((void *)(uintptr_t)frame, size);
	printf("draw ok: %s %zu KiB\n", name, size >> 10);
	return 0;
}

/* The registers of a Bochs display: 0x500 in BAR 2, 16 bits each. */
static void ask_bochs(const char *dir)
{
	volatile uint16_t *registers;
	size_t size;

	registers = (volatile uint16_t *)draw_map(dir, 2, &size);
	if (!registers || !size)
		return;
	registers += 0x500 / 2;
	registers[1] = 640;
	registers[2] = 480;
	if ((registers[0] & 0xfff0) == 0xb0c0 && registers[1] == 640 &&
	    registers[2] == 480)
		printf("draw registers ok: %s\n", name);
	else
		printf("draw FAILED: %s: registers say %#x, %ux%u\n", name,
		       registers[0], registers[1], registers[2]);
}

int main(int argc, char **argv)
{
	int slow = argc > 1 && !strcmp(argv[1], "slow");
	glob_t dirs;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &dirs))
		return 1;
	for (size_t i = 0; i < dirs.gl_pathc; i++) {
		name = strrchr(dirs.gl_pathv[i], '/') + 1;
		if (!is_display(dirs.gl_pathv[i]) ||
		    draw_enable(dirs.gl_pathv[i]) ||
		    draw_frame(dirs.gl_pathv[i], slow))
			continue;
		ask_bochs(dirs.gl_pathv[i]);
	}
	return 0;
}
