// SPDX-License-Identifier: MIT
// A device is plugged into an empty slot, or nothing has changed.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <lend/device.h>
#include <lend/error.h>
#include <lend/iommu.h>

#include "tests/unit/vmm/context.h"
#include "vmm/machine/internal.h"
#include "vmm/machine/plug.h"
#include "vmm/pci/topology.h"

#define PORTS  12
#define CLOSED 1 /* a port without hot plug */

int __wrap_lend_iommu_new(struct lend_ctx *ctx,
			  const struct lend_iommu_options *options,
			  struct lend_iommu **iommu);
enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *iommu);
struct lend_iommu *__wrap_lend_iommu_unref(struct lend_iommu *iommu);
struct lend_device *__wrap_lend_device_unref(struct lend_device *device);
struct slot_view __wrap_hotplug_look(struct pci_host *host, unsigned int port);
void __wrap_hotplug_empty(struct pci_host *host, unsigned int port);
void __wrap_hotplug_fill(struct pci_host *host, unsigned int port);
int __wrap_machine_check_reach(struct machine *machine);
int __wrap_machine_prepare_dma(struct machine *machine);

enum insert_step { NOTHING, SPACE, OPEN, CREATE, REACH, DMA, START };

static struct {
	struct machine machine;
	struct machine_config config;
	struct pci_place place;
	struct slot_view views[PORTS + 1];
	enum insert_step fails;
	enum lend_backend backend;
	unsigned int open, created, started, filled, mapped, spaces;
} insert;

static int insert_reach(enum insert_step step)
{
	return insert.fails == step
		       ? lend_error_set(insert.machine.ctx, LEND_ERROR_SYSTEM,
					EIO, NULL, "step %d", (int)step)
		       : 0;
}

int __wrap_lend_iommu_new(struct lend_ctx *ctx,
			  const struct lend_iommu_options *options,
			  struct lend_iommu **iommu)
{
	(void)ctx;
	(void)options;
	if (insert.fails == SPACE)
		return insert_reach(SPACE);
	/* Never looked into. */
	*iommu = (struct lend_iommu *)&insert;
	insert.spaces++;
	return 0;
}

enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *iommu)
{
	assert_ptr_equal(iommu, &insert);
	return insert.backend;
}

struct lend_iommu *__wrap_lend_iommu_unref(struct lend_iommu *iommu)
{
	(void)iommu;
	return NULL;
}

struct lend_device *__wrap_lend_device_unref(struct lend_device *device)
{
	if (device)
		insert.open--;
	return NULL;
}

struct slot_view __wrap_hotplug_look(struct pci_host *host, unsigned int port)
{
	(void)host;
	return insert.views[port];
}

void __wrap_hotplug_empty(struct pci_host *host, unsigned int port)
{
	(void)host;
	insert.views[port].is_full = false;
}

void __wrap_hotplug_fill(struct pci_host *host, unsigned int port)
{
	(void)host;
	assert_int_equal(insert.place.port, port);
	insert.views[port].is_full = true;
	insert.filled++;
}

int __wrap_machine_check_reach(struct machine *machine)
{
	assert_int_equal(machine->device_count, 1);
	return insert_reach(REACH);
}

int __wrap_machine_prepare_dma(struct machine *machine)
{
	assert_int_equal(machine->device_count, 1);
	assert_false(machine->dma.by_capability); /* nothing of the last one */
	machine->dma.by_capability = true;
	insert.mapped++;
	return insert_reach(DMA);
}

/* The device may be found as soon as it starts: RAM is due by then. */
static int insert_test_start(struct machine_device *device,
			     struct machine *machine)
{
	(void)device;
	assert_ptr_equal(machine, &insert.machine);
	insert.started++;
	return insert_reach(START);
}

static void insert_test_stop(struct machine_device *device,
			     struct machine *machine)
{
	(void)device;
	(void)machine;
	insert.started--;
}

static void insert_test_destroy(struct machine_device *device)
{
	free(device);
	insert.created--;
}

static const struct machine_device_ops insert_test_ops = {
	.start = insert_test_start,
	.stop = insert_test_stop,
	.destroy = insert_test_destroy,
};

static int insert_test_open(struct machine *machine, const void *config,
			    struct lend_device **lent)
{
	int err = insert_reach(OPEN);

	assert_non_null(machine->iommu);
	assert_ptr_equal(config, &insert.place);
	if (err)
		return err;
	*lent = (struct lend_device *)&insert;
	insert.open++;
	return 0;
}

static int insert_test_create(struct machine *machine, const void *config,
			      struct lend_device *lent,
			      struct machine_device **device)
{
	static char ids[PORTS + 1][8];
	const struct pci_place *place = config;
	int err = insert_reach(CREATE);

	(void)machine;
	assert_non_null(lent);
	if (err)
		return err;
	*device = calloc(1, sizeof(**device));
	assert_non_null(*device);
	snprintf(ids[place->port], sizeof(ids[0]), "d%u", place->port);
	(*device)->ops = &insert_test_ops;
	(*device)->port = place->port;
	(*device)->name = (*device)->id = ids[place->port];
	insert.created++;
	return 0;
}

static const struct machine_device_config insert_device = {
	.open = insert_test_open,
	.create = insert_test_create,
	.config = &insert.place,
};

static int insert_plug(const char *id, const char *bus)
{
	const struct plug_request request = {
		.device = &insert_device,
		.id = id,
		.bus = bus,
		.place = &insert.place,
	};

	return machine_plug(&insert.machine, &request);
}

static int insert_setup(void **state)
{
	static struct pci_port_config ports[PORTS];
	static const struct topology topology = {ports, PORTS};
	static char names[PORTS][8];
	struct machine *machine = &insert.machine;

	memset(&insert, 0, sizeof(insert));
	if (context_setup(state))
		return -1;
	machine->ctx = *state;
	machine->config = &insert.config;
	machine->up = true;
	insert.config.topology = &topology;
	insert.config.unplug_timeout = 30;
	insert.config.sandbox.mode = SANDBOX_OFF;
	insert.backend = LEND_BACKEND_IOMMUFD;
	for (unsigned int i = 0; i < PORTS; i++) {
		snprintf(names[i], sizeof(names[i]), "rp%u", i + 1);
		ports[i].name = names[i];
		ports[i].pluggable = i + 1 != CLOSED;
		insert.views[i + 1].is_pluggable = ports[i].pluggable;
	}
	return watch_open(&machine->watch, machine->ctx) ||
	       machine_open_plug(machine);
}

static int insert_teardown(void **state)
{
	struct machine *machine = &insert.machine;

	while (machine->device_count)
		machine_remove_devices(machine, machine->devices[0]->port);
	assert_int_equal(insert.open + insert.created + insert.started, 0);
	machine_close_devices(machine);
	unplug_close(&machine->unplug);
	watch_close(&machine->watch);
	return context_teardown(state);
}

static void a_device_goes_where_there_is_room(void **state)
{
	struct machine *machine = &insert.machine;

	assert_int_equal(insert_plug("d2", NULL), 0);
	assert_int_equal(insert.place.port, 2);
	assert_int_equal(insert.mapped, 1);
	assert_int_equal(insert_plug("d5", "rp5"), 0);
	assert_int_equal(insert.place.port, 5);
	assert_int_equal(insert_plug(NULL, NULL), 0);
	assert_int_equal(insert.place.port, 3);
	/* More than the lists had room for. */
	for (unsigned int i = 3; i < PORTS - 1; i++)
		assert_int_equal(insert_plug(NULL, NULL), 0);
	assert_int_equal(machine->device_count, PORTS - 1);
	assert_int_equal(insert.filled, PORTS - 1);
	assert_int_equal(insert.mapped, 1);
	assert_int_equal(insert.spaces, 1);
	assert_int_equal(insert_plug(NULL, NULL), -ENOSPC);
	assert_true(context_says(*state, "no root port"));
	assert_true(context_says(*state, "-plug-slots"));
	assert_int_equal(machine_plug_state(machine, "d12"), PLUG_PLUGGED);
}

static void a_place_or_id_in_use_is_refused(void **state)
{
	assert_int_equal(insert_plug("d2", "rp2"), 0);
	assert_int_equal(insert_plug("d2", "rp3"), -EEXIST);
	assert_int_equal(insert_plug("rp3", NULL), -EEXIST);
	assert_int_equal(insert_plug("x", "rp2"), -EBUSY);
	assert_true(context_says(*state, "in use by d2"));
	assert_int_equal(insert_plug("x", "rp1"), -EOPNOTSUPP);
	assert_true(context_says(*state, "no hot plug"));
	assert_int_equal(insert_plug("x", "rp99"), -ENODEV);
	insert.views[3].is_busy = true;
	assert_int_equal(insert_plug("x", "rp3"), -EBUSY);
	assert_true(context_says(*state, "indicator"));
	assert_true(context_says(*state, "another port"));
	assert_int_equal(insert_plug("d4", NULL), 0);
	assert_int_equal(insert.place.port, 4);
	assert_int_equal(insert.filled, 2);
}

/* A confined process opens no iommufd, and a container takes no descriptor. */
static void a_device_requires_an_iommufd_that_is_open(void **state)
{
	struct machine *machine = &insert.machine;

	insert.config.sandbox.mode = SANDBOX_DEFAULT;
	assert_int_equal(insert_plug("d2", NULL), -EOPNOTSUPP);
	assert_true(context_says(*state, "no iommufd open"));
	assert_true(context_says(*state, "-plug-slots"));
	machine->iommu = (struct lend_iommu *)&insert;
	insert.backend = LEND_BACKEND_AUTO;
	assert_int_equal(insert_plug("d2", NULL), -EOPNOTSUPP);
	insert.backend = LEND_BACKEND_CONTAINER;
	assert_int_equal(insert_plug("d2", NULL), -EOPNOTSUPP);
	assert_true(context_says(*state, "do not use iommufd"));
	insert.config.sandbox.mode = SANDBOX_OFF;
	assert_int_equal(insert_plug("d2", NULL), -EOPNOTSUPP);
	insert.backend = LEND_BACKEND_IOMMUFD;
	assert_int_equal(insert_plug("d2", NULL), 0);
}

static void a_failure_leaves_nothing(void **state)
{
	struct machine *machine = &insert.machine;

	(void)state;
	for (insert.fails = SPACE; insert.fails <= START; insert.fails++) {
		machine->iommu = NULL;
		assert_int_equal(insert_plug("d2", "rp2"), -EIO);
		assert_int_equal(machine->device_count, 0);
		assert_int_equal(insert.open + insert.created, 0);
		assert_int_equal(insert.filled, 0);
		insert.started = 0;
	}
	insert.fails = NOTHING;
	assert_int_equal(insert_plug("d2", "rp2"), 0);
}

/* The last device took the mappings of RAM with it. */
static void ram_is_mapped_again_for_the_next_first_device(void **state)
{
	(void)state;
	assert_int_equal(insert_plug("d2", "rp2"), 0);
	assert_int_equal(machine_unplug(&insert.machine, "d2", true), 0);
	assert_int_equal(insert_plug("d2", "rp2"), 0);
	assert_int_equal(insert.mapped, 2);
	assert_int_equal(insert.spaces, 1);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, insert_setup, insert_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_device_goes_where_there_is_room),
		TEST(a_place_or_id_in_use_is_refused),
		TEST(a_device_requires_an_iommufd_that_is_open),
		TEST(a_failure_leaves_nothing),
		TEST(ram_is_mapped_again_for_the_next_first_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
