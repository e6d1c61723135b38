// SPDX-License-Identifier: MIT
// The OpRegions of lent graphics in the machine: room at the end of its RAM,
// filled in at every start. The functions are a table.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "plugged.h"
#include "vmm/assign/open.h"
#include "vmm/assign/pci-ops.h"

#define MIB       (1ull << 20)
#define FUNCTIONS 3

/* The middle one has none, and the last one's is no number of pages. */
static const uint64_t sizes[FUNCTIONS] = {0x2000, 0, 0x2801};

static struct function {
	uint64_t size, base;
	void *memory;
	unsigned int placed;
	int err;
} functions[FUNCTIONS];

static unsigned int opened;
static char name[] = "0000:00:02.0";

static struct function *function_of(const struct lend_pci *pci)
{
	return (struct function *)(uintptr_t)pci;
}

int __wrap_assign_open(struct machine *machine, const struct assign_open *how,
		       struct lend_device **device);

int __wrap_assign_open(struct machine *machine, const struct assign_open *how,
		       struct lend_device **device)
{
	(void)machine;
	(void)how;
	*device = NULL;
	return 0;
}

int lend_device_require(const struct lend_device *device,
			enum lend_device_type type)
{
	(void)device;
	assert_int_equal(type, LEND_DEVICE_PCI);
	return 0;
}

const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index)
{
	static const struct lend_irq none;

	(void)device;
	(void)index;
	return &none;
}

struct lend_device *lend_device_ref(struct lend_device *device)
{
	return device;
}

struct lend_device *lend_device_unref(struct lend_device *device)
{
	(void)device;
	return NULL;
}

int lend_pci_new(struct lend_device *device,
		 const struct lend_pci_options *options,
		 const struct lend_pci_ops *ops, void *opaque,
		 struct lend_pci **pci)
{
	struct function *f = &functions[opened];

	(void)device;
	(void)options;
	(void)ops;
	(void)opaque;
	*f = (struct function){.size = sizes[opened]};
	opened++;
	*pci = (struct lend_pci *)f;
	return 0;
}

void lend_pci_free(struct lend_pci *pci)
{
	(void)pci;
}

void lend_pci_stop(struct lend_pci *pci)
{
	(void)pci;
}

const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar)
{
	static const struct lend_pci_bar none;

	(void)pci;
	(void)bar;
	return &none;
}

const char *lend_pci_name(const struct lend_pci *pci)
{
	(void)pci;
	return name;
}

uint32_t lend_pci_config_read(struct lend_pci *pci, unsigned int offset,
			      unsigned int size)
{
	(void)pci;
	(void)offset;
	(void)size;
	return 0;
}

bool lend_pci_config_write(struct lend_pci *pci, unsigned int offset,
			   unsigned int size, uint32_t value)
{
	(void)pci;
	(void)offset;
	(void)size;
	(void)value;
	return false;
}

uint64_t lend_pci_opregion_size(const struct lend_pci *pci)
{
	return function_of(pci)->size;
}

int lend_pci_opregion_place(struct lend_pci *pci, void *memory, uint64_t base)
{
	struct function *f = function_of(pci);

	f->memory = memory;
	f->base = base;
	f->placed++;
	if (f->err)
		return -f->err;
	memset(memory, 0x77, (size_t)f->size);
	return 0;
}

struct graphics {
	struct machine machine;
	struct machine_device *devices[FUNCTIONS];
	unsigned int warnings;
};

static int opregion_test_setup(void **state)
{
	static const struct memory_options options;
	static struct graphics g;
	struct machine *m = &g.machine;

	plugged_open(m, &g.warnings);
	opened = 0;
	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		const struct assign_pci_config config = {
			.name = name,
			.place = pci_place(0, i + 2, 0),
		};

		assert_int_equal(
			assign_pci_create(m, &config, NULL, &g.devices[i]), 0);
	}
	assert_int_equal(
		layout_compute(&m->layout, m->ctx, 16 * MIB, &m->need, 40), 0);
	assert_int_equal(memory_open(&m->memory, m->ctx, &m->layout, &options),
			 0);
	assert_int_equal(pci_host_init(&m->pci, m->ctx, &m->mmio,
				       m->layout.ecam, NULL, 0),
			 0);
	*state = &g;
	return 0;
}

static int opregion_test_teardown(void **state)
{
	struct graphics *g = *state;

	for (unsigned int i = 0; i < FUNCTIONS; i++)
		g->devices[i]->ops->destroy(g->devices[i]);
	pci_host_destroy(&g->machine.pci);
	memory_close(&g->machine.memory);
	plugged_close(&g->machine);
	return 0;
}

static int opregion_test_start(struct graphics *g, unsigned int i)
{
	return g->devices[i]->ops->start(g->devices[i], &g->machine);
}

static void each_has_pages_of_its_own_at_the_end(void **state)
{
	struct graphics *g = *state;
	const struct layout *layout = &g->machine.layout;

	assert_int_equal(layout->tables.size, 0x2000 + 0x3000);
	assert_int_equal(layout->tables.base + layout->tables.size,
			 layout->ram_low.base + 16 * MIB);
	for (unsigned int i = 0; i < FUNCTIONS; i++)
		assert_int_equal(opregion_test_start(g, i), 0);
	assert_int_equal(functions[0].base, layout->tables.base);
	assert_int_equal(functions[2].base, layout->tables.base + 0x2000);
	for (unsigned int i = 0; i < FUNCTIONS; i += 2)
		assert_ptr_equal(functions[i].memory,
				 memory_at(&g->machine.memory,
					   functions[i].base,
					   functions[i].size));
	assert_int_equal(functions[1].placed, 0);
}

static void a_guest_that_comes_after_has_it_anew(void **state)
{
	struct graphics *g = *state;
	uint8_t *bytes;

	assert_int_equal(opregion_test_start(g, 0), 0);
	bytes = functions[0].memory;
	bytes[0x123] = 0;
	g->devices[0]->ops->stop(g->devices[0], &g->machine);
	assert_int_equal(opregion_test_start(g, 0), 0);
	assert_int_equal(functions[0].placed, 2);
	assert_int_equal(bytes[0x123], 0x77);
}

/* As of one whose device went away. */
static void what_cannot_be_read_ends_the_start(void **state)
{
	struct graphics *g = *state;

	functions[2].err = EIO;
	assert_int_equal(opregion_test_start(g, 2), -EIO);
	assert_null(g->machine.pci.functions[4 << 3]);
	assert_int_equal(opregion_test_start(g, 0), 0);
	assert_non_null(g->machine.pci.functions[2 << 3]);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, opregion_test_setup,                \
					opregion_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_has_pages_of_its_own_at_the_end),
		TEST(a_guest_that_comes_after_has_it_anew),
		TEST(what_cannot_be_read_ends_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
