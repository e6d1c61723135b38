// SPDX-License-Identifier: MIT
// A lent platform device in the machine: where its regions go, and the ways of
// its interrupts. KVM and VFIO are tables; eventfds are read in KVM's stead.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "platform-device.h"
#include "plugged.h"
#include "vmm/arch.h"
#include "vmm/assign/platform-parts.h"

/* On x86 there are none to be had. */
int __wrap_irq_line_take(struct irq *irq, unsigned int count);

int __wrap_irq_line_take(struct irq *irq, unsigned int count)
{
	irq->lines_taken += count;
	return irq->lines_taken > 4 ? -ENOSPC : 40;
}

struct plugged {
	struct machine machine;
	struct assign_platform device;
	struct assign_platform_region regions[REGIONS];
	struct assign_platform_irq irqs[IRQS];
	unsigned int warnings;
};

static int platform_test_setup(void **state)
{
	static struct plugged p;

	plugged_open(&p.machine, &p.warnings);
	memset(&platform_device, 0, sizeof(platform_device));
	platform_device.irqs[0] = (struct lend_irq){1, LEND_IRQ_EVENTFD};
	platform_device.irqs[1] = platform_device.irqs[2] =
		(struct lend_irq){1, LEND_IRQ_EVENTFD | LEND_IRQ_AUTOMASKED};
	p.machine.layout.platform = (struct range){0x10000000, 0x80000};
	p.device = (struct assign_platform){
		.machine = &p.machine,
		.regions = p.regions,
		.region_count = REGIONS,
		.irqs = p.irqs,
		.irq_count = IRQS,
	};
	for (unsigned int i = 0; i < REGIONS; i++)
		p.regions[i] = (struct assign_platform_region){
			.owner = &p.device,
			.index = i,
		};
	for (unsigned int i = 0; i < IRQS; i++)
		p.irqs[i] = (struct assign_platform_irq){
			.owner = &p.device,
			.index = i,
			.trigger = -1,
			.resample = -1,
			.line = LINE_CLOSED,
			.held = HELD_LINE_CLOSED,
		};
	*state = &p;
	return 0;
}

static int platform_test_teardown(void **state)
{
	struct plugged *p = *state;

	assign_platform_disconnect(&p->device);
	assign_platform_drop(&p->device);
	for (unsigned int i = 0; i < REGIONS; i++)
		free(p->regions[i].windows);
	plugged_close(&p->machine);
	return 0;
}

static void regions_are_placed_mapped_and_trapped(void **state)
{
	struct plugged *p = *state;
	uint16_t word = 0x1234;
	uint64_t value = 0;

	assert_int_equal(assign_platform_map(&p->device, &p->machine, false),
			 0);
	assert_true(p->machine.need.platform >= 0x40000);
	assert_int_equal(p->machine.need.platform_largest, 0x20000);
	assert_int_equal(assign_platform_place(&p->device), 0);
	assert_int_equal(p->regions[0].range.base, 0x10000000);
	assert_int_equal(p->regions[1].range.base, 0x10020000);
	/* Small ones share no page with others. */
	assert_int_equal(p->regions[2].range.base, 0x10010000);
	assert_int_equal(p->regions[2].range.size, 0x10);
	assert_int_equal(kvm.slots, 1);
	assert_int_equal(kvm.slot.guest_phys_addr, 0x10000000);
	assert_int_equal(kvm.slot.userspace_addr,
			 (uintptr_t)platform_device_page);

	bus_write(&p->machine.mmio, 0x1003fffe, &word, 2);
	assert_int_equal(platform_device.index, 1);
	assert_int_equal(platform_device.offset, 0x1fffe);
	assert_int_equal(platform_device.size, 2);
	assert_int_equal(platform_device.written, 0x1234);
	bus_read(&p->machine.mmio, 0x10010008, &value, 8);
	assert_int_equal(platform_device.index, 2);
	assert_int_equal(platform_device.size, 8);
	assert_int_equal(value, 0x5a5a5a5a5a5a5a5a);
	platform_device.err = -EIO;
	bus_read(&p->machine.mmio, 0x10010008, &value, 4);
	assert_int_equal((uint32_t)value, UINT32_MAX);

	assign_platform_drop(&p->device);
	assert_int_equal(kvm.slots, 2);
	assert_int_equal(kvm.slot.memory_size, 0);
	assert_int_equal(assign_platform_place(&p->device), 0);
	assert_int_equal(p->regions[0].range.base, 0x10000000);
}

static void nothing_is_mapped_where_asked_for(void **state)
{
	struct plugged *p = *state;

	assert_int_equal(assign_platform_map(&p->device, &p->machine, true), 0);
	assert_int_equal(assign_platform_place(&p->device), 0);
	assert_int_equal(kvm.slots, 0);
}

static void a_full_window_is_reported(void **state)
{
	struct plugged *p = *state;

	p->machine.layout.platform.size = 0x20000;
	assert_int_equal(assign_platform_place(&p->device), -ENOSPC);
	assert_non_null(strstr(lend_ctx_error(p->machine.ctx)->what,
			       "region 1 (0x20000 bytes)"));
	assert_non_null(strstr(lend_ctx_error(p->machine.ctx)->evidence,
			       "has 0x20000 bytes"));
}

static void kept_addresses_may_clash(void **state)
{
	struct plugged *p = *state;

	p->device.keeps_addresses = true;
	assert_int_equal(assign_platform_map(&p->device, &p->machine, false),
			 0);
	assert_int_equal(p->machine.need.platform, 0);
	assert_int_equal(assign_platform_place(&p->device), 0);
	assert_int_equal(p->regions[2].range.base, 0x70000800);
	assign_platform_drop(&p->device);
	assert_int_equal(
		lend_kvm_claim(p->machine.kvm, 0x60000000, 0x1000, "RAM", NULL),
		0);
	assert_int_equal(assign_platform_place(&p->device), -ENOSPC);
	assert_non_null(strstr(lend_ctx_error(p->machine.ctx)->evidence,
			       "at 0x60000000, where the guest has RAM"));
}

static void interrupts_are_wired_in_the_kernel(void **state)
{
	struct plugged *p = *state;

	assert_int_equal(assign_platform_connect(&p->device), 0);
	assert_int_equal(kvm.irqfds, 3);
	assert_int_equal(kvm.irqfd[0].gsi, 40);
	assert_int_equal(kvm.irqfd[0].flags, 0);
	assert_int_equal(kvm.irqfd[0].fd, platform_device.triggers[0]);
	for (unsigned int i = 1; i < IRQS; i++) {
		assert_int_equal(kvm.irqfd[i].gsi, 40 + i);
		assert_int_equal(kvm.irqfd[i].flags, KVM_IRQFD_FLAG_RESAMPLE);
		assert_int_equal(kvm.irqfd[i].resamplefd,
				 platform_device.unmask_fds[i]);
		/* What was masked for the guest before. */
		assert_int_equal(platform_device.unmasks[i], 1);
	}
	assign_platform_disconnect(&p->device);
	assert_int_equal(kvm.irqfds, 6);
	for (unsigned int i = 0; i < IRQS; i++) {
		assert_int_equal(kvm.irqfd[3 + i].flags,
				 KVM_IRQFD_FLAG_DEASSIGN);
		assert_int_equal(platform_device.triggers[i], -1);
	}
	assert_int_equal(platform_device.unmask_fds[1], -1);
	assert_int_equal(p->warnings, 0);
}

static void platform_test_fire(struct plugged *p, unsigned int i)
{
	assert_int_equal(eventfd_write(platform_device.triggers[i], 1), 0);
	watch_turn(&p->machine.watch);
}

/* Whether KVM was asked to raise it since. */
static bool platform_test_raised(struct plugged *p, unsigned int i)
{
	eventfd_t count;

	return !eventfd_read(p->irqs[i].line.raise, &count);
}

static void platform_test_end(struct plugged *p, unsigned int i)
{
	assert_int_equal(eventfd_write(p->irqs[i].line.eoi, 1), 0);
	watch_turn(&p->machine.watch);
}

static void lines_do_not_wait_for_each_other(void **state)
{
	struct plugged *p = *state;

	p->device.no_irqfd = true;
	assert_int_equal(assign_platform_connect(&p->device), 0);
	assert_int_equal(p->warnings, 0);
	platform_device.unmasks[1] = platform_device.unmasks[2] = 0;
	platform_test_fire(p, 1);
	platform_test_fire(p, 2);
	platform_test_fire(p, 0);
	for (unsigned int i = 0; i < IRQS; i++)
		assert_true(platform_test_raised(p, i));
	platform_test_end(p, 2);
	assert_int_equal(platform_device.unmasks[1], 0);
	assert_int_equal(platform_device.unmasks[2], 1);
	platform_test_fire(p, 2);
	assert_true(platform_test_raised(p, 2));
	assert_false(platform_test_raised(p, 1));
	platform_test_end(p, 1);
	assert_int_equal(platform_device.unmasks[1], 1);
	/* An edge has no end. */
	platform_test_fire(p, 0);
	assert_true(platform_test_raised(p, 0));
	assert_int_equal(platform_device.unmasks[0], 0);
}

static void what_vfio_denies_takes_another_way(void **state)
{
	struct plugged *p = *state;

	platform_device.no_unmask_fd = EINVAL;
	assert_int_equal(assign_platform_connect(&p->device), 0);
	assert_int_equal(p->warnings, 1);
	platform_device.unmasks[1] = 0;
	platform_test_fire(p, 1);
	assert_true(platform_test_raised(p, 1));
	platform_test_end(p, 1);
	assert_int_equal(platform_device.unmasks[1], 1);
}

static bool is_high(unsigned int gsi)
{
	return kvm.lines[arch_irq_number(gsi) % LINES];
}

/* As the guest's driver does. */
static void platform_test_access_device(struct plugged *p)
{
	uint32_t value;

	bus_read(&p->machine.mmio, 0x10000000, &value, 4);
}

/* Both at once; neither waits for the other. */
static void platform_test_fire_both(struct plugged *p)
{
	platform_device.asserts[1] = platform_device.asserts[2] = true;
	platform_test_fire(p, 1);
	platform_test_fire(p, 2);
	assert_true(is_high(41) && is_high(42));
	platform_test_access_device(p); /* looks what it is */
	assert_true(is_high(41) && is_high(42));
	platform_device.asserts[2] = false;
	platform_test_access_device(p);
	assert_true(is_high(41));
	assert_false(is_high(42));
	platform_device.asserts[1] = false;
	platform_test_access_device(p);
	assert_false(is_high(41));
	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.rises, 2); /* none is repeated */
	assert_int_equal(platform_device.unmasks[1], 3);
	assert_int_equal(platform_device.unmasks[2], 2);
}

static void without_word_from_kvm_accesses_end_interrupts(void **state)
{
	struct plugged *p = *state;

	kvm.no_resample = true;
	assert_int_equal(assign_platform_map(&p->device, &p->machine, false),
			 0);
	assert_int_equal(assign_platform_place(&p->device), 0);
	assert_int_equal(kvm.slots, 1);
	assert_int_equal(assign_platform_connect(&p->device), 0);
	assert_int_equal(p->warnings, 2); /* not for each */
	assert_int_equal(kvm.slots, 2);
	assert_int_equal(kvm.slot.memory_size, 0);
	platform_test_access_device(p);
	platform_device.unmasks[1] = platform_device.unmasks[2] = 0;

	platform_test_fire_both(p);

	/* Answered before the main loop saw it, and not. */
	assert_int_equal(eventfd_write(platform_device.triggers[1], 1), 0);
	platform_test_access_device(p);
	watch_turn(&p->machine.watch);
	assert_int_equal(kvm.rises, 2);
	platform_device.asserts[1] = true;
	assert_int_equal(eventfd_write(platform_device.triggers[1], 1), 0);
	platform_test_access_device(p);
	assert_true(is_high(41));

	/* A restart: the line falls, and nothing is mapped or logged again. */
	assign_platform_disconnect(&p->device);
	assert_false(is_high(41));
	assign_platform_drop(&p->device);
	platform_device.asserts[1] = false;
	p->machine.irq.lines_taken = 0;
	assert_int_equal(assign_platform_place(&p->device), 0);
	assert_int_equal(assign_platform_connect(&p->device), 0);
	assert_int_equal(kvm.slots, 2);
	assert_int_equal(p->warnings, 2);
}

static void without_irqfds_an_edge_is_a_pulse(void **state)
{
	struct plugged *p = *state;

	kvm.fail = KVM_IRQFD;
	kvm.err = EINVAL;
	assert_int_equal(assign_platform_connect(&p->device), 0);
	platform_test_fire(p, 0);
	platform_test_fire(p, 0);
	assert_int_equal(kvm.rises, 2);
	assert_false(is_high(40));
	assert_int_equal(platform_device.unmasks[0], 0);
}

static void what_cannot_be_wired_is_reported(void **state)
{
	struct plugged *p = *state;
	const struct lend_error *e = lend_ctx_error(p->machine.ctx);

	platform_device.no_trigger = EBUSY;
	platform_device.disables = 0;
	assert_int_equal(assign_platform_connect(&p->device), -EBUSY);
	assert_non_null(strstr(e->what, "interrupt 0 cannot be wired"));
	assign_platform_disconnect(&p->device);
	/* That would fail too, and log it. */
	assert_int_equal(platform_device.disables, 0);
	p->machine.irq.lines_taken = 2;
	assert_int_equal(assign_platform_connect(&p->device), -ENOSPC);
	assert_non_null(strstr(e->what, "its 3 interrupts exceed"));
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, platform_test_setup,                \
					platform_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(regions_are_placed_mapped_and_trapped),
		TEST(nothing_is_mapped_where_asked_for),
		TEST(a_full_window_is_reported),
		TEST(kept_addresses_may_clash),
		TEST(interrupts_are_wired_in_the_kernel),
		TEST(lines_do_not_wait_for_each_other),
		TEST(what_vfio_denies_takes_another_way),
		TEST(without_word_from_kvm_accesses_end_interrupts),
		TEST(without_irqfds_an_edge_is_a_pulse),
		TEST(what_cannot_be_wired_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
