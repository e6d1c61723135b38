// SPDX-License-Identifier: MIT
// Builds a host with a device tree, whose nodes below /soc are devices.

#include <limits.h>
#include <libfdt.h>

#include "board.h"
#include "tests/unit/fake/fake-drivers.h"

void *board_load(const char *file, size_t *size)
{
	char path[PATH_MAX];
	void *data;
	long length;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", TREES, file);
	f = fopen(path, "re");
	if (!f)
		fail_msg("no %s", path);
	fseek(f, 0, SEEK_END);
	length = ftell(f);
	rewind(f);
	data = malloc((size_t)length);
	assert_int_equal(fread(data, 1, (size_t)length, f), length);
	fclose(f);
	if (size)
		*size = (size_t)length;
	return data;
}

void board_property(struct machine *machine, const char *path, const void *data,
		    size_t size)
{
	char full[PATH_MAX];
	FILE *file;

	fake_file(machine->fake, path, "");
	fake_join(full, "%s/%s", machine->fake->root, path);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_int_equal(size ? fwrite(data, size, 1, file) : 1, 1);
	fclose(file);
}

/* As the kernel does, with a "name" in each. */
static void board_unpack(struct machine *machine, const void *fdt, int node,
			 const char *dir)
{
	const char *name = fdt_get_name(fdt, node, NULL);
	char path[PATH_MAX];
	int at;

	fake_join(path, "%s/name", dir);
	board_property(machine, path, name, strcspn(name, "@") + 1);
	fdt_for_each_property_offset(at, fdt, node)
	{
		const char *property;
		int size;
		const void *data =
			fdt_getprop_by_offset(fdt, at, &property, &size);

		fake_join(path, "%s/%s", dir, property);
		board_property(machine, path, data, (size_t)size);
	}
	fdt_for_each_subnode(at, fdt, node)
	{
		fake_join(path, "%s/%s", dir, fdt_get_name(fdt, at, NULL));
		board_unpack(machine, fdt, at, path);
	}
}

void board_add_device_at(struct machine *machine, const char *name,
			 const char *node)
{
	char dir[PATH_MAX], path[PATH_MAX], target[PATH_MAX];

	fake_join(dir, "sys/devices/platform/soc/%s", name);
	fake_join(path, "%s/uevent", dir);
	fake_file(machine->fake, path, "");
	fake_join(path, "%s/subsystem", dir);
	fake_link(machine->fake, path, "sys/bus/platform");
	fake_join(path, "%s/of_node", dir);
	fake_join(target, BOARD_BASE "%s", node);
	fake_link(machine->fake, path, target);
	fake_join(path, "sys/bus/platform/devices/%s", name);
	fake_link(machine->fake, path, dir);
}

void board_add_device(struct machine *machine, const char *name)
{
	char node[PATH_MAX];

	fake_join(node, "/soc/%s", name);
	board_add_device_at(machine, name, node);
}

int board_setup_tree(void **state, const char *file)
{
	int err = machine_setup(state);
	struct machine *machine = *state;
	void *fdt = board_load(file, NULL);
	int soc, node;

	board_unpack(machine, fdt, 0, BOARD_BASE);
	fake_dir(machine->fake, "sys/bus/platform/devices");
	soc = fdt_path_offset(fdt, "/soc");
	fdt_for_each_subnode(node, fdt, soc)
		board_add_device(machine, fdt_get_name(fdt, node, NULL));
	free(fdt);
	return err;
}

int board_setup(void **state)
{
	return board_setup_tree(state, "host.dtb");
}

int board_find(struct machine *machine, const char *name,
	       struct lend_platform **platform)
{
	struct lend_address *address = machine_find(machine, name);
	int err = lend_platform_new(address, NULL, platform);

	lend_address_unref(address);
	return err;
}

static void *board_make_tree(int size)
{
	void *fdt = malloc((size_t)size);

	assert_non_null(fdt);
	assert_int_equal(fdt_create_empty_tree(fdt, size), 0);
	assert_int_equal(fdt_setprop_u32(fdt, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(fdt, 0, "#size-cells", 2), 0);
	return fdt;
}

void *board_write(const struct lend_platform *platform)
{
	uint64_t addresses[16], end;
	uint32_t spis[16];
	const struct lend_platform_place place = {
		.size = sizeof(place),
		.addresses = addresses,
		.spis = spis,
	};
	void *fdt;

	for (uint32_t i = 0; i < 16; i++)
		spis[i] = 64 + i;
	assert_int_equal(
		lend_platform_arrange(platform, 0xc000000, addresses, &end), 0);
	/* A tree that is too small is reported, not overrun. */
	for (int size = 100; size < 1 << 14; size += 28) {
		fdt = board_make_tree(size < 256 ? 256 : size);
		switch (lend_platform_write(platform, &place, fdt, 0)) {
		case -ENOSPC:
			free(fdt);
			continue;
		case 0:
			return fdt;
		default:
			fail();
		}
	}
	fail_msg("no size is enough");
	return NULL;
}

void board_expect_error(struct machine *machine, int result, int err,
			enum lend_error_code code, const char *what,
			const char *evidence, const char *remedy)
{
	const struct lend_error *e = machine->error;

	if (result != err || e->code != code || !strstr(e->what, what) ||
	    !strstr(e->evidence, evidence) || !strstr(e->remedy, remedy))
		fail_msg("%d, %s: %s\n%s\n%s", result,
			 lend_error_code_name(e->code), e->what, e->evidence,
			 e->remedy);
}
