// SPDX-License-Identifier: MIT
// Sends bytes to each serial port of a PCI card that loops them back, reads
// them, and counts the interrupts.

#include <limits.h>
#include <poll.h>
#include <termios.h>

#define PROGRAM "serial"
#include "guest.h"

/* mtty treats its full FIFO of 16 bytes as empty. */
#define BLOCK  8
#define BLOCKS 32
#define WAIT   60000 /* ms for a block to come back */

static int serial_fault(const char *port, const char *what)
{
	printf("serial FAILED: %s: %s: %s\n", port, what, strerror(errno));
	return -1;
}

/* Whether the port @tty, a directory in sysfs, belongs to a PCI card. */
static int is_pci(const char *tty)
{
	char path[PATH_MAX], real[PATH_MAX];

	snprintf(path, sizeof(path), "%s/device", tty);
	return realpath(path, real) && strstr(real, "/pci") != NULL;
}

/* The number in file @name of a port's directory in sysfs, or -1. */
static int serial_number(const char *tty, const char *name)
{
	char path[PATH_MAX];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", tty, name);
	file = fopen(path, "r");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

/* The count of interrupt @irq, over all processors. */
static long serial_interrupts(int irq)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[1024], *at;
	long sum = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (strtol(line, &at, 10) == irq && *at == ':')
			sum = (long)interrupts_in(line);
	}
	if (file)
		fclose(file);
	return sum;
}

static int open_raw(const char *port)
{
	struct termios raw;
	int fd = open(port, O_RDWR | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || tcgetattr(fd, &raw) < 0)
		return serial_fault(port, "open");
	cfmakeraw(&raw);
	raw.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(fd, TCSANOW, &raw) < 0)
		return serial_fault(port, "set raw");
	tcflush(fd, TCIOFLUSH);
	return fd;
}

static int loop_block(const char *port, int fd, unsigned char first)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	unsigned char out[BLOCK], in[BLOCK];
	size_t got = 0;
	ssize_t n;

	for (int i = 0; i < BLOCK; i++)
		out[i] = (unsigned char)(first + i);
	if (write(fd, out, BLOCK) != BLOCK)
		return serial_fault(port, "write");
	while (got < BLOCK) {
		errno = ETIMEDOUT;
		if (poll(&wait, 1, WAIT) != 1)
			return serial_fault(port, "wait for bytes");
		n = read(fd, in + got, BLOCK - got);
		if (n <= 0)
			return serial_fault(port, "read");
		got += (size_t)n;
	}
	errno = EILSEQ;
	return memcmp(in, out, BLOCK) ? serial_fault(port, "compare") : 0;
}

static void loop_port(const char *tty)
{
	int irq = serial_number(tty, "irq"), fd, err = 0;
	long before = serial_interrupts(irq), came;
	char port[64];

	snprintf(port, sizeof(port), "/dev/%s", strrchr(tty, '/') + 1);
	fd = open_raw(port);
	for (int i = 0; fd >= 0 && !err && i < BLOCKS; i++)
		err = loop_block(port, fd, (unsigned char)(i * BLOCK));
	/* close() would wait for bytes that were not sent. */
	if (fd >= 0)
		tcflush(fd, TCIOFLUSH);
	came = serial_interrupts(irq) - before;
	printf("serial %s: %s, %ld interrupts %d\n",
	       fd >= 0 && !err && came >= BLOCKS ? "ok" : "FAILED", port, came,
	       irq);
	if (fd >= 0)
		close(fd);
}

int main(void)
{
	glob_t ttys;

	if (glob("/sys/class/tty/ttyS*", 0, NULL, &ttys))
		return 1;
	for (size_t i = 0; i < ttys.gl_pathc; i++)
		if (is_pci(ttys.gl_pathv[i]) &&
		    serial_number(ttys.gl_pathv[i], "type") > 0)
			loop_port(ttys.gl_pathv[i]);
	return 0;
}
