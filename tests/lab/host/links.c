// SPDX-License-Identifier: MIT
// Toggles the links of QEMU's NICs 'edge', 'level' and 'other', once for each
// number that a guest writes to memory after a lent device's registers.
//
// usage: links COUNT SECONDS >MONITOR

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* As in lab/arm64/host.dts and tests/lab/guest/platform.c. */
#define REGISTERS 0x4f000000
#define MAILBOX   0x800

static volatile uint32_t *links_map_mailbox(void)
{
	int memory = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
			REGISTERS);

	return at == MAP_FAILED ? NULL : (void *)(at + MAILBOX);
}

int main(int argc, char **argv)
{
	static const char *const nics[] = {"edge", "level", "other"};
	volatile uint32_t *mailbox = links_map_mailbox();
	uint32_t count = argc == 3 ? (uint32_t)atoi(argv[1]) : 0;
	time_t end = time(NULL) + (argc == 3 ? atoi(argv[2]) : 0);

	if (!mailbox || !count)
		return 2;
	*mailbox = 0;
	/* A change of memory has no event. */
	for (uint32_t i = 1; i <= count && time(NULL) < end;) {
		if (*mailbox != i) {
			usleep(100);
			continue;
		}
		for (unsigned int n = 0; n < sizeof(nics) / sizeof(nics[0]);
		     n++)
			printf("{'execute':'set_link','arguments':"
			       "{'name':'%s','up':%s}}\n",
			       nics[n], i % 2 ? "false" : "true");
		fflush(stdout);
		i++;
	}
	return 0;
}
