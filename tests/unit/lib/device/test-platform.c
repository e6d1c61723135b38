// SPDX-License-Identifier: MIT
// An open platform device: regions and interrupts from VFIO, with names from
// the host's device tree.

#include <unistd.h>

#include <lend/platform.h>

#include "fixture.h"

#define NODE "sys/firmware/devicetree/base/dev@1000"

/* Makes of the device one of the platform bus, with a node. */
static void be_platform(struct fixture *f)
{
	char link[256], node[256];

	f->nvme->flags = VFIO_DEVICE_FLAGS_PLATFORM;
	f->nvme->region_count = 3;
	f->nvme->irq_count = 2;
	fake_irq_set(f->nvme, 0, 1, VFIO_IRQ_INFO_EVENTFD);
	fake_irq_set(f->nvme, 1, 1,
		     VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE |
			     VFIO_IRQ_INFO_AUTOMASKED);
	fake_kernel_file(f->fake, NODE "/compatible", "lend,dev");
	fake_kernel_file(f->fake, NODE "/reg-names", "registers");
	fake_kernel_file(f->fake, NODE "/interrupt-names", "done");
	snprintf(link, sizeof(link), "%s/of_node",
		 lend_address_path(f->address));
	snprintf(node, sizeof(node), "%s/" NODE, f->fake->root);
	assert_int_equal(symlink(node, link), 0);
}

static void vfio_tells_sizes_and_triggers(void **state)
{
	struct fixture *f = *state;
	struct lend_platform *p;
	uint32_t value;

	be_platform(f);
	assert_int_equal(fixture_open(f), 0);
	assert_int_equal(lend_platform_new(f->address, f->device, &p), 0);
	assert_int_equal(lend_platform_region_count(p), 3);
	assert_int_equal(lend_platform_region(p, 0)->size, 0x10000);
	assert_int_equal(lend_platform_region(p, 2)->size, 0x400000);
	assert_string_equal(lend_platform_region(p, 0)->name, "registers");
	assert_null(lend_platform_region(p, 2)->name);
	assert_int_equal(lend_platform_irq_count(p), 2);
	assert_int_equal(lend_platform_find_irq(p, "done"), 0);
	assert_int_equal(lend_platform_irq(p, 0)->trigger, LEND_TRIGGER_EDGE);
	assert_int_equal(lend_platform_irq(p, 1)->trigger, LEND_TRIGGER_LEVEL);
	memcpy(f->nvme->regions[0].bytes, "\x78\x56\x34\x12", 4);
	assert_int_equal(
		lend_region_read(
			f->device,
			(unsigned int)lend_platform_find_region(p, "registers"),
			0, &value, sizeof(value)),
		0);
	assert_int_equal(value, 0x12345678);
	/* Nothing of the tree is in doubt, so that the node can be made. */
	assert_int_equal(lend_platform_prepare(p, NULL), 0);
	assert_null(lend_platform_binding(p));
	lend_platform_free(p);
}

static void another_type_is_refused(void **state)
{
	struct fixture *f = *state;
	struct lend_platform *p;

	assert_error(f, lend_platform_new(f->address, f->device, &p), -EINVAL,
		     LEND_ERROR_WRONG_TYPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(vfio_tells_sizes_and_triggers),
		BOTH_OPEN(another_type_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
