// SPDX-License-Identifier: MIT
// lend run --dry-run: places platform devices as a run does, from the host's
// device tree.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/json.h"
#include "cli/plan/machine-plan.h"
#include "cli/plan/platform.h"
#include "tests/unit/fake/fake-sysfs.h"
#include "vmm/assign/platform.h"
#include "vmm/machine/internal.h"

#define TREE "sys/firmware/devicetree/base/"
#define PART "sys/devices/platform/1000.part"

struct host {
	struct fake_sysfs *fake;
	struct lend_ctx *ctx;
	struct machine_plan plan;
};

static int plan_platform_test_setup(void **state)
{
	static struct host host;

	host = (struct host){.fake = fake_sysfs_new()};
	host.ctx = fake_sysfs_ctx(host.fake, NULL, NULL);
	host.plan.ctx = host.ctx;
	host.plan.findings = json_object_new_array();
	*state = &host;
	return 0;
}

static int plan_platform_test_teardown(void **state)
{
	struct host *host = *state;

	json_object_put(host->plan.findings);
	lend_ctx_unref(host->ctx);
	fake_sysfs_free(host->fake);
	return 0;
}

/* The last finding's status. */
static const char *plan_platform_test_last_status(const struct host *host)
{
	size_t count = json_length(host->plan.findings);

	assert_true(count > 0);
	return json_text(json_at(host->plan.findings, count - 1), "status");
}

static void plan_platform_test_add_property(const struct host *host,
					    const char *path, const void *data,
					    size_t size)
{
	char full[512];
	FILE *file;

	fake_file(host->fake, path, "");
	snprintf(full, sizeof(full), "%s/%s", host->fake->root, path);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, size, 1, file), 1);
	fclose(file);
}

#define CELLS(host, path, ...)                                                 \
	do {                                                                   \
		uint32_t cells[] = {__VA_ARGS__};                              \
		for (size_t i = 0; i < sizeof(cells) / 4; i++)                 \
			cells[i] = __builtin_bswap32(cells[i]);                \
		plan_platform_test_add_property(host, path, cells,             \
						sizeof(cells));                \
	} while (0)

/* A device on a board with one interrupt controller. */
static void plan_platform_test_add_part(const struct host *host)
{
	CELLS(host, TREE "#address-cells", 1);
	CELLS(host, TREE "#size-cells", 1);
	CELLS(host, TREE "interrupt-parent", 1);
	CELLS(host, TREE "gic/phandle", 1);
	CELLS(host, TREE "gic/#interrupt-cells", 3);
	fake_file(host->fake, TREE "gic/interrupt-controller", "");
	plan_platform_test_add_property(host, TREE "gic/compatible",
					"arm,gic-v3", 11);
	CELLS(host, TREE "part@1000/reg", 0x1000, 0x100, 0x40000, 0x20000);
	CELLS(host, TREE "part@1000/interrupts", 0, 5, 4, 0, 6, 1);
	plan_platform_test_add_property(host, TREE "part@1000/interrupt-names",
					"done\0tick", 10);
	plan_platform_test_add_property(host, TREE "part@1000/compatible",
					"lab,part", 9);
	fake_link(host->fake, PART "/of_node", TREE "part@1000");
	fake_file(host->fake, PART "/uevent", "");
	fake_link(host->fake, PART "/subsystem", "sys/bus/platform");
	fake_link(host->fake, "sys/bus/platform/devices/1000.part", PART);
}

/* On x86 there are no such interrupts. */
int __wrap_irq_line_take(struct irq *irq, unsigned int count);

int __wrap_irq_line_take(struct irq *irq, unsigned int count)
{
	irq->lines_taken += count;
	return irq->lines_taken > 4 ? -ENOSPC : 40;
}

static struct json_object *place_part(struct host *host, bool keeps,
				      struct machine *machine)
{
	struct json_object *document = json_object_new_object();
	struct assign_platform_config config = {
		.fd = -1,
		.name = "1000.part",
		.node = {.size = sizeof(config.node), .keep_addresses = keeps},
	};
	struct plan_platform part = {.config = &config};

	assert_int_equal(
		lend_address_find(host->ctx, "1000.part", &config.address), 0);
	host->plan.platforms = &part;
	host->plan.platform_count = 1;
	plan_read_platform(&host->plan, &part);
	plan_place_platforms(&host->plan, machine);
	plan_add_platforms(&host->plan, document);
	host->plan.platform_count = 0;
	assign_platform_plan_free(&part.plan);
	lend_address_unref(config.address);
	return document;
}

static void plan_places_platform_devices_as_a_run_does(void **state)
{
	struct host *host = *state;
	struct machine machine = {
		.ctx = host->ctx,
		.layout.platform = {0x10000000, 0x80000},
	};
	const struct json_object *part, *list;
	struct json_object *document;

	plan_platform_test_add_part(host);
	assert_int_equal(lend_kvm_new(host->ctx, -1, NULL, &machine.kvm), 0);
	document = place_part(host, false, &machine);
	assert_string_equal(plan_platform_test_last_status(host), "ok");
	part = json_at(json_get(document, "platform_devices"), 0);
	assert_string_equal(json_text(part, "device"), "1000.part");
	assert_string_equal(json_text(part, "node"), "part@10000000");
	list = json_get(part, "regions");
	assert_int_equal(json_length(list), 2);
	assert_int_equal(json_address(json_at(list, 0), "at"), 0x10000000);
	assert_int_equal(json_address(json_at(list, 1), "at"), 0x10020000);
	assert_int_equal(json_number(json_at(list, 1), "size"), 0x20000);
	list = json_get(part, "interrupts");
	assert_int_equal(json_length(list), 2);
	assert_int_equal(json_number(json_at(list, 0), "spi"), 40);
	assert_string_equal(json_text(json_at(list, 0), "trigger"), "level");
	assert_int_equal(json_number(json_at(list, 1), "spi"), 41);
	assert_string_equal(json_text(json_at(list, 1), "trigger"), "edge");
	assert_string_equal(json_text(json_at(list, 1), "name"), "tick");
	json_object_put(document);

	/* At the host's addresses, unless something else is there. */
	document = place_part(host, true, &machine);
	part = json_at(json_get(document, "platform_devices"), 0);
	assert_string_equal(json_text(part, "node"), "part@1000");
	json_object_put(document);
	lend_kvm_release(machine.kvm, 0x40000);
	lend_kvm_release(machine.kvm, 0x1000);
	lend_kvm_claim(machine.kvm, 0x50000, 0x1000, "RAM", NULL);
	machine.irq.lines_taken = 0;
	document = place_part(host, true, &machine);
	assert_string_equal(plan_platform_test_last_status(host), "FAIL");
	part = json_at(json_get(document, "platform_devices"), 0);
	assert_null(json_get(json_at(json_get(part, "regions"), 0), "at"));
	json_object_put(document);
	lend_kvm_free(machine.kvm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			plan_places_platform_devices_as_a_run_does,
			plan_platform_test_setup, plan_platform_test_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
