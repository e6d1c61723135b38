/* SPDX-License-Identifier: MIT */
/* VFIO's part of a platform device with three regions and three interrupts. */
#ifndef TEST_PLATFORM_DEVICE_H
#define TEST_PLATFORM_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/lend.h>

#define REGIONS 3
#define IRQS    3

/* Memory behind the page of region 0 that can be mapped. */
extern char platform_device_page[0x1000];

/* Interrupt 0 is edge-triggered, the others are level-triggered. */
struct platform_device {
	struct lend_irq irqs[IRQS];
	int triggers[IRQS];
	int unmask_fds[IRQS];
	unsigned int unmasks[IRQS];
	bool asserts[IRQS]; /* fires as soon as it is unmasked */
	int no_unmask_fd;   /* error number of lend_irq_unmask_fd() */
	int no_trigger;     /* error number of lend_irq_set() */
	unsigned int disables;
	unsigned int index, size;
	uint64_t offset, written;
	int err; /* of an access */
};

extern struct platform_device platform_device;

#endif
