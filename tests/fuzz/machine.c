// SPDX-License-Identifier: MIT
// A machine with two lent functions, one of them below a root port: any
// accesses of its vCPUs, while KVM and VFIO fail.

#include <errno.h>
#include <sched.h>
#include <linux/pci_regs.h>

#include <lend/lend.h>

#include "machine-host.h"
#include "vmm/machine/plug.h"
#include "vmm/x86/pci-ports.h"
#include "vmm/x86/power.h"

#define ECAM_DEVFN 12 /* shift of slot and function */
#define COM1       0x3f8

/* Where a guest may put BARs, and what is there besides. */
static const uint64_t bases[] = {
	0xc0000000,  0xc0001000,   0xc0010000,   0xd0000000,
	0x100000000, 0x4000000000, MACHINE_ECAM, 0xfee00000,
	0x0fff0000,  0xa0000,      0xc0003000,   0xffffffffff000,
};

#define BASES (sizeof(bases) / sizeof(bases[0]))

static const uint16_t ports[] = {
	PCI_PORTS_ADDRESS,     PCI_PORTS_ADDRESS + 4,
	PCI_PORTS_ADDRESS + 1, POWER_SLEEP_CONTROL,
	POWER_SLEEP_STATUS,    POWER_RESET,
	POWER_KEYBOARD,        0x1000,
};

/* One vCPU; alone, it may also do what the main loop does. */
struct fuzz_vcpu {
	struct machine_host *host;
	struct input input;
	bool is_alone;
};

/* The function at the root, the port, the function below it, or any. */
static uint64_t fuzz_pick_config(struct input *input)
{
	static const uint16_t places[] = {
		MACHINE_ROOT_SLOT << 3,
		MACHINE_PORT_SLOT << 3,
		1 << 8,
		0,
	};
	uint8_t place = (uint8_t)input_take(input, 1);
	uint64_t at = place < 0xf0 ? places[place & 3] : input_take(input, 2);

	return MACHINE_ECAM + (at << ECAM_DEVFN) +
	       (input_take(input, 2) & 0xfff);
}

static void vcpu_access(struct fuzz_vcpu *vcpu, struct bus *bus, uint64_t at)
{
	static const unsigned int sizes[] = {4, 1, 2, 8};
	uint8_t how = (uint8_t)input_take(&vcpu->input, 1);
	unsigned int size = sizes[how & 3];
	uint64_t data = 0;

	if (how & 0x80) {
		bus_read(bus, at, &data, size);
		return;
	}
	data = input_take(&vcpu->input, size);
	bus_write(bus, at, &data, size);
}

static uint64_t pick_address(struct input *input)
{
	return bases[input_take(input, 1) % BASES] + input_take(input, 2);
}

static uint64_t fuzz_pick_port(struct input *input)
{
	uint8_t which = (uint8_t)input_take(input, 1);

	if (which & 0x80)
		return COM1 + (which & 7);
	return which & 0x40 ? input_take(input, 2) : ports[which & 7];
}

/* What a guest's firmware does: a BAR gets an address, and decodes it. */
static void fuzz_place_bar(struct fuzz_vcpu *vcpu)
{
	struct bus *mmio = &vcpu->host->machine.mmio;
	uint8_t how = (uint8_t)input_take(&vcpu->input, 1);
	uint64_t base = bases[input_take(&vcpu->input, 1) % BASES];
	uint64_t config = MACHINE_ECAM +
			  ((how & 0x80 ? 1ull << 8 : MACHINE_ROOT_SLOT << 3)
			   << ECAM_DEVFN);
	uint32_t command =
		PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	bus_write(mmio, config + PCI_BASE_ADDRESS_0 + 4 * (how & 7), &base, 4);
	base >>= 32;
	bus_write(mmio, config + PCI_BASE_ADDRESS_0 + 4 * ((how & 7) + 1),
		  &base, 4);
	bus_write(mmio, config + PCI_COMMAND, &command, 2);
}

/* The bus below the port gets number 1, and is reset where @how wants it. */
static void fuzz_set_port(struct fuzz_vcpu *vcpu)
{
	struct bus *mmio = &vcpu->host->machine.mmio;
	uint64_t port =
		MACHINE_ECAM + ((uint64_t)MACHINE_PORT_SLOT << 3 << ECAM_DEVFN);
	uint16_t control = PCI_BRIDGE_CTL_BUS_RESET;
	uint32_t buses = 0x010100;

	bus_write(mmio, port + PCI_PRIMARY_BUS, &buses, 4);
	if (input_take(&vcpu->input, 1) & 1)
		return;
	bus_write(mmio, port + PCI_BRIDGE_CONTROL, &control, 2);
	control = 0;
	bus_write(mmio, port + PCI_BRIDGE_CONTROL, &control, 2);
}

static void fuzz_type(struct fuzz_vcpu *vcpu)
{
	struct serial *serial = &vcpu->host->machine.serial;
	size_t room = serial_room(serial);
	uint8_t bytes[SERIAL_FIFO];

	if (room > SERIAL_FIFO)
		stub_never("a serial port with room for more than its FIFO");
	room = room ? input_take(&vcpu->input, 1) % (room + 1) : 0;
	input_fill(&vcpu->input, bytes, room);
	serial_receive(serial, bytes, room);
}

/* The host requests the device below the port, or a user unplugs it. */
static void fuzz_unplug(struct fuzz_vcpu *vcpu)
{
	struct machine *machine = &vcpu->host->machine;
	uint8_t how = (uint8_t)input_take(&vcpu->input, 1);

	if (!vcpu->is_alone)
		return;
	if (how & 1)
		machine_recall(machine, 1, MACHINE_BELOW);
	else
		machine_unplug(machine, MACHINE_BELOW, how & 2);
}

static void fuzz_serve(struct machine_host *host)
{
	watch_turn(&host->machine.watch);
	machine_turn_plug(&host->machine);
}

/* The main loop's part. */
static void fuzz_turn(struct fuzz_vcpu *vcpu, uint8_t act)
{
	struct machine_host *host = vcpu->host;

	if (!vcpu->is_alone)
		return;
	if (act & 0x10)
		stub_faults_set(host->stub, act & 0x20 ? &vcpu->input : NULL);
	else if (act & 0x40)
		machine_host_restart(host);
	else if (act & 0x80)
		fuzz_type(vcpu);
	else
		fuzz_serve(host);
}

static void vcpu_step(struct fuzz_vcpu *vcpu)
{
	struct machine *machine = &vcpu->host->machine;
	struct input *input = &vcpu->input;
	uint8_t act = (uint8_t)input_take(input, 1);

	switch (act & 0xf) {
	case 0:
	case 1:
		vcpu_access(vcpu, &machine->pio, fuzz_pick_port(input));
		break;
	case 2:
	case 3:
	case 4:
		vcpu_access(vcpu, &machine->mmio, pick_address(input));
		break;
	case 5:
		fuzz_place_bar(vcpu);
		break;
	case 6:
		fuzz_set_port(vcpu);
		break;
	case 7:
		machine_host_fire(vcpu->host,
				  (unsigned int)input_take(input, 1));
		break;
	case 8:
	case 9:
		fuzz_turn(vcpu, act);
		break;
	case 10:
		vcpu->host->console_room = (unsigned int)input_take(input, 1);
		serial_drained(&machine->serial);
		break;
	case 11:
		fuzz_unplug(vcpu);
		break;
	default:
		vcpu_access(vcpu, &machine->mmio, fuzz_pick_config(input));
	}
}

/* Until the guest powers off or resets. */
static void *fuzz_vcpu_run(void *opaque)
{
	struct fuzz_vcpu *vcpu = opaque;
	struct vcpu_host *host = &vcpu->host->machine.vcpu_host;

	while (vcpu->input.left && !host->stop)
		vcpu_step(vcpu);
	vcpu->host->running--;
	return NULL;
}

/* Two vCPUs, each with half of the input, and the main loop, where the device
 * below the port is torn out at some time. */
static void fuzz_run_both(struct machine_host *host, struct input input)
{
	uint8_t turns = (uint8_t)input_take(&input, 1);
	size_t half = input.left / 2;
	struct fuzz_vcpu vcpus[2] = {
		{host, {input.at, half}, false},
		{host, {input.at + half, input.left - half}, false},
	};
	pthread_t threads[2];

	host->running = 2;
	for (unsigned int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, fuzz_vcpu_run, &vcpus[i]))
			abort();
	while (host->running) {
		fuzz_serve(host);
		if (turns && !--turns)
			machine_unplug(&host->machine, MACHINE_BELOW, true);
		sched_yield();
	}
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

static void fuzz_run_one(struct machine_host *host, struct input input)
{
	struct fuzz_vcpu vcpu = {host, input, true};

	fuzz_vcpu_run(&vcpu);
	while (host->machine.event == MACHINE_EVENT_RESET &&
	       !machine_host_restart(host))
		fuzz_vcpu_run(&vcpu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t how = (uint8_t)input_take(&input, 1);
	struct machine_host *host = machine_host_open(&input, how);

	if (!host->err) {
		if (host->has_threads)
			fuzz_run_both(host, input);
		else
			fuzz_run_one(host, input);
		machine_host_restart(host);
		watch_turn(&host->machine.watch);
	}
	machine_host_close(host);
	return 0;
}
