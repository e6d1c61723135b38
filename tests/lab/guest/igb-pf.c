// SPDX-License-Identifier: MIT
// Serves one virtual function of this guest's igb, whose driver sees no SR-IOV
// in a guest: assigns the NIC's queues, and answers the function's mailbox as
// long as the guest runs.

#define PROGRAM "igb-pf"
#include "guest.h"

#define FUNCTIONS 7
#define TRIES     1000

/* Registers of the 82576, by the names of its data sheet. */
#define CTRL_EXT    0x0018
#define MAILBOX(n)  (0x0c00 + (n)*4)
#define MEMORY(n)   (0x0800 + (n)*64)
#define MBVFICR     0x0c80
#define VFLRE       0x0c88
#define VFRE        0x0c8c
#define VFTE        0x0c90
#define DTXSWC      0x3500
#define RAL(entry)  (0x54e0 + ((entry)-16) * 8)
#define RAH(entry)  (RAL(entry) + 4)
#define MRQC        0x5818
#define VT_CTL      0x581c
#define VMOLR(pool) (0x5ad0 + (pool)*4)

#define CTRL_EXT_RESET_DONE (1 << 14)
#define MAILBOX_STATUS      (1 << 0) /* there is a message for it */
#define MAILBOX_ACK         (1 << 1)
#define MAILBOX_TAKE        (1 << 3)
#define DTXSWC_LOOPBACK     (1u << 31)
#define RAH_POOL(pool)      (1u << (18 + (pool)))
#define RAH_VALID           (1u << 31)
#define MRQC_POOLS          3
#define VT_CTL_REPLICATE    (1 << 30)
#define VMOLR_UNTAGGED      (1 << 24)
#define VMOLR_BROADCAST     (1 << 27)

/* Words of the mailbox: a kind, and whether it was obeyed. */
#define MESSAGE_KIND   0xffff
#define MESSAGE_RESET  0x01
#define MESSAGE_WORDS  3
#define MESSAGE_GO     (1u << 29) /* clear to send */
#define MESSAGE_HEEDED (1u << 31)

/* Locally administered; the last byte is the function's number. */
static const uint8_t station[6] = {0x02, 'l', 'e', 'n', 'd', 0};

static volatile uint8_t *registers;

static uint32_t igb_get(size_t at)
{
	return *(volatile uint32_t *)(registers + at);
}

static void igb_put(size_t at, uint32_t value)
{
	*(volatile uint32_t *)(registers + at) = value;
}

static void igb_set(size_t at, uint32_t bits)
{
	igb_put(at, igb_get(at) | bits);
}

static void igb_map(void)
{
	glob_t found;

	if (glob("/sys/bus/pci/drivers/igb/0*", 0, NULL, &found))
		guest_fail("find an igb");
	registers = map_in(found.gl_pathv[0], "resource0", 0x20000);
	globfree(&found);
}

/*
 * The physical function's driver uses the first queue alone, in pool 0. That is
 * virtual function 0's pool, which is this guest's too, and is not used.
 */
static void igb_share(unsigned int function)
{
	uint32_t low, high;
	uint8_t address[8] = {0};

	memcpy(address, station, sizeof(station));
	address[5] = (uint8_t)function;
	memcpy(&low, address, 4);
	memcpy(&high, address + 4, 4);
	igb_put(RAL(23 - function), low);
	igb_put(RAH(23 - function), high | RAH_POOL(function) | RAH_VALID);
	igb_set(VMOLR(0), VMOLR_UNTAGGED | VMOLR_BROADCAST);
	igb_set(VMOLR(function), VMOLR_UNTAGGED | VMOLR_BROADCAST);
	igb_set(VFRE, 1);
	igb_set(VFTE, 1);
	igb_set(DTXSWC, DTXSWC_LOOPBACK);
	igb_put(VT_CTL, VT_CTL_REPLICATE);
	igb_put(MRQC, MRQC_POOLS);
	igb_set(CTRL_EXT, CTRL_EXT_RESET_DONE);
}

/* Locks the mailbox's memory: the other side releases it soon. */
static void igb_take_mailbox(unsigned int function)
{
	for (int i = 0; i < TRIES; i++) {
		igb_put(MAILBOX(function), MAILBOX_TAKE);
		if (igb_get(MAILBOX(function)) & MAILBOX_TAKE)
			return;
	}
}

static void igb_answer(unsigned int function)
{
	uint32_t words[MESSAGE_WORDS] = {0};

	igb_take_mailbox(function);
	for (int i = 0; i < MESSAGE_WORDS; i++)
		words[i] = igb_get(MEMORY(function) + i * 4);
	igb_put(MAILBOX(function), MAILBOX_ACK);

	words[0] |= MESSAGE_HEEDED;
	if ((words[0] & MESSAGE_KIND) == MESSAGE_RESET) {
		words[1] = igb_get(RAL(23 - function));
		words[2] = igb_get(RAH(23 - function)) & 0xffff;
		igb_set(VFRE, 1u << function);
		igb_set(VFTE, 1u << function);
	} else {
		words[0] |= MESSAGE_GO;
	}
	igb_take_mailbox(function);
	for (int i = 0; i < MESSAGE_WORDS; i++)
		igb_put(MEMORY(function) + i * 4, words[i]);
	igb_put(MAILBOX(function), MAILBOX_STATUS);
}

/* The driver has the interrupt of these registers: poll them. */
static void igb_serve(unsigned int function)
{
	for (;;) {
		uint32_t asked = igb_get(MBVFICR) & (0x10001u << function);

		igb_put(VFLRE, igb_get(VFLRE) & 1u << function);
		igb_put(MBVFICR, asked);
		if (asked & 1u << function)
			igb_answer(function);
		usleep(2000);
	}
}

int main(int argc, char **argv)
{
	int function = argc == 2 ? atoi(argv[1]) : 0;

	if (function < 1 || function > FUNCTIONS) {
		puts("igb-pf FAILED: the argument is a virtual function, 1 to "
		     "7");
		return 1;
	}
	igb_map();
	igb_share((unsigned int)function);
	printf("igb-pf ok: serves virtual function %d\n", function);
	fflush(stdout);
	if (daemon(0, 0))
		guest_fail("go on in the background");
	igb_serve((unsigned int)function);
}
