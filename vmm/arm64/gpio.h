/* SPDX-License-Identifier: MIT */
/* The power key: one input of a PL061, for which guests have a driver. */
#ifndef VMM_ARM64_GPIO_H
#define VMM_ARM64_GPIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/base/bus.h"

struct gpio {
	pthread_mutex_t lock;
	/* Called with the lock held: set the interrupt line to @level. */
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
 * Press the key; from any thread. It stays pressed until the guest has read it,
 * so that a slow guest does not miss it.
 */
void gpio_press(struct gpio *gpio);

#endif
