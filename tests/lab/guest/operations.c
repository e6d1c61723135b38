// SPDX-License-Identifier: MIT
// Does one kind of operation on a lent device a number of times, while the host
// counts its exits and system calls, and takes the time.

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#define PROGRAM "operations"
#include "guest.h"

#define NIC_ID   0x10d38086 /* e1000e: device and vendor in config space */
#define NIC_BAR  131072
#define STATUS   0x0008     /* device status: reading changes nothing */
#define ICS      0x00c8     /* interrupt cause set: raises an interrupt */
#define LEDCTL   0x0e00     /* what the LEDs show: harmless to write */
#define ICS_LINK 0x4        /* link status change */
#define ICS_MISC 0x01000000 /* MSI-X: the vector of other causes */

struct nic {
	char dir[256];
	char link[IFNAMSIZ];
	int config;
	volatile uint32_t *registers;
	volatile uint32_t *table; /* of MSI-X */
};

struct kind {
	const char *name;
	void (*once)(struct nic *nic);
};

static void nic_config_read(struct nic *nic, unsigned int offset)
{
	uint16_t value;

	if (pread(nic->config, &value, 2, offset) != 2)
		guest_fail("read config space");
}

static void once_emulated_field(struct nic *nic)
{
	nic_config_read(nic, 0x00); /* vendor ID */
}

/* The PCIe device status, which is read from the device. */
static void once_device_field(struct nic *nic)
{
	static unsigned int at;
	uint8_t next = 0x34, id;

	while (!at && pread(nic->config, &next, 1, next) == 1 && next &&
	       pread(nic->config, &id, 1, next) == 1) {
		if (id == 0x10)
			at = next + 0x0au;
		next++;
	}
	nic_config_read(nic, at);
}

/* Bus mastering is on, and the register keeps its value. */
static void once_config_write(struct nic *nic)
{
	static uint16_t command;

	if (!command && pread(nic->config, &command, 2, 4) != 2)
		guest_fail("read the command register");
	if (pwrite(nic->config, &command, 2, 4) != 2)
		guest_fail("write the command register");
}

/* Sizes BAR 0 while it decodes, as some drivers do, and restores it. */
static void once_size_bar(struct nic *nic)
{
	uint32_t ones = ~0u, was, size;

	if (pread(nic->config, &was, 4, 0x10) != 4 ||
	    pwrite(nic->config, &ones, 4, 0x10) != 4 ||
	    pread(nic->config, &size, 4, 0x10) != 4 ||
	    pwrite(nic->config, &was, 4, 0x10) != 4)
		guest_fail("size BAR 0");
}

/* Bit 0 is the only one of vector control in use. */
static void once_mask_vector(struct nic *nic)
{
	nic->table[3] = 1;
	nic->table[3] = 0;
}

static void once_register_read(struct nic *nic)
{
	(void)nic->registers[STATUS / 4];
}

static void once_register_write(struct nic *nic)
{
	nic->registers[LEDCTL / 4] = 0x00070602;
}

/* Only now does the driver handle interrupts. The other kinds do without: a
 * running driver would find a BAR that is being sized. */
static void once_bring_up(struct nic *nic)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq ifr = {0};

	memcpy(ifr.ifr_name, nic->link, sizeof(ifr.ifr_name));
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr))
		guest_fail("look at the interface");
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		guest_fail("bring the interface up");
	close(fd);
}

/* Interrupts of the NIC so far. */
static unsigned long nic_interrupts(const struct nic *nic)
{
	FILE *file = fopen("/proc/interrupts", "re");
	unsigned long sum = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		if (strstr(line, nic->link))
			sum += interrupts_in(line);
	}
	if (file)
		fclose(file);
	return sum;
}

/* Raises an interrupt, and leaves time for its handler. */
static void once_interrupt(struct nic *nic)
{
	const struct timespec pause = {.tv_nsec = 200000};

	nic->registers[ICS / 4] = ICS_LINK | ICS_MISC;
	nanosleep(&pause, NULL);
}

/* Interrupts that do not arrive would measure nothing. */
static void nic_check_interrupts(const struct nic *nic, const struct kind *kind,
				 unsigned long count, unsigned long before)
{
	unsigned long came = nic_interrupts(nic) - before;

	if (kind->once != once_interrupt || came >= count - count / 10)
		return;
	printf("FAILED: of %lu interrupts, %lu came\n", count, came);
	exit(1);
}

static void disk_read_first(const char *path, int *disk)
{
	static void *buffer;

	if (!buffer && posix_memalign(&buffer, PAGE, PAGE))
		guest_fail("memory");
	if (*disk < 0)
		*disk = open(path, O_RDONLY | O_DIRECT);
	if (*disk < 0 || pread(*disk, buffer, PAGE, 0) != PAGE)
		guest_fail(path);
}

/* Two doorbells, for the command and for its completion, and an MSI-X. */
static void once_disk_read(struct nic *nic)
{
	static int disk = -1;

	(void)nic;
	disk_read_first("/dev/nvme0n1", &disk);
}

/* Registers written and read, and an MSI. */
static void once_sata_read(struct nic *nic)
{
	static int disk = -1;

	(void)nic;
	disk_read_first("/dev/sda", &disk);
}

static void once_nothing(struct nic *nic)
{
	(void)nic;
}

static const struct kind kinds[] = {
	{"nothing", once_nothing},
	{"config-read-emulated", once_emulated_field},
	{"config-read-device", once_device_field},
	{"config-write", once_config_write},
	{"bar-sizing", once_size_bar},
	{"msix-mask-unmask", once_mask_vector},
	{"register-read", once_register_read},
	{"register-write", once_register_write},
	{"interrupt", once_interrupt},
	{"disk-read", once_disk_read},
	{"sata-read", once_sata_read},
	{"up", once_bring_up},
};

static const struct kind *operation_kind_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == length &&
		    !strncmp(kinds[i].name, name, length))
			return &kinds[i];
	guest_fail_with(EINVAL, name);
}

static void nic_find_link(struct nic *nic)
{
	char pattern[512];
	glob_t links;

	snprintf(pattern, sizeof(pattern), "%s/net/*", nic->dir);
	if (glob(pattern, 0, NULL, &links))
		guest_fail(pattern);
	snprintf(nic->link, sizeof(nic->link), "%s",
		 strrchr(links.gl_pathv[0], '/') + 1);
	globfree(&links);
}

static uint64_t guest_nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Argument: KIND.COUNT */
int main(int argc, char **argv)
{
	const char *dot = argc == 2 ? strrchr(argv[1], '.') : NULL;
	unsigned long count = dot ? strtoul(dot + 1, NULL, 10) : 0;
	const struct kind *kind;
	unsigned long before;
	struct nic nic;
	uint64_t time;

	if (!dot) {
		puts("usage: operations KIND.COUNT");
		return 2;
	}
	kind = operation_kind_find(argv[1], (size_t)(dot - argv[1]));
	pci_find(NIC_ID, 0, nic.dir);
	nic.config = open_in(nic.dir, "config", O_RDWR);
	nic.registers = map_in(nic.dir, "resource0", NIC_BAR);
	nic.table = map_in(nic.dir, "resource3", PAGE);
	nic_find_link(&nic);
	if (kind->once == once_interrupt)
		once_bring_up(&nic);
	before = nic_interrupts(&nic);
	time = guest_nanoseconds();
	for (unsigned long i = 0; i < count; i++)
		kind->once(&nic);
	time = guest_nanoseconds() - time;
	nic_check_interrupts(&nic, kind, count, before);
	printf("%s %lu ok: %llu ns\n", kind->name, count,
	       (unsigned long long)time);
	return 0;
}
