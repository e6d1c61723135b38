// SPDX-License-Identifier: MIT
// Has this guest's rocker device raise MSI-X interrupts, which it receives by
// VFIO without an IOMMU and counts: steadily, while masked, and while another
// processor masks and unmasks the vector.

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#define PROGRAM "storm"
#include "guest.h"

#define ROCKER_ID       0x00061b36 /* device and vendor in config space */
#define ROCKER_TEST_IRQ 0x20       /* in BAR 0: raises vector's interrupt */
#define TABLE_BAR       1
#define PBA             0x1000
#define VECTORS         2
#define STEADY          2000
#define BOUND_MS        60000

static struct {
	int fd;
	volatile uint32_t *registers;
	volatile uint32_t *table; /* and pending bits */
	struct pollfd vectors[VECTORS];
} rocker;

static _Atomic bool stop;
static _Atomic unsigned long operations;

/* The device's name, as in sysfs, and its IOMMU group. */
static void rocker_find(char name[32], char group[64])
{
	char dir[256], path[512], link[512];
	ssize_t n;

	pci_find(ROCKER_ID, 0, dir);
	snprintf(path, sizeof(path), "%s/iommu_group", dir);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		guest_fail(path);
	link[n] = '\0';
	snprintf(name, 32, "%s", strrchr(dir, '/') + 1);
	snprintf(group, 64, "/dev/vfio/noiommu-%s", strrchr(link, '/') + 1);
}

static void rocker_open(void)
{
	int container = open("/dev/vfio/vfio", O_RDWR);
	char name[32], path[64];
	int group;

	rocker_find(name, path);
	group = open(path, O_RDWR);
	if (group < 0)
		guest_fail(path);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_NOIOMMU_IOMMU))
		guest_fail("join a container");
	rocker.fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, name);
	if (rocker.fd < 0)
		guest_fail("VFIO_GROUP_GET_DEVICE_FD");
}

static void *rocker_map(unsigned int bar)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = bar};

	if (ioctl(rocker.fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		guest_fail("VFIO_DEVICE_GET_REGION_INFO");
	return map_region(rocker.fd, info.offset, info.size);
}

static void rocker_start(void)
{
	struct vfio_region_info config = {
		.argsz = sizeof(config),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	char room[sizeof(struct vfio_irq_set) + VECTORS * sizeof(int)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)room;
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	if (ioctl(rocker.fd, VFIO_DEVICE_GET_REGION_INFO, &config) ||
	    pwrite(rocker.fd, &command, 2,
		   (off_t)config.offset + PCI_COMMAND) != 2)
		guest_fail("write the command register");
	rocker.registers = rocker_map(0);
	rocker.table = rocker_map(TABLE_BAR);
	*set = (struct vfio_irq_set){
		.argsz = sizeof(room),
		.flags =
			VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = VECTORS,
	};
	for (int i = 0; i < VECTORS; i++) {
		rocker.vectors[i].fd = eventfd(0, EFD_NONBLOCK);
		rocker.vectors[i].events = POLLIN;
		memcpy(set->data + i * sizeof(int), &rocker.vectors[i].fd,
		       sizeof(int));
	}
	if (ioctl(rocker.fd, VFIO_DEVICE_SET_IRQS, set))
		guest_fail("VFIO_DEVICE_SET_IRQS");
}

static void rocker_fire(void)
{
	rocker.registers[ROCKER_TEST_IRQ / 4] = 0;
}

static void rocker_mask(bool masked)
{
	rocker.table[PCI_MSIX_ENTRY_VECTOR_CTRL / 4] = masked;
}

/* Interrupts on all vectors, after waiting some time for the first. */
static unsigned int rocker_taken(int milliseconds)
{
	unsigned int sum = 0;
	eventfd_t count;

	if (poll(rocker.vectors, VECTORS, milliseconds) < 0)
		guest_fail("poll");
	for (int i = 0; i < VECTORS; i++)
		if (!eventfd_read(rocker.vectors[i].fd, &count))
			sum += (unsigned int)count;
	return sum;
}

/* One interrupt after the other, so that none merges with another. */
static void rocker_fire_and_take(unsigned long n, const char *when)
{
	unsigned int came;

	rocker_fire();
	came = rocker_taken(BOUND_MS);
	if (came == 1)
		return;
	printf("storm FAILED: %s: interrupt %lu came %u times\n", when, n,
	       came);
	exit(1);
}

static void line_from_console(void)
{
	char line[64];

	printf("storm waits\n");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		guest_fail("no line from the console");
}

static void storm_steady(void)
{
	line_from_console();
	for (unsigned long i = 0; i < STEADY; i++)
		rocker_fire_and_take(i, "steady");
	printf("storm steady ok: %d\n", STEADY);
	line_from_console();
}

/* An interrupt that fires while masked is pending, and comes once when
 * unmasked. */
static void storm_pending(void)
{
	rocker_mask(true);
	rocker_fire();
	rocker_fire();
	if (rocker_taken(50))
		guest_fail("a masked vector was delivered");
	if (rocker.table[PBA / 4] != 1)
		guest_fail("no pending bit");
	rocker_mask(false);
	if (rocker_taken(BOUND_MS) != 1)
		guest_fail("what was pending did not come once");
	if (rocker_taken(50))
		guest_fail("what was pending came again");
	if (rocker.table[PBA / 4] != 0)
		guest_fail("the pending bit stays");
	printf("storm pending ok\n");
}

/* Masks and unmasks, every other time with the other vector's message. */
static void *storm_rage(void *opaque)
{
	uint32_t message[VECTORS][3];

	(void)opaque;
	for (int i = 0; i < VECTORS; i++)
		for (int word = 0; word < 3; word++)
			message[i][word] = rocker.table[i * 4 + word];
	for (unsigned int n = 0; !stop; n++) {
		rocker_mask(true);
		for (int word = 0; n % 4 >= 2 && word < 3; word++)
			rocker.table[word] = message[n % 2][word];
		rocker_mask(false);
		operations += 2;
	}
	return NULL;
}

static void storm_run(int seconds)
{
	unsigned long fired = 0;
	time_t end = time(NULL) + seconds;
	pthread_t thread;

	if (pthread_create(&thread, NULL, storm_rage, NULL))
		guest_fail("start a thread");
	/* On a busy machine it takes longer until there were enough of both. */
	while (time(NULL) < end || operations < 1000 || fired < 100)
		rocker_fire_and_take(fired++, "storm");
	stop = true;
	pthread_join(thread, NULL);
	if (rocker_taken(50))
		guest_fail("one came after the storm");
	printf("storm ok: %lu operations beside %lu interrupts\n", operations,
	       fired);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	rocker_open();
	rocker_start();
	storm_pending();
	storm_steady();
	storm_run(argc > 1 ? atoi(argv[1]) : 10);
	return 0;
}
