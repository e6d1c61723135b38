/* SPDX-License-Identifier: MIT */
/* The power key: one input of a PL061, which guests know how to watch. */
#ifndef VMM_ARM64_GPIO_H
#define VMM_ARM64_GPIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/base/bus.h"

struct gpio {
	pthread_mutex_t lock;
	/* Called with the lock held: the interrupt line is to be so. */
	void (*line)(void *opaque, bool level);
	void *opaque;
	bool pressed;
	bool raised;
	uint8_t dir, sense, both, event, enable, raw, alternate;
};

extern const struct bus_ops gpio_bus_ops; /* opaque: struct gpio */

void gpio_init(struct gpio *gpio, void (*line)(void *opaque, bool level),
	       void *opaque);
void gpio_destroy(struct gpio *gpio);

/*
 * Press the key; from any thread. It is held until the guest has looked at it,
 * so that no guest is too slow to see it.
 */
void gpio_press(struct gpio *gpio);

#endif
