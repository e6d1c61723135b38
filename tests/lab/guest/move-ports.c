// SPDX-License-Identifier: MIT
// Programs a NIC's I/O BAR with valid and invalid addresses, and checks which
// device answers.

#define PROGRAM "ports"
#include "guest.h"

#define NIC_ID  0x802910ec /* ne2k_pci */
#define COMMAND 0x04
#define BAR0    0x10
#define LSR     0x3fd /* of the console */

static unsigned int dev_port_read(unsigned int port)
{
	static int fd = -1;
	uint8_t value;

	if (fd < 0)
		fd = open("/dev/port", O_RDWR);
	if (fd < 0 || pread(fd, &value, 1, port) != 1)
		guest_fail("read a port");
	return value;
}

static void expect_port(const char *what, unsigned int port, unsigned int want)
{
	unsigned int got = dev_port_read(port);

	if (got == want)
		return;
	printf("ports FAILED: %s: port %#x reads %#x, not %#x\n", what, port,
	       got, want);
	exit(1);
}

/* Opens the NIC's configuration space, and unbinds its driver. */
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
		guest_fail("unbind the NIC's driver");
	close(unbind);
	return open_in(dir, "config", O_RDWR);
}

int main(void)
{
	int config = open_nic();
	unsigned int home = pci_get(config, BAR0) & ~3u;
	unsigned int line = dev_port_read(LSR) & 0x60, mark;

	pci_put(config, COMMAND, 1);
	mark = dev_port_read(home);
	if (mark == 0xff)
		guest_fail("the ports do not answer");
	pci_put(config, BAR0, 0xd000);
	expect_port("where they moved", 0xd000, mark);
	expect_port("where they were", home, 0xff);
	pci_put(config, BAR0, 0x300); /* overlaps the console */
	expect_port("over the console's", 0x300, 0xff);
	expect_port("where they were last", 0xd000, 0xff);
	if ((dev_port_read(LSR) & 0x60) != line)
		guest_fail("the console's ports changed");
	pci_put(config, BAR0, 0xc00); /* overlaps CONFIG_ADDRESS */
	expect_port("over config space's", 0xc00, 0xff);
	pci_put(config, BAR0, 0x1d000); /* past 64 Ki */
	expect_port("the same, but for bits beyond", 0xd000, 0xff);
	pci_put(config, BAR0, home);
	expect_port("back", home, mark);
	pci_put(config, COMMAND, 0);
	expect_port("without decoding", home, 0xff);
	printf("ports ok: moved, refused over others, and moved back\n");
	return 0;
}
