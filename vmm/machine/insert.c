// SPDX-License-Identifier: MIT
// Plugs a device into an empty slot of a machine that runs.
#include <errno.h>
#include <string.h>

#include <lend/error.h>
#include <lend/iommu.h>

#include "vmm/machine/internal.h"
#include "vmm/machine/plug.h"
#include "vmm/pci/topology.h"

/* A descriptor of a device is bound to an iommufd alone, and a confined process
 * opens none. */
static int insert_check_space(struct machine *machine)
{
	enum lend_backend backend = machine->iommu
					    ? lend_iommu_backend(machine->iommu)
					    : LEND_BACKEND_AUTO;

	if (backend == LEND_BACKEND_IOMMUFD ||
	    (backend == LEND_BACKEND_AUTO &&
	     machine->config->sandbox.mode == SANDBOX_OFF))
		return 0;
	lend_error_set(machine->ctx, LEND_ERROR_STATE, EOPNOTSUPP, NULL,
		       "no device can be plugged: %s",
		       backend == LEND_BACKEND_AUTO
			       ? "this run has no iommufd open"
			       : "the devices of this run do not use iommufd");
	return lend_error_remedy(machine->ctx,
				 "start lend run with -plug-slots N");
}

/* The ID is that of a device, or of a root port. */
static bool insert_is_used(const struct machine *machine, const char *id)
{
	return topology_find_port(topology_or_none(machine->config->topology),
				  id) ||
	       machine_plug_state(machine, id) != PLUG_NONE;
}

/* The device in the port's slot, or NULL. */
static const struct machine_device *insert_owner(const struct machine *machine,
						 unsigned int port)
{
	for (size_t i = 0; i < machine->device_count; i++)
		if (machine->devices[i]->port == port)
			return machine->devices[i];
	return NULL;
}

/* A busy driver has not finished with the device before. */
static bool insert_is_free(struct machine *machine, unsigned int port)
{
	struct slot_view view = hotplug_look(&machine->pci, port);

	return view.is_pluggable && !view.is_full && !view.is_busy &&
	       !insert_owner(machine, port);
}

static int insert_refuse(struct machine *machine, const char *bus,
			 unsigned int port)
{
	const struct machine_device *owner = insert_owner(machine, port);
	struct lend_ctx *ctx = machine->ctx;

	if (!topology_is_pluggable(topology_or_none(machine->config->topology),
				   port)) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EOPNOTSUPP, bus,
			       "the root port has no hot plug");
		return lend_error_remedy(ctx, "use a port with hotplug=on");
	}
	if (owner) {
		lend_error_set(ctx, LEND_ERROR_PLACEMENT, EBUSY, bus,
			       "the slot of the root port is in use by %s",
			       owner->name);
		return lend_error_remedy(ctx, "use another port, or unplug it");
	}
	lend_error_set(ctx, LEND_ERROR_GUEST, EBUSY, bus,
		       "the guest has not finished with the slot of the root "
		       "port");
	lend_error_evidence(ctx, "its power indicator is not off");
	return lend_error_remedy(ctx, "use another port, or plug it again "
				      "later");
}

static int insert_find_named(struct machine *machine, const char *bus,
			     unsigned int *port)
{
	*port = topology_find_port(topology_or_none(machine->config->topology),
				   bus);
	if (*port)
		return insert_is_free(machine, *port)
			       ? 0
			       : insert_refuse(machine, bus, *port);
	lend_error_set(machine->ctx, LEND_ERROR_ARGUMENT, ENODEV, bus,
		       "the guest has no root port with this ID");
	return lend_error_remedy(machine->ctx,
				 "omit bus=, or start lend run with -device "
				 "pcie-root-port,id=%s",
				 bus);
}

static int insert_find_any(struct machine *machine, unsigned int *port)
{
	unsigned int count = topology_or_none(machine->config->topology)->count;

	for (*port = 1; *port <= count; ++*port)
		if (insert_is_free(machine, *port))
			return 0;
	lend_error_set(machine->ctx, LEND_ERROR_PLACEMENT, ENOSPC, NULL,
		       "no root port of the guest has an empty slot with hot "
		       "plug");
	return lend_error_remedy(machine->ctx,
				 "unplug a device, or start lend run with a "
				 "larger -plug-slots");
}

/* An address space forgets its mappings with its last device. */
static int insert_map_ram(struct machine *machine)
{
	int err = machine_check_reach(machine);

	if (err)
		return err;
	dma_stop(&machine->dma);
	return machine_prepare_dma(machine);
}

/* From here on the guest may find it. */
static int insert_start(struct machine *machine, struct machine_device *device,
			bool is_first)
{
	int err = is_first ? insert_map_ram(machine) : 0;

	hotplug_hold(&machine->pci, device->port);
	if (!err)
		err = device->ops->start(device, machine);
	device->started = !err;
	if (!err && is_first)
		dma_start(&machine->dma);
	return err;
}

int machine_plug(struct machine *machine, const struct plug_request *request)
{
	bool is_first = !machine_has_lent(machine);
	struct machine_device *device;
	unsigned int port = 0;
	int err;

	if (request->id && insert_is_used(machine, request->id))
		return lend_error_set(machine->ctx, LEND_ERROR_ARGUMENT, EEXIST,
				      request->id,
				      "a device or root port of the guest has "
				      "this ID");
	err = insert_check_space(machine);
	if (!err)
		err = request->bus
			      ? insert_find_named(machine, request->bus, &port)
			      : insert_find_any(machine, &port);
	if (err)
		return err;
	*request->place = pci_place(port, 0, 0);
	err = machine_add_device(machine, request->device, &device);
	if (err)
		return err;
	err = insert_start(machine, device, is_first);
	if (err)
		machine_remove_devices(machine, port);
	else
		hotplug_fill(&machine->pci, port);
	return err;
}
