// SPDX-License-Identifier: MIT
// Waits for a device on bus 01 to get its driver, and releases it, a number of
// times; writes the longest pause of this program in each of them to a file.
//
// usage: probes TIMES

#define PROGRAM "probes"

#include <linux/netlink.h>
#include <sys/socket.h>

#include "../../tests/lab/guest/guest.h"
#include "../clock.h"

#define TIMES_MAX 100
#define PATIENCE  60000000 /* microseconds */
#define DEVICE    "/0000:01:00.0"
#define PAUSES    "/tmp/pauses"
#define POWER     "/sys/bus/pci/slots/1/power"

static int probes_listen(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		guest_fail("listen to the kernel");
	return fd;
}

/* Whether a driver was bound to the device since the last call. */
static bool probes_is_bound(int events)
{
	char event[8192];
	ssize_t got = recv(events, event, sizeof(event) - 1, MSG_DONTWAIT);
	size_t length;

	if (got <= 0)
		return false;
	event[got] = '\0';
	length = strlen(event);
	return !strncmp(event, "bind@", 5) && length > strlen(DEVICE) &&
	       !strcmp(event + length - strlen(DEVICE), DEVICE);
}

/* The longest time in which this program did not run, in microseconds. */
static uint64_t probes_await(int events)
{
	uint64_t begin = clock_microseconds(), last = begin, longest = 0;

	while (!probes_is_bound(events)) {
		uint64_t now = clock_microseconds();

		if (now - last > longest)
			longest = now - last;
		if (now - begin > PATIENCE)
			guest_fail_with(ETIMEDOUT, "wait for a device");
		last = now;
	}
	return longest;
}

/* The slot's driver refuses that until it has finished with the device. */
static void probes_release(void)
{
	uint64_t end = clock_microseconds() + PATIENCE;
	int fd = open(POWER, O_WRONLY);

	if (fd < 0)
		guest_fail(POWER);
	while (write(fd, "0", 1) != 1)
		if (clock_microseconds() > end)
			guest_fail("release it");
	close(fd);
}

static void probes_write(const uint64_t *pauses, unsigned long count)
{
	FILE *file = fopen(PAUSES, "w");

	if (!file)
		guest_fail(PAUSES);
	for (unsigned long i = 0; i < count; i++)
		fprintf(file, "%llu ", (unsigned long long)pauses[i]);
	fclose(file);
}

int main(int argc, char **argv)
{
	unsigned long times = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	uint64_t pauses[TIMES_MAX];
	int events = probes_listen();

	if (!times || times > TIMES_MAX)
		guest_fail_with(EINVAL, "no number of times");
	puts(PROGRAM " waits");
	for (unsigned long i = 0; i < times; i++) {
		fflush(stdout);
		pauses[i] = probes_await(events);
		puts(PROGRAM " bound");
		fflush(stdout);
		probes_release();
	}
	probes_write(pauses, times);
	return 0;
}
