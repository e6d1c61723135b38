// SPDX-License-Identifier: MIT
// The KVM side of a PCI function: BARs, windows smaller than a page, INTx and
// messages, while KVM or the machine refuses any of it.

#include <errno.h>
#include <string.h>

#include <lend/irq.h>

#include "table.h"

#define VECTORS 4
#define FD(n)   (100 + (n))

static void *const memory = (void *)0x7f0000000000;

/* The function: memory, ports, less than a page twice. */
static const struct lend_pci_bar bars[LEND_PCI_BARS] = {
	[0] = {.size = 0x4000, .is_64bit = true},
	[2] = {.size = 0x20, .io = true},
	[3] = {.size = 0x1000},
	[4] = {.size = 0x100},
	[5] = {.size = 0x100},
};

const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar)
{
	assert_non_null(pci);
	return &bars[bar];
}

const char *lend_pci_name(const struct lend_pci *pci)
{
	assert_non_null(pci);
	return "0000:00:05.0";
}

const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index)
{
	static const struct lend_irq irqs[] = {
		[LEND_PCI_IRQ_MSI] = {.count = 1},
		[LEND_PCI_IRQ_MSIX] = {.count = VECTORS},
	};

	(void)device;
	return &irqs[index];
}

/* The machine around it, and what it was asked for. */
static struct {
	struct lend_kvm_pci *function;
	struct lend_pci *pci;
	unsigned int placed, dropped;
	uint64_t base;
	int refusal;
	int gsi;
	uint32_t requester;
} machine;

static int take_place(void *opaque, unsigned int bar, uint64_t base)
{
	assert_ptr_equal(opaque, &machine);
	if (machine.refusal)
		return machine.refusal;
	machine.placed |= 1u << bar;
	machine.base = base;
	return 0;
}

static void take_drop(void *opaque, unsigned int bar)
{
	assert_ptr_equal(opaque, &machine);
	machine.dropped |= 1u << bar;
}

static int intx_line(void *opaque)
{
	assert_ptr_equal(opaque, &machine);
	return machine.gsi;
}

static uint32_t requester_id(void *opaque)
{
	assert_ptr_equal(opaque, &machine);
	return machine.requester;
}

static struct lend_kvm_pci_options kvm_pci_options(void)
{
	return (struct lend_kvm_pci_options){
		.size = sizeof(struct lend_kvm_pci_options),
		.pci = &machine.pci,
		.bar_place = take_place,
		.bar_drop = take_drop,
		.intx_gsi = intx_line,
		.opaque = &machine,
	};
}

static int kvm_pci_setup(void **state)
{
	const struct lend_kvm_pci_options options = kvm_pci_options();
	int err = table_setup(state);
	struct table *t = *state;

	memset(&machine, 0, sizeof(machine));
	if (!err)
		err = lend_kvm_pci_new(t->kvm, NULL, &options,
				       &machine.function);
	/* As lend_pci_new() would, which calls no operation. */
	machine.pci = memory;
	return err;
}

static int kvm_pci_teardown(void **state)
{
	struct table *t = *state;

	lend_kvm_pci_free(machine.function);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
	assert_int_equal(fake_kvm_irqfds(&t->vm), 0);
	assert_int_equal(t->kvm->space.claims.count, 0);
	for (unsigned int i = 0; i < t->kvm->routes.count; i++)
		assert_int_equal(t->kvm->routes.routes[i].users, 0);
	return table_teardown(state);
}

static int kvm_pci_place(unsigned int bar, uint64_t base)
{
	return lend_kvm_pci_ops()->bar_place(machine.function, bar, base);
}

static void kvm_pci_drop(unsigned int bar)
{
	lend_kvm_pci_ops()->bar_drop(machine.function, bar);
}

static int kvm_pci_map(unsigned int window, uint64_t base, uint64_t size)
{
	return lend_kvm_pci_ops()->window_map(machine.function, window, base,
					      size, memory);
}

static void kvm_pci_unmap(unsigned int window)
{
	lend_kvm_pci_ops()->window_unmap(machine.function, window);
}

static void a_bar_is_claimed_before_the_machine_is_asked(void **state)
{
	const struct table *t = *state;

	assert_int_equal(lend_kvm_claim(t->kvm, 0, 0x10000000, "RAM", NULL), 0);
	assert_int_equal(kvm_pci_place(0, 0xffff000), -EEXIST);
	assert_int_equal(kvm_pci_place(0, -0x2000ULL), -EINVAL);
	assert_int_equal(machine.placed, 0);
	machine.refusal = -ENODEV;
	assert_int_equal(kvm_pci_place(0, 0xe0000000), -ENODEV);
	assert_int_equal(t->kvm->space.claims.count, 1);
	machine.refusal = 0;
	assert_int_equal(kvm_pci_place(0, 0xe0000000), 0);
	assert_int_equal(machine.placed, 1u << 0);
	assert_int_equal(machine.base, 0xe0000000);
	assert_int_equal(kvm_pci_place(3, 0xe0003000), -EEXIST);
	kvm_pci_drop(0);
	assert_int_equal(machine.dropped, 1u << 0);
	assert_int_equal(kvm_pci_place(3, 0xe0003000), 0);
	lend_kvm_release(t->kvm, 0);
}

static void ports_end_at_64_kib(void **state)
{
	(void)state;
	assert_int_equal(kvm_pci_place(2, 0xfff0), -EINVAL);
	assert_int_equal(kvm_pci_place(2, 1ULL << 32), -EINVAL);
	assert_int_equal(kvm_pci_place(2, -0x20ULL), -EINVAL);
	assert_int_equal(machine.placed, 0);
	assert_int_equal(kvm_pci_place(2, 0xffe0), 0);
	kvm_pci_drop(2);
	assert_int_equal(machine.dropped, 1u << 2);
}

static void a_window_is_one_memory_slot(void **state)
{
	struct table *t = *state;

	assert_int_equal(kvm_pci_place(0, 0xe0000000), 0);
	assert_int_equal(kvm_pci_map(3, 0xe0001000, 0x3000), 0);
	table_expect(t, 1);
	assert_int_equal(fake_kvm_slots(&t->vm), 1);
	kvm_pci_unmap(3);
	table_expect(t, 1);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
	kvm_pci_unmap(3);
	t->fail = KVM_SET_USER_MEMORY_REGION;
	t->err = EEXIST;
	table_expect(t, 0);
	assert_int_equal(kvm_pci_map(3, 0xe0001000, 0x3000), -EEXIST);
	table_expect(t, 1);
}

/* Less than a page: all of the page, while nobody else is in it. */
static void a_lone_page_makes_room(void **state)
{
	struct table *t = *state;

	kvm_pci_place(4, 0xe0000000);
	assert_int_equal(kvm_pci_map(0, 0xe0000000, 0x100), 0);
	table_expect(t, 1);
	assert_int_equal(t->vm.slots[0].memory_size, 0x1000);
	assert_int_equal(t->vm.slots[0].userspace_addr, (uintptr_t)memory);

	/* Beside the page is not in it. */
	assert_int_equal(kvm_pci_place(3, 0xe0001000), 0);
	table_expect(t, 0);
	assert_int_equal(kvm_pci_place(5, 0xe0000f00), 0);
	table_expect(t, 1);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
	kvm_pci_drop(5);
	table_expect(t, 1);
	assert_int_equal(t->vm.slots[0].memory_size, 0x1000);
	assert_int_equal(t->vm.slots[0].guest_phys_addr, 0xe0000000);

	/* Its slot goes while it is away: nobody takes another's for it. */
	kvm_pci_place(5, 0xe0000100);
	table_expect(t, 1);
	kvm_pci_unmap(0);
	kvm_pci_drop(4);
	kvm_pci_drop(5);
	table_expect(t, 0);

	/* There it is not lone from the start. */
	kvm_pci_place(5, 0xe0000100);
	kvm_pci_place(4, 0xe0000000);
	assert_int_equal(kvm_pci_map(0, 0xe0000000, 0x100), 0);
	table_expect(t, 0);
	/* And stays trapped where KVM will not have it. */
	t->fail = KVM_SET_USER_MEMORY_REGION;
	t->err = EEXIST;
	kvm_pci_drop(5);
	table_expect(t, 1);
	kvm_pci_unmap(0);
	table_expect(t, 0);
}

/* On a host whose pages are larger, a NIC's registers are less than one. */
static void a_lone_page_is_the_hosts(void **state)
{
	struct table *t = *state;

	t->kvm->space.page = 0x10000;
	kvm_pci_place(0, 0xe0000000);
	assert_int_equal(kvm_pci_map(0, 0xe0000000, 0x4000), 0);
	assert_int_equal(t->vm.slots[0].memory_size, 0x10000);
	kvm_pci_place(3, 0xe000f000);
	assert_int_equal(fake_kvm_slots(&t->vm), 0);
	table_expect(t, 2);
}

static int kvm_pci_intx(int resample)
{
	return lend_kvm_pci_ops()->intx_connect(machine.function, FD(0),
						resample);
}

static void kvm_pci_intx_off(void)
{
	lend_kvm_pci_ops()->intx_disconnect(machine.function, FD(0), FD(1));
}

/* The line may be another when the guest has moved the function. */
static void intx_is_resampled_on_its_line(void **state)
{
	struct table *t = *state;
	const struct kvm_irqfd *irqfd;

	machine.gsi = 17;
	assert_int_equal(kvm_pci_intx(FD(1)), 0);
	irqfd = fake_kvm_irqfd(&t->vm, FD(0));
	assert_int_equal(irqfd->gsi, 17);
	assert_int_equal(irqfd->flags, KVM_IRQFD_FLAG_RESAMPLE);
	assert_int_equal(irqfd->resamplefd, FD(1));
	machine.gsi = 18;
	kvm_pci_intx_off();
	table_expect(t, 2);
	assert_int_equal(kvm_pci_intx(-1), -EOPNOTSUPP);
	machine.gsi = -ENOENT;
	assert_int_equal(kvm_pci_intx(FD(1)), -ENOENT);
	table_expect(t, 0);
	machine.gsi = 17;
	t->fail = KVM_IRQFD;
	t->err = EBUSY;
	assert_int_equal(kvm_pci_intx(FD(1)), -EBUSY);
}

static int kvm_pci_unmask(unsigned int vector, uint64_t address, uint32_t data)
{
	return lend_kvm_pci_ops()->msi_connect(machine.function, vector,
					       FD((int)vector), address, data);
}

static void kvm_pci_mask(unsigned int vector)
{
	lend_kvm_pci_ops()->msi_disconnect(machine.function, vector,
					   FD((int)vector));
}

static void kvm_pci_msi_off(unsigned int vector)
{
	kvm_pci_mask(vector);
	lend_kvm_pci_ops()->msi_release(machine.function, vector);
}

/* Whether the vector's eventfd raises that message. */
static bool is_wired(const struct table *t, int vector, uint64_t address,
		     uint32_t data)
{
	const struct kvm_irqfd *irqfd = fake_kvm_irqfd(&t->vm, FD(vector));
	const struct kvm_irq_routing_entry *route =
		table_route(t, address, data);

	return irqfd && route && irqfd->gsi == route->gsi;
}

static void masking_a_vector_is_one_call(void **state)
{
	struct table *t = *state;

	assert_int_equal(kvm_pci_unmask(2, 0xfee00000, 0x41), 0);
	table_expect(t, 2); /* the first time, its route comes with it */
	for (unsigned int i = 0; i < 10; i++) {
		assert_true(is_wired(t, 2, 0xfee00000, 0x41));
		kvm_pci_mask(2);
		assert_int_equal(fake_kvm_irqfds(&t->vm), 0);
		table_expect(t, 1);
		assert_int_equal(kvm_pci_unmask(2, 0xfee00000, 0x41), 0);
		table_expect(t, 1);
	}
	kvm_pci_msi_off(2);
	t->calls = 0;
	kvm_pci_msi_off(2);
	kvm_pci_msi_off(VECTORS);
	assert_int_equal(kvm_pci_unmask(VECTORS, 1, 1), -EINVAL);
	table_expect(t, 0);
}

/* What MSI without mask bits is. */
static void a_vectors_new_message_changes_its_route(void **state)
{
	struct table *t = *state;

	kvm_pci_unmask(0, 0xfee00000, 0x41);
	t->calls = 0;
	kvm_pci_unmask(0, 0x1234fee01000, 0x42);
	table_expect(t, 1);
	assert_true(is_wired(t, 0, 0x1234fee01000, 0x42));
	/* Not the route of somebody else. */
	kvm_pci_unmask(1, 0x1234fee01000, 0x42);
	kvm_pci_unmask(0, 0xfee02000, 0x43);
	assert_true(is_wired(t, 0, 0xfee02000, 0x43));
	assert_true(is_wired(t, 1, 0x1234fee01000, 0x42));
}

/* Whatever KVM refuses, the vector is as it was, and works at the next try. */
static void a_refusal_leaves_the_vector(void **state)
{
	static const unsigned long requests[] = {KVM_SET_GSI_ROUTING,
						 KVM_IRQFD};
	struct table *t = *state;

	t->err = ENOMEM;
	for (unsigned int i = 0; i < 2; i++) {
		t->fail = requests[i];
		assert_int_equal(kvm_pci_unmask(0, 0xfee00000 + i, 1), -ENOMEM);
		assert_int_equal(fake_kvm_irqfds(&t->vm), 0);
	}
	t->fail = 0;
	kvm_pci_unmask(0, 0xfee00000, 0x41);
	kvm_pci_unmask(1, 0xfee00000, 0x41);
	t->fail = KVM_SET_GSI_ROUTING;
	assert_int_equal(kvm_pci_unmask(0, 0xfee05000, 0x45), -ENOMEM);
	assert_true(is_wired(t, 0, 0xfee00000, 0x41));
	/* That KVM refuses the new one alone is a table's invention. */
	t->fail = KVM_IRQFD;
	t->after = 1;
	assert_int_equal(kvm_pci_unmask(0, 0xfee06000, 0x46), -ENOMEM);
	assert_null(fake_kvm_irqfd(&t->vm, FD(0)));
	t->fail = 0;
	assert_int_equal(kvm_pci_unmask(0, 0xfee06000, 0x46), 0);
	assert_true(is_wired(t, 0, 0xfee06000, 0x46));
	assert_true(is_wired(t, 1, 0xfee00000, 0x41));
}

/* As the ITS of a GIC needs it; and two functions share no route. */
static void messages_have_the_requester(void **state)
{
	struct lend_kvm_pci_options options = kvm_pci_options();
	struct table *t = *state;
	const struct kvm_irq_routing_entry *route;

	kvm_pci_unmask(0, 0xfee00000, 0x41);
	route = table_route(t, 0xfee00000, 0x41);
	assert_int_equal(route->flags, 0);
	lend_kvm_pci_free(machine.function);
	options.requester = requester_id;
	assert_int_equal(
		lend_kvm_pci_new(t->kvm, NULL, &options, &machine.function), 0);
	machine.requester = 0;
	kvm_pci_unmask(0, 0xfee00000, 0x41);
	assert_int_equal(t->vm.routes[t->vm.route_count - 1].flags,
			 KVM_MSI_VALID_DEVID);
	machine.requester = 0x128;
	kvm_pci_unmask(1, 0xfee00000, 0x41);
	assert_int_equal(t->vm.routes[t->vm.route_count - 1].u.msi.devid,
			 0x128);
	assert_int_not_equal(fake_kvm_irqfd(&t->vm, FD(0))->gsi,
			     fake_kvm_irqfd(&t->vm, FD(1))->gsi);
}

static void mandatory_options_are_checked(void **state)
{
	struct table *t = *state;
	struct lend_kvm_pci *function;

	for (unsigned int i = 0; i < 4; i++) {
		struct lend_kvm_pci_options options = kvm_pci_options();

		if (i == 0)
			options.size--;
		if (i == 1)
			options.pci = NULL;
		if (i == 2)
			options.bar_place = NULL;
		if (i == 3)
			options.bar_drop = NULL;
		assert_int_equal(
			lend_kvm_pci_new(t->kvm, NULL, &options, &function),
			-EINVAL);
		assert_int_equal(lend_ctx_error(t->ctx)->code,
				 LEND_ERROR_ARGUMENT);
	}
}

/* lend_kvm_pci_free() without lend_pci_free() before: nothing is left. */
static void what_is_left_goes_with_the_function(void **state)
{
	(void)state;
	kvm_pci_place(0, 0xe0000000);
	kvm_pci_map(1, 0xe0000000, 0x1000);
	kvm_pci_unmask(0, 0xfee00000, 0x41);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, kvm_pci_setup, kvm_pci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bar_is_claimed_before_the_machine_is_asked),
		TEST(ports_end_at_64_kib),
		TEST(a_window_is_one_memory_slot),
		TEST(a_lone_page_makes_room),
		TEST(a_lone_page_is_the_hosts),
		TEST(intx_is_resampled_on_its_line),
		TEST(masking_a_vector_is_one_call),
		TEST(a_vectors_new_message_changes_its_route),
		TEST(a_refusal_leaves_the_vector),
		TEST(messages_have_the_requester),
		TEST(mandatory_options_are_checked),
		TEST(what_is_left_goes_with_the_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
