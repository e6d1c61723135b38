/* SPDX-License-Identifier: MIT */
/* A scripted network card behind rtnetlink: what its driver shows for each
 * virtual function, takes, and refuses. */
#ifndef TESTS_UNIT_CLI_NIC_H
#define TESTS_UNIT_CLI_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NIC_FUNCTIONS 2

struct nic_function {
	uint8_t mac[6];
	uint32_t vlan, priority;
	uint16_t protocol;
	uint32_t min_rate, max_rate;
	uint32_t spoof_check, trust; /* all ones: not supported */
};

struct nic {
	int number;         /* of its interface */
	unsigned int flags; /* of its interface, IFF_* */
	unsigned int type;  /* ARPHRD_* */
	struct nic_function functions[NIC_FUNCTIONS];
	unsigned int asked;   /* requests so far */
	unsigned int fail_at; /* this one and the @fail_count - 1 after it */
	unsigned int fail_count;
	int err;             /* with it, positive */
	const char *message; /* of the driver, or NULL */
	/* An answer that takes the place of the true one, if not NULL. */
	const void *answer;
	size_t answer_size;
};

/* The card that answers netlink_exchange(), which the program wraps; NULL: the
 * kernel has no interfaces. */
extern struct nic *nic_present;

/* Writes what the card shows. Returns the size of the answer. */
long nic_answer(const struct nic *nic, void *bytes, size_t room);

#endif
