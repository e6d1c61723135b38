// SPDX-License-Identifier: MIT
// Opens and closes the machine's devices in parallel, since the kernel resets a
// device at each, which takes a tenth of a second or more.
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <lend/device.h>
#include <lend/error.h>
#include <lend/iommu.h>

#include "vmm/assign/pci-gate.h"
#include "vmm/base/clock.h"
#include "vmm/base/crew.h"
#include "vmm/base/descriptors.h"
#include "vmm/base/no-memory.h"
#include "vmm/machine/internal.h"

/* Devices that are opened in less time than that, in milliseconds, share a few
 * threads, since each thread costs half the system calls of a device. Else all
 * are opened at once: PCI functions wait 100 ms and more for their reset. */
#define DEVICES_PER_THREAD 6
#define DEVICES_SLOW       50

#define DEVICES_MORE 8 /* that the lists get room for at once */

/* Of a device that is plugged later; a confined process raises no limit. */
#define VECTORS_LATER 64

/* Where the first device decides, the library logs it. */
static void devices_log_iommu(struct machine *machine)
{
	if (lend_iommu_backend(machine->iommu) == LEND_BACKEND_AUTO)
		return;
	lend_log(machine->ctx, LEND_LOG_INFO, "IOMMU back end %s: %s",
		 lend_iommu_backend_name(machine->iommu),
		 lend_iommu_reason(machine->iommu));
}

static void devices_reserve_descriptors(struct machine *machine)
{
	unsigned int later =
		machine_may_plug(machine) ? machine->unplug.count : 0;
	unsigned long devices = machine->config->device_count + later;
	unsigned long vectors = machine->vectors + later * VECTORS_LATER;

	descriptors_reserve(machine->ctx,
			    descriptors_need(machine->cpus, devices, vectors),
			    vectors);
}

static int devices_allocate(struct machine *machine)
{
	size_t count = machine->config->device_count;

	machine->devices = calloc(count, sizeof(machine->devices[0]));
	machine->lent = calloc(count, sizeof(machine->lent[0]));
	if (!machine->devices || !machine->lent)
		return vmm_no_memory(machine->ctx, NULL);
	machine->device_room = count;
	return 0;
}

static int devices_open_one(struct machine *machine, size_t i)
{
	const struct machine_device_config *device =
		&machine->config->devices[i];

	return machine->lent[i] ? 0
				: device->open(machine, device->config,
					       &machine->lent[i]);
}

struct opening {
	struct machine *machine;
	atomic_bool failed;
};

static void devices_open_next(void *opaque, size_t i)
{
	struct opening *opening = opaque;

	if (!opening->failed && devices_open_one(opening->machine, i + 1))
		opening->failed = true;
}

/* The first device decides how the others are opened, and shows how long that
 * takes. One that fails here is opened again in its turn, so that the reported
 * error is that of the first device that fails. */
static int devices_open_parallel(struct machine *machine)
{
	size_t count = machine->config->device_count;
	size_t threads = count / DEVICES_PER_THREAD + 1;
	struct opening opening = {.machine = machine};
	int64_t start = clock_milliseconds();
	int err = devices_open_one(machine, 0);

	if (clock_milliseconds() - start >= DEVICES_SLOW)
		threads = CREW_MAX;
	if (!err && threads > 1 && count > 2)
		crew_run(threads, count - 1, devices_open_next, &opening);
	return err;
}

/* A confined process opens no node: devices that come later find the address
 * space open. */
static int devices_open_space(struct machine *machine)
{
	const struct lend_iommu_options *options = machine->config->iommu;

	if (!machine_may_plug(machine) || !options ||
	    options->backend != LEND_BACKEND_IOMMUFD)
		return 0;
	return lend_iommu_new(machine->ctx, options, &machine->iommu);
}

int machine_open_devices(struct machine *machine)
{
	const struct machine_config *config = machine->config;
	int err;

	if (!config->device_count)
		return devices_open_space(machine);
	err = devices_allocate(machine);
	if (!err)
		err = lend_iommu_new(machine->ctx, config->iommu,
				     &machine->iommu);
	if (err)
		return err;
	devices_log_iommu(machine);
	devices_reserve_descriptors(machine); /* to open them with */
	err = devices_open_parallel(machine);
	while (!err && machine->device_count < config->device_count) {
		size_t i = machine->device_count;

		err = devices_open_one(machine, i);
		if (!err)
			err = config->devices[i].create(
				machine, config->devices[i].config,
				machine->lent[i], &machine->devices[i]);
		if (!err)
			machine->device_count++;
	}
	if (machine->vectors)
		devices_reserve_descriptors(machine);
	return err;
}

static void devices_close_one(void *opaque, size_t i)
{
	struct machine *machine = opaque;

	lend_device_unref(machine->lent[i]);
}

void machine_close_devices(struct machine *machine)
{
	for (size_t i = machine->device_count; i-- > 0;)
		machine->devices[i]->ops->destroy(machine->devices[i]);
	machine->device_count = 0;
	if (machine->lent)
		crew_run(CREW_MAX, machine->device_room, devices_close_one,
			 machine);
	assign_pci_gate_free_all(machine);
	free(machine->devices);
	free(machine->lent);
	lend_iommu_unref(machine->iommu);
}

/* A vCPU's thread may be in the list. */
static int devices_make_room(struct machine *machine)
{
	size_t count = machine->device_count;
	size_t room = machine->device_room + DEVICES_MORE;
	struct machine_device **devices = calloc(room, sizeof(*devices));
	struct lend_device **lent = calloc(room, sizeof(struct lend_device *));

	if (!devices || !lent) {
		free(devices);
		free(lent);
		return vmm_no_memory(machine->ctx, NULL);
	}
	pthread_rwlock_wrlock(&machine->devices_lock);
	if (count) {
		memcpy(devices, machine->devices, count * sizeof(*devices));
		memcpy(lent, machine->lent,
		       count * sizeof(struct lend_device *));
	}
	free(machine->devices);
	free(machine->lent);
	machine->devices = devices;
	machine->lent = lent;
	machine->device_room = room;
	pthread_rwlock_unlock(&machine->devices_lock);
	return 0;
}

int machine_add_device(struct machine *machine,
		       const struct machine_device_config *config,
		       struct machine_device **device)
{
	struct lend_device *lent = NULL;
	int err = 0;

	if (!machine->iommu)
		err = lend_iommu_new(machine->ctx, machine->config->iommu,
				     &machine->iommu);
	if (!err && machine->device_count == machine->device_room)
		err = devices_make_room(machine);
	if (!err)
		err = config->open(machine, config->config, &lent);
	if (!err)
		err = config->create(machine, config->config, lent, device);
	if (err) {
		lend_device_unref(lent);
		return err;
	}
	pthread_rwlock_wrlock(&machine->devices_lock);
	machine->lent[machine->device_count] = lent;
	machine->devices[machine->device_count++] = *device;
	pthread_rwlock_unlock(&machine->devices_lock);
	return 0;
}

/* No vCPU's thread finds it from then on. */
static void devices_take_out(struct machine *machine, size_t at)
{
	size_t after;

	pthread_rwlock_wrlock(&machine->devices_lock);
	after = --machine->device_count - at;
	memmove(&machine->devices[at], &machine->devices[at + 1],
		after * sizeof(machine->devices[0]));
	memmove(&machine->lent[at], &machine->lent[at + 1],
		after * sizeof(machine->lent[0]));
	machine->lent[machine->device_count] = NULL;
	pthread_rwlock_unlock(&machine->devices_lock);
}

void machine_remove_devices(struct machine *machine, unsigned int port)
{
	struct machine_device *gone[PCI_PORT_FUNCTIONS];
	struct lend_device *lent[PCI_PORT_FUNCTIONS];
	unsigned int count = 0;

	for (size_t i = machine->device_count; i-- > 0;) {
		struct machine_device *device = machine->devices[i];

		if (device->port != port || count == PCI_PORT_FUNCTIONS)
			continue;
		gone[count] = device;
		lent[count++] = machine->lent[i];
		devices_take_out(machine, i);
		if (device->started)
			device->ops->stop(device, machine);
	}
	if (count && machine->up)
		hotplug_empty(&machine->pci, port);
	for (unsigned int i = 0; i < count; i++) {
		gone[i]->ops->destroy(gone[i]);
		lend_device_unref(lent[i]);
	}
}

struct machine_device *machine_device_next(const struct machine *machine,
					   const struct machine_device_ops *ops,
					   size_t *at)
{
	while (*at < machine->device_count) {
		struct machine_device *device = machine->devices[(*at)++];

		if (device->ops == ops)
			return device;
	}
	return NULL;
}
