/* SPDX-License-Identifier: MIT */
/* The scripted kernel behind the public types of <lend/test.h>. */
#ifndef FAKE_PUBLIC_H
#define FAKE_PUBLIC_H

#include <linux/vfio.h>

#include <lend/test.h>

#include "fake/internal.h"

static inline struct fake_kernel *test_kernel(struct lend_test *test)
{
	return (struct fake_kernel *)test;
}

static inline struct fake_device *test_device(struct lend_test_device *device)
{
	return (struct fake_device *)device;
}

/* Functions of the header hold the lock of the scripted kernel. */
static inline void test_lock(struct fake_kernel *fake)
{
	pthread_mutex_lock(&fake->lock);
}

static inline void test_unlock(struct fake_kernel *fake)
{
	pthread_mutex_unlock(&fake->lock);
}

static inline uint8_t *test_config(struct fake_device *device)
{
	return device->regions[VFIO_PCI_CONFIG_REGION_INDEX].bytes;
}

#endif
