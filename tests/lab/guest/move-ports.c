// SPDX-License-Identifier: MIT
// Puts a NIC's ports where a guest may and where it may not, and looks who
// answers.

#define PROGRAM "ports"
#include "guest.h"

#define NIC_ID  0x802910ec /* ne2k_pci */
#define COMMAND 0x04
#define BAR0    0x10
#define LSR     0x3fd /* of the console */

static unsigned int port_read(unsigned int port)
{
	static int fd = -1;
	uint8_t value;

	if (fd < 0)
		fd = open("/dev/port", O_RDWR);
	if (fd < 0 || pread(fd, &value, 1, port) != 1)
		fail("read a port");
	return value;
}

static void expect(const char *what, unsigned int port, unsigned int want)
{
	unsigned int got = port_read(port);

	if (got == want)
		return;
	printf("ports FAILED: %s: port %#x reads %#x, not %#x\n", what, port,
	       got, want);
	exit(1);
}

/* The NIC's configuration space, without a driver that uses its ports. */
static int open_nic(void)
{
	char dir[256], path[512];
	const char *name;
	int unbind;

	pci_find(NIC_ID, 0, dir);
	name = strrchr(dir, '/') + 1;
	snprintf(path, sizeof(path), "%s/driver/unbind", dir);
	unbind = open(path, O_WRONLY);
	if (unbind >= 0 &&
	    write(unbind, name, strlen(name)) != (ssize_t)strlen(name))
		fail("unbind the NIC's driver");
	close(unbind);
	return open_in(dir, "config", O_RDWR);
}

int main(void)
{
	int config = open_nic();
	unsigned int home = config_get(config, BAR0) & ~3u;
	unsigned int line = port_read(LSR) & 0x60, mark;

	config_put(config, COMMAND, 1);
	mark = port_read(home);
	if (mark == 0xff)
		fail("the ports do not answer");
	config_put(config, BAR0, 0xd000);
	expect("where they moved", 0xd000, mark);
	expect("where they were", home, 0xff);
	config_put(config, BAR0, 0x300); /* which has the console's */
	expect("over the console's", 0x300, 0xff);
	expect("where they were last", 0xd000, 0xff);
	if ((port_read(LSR) & 0x60) != line)
		fail("the console's ports changed");
	config_put(config, BAR0, 0xc00); /* which has those of config space */
	expect("over config space's", 0xc00, 0xff);
	config_put(config, BAR0, 0x1d000); /* beyond all there are */
	expect("the same, but for bits beyond", 0xd000, 0xff);
	config_put(config, BAR0, home);
	expect("back", home, mark);
	config_put(config, COMMAND, 0);
	expect("without decoding", home, 0xff);
	printf("ports ok: moved, refused over others, and moved back\n");
	return 0;
}
