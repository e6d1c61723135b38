// SPDX-License-Identifier: MIT
// A machine for tests: builds its trees, and reads them.

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-drivers.h"
#include "fake-sysfs.h"
#include "lib/base/context.h"

struct fake_sysfs *fake_sysfs_new(void)
{
	struct fake_sysfs *fake = calloc(1, sizeof(*fake));

	tree_must(fake, "calloc");
	tree_make(fake->root);
	fake_drivers_init(fake);
	fake_dir(fake, "sys/devices");
	fake_dir(fake, "sys/bus/pci/devices");
	fake_dir(fake, "sys/bus/pci/drivers");
	fake_dir(fake, "sys/bus/platform/devices");
	fake_dir(fake, "sys/class/iommu");
	fake_file(fake, "sys/bus/pci/drivers_probe", "");
	fake_dir(fake, "dev/vfio");
	fake_dir(fake, "proc");
	return fake;
}

void fake_sysfs_free(struct fake_sysfs *fake)
{
	tree_remove(fake->root, "");
	if (fake_drivers_open_count(fake)) {
		fputs("a descriptor was left open\n", stderr);
		abort();
	}
	free(fake);
}

struct lend_ctx *fake_sysfs_ctx(struct fake_sysfs *fake, fake_log_function log,
				void *opaque)
{
	char sys[PATH_MAX], dev[PATH_MAX], proc[PATH_MAX], state[PATH_MAX];
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.sysfs = sys,
		.dev = dev,
		.proc = proc,
		.state = state,
		.log = log,
		.log_opaque = opaque,
	};
	struct lend_ctx *ctx;

	fake_join(sys, "%s/sys", fake->root);
	fake_join(dev, "%s/dev", fake->root);
	fake_join(proc, "%s/proc", fake->root);
	fake_join(state, "%s/state", fake->root);
	tree_must(!ctx_new(&options, &fake->kernel, &ctx), "ctx_new");
	return ctx;
}

void fake_file(struct fake_sysfs *fake, const char *path, const char *text)
{
	tree_file(fake->root, path, text);
}

void fake_bytes(struct fake_sysfs *fake, const char *path, const void *bytes,
		size_t size)
{
	char full[PATH_MAX];
	FILE *file;

	tree_file(fake->root, path, "");
	fake_join(full, "%s/%s", fake->root, path);
	file = fopen(full, "we");
	tree_must(file, path);
	tree_must(fwrite(bytes, size, 1, file) == 1, path);
	fclose(file);
}

void fake_dir(struct fake_sysfs *fake, const char *path)
{
	tree_dir(fake->root, path);
}

void fake_link(struct fake_sysfs *fake, const char *path, const char *target)
{
	tree_link(fake->root, path, target);
}

void fake_remove(struct fake_sysfs *fake, const char *path)
{
	tree_remove(fake->root, path);
}

bool fake_exists(const struct fake_sysfs *fake, const char *path)
{
	char full[PATH_MAX];
	struct stat st;

	fake_join(full, "%s/%s", fake->root, path);
	return !lstat(full, &st);
}

/* A file with the number as text; the machine's stat() makes it a node. */
void fake_node(struct fake_sysfs *fake, const char *path, const char *number)
{
	tree_file(fake->root, path, number);
}

void fake_anonymous(struct fake_sysfs *fake, const char *path,
		    const char *target)
{
	char full[PATH_MAX];

	fake_link(fake, path, "");
	fake_join(full, "%s/%s", fake->root, path);
	tree_must(!unlink(full) && !symlink(target, full), full);
}

void fake_refuse(struct fake_sysfs *fake, const char *what, int flags, int err)
{
	struct fake_refusal *refusal = &fake->refusals[fake->refusal_count++];

	tree_must(fake->refusal_count <= FAKE_REFUSALS, "refusal");
	*refusal = (struct fake_refusal){.flags = flags, .err = err};
	strcpy(refusal->what, what);
}

void fake_add_driver(struct fake_sysfs *fake, const char *driver)
{
	char path[PATH_MAX];

	fake_join(path, "sys/bus/pci/drivers/%s/unbind", driver);
	fake_file(fake, path, "");
}

void fake_add_pci(struct fake_sysfs *fake, const char *device,
		  const char *driver, int group)
{
	char dir[PATH_MAX], path[PATH_MAX], target[PATH_MAX];
	static const char *const files[][2] = {
		{"uevent", ""},
		{"vendor", "0x8086\n"},
		{"device", "0x10d3\n"},
		{"class", "0x020000\n"},
		{"driver_override", "(null)\n"},
		{"resource", "0x0 0x0 0x0\n"},
	};
	static const unsigned char config[64] = {0x86, 0x80, 0xd3,
						 0x10, [0x0b] = 0x02};

	fake_join(dir, "sys/devices/pci0000:00/%s", device);
	for (unsigned int i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		fake_join(path, "%s/%s", dir, files[i][0]);
		fake_file(fake, path, files[i][1]);
	}
	fake_join(path, "%s/config", dir);
	fake_bytes(fake, path, config, sizeof(config));
	fake_join(path, "%s/subsystem", dir);
	fake_link(fake, path, "sys/bus/pci");
	fake_join(path, "sys/bus/pci/devices/%s", device);
	fake_link(fake, path, dir);
	if (driver) {
		fake_add_driver(fake, driver);
		fake_join(path, "%s/.matches", dir);
		fake_file(fake, path, driver);
		fake_join(path, "%s/driver", dir);
		fake_join(target, "sys/bus/pci/drivers/%s", driver);
		fake_link(fake, path, target);
	}
	if (group >= 0) {
		fake_join(target, "sys/kernel/iommu_groups/%d", group);
		fake_join(path, "%s/devices/%s", target, device);
		fake_link(fake, path, dir);
		fake_join(path, "%s/iommu_group", dir);
		fake_link(fake, path, target);
	}
}

void fake_driver(const struct fake_sysfs *fake, const char *device,
		 char driver[64])
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	fake_join(path, "%s/sys/bus/pci/devices/%s/driver", fake->root, device);
	n = readlink(path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	snprintf(driver, 64, "%s", n > 0 ? strrchr(target, '/') + 1 : "");
}

void fake_override(const struct fake_sysfs *fake, const char *device,
		   char driver[64])
{
	char path[PATH_MAX], text[64] = "";
	FILE *file;

	fake_join(path, "%s/sys/bus/pci/devices/%s/driver_override", fake->root,
		  device);
	file = fopen(path, "re");
	tree_must(file, path);
	tree_must(fgets(text, sizeof(text), file), path);
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	snprintf(driver, 64, "%s", strcmp(text, "(null)") ? text : "");
}
