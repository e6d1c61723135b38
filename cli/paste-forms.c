// SPDX-License-Identifier: MIT
// The forms in which other programs take devices.

#include <stdbool.h>
#include <string.h>

#include "cli/paste-forms.h"

/* The directory of a device that is named by its path. */
static const char *paste_directory(const struct paste_device *device)
{
	return device->bus == LEND_BUS_MDEV ? "/sys/bus/mdev/devices"
					    : "/sys/bus/pci/devices";
}

/* The -device string, which lend run and QEMU have in common. */
static void paste_write_device(FILE *file, const struct paste_device *device)
{
	switch (device->bus) {
	case LEND_BUS_PLATFORM:
		fprintf(file, "-device vfio-platform,host=%s", device->name);
		break;
	case LEND_BUS_MDEV:
		fprintf(file, "-device vfio-pci,sysfsdev=%s/%s",
			paste_directory(device), device->name);
		break;
	default:
		fprintf(file, "-device vfio-pci,host=%s", device->name);
	}
}

/* QEMU uses iommufd only if it is asked to. */
static void paste_write_qemu(FILE *file, const struct paste_device *devices,
			     unsigned int count)
{
	bool has_iommufd = false;

	for (unsigned int i = 0; i < count; i++)
		has_iommufd |= devices[i].node[0];
	if (has_iommufd)
		fputs("-object iommufd,id=iommufd0\n", file);
	for (unsigned int i = 0; i < count; i++) {
		paste_write_device(file, &devices[i]);
		fputs(devices[i].node[0] ? ",iommufd=iommufd0\n" : "\n", file);
	}
}

static void paste_write_lend(FILE *file, const struct paste_device *devices,
			     unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		paste_write_device(file, &devices[i]);
		fputc('\n', file);
	}
}

static void paste_write_address(FILE *file, const char *name)
{
	unsigned int domain, bus, slot, function;

	if (sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &function) == 4)
		fprintf(file,
			"    <address domain='0x%04x' bus='0x%02x' "
			"slot='0x%02x' function='0x%x'/>\n",
			domain, bus, slot, function);
}

/* lend bind has bound it, and libvirt is not to do so again. */
static void paste_write_libvirt(FILE *file, const struct paste_device *devices,
				unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		bool is_mdev = devices[i].bus == LEND_BUS_MDEV;

		fprintf(file,
			"<hostdev mode='subsystem' type='%s' managed='no'%s>\n"
			"%s  <source>\n",
			is_mdev ? "mdev" : "pci",
			is_mdev ? " model='vfio-pci'" : "",
			is_mdev ? "" : "  <driver name='vfio'/>\n");
		if (is_mdev)
			fprintf(file, "    <address uuid='%s'/>\n",
				devices[i].name);
		else
			paste_write_address(file, devices[i].name);
		fputs("  </source>\n</hostdev>\n", file);
	}
}

/* The path of a device, after what comes before each. */
static void paste_write_paths(FILE *file, const struct paste_device *devices,
			      unsigned int count, const char *first,
			      const char *before)
{
	fputs(first, file);
	for (unsigned int i = 0; i < count; i++)
		fprintf(file, "%s%s/%s\n", before, paste_directory(&devices[i]),
			devices[i].name);
}

/* Its option is given once, and takes several values. */
static void paste_write_cloud(FILE *file, const struct paste_device *devices,
			      unsigned int count)
{
	paste_write_paths(file, devices, count, "--device\n", "path=");
}

static void paste_write_crosvm(FILE *file, const struct paste_device *devices,
			       unsigned int count)
{
	paste_write_paths(file, devices, count, "", "--vfio ");
}

/* Whether a device before it has the same node. */
static bool paste_has_node(const struct paste_device *devices, unsigned int i)
{
	for (unsigned int before = 0; before < i; before++)
		if (devices[i].node[0]
			    ? !strcmp(devices[before].node, devices[i].node)
			    : devices[before].group == devices[i].group)
			return true;
	return false;
}

/* A container gets nodes, and a limit that VFIO's pinned memory is below. */
static void paste_write_podman(FILE *file, const struct paste_device *devices,
			       unsigned int count)
{
	bool has_iommufd = count && devices[0].node[0];

	fprintf(file, "--device %s\n",
		has_iommufd ? "/dev/iommu" : "/dev/vfio/vfio");
	for (unsigned int i = 0; i < count; i++) {
		if (paste_has_node(devices, i))
			continue;
		if (devices[i].node[0])
			fprintf(file, "--device /dev/vfio/devices/%s\n",
				devices[i].node);
		else
			fprintf(file, "--device /dev/vfio/%d\n",
				devices[i].group);
	}
	fputs("--ulimit memlock=-1:-1\n", file);
}

const struct paste_form paste_forms[] = {
	{"qemu", true, paste_write_qemu},
	{"libvirt", false, paste_write_libvirt},
	{"cloud-hypervisor", false, paste_write_cloud},
	{"crosvm", false, paste_write_crosvm},
	{"podman", true, paste_write_podman},
	{"lend", true, paste_write_lend},
};

const unsigned int paste_form_count =
	sizeof(paste_forms) / sizeof(paste_forms[0]);
