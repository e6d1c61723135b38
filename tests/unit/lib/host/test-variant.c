// SPDX-License-Identifier: MIT
// Which VFIO driver a device is bound to: the one whose alias fits best, or the
// one that is asked for.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "binding.h"

#define RELEASE "lib/modules/6.12.0-lend/"
#define DIR     "sys/devices/pci0000:00/"

static const char aliases[] =
	"# Aliases extracted from modules themselves.\n"
	"alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core\n"
	"alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"
	"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
	"alias vfio_pci:v000015B3d*sv*sd*bc*sc*i* other_vfio_pci\n"
	"alias vfio_pci:v00008086d00000001sv*sd*bc*sc*i* ../../x_vfio\n"
	"alias vfio_pci:v00008086d00000001sv*sd*bc*sc*i* -q_vfio\n"
	"alias vfio_pci:\n"
	"alias vfio_pci: \n"
	"alias\n"
	"alias vfio_pci:v00008086d00000001sv*sd*bc*sc*i*";

static const char built_in[] =
	"loop.license=GPL\0"
	"qat_vfio_pci.alias=vfio_pci:v00008086d00004941sv*sd*bc*sc*i*\0"
	"vfio_pci:.alias=vfio_pci:\0"
	"qat_vfio_pci.alias";

static void variant_test_set_model(struct machine *m, const char *ids)
{
	char text[128];

	snprintf(text, sizeof(text), "pci:%ssv00001028sd00000775bc02sc00i00\n",
		 ids);
	fake_file(m->fake, DIR NIC "/modalias", text);
}

/* The context keeps the path, and must not outlive it. */
static void variant_test_begin(struct machine *m, char modules[128])
{
	snprintf(modules, 128, "%s/lib/modules", m->fake->root);
	m->ctx->modules = modules;
	fake_file(m->fake, "proc/sys/kernel/osrelease", "6.12.0-lend\n");
	fake_file(m->fake, RELEASE "modules.alias", aliases);
	fake_bytes(m->fake, RELEASE "modules.builtin.modinfo", built_in,
		   sizeof(built_in));
	fake_file(m->fake, RELEASE "modules.builtin", "");
	fake_file(m->fake, RELEASE "modules.dep",
		  "kernel/drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko.xz:\n");
	variant_test_set_model(m, "v000015B3d0000101E");
}

static void variant_test_expect(struct machine *m, const char *wanted,
				const char *expected)
{
	struct lend_address *address = machine_find(m, NIC);
	char driver[256];

	assert_int_equal(
		lend_bind_driver(address, wanted, driver, sizeof(driver)), 0);
	assert_string_equal(driver, expected);
	lend_address_unref(address);
}

static void variant_test_refuse(struct machine *m, const char *wanted, int err,
				enum lend_error_code code)
{
	struct lend_address *address = machine_find(m, NIC);
	char driver[256] = "";

	assert_int_equal(
		lend_bind_driver(address, wanted, driver, sizeof(driver)), err);
	assert_int_equal(m->error->code, code);
	assert_string_equal(driver, "");
	lend_address_unref(address);
}

static int variant_test_bind(struct machine *m, const char *wanted)
{
	const struct lend_bind_options options = {.size = sizeof(options),
						  .driver = wanted};
	struct lend_address *address = machine_find(m, NIC);
	int err = lend_bind(m->ctx, &address, 1, &options);

	lend_address_unref(address);
	return err;
}

static void the_best_alias_decides(void **state)
{
	struct machine *m = *state;
	char modules[128];

	variant_test_begin(m, modules);
	variant_test_expect(m, NULL, "mlx5_vfio_pci");
	variant_test_expect(m, "auto", "mlx5_vfio_pci");
	variant_test_set_model(m, "v000015B3d0000101F");
	variant_test_expect(m, "auto", "other_vfio_pci");
	variant_test_set_model(m, "v00008086d00004941");
	variant_test_expect(m, "auto", "qat_vfio_pci");
	/* No path and no option becomes the name of a module. */
	variant_test_set_model(m, "v00008086d00000001");
	variant_test_expect(m, "auto", "vfio-pci");
	fake_remove(m->fake, DIR NIC "/modalias");
	variant_test_expect(m, "auto", "vfio-pci");
}

static void without_lists_it_is_that_of_the_bus(void **state)
{
	struct machine *m = *state;
	char modules[128];

	variant_test_begin(m, modules);
	fake_remove(m->fake, RELEASE "modules.alias");
	fake_remove(m->fake, RELEASE "modules.builtin.modinfo");
	variant_test_expect(m, "auto", "vfio-pci");
	variant_test_expect(m, "mlx5_vfio_pci", "mlx5_vfio_pci");
}

static void a_driver_can_be_named(void **state)
{
	struct machine *m = *state;
	char modules[128];

	variant_test_begin(m, modules);
	variant_test_expect(m, "vfio-pci", "vfio-pci");
	variant_test_expect(m, "vfio_pci", "vfio-pci");
	variant_test_expect(m, "mlx5-vfio-pci", "mlx5_vfio_pci");
	/* Nothing lists the devices of a driver from outside the kernel. */
	variant_test_expect(m, "acme_vfio", "acme_vfio");
	variant_test_refuse(m, "qat_vfio_pci", -ENOTSUP, LEND_ERROR_WRONG_TYPE);
	assert_non_null(strstr(m->error->evidence, "vfio_pci:v000015B3d"));
	variant_test_refuse(m, "e1000e", -EINVAL, LEND_ERROR_ARGUMENT);
	variant_test_refuse(m, "", -EINVAL, LEND_ERROR_ARGUMENT);
	variant_test_refuse(m, "../vfio-pci", -EINVAL, LEND_ERROR_ARGUMENT);
}

static void a_short_buffer_is_refused(void **state)
{
	struct machine *m = *state;
	struct lend_address *address = machine_find(m, NIC);
	char driver[8];

	assert_int_equal(lend_bind_driver(address, NULL, driver, 8), -ENOBUFS);
	lend_address_unref(address);
}

static void a_loaded_module_names_its_driver(void **state)
{
	struct machine *m = *state;
	char modules[128];

	variant_test_begin(m, modules);
	assert_int_equal(variant_test_bind(m, NULL), -ENOENT);
	assert_string_equal(m->error->remedy, "modprobe mlx5_vfio_pci");
	is_now(m, NIC, "e1000e", "");
	fake_add_driver(m->fake, "mlx5-vfio-pci");
	fake_file(m->fake, "sys/module/mlx5_vfio_pci/drivers/pci:mlx5-vfio-pci",
		  "");
	assert_int_equal(variant_test_bind(m, NULL), 0);
	is_now(m, NIC, "mlx5-vfio-pci", "mlx5-vfio-pci");
	/* As it is; to move it would lose the record of its host driver. */
	assert_int_equal(variant_test_bind(m, "auto"), 0);
	assert_int_equal(variant_test_bind(m, "mlx5_vfio_pci"), 0);
	assert_int_equal(variant_test_bind(m, "vfio-pci"), -EEXIST);
	assert_non_null(strstr(m->error->remedy, "lend restore " NIC));
	assert_int_equal(lend_restore(m->ctx, NULL, 0, NULL), 0);
	is_now(m, NIC, "e1000e", "");
	assert_int_equal(variant_test_bind(m, "vfio-pci"), 0);
	is_now(m, NIC, "vfio-pci", "vfio-pci");
	assert_int_equal(lend_restore(m->ctx, NULL, 0, NULL), 0);
}

static void a_variant_that_refuses_has_a_remedy(void **state)
{
	struct machine *m = *state;
	char modules[128];

	variant_test_begin(m, modules);
	fake_add_driver(m->fake, "mlx5_vfio_pci");
	strcpy(m->fake->refuses, "mlx5_vfio_pci");
	assert_int_equal(variant_test_bind(m, NULL), -EIO);
	assert_non_null(
		strstr(m->error->remedy, "lend bind --driver vfio-pci " NIC));
	is_now(m, NIC, "e1000e", "");
	strcpy(m->fake->refuses, "vfio-pci");
	assert_int_equal(variant_test_bind(m, "vfio-pci"), -EIO);
	assert_null(strstr(m->error->remedy, "--driver"));
}

static void a_module_that_is_nowhere_is_refused(void **state)
{
	struct machine *m = *state;
	char modules[128];

	variant_test_begin(m, modules);
	assert_int_equal(variant_test_bind(m, "acme_vfio"), -ENOTSUP);
	assert_int_equal(m->error->code, LEND_ERROR_NO_VFIO);
	assert_non_null(strstr(m->error->remedy, "--driver auto"));
}

#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, binding_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_best_alias_decides),
		TEST(without_lists_it_is_that_of_the_bus),
		TEST(a_driver_can_be_named),
		TEST(a_short_buffer_is_refused),
		TEST(a_loaded_module_names_its_driver),
		TEST(a_variant_that_refuses_has_a_remedy),
		TEST(a_module_that_is_nowhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
