// SPDX-License-Identifier: MIT
// Keeps vCPUs out of the trapped BARs of a PCI function that leaves a running
// machine.
#include <stdbool.h>
#include <stdlib.h>

#include "vmm/assign/pci-gate.h"
#include "vmm/assign/pci-ops.h"
#include "vmm/base/change-lock.h"
#include "vmm/base/no-memory.h"
#include "vmm/pci/topology.h"

static uint64_t gate_read(void *opaque, uint64_t offset, unsigned int size)
{
	const struct assign_pci_gate_bar *bar = opaque;
	struct assign_pci_gate *gate = bar->gate;
	uint64_t value = UINT64_MAX;

	pthread_rwlock_rdlock(&gate->lock);
	if (gate->function)
		value = assign_pci_bar_read(&gate->function->bars[bar->index],
					    offset, size);
	pthread_rwlock_unlock(&gate->lock);
	return value;
}

static void gate_write(void *opaque, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	const struct assign_pci_gate_bar *bar = opaque;
	struct assign_pci_gate *gate = bar->gate;

	pthread_rwlock_rdlock(&gate->lock);
	if (gate->function)
		assign_pci_bar_write(&gate->function->bars[bar->index], offset,
				     size, value);
	pthread_rwlock_unlock(&gate->lock);
}

const struct bus_ops assign_pci_gate_ops = {
	.read = gate_read,
	.write = gate_write,
};

static bool gate_is_due(const struct machine *machine, struct pci_place place)
{
	return place.port &&
	       topology_is_pluggable(
		       topology_or_none(machine->config->topology), place.port);
}

static bool gate_is_at(const struct assign_pci_gate *gate,
		       struct pci_place place)
{
	return gate->place.port == place.port &&
	       pci_place_devfn(gate->place) == pci_place_devfn(place);
}

int assign_pci_gate_find(struct machine *machine, struct pci_place place,
			 struct assign_pci_gate **result)
{
	struct assign_pci_gate *gate = machine->gates;

	*result = NULL;
	if (!gate_is_due(machine, place))
		return 0;
	while (gate && !gate_is_at(gate, place))
		gate = gate->next;
	*result = gate;
	if (gate)
		return 0;
	gate = calloc(1, sizeof(*gate));
	if (!gate)
		return vmm_no_memory(machine->ctx, NULL);
	change_lock_init(&gate->lock);
	gate->place = place;
	for (unsigned int i = 0; i < sizeof(gate->bars) / sizeof(gate->bars[0]);
	     i++)
		gate->bars[i] = (struct assign_pci_gate_bar){gate, i};
	gate->next = machine->gates;
	*result = machine->gates = gate;
	return 0;
}

void assign_pci_gate_free_all(struct machine *machine)
{
	while (machine->gates) {
		struct assign_pci_gate *gate = machine->gates;

		machine->gates = gate->next;
		pthread_rwlock_destroy(&gate->lock);
		free(gate);
	}
}

void assign_pci_gate_set(struct assign_pci_gate *gate,
			 struct assign_pci *function)
{
	if (!gate)
		return;
	pthread_rwlock_wrlock(&gate->lock);
	gate->function = function;
	pthread_rwlock_unlock(&gate->lock);
}
