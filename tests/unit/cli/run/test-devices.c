// SPDX-License-Identifier: MIT
// -device strings: each device is found, conflicts are refused, and nothing is
// opened.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "cli/run/devices.h"
#include "cli/run/options.h"
#include "tests/unit/fake/fake-sysfs.h"
#include "tests/unit/vmm/pci/assert-place.h"

#define TOKEN "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

struct host {
	struct fake_sysfs *fake;
	struct lend_ctx *ctx;
	struct run_devices devices;
};

static int run_devices_test_setup(void **state)
{
	static struct host host;

	host = (struct host){.fake = fake_sysfs_new()};
	host.ctx = fake_sysfs_ctx(host.fake, NULL, NULL);
	fake_add_driver(host.fake, "vfio-pci");
	fake_add_pci(host.fake, "0000:00:05.0", "vfio-pci", 4);
	fake_add_pci(host.fake, "0000:00:06.0", "vfio-pci", 5);
	*state = &host;
	return 0;
}

static int run_devices_test_teardown(void **state)
{
	struct host *host = *state;

	lend_ctx_unref(host->ctx);
	/* Fails where a descriptor was left open. */
	fake_sysfs_free(host->fake);
	return 0;
}

/* Finds devices, and reports what is refused. */
static int run_devices_test_run(struct host *host,
				const struct run_options *asked)
{
	struct run_refusals refusals = {};
	int err = run_devices_find(&host->devices, host->ctx, asked, &refusals);

	if (!err)
		err = run_refusals_report(&refusals, host->ctx);
	run_refusals_free(&refusals);
	return err;
}

/* The iommufds that devices can name. */
static char a[] = "a", first_one[] = "first";
static struct run_object objects[] = {{a, -1}, {first_one, 77}};

/* Finds one or two devices; the caller calls run_devices_free(). */
static int find_by(struct host *host, enum lend_backend backend,
		   const char *first, const char *second)
{
	const char *texts[] = {first, second};
	const struct run_options asked = {
		.devices = texts,
		.device_count = second ? 2 : 1,
		.objects = {.list = objects,
			    .count = sizeof(objects) / sizeof(objects[0])},
		.backend = backend,
	};

	return run_devices_test_run(host, &asked);
}

static int run_devices_test_find(struct host *host, const char *first,
				 const char *second)
{
	return find_by(host, LEND_BACKEND_AUTO, first, second);
}

static void no_device_is_accepted(void **state)
{
	const struct run_options asked = {};
	struct host *host = *state;

	assert_int_equal(run_devices_test_run(host, &asked), 0);
	assert_int_equal(host->devices.count, 0);
	run_devices_free(&host->devices);
}

static void device_properties_reach_the_machine(void **state)
{
	struct host *host = *state;
	const struct assign_pci_config *c;

	assert_int_equal(run_devices_test_find(
				 host, "vfio-pci,host=00:05.0",
				 "vfio-pci,host=0000:00:06.0,addr=1e.0,"
				 "multifunction=on,x-no-mmap=on,"
				 "x-no-mmap-bars=2:4,x-p2p=on,"
				 "x-no-kvm-intx=on,x-no-kvm-msix=on,x-req=off"),
			 0);
	assert_int_equal(host->devices.count, 2);
	assert_ptr_equal(host->devices.configs[1].create, assign_pci_create);
	c = host->devices.configs[0].config;
	assert_string_equal(lend_address_name(c->address), "0000:00:05.0");
	assert_string_equal(c->name, "0000:00:05.0");
	assert_int_equal(c->fd, -1);
	assert_place(c->place, 0, 1, 0);
	assert_false(c->multifunction || c->no_mmap || c->has_token);
	assert_int_equal(c->no_kvm_irqs, 0);
	assert_false(c->no_mmap_bars || c->p2p || c->keeps);
	c = host->devices.configs[1].config;
	assert_string_equal(lend_address_name(c->address), "0000:00:06.0");
	assert_place(c->place, 0, 0x1e, 0);
	assert_true(c->multifunction && c->no_mmap && c->p2p && c->keeps);
	assert_int_equal(c->no_mmap_bars, 1 << 2 | 1 << 4);
	assert_int_equal(c->no_kvm_irqs,
			 1u << LEND_PCI_IRQ_INTX | 1u << LEND_PCI_IRQ_MSIX);
	run_devices_free(&host->devices);
}

static const struct {
	const char *first;
	const char *second;
	const char *fact;
} refused[] = {
	{"vfio-pci,host=00:05.0", "vfio-pci,host=0000:00:05.0", "twice"},
	{"vfio-pci,host=00:05.0,addr=1", "vfio-pci,host=00:05.0,addr=2",
	 "twice"},
	{"vfio-pci,host=00:05.0,addr=4", "vfio-pci,host=00:06.0,addr=04.0",
	 "addr=4.0"},
	{"vfio-pci,host=00:05.0,addr=0", NULL, "host bridge"},
	{"vfio-pci,host=00:05.0,addr=0.1", NULL, "host bridge"},
	{"vfio-pci,host=00:05.0,bus=rp", "pcie-root-port,id=rq", "no such bus"},
};

static void device_conflicts_name_both_devices(void **state)
{
	struct host *host = *state;
	const struct lend_error *e = lend_ctx_error(host->ctx);

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(run_devices_test_find(host, refused[i].first,
						       refused[i].second),
				 -EINVAL);
		assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
		if (!strstr(e->what, refused[i].fact))
			fail_msg("%s: %s", refused[i].first, e->what);
		if (refused[i].second) {
			assert_non_null(strstr(e->evidence, refused[i].first));
			if (!strstr(refused[i].second, "root-port"))
				assert_non_null(
					strstr(e->evidence, refused[i].second));
		}
		run_devices_free(&host->devices);
	}
}

static void functions_share_a_slot(void **state)
{
	struct host *host = *state;

	assert_int_equal(run_devices_test_find(
				 host, "vfio-pci,host=00:05.0,addr=0x4.0x1",
				 "vfio-pci,host=00:06.0,addr=4.0"),
			 0);
	run_devices_free(&host->devices);
	assert_int_equal(run_devices_test_find(host, "vfio-pci,host=00:05.0",
					       "vfio-pci,host=00:06.0"),
			 0);
	run_devices_free(&host->devices);
}

static void root_ports_are_not_devices(void **state)
{
	struct host *host = *state;
	const struct assign_pci_config *c;
	const struct pci_port_config *port;

	assert_int_equal(
		run_devices_test_find(
			host,
			"pcie-root-port,id=rp,addr=0x3,chassis=4,slot=9,"
			"port=0x11,multifunction=on,bus=pcie.0",
			"vfio-pci,host=00:06.0,bus=rp"),
		0);
	assert_int_equal(host->devices.count, 1);
	c = host->devices.configs[0].config;
	assert_string_equal(c->name, "0000:00:06.0");
	assert_place(c->place, 1, 0, 0);
	assert_int_equal(host->devices.topology.count, 1);
	port = host->devices.topology.ports;
	assert_place(port->place, 0, 3, 0);
	assert_int_equal(port->slot, 9);
	assert_int_equal(port->link, 0x11);
	assert_true(port->pluggable);
	run_devices_free(&host->devices);

	assert_int_equal(run_devices_test_find(
				 host, "vfio-pci,id=disk,host=00:05.0,bus=rp",
				 "pcie-root-port,id=rp,hotplug=off"),
			 0);
	assert_false(host->devices.topology.ports[0].pluggable);
	c = host->devices.configs[0].config;
	assert_place(c->place, 1, 0, 0);
	assert_string_equal(c->id, "disk");
	run_devices_free(&host->devices);
	assert_int_equal(
		run_devices_test_find(host, "pcie-root-port,id=rp", NULL), 0);
	assert_int_equal(host->devices.count, 0);
	run_devices_free(&host->devices);
	assert_int_equal(run_devices_test_find(
				 host, "pcie-root-port,host=00:05.0", NULL),
			 -EINVAL);
	run_devices_free(&host->devices);
}

static void missing_devices_are_reported(void **state)
{
	struct host *host = *state;

	assert_int_equal(run_devices_test_find(host, "vfio-pci,host=00:05.0",
					       "vfio-pci,host=00:09.0"),
			 -ENODEV);
	run_devices_free(&host->devices);
	assert_int_equal(
		run_devices_test_find(host, "vfio-pci,hots=00:05.0", NULL),
		-EINVAL);
	run_devices_free(&host->devices);
}

static void refused_devices_are_one_list(void **state)
{
	struct host *host = *state;
	const struct lend_error *e = lend_ctx_error(host->ctx);

	assert_int_equal(run_devices_test_find(host,
					       "{'driver':'virtio-net-pci'}",
					       "vfio-pci,host=00:09.0"),
			 -EINVAL);
	assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
	assert_string_equal(e->what, "the command line has 2 faults");
	assert_non_null(strstr(e->evidence, "-device virtio-net-pci: emulated "
					    "network cards are unsupported. "
					    "Fix: lend a network card"));
	assert_non_null(strstr(e->evidence, "\n0000:00:09.0: no such device"));
	run_devices_free(&host->devices);
}

static void emulated_devices_have_replacements(void **state)
{
	static const char *const cases[][2] = {
		{"virtio-net-pci,netdev=n", "network card"},
		{"driver=e1000e", "network card"},
		{"{'id':'x','driver':'virtio-blk-pci-non-transitional'}",
		 "disk controller"},
		{"nvme,serial=1", "disk controller"},
		{"usb-storage,drive=d", "disk controller"},
		{"usb-tablet", "USB controller"},
		{"qemu-xhci", "USB controller"},
		{"virtio-vga-gl", "graphics card"},
		{"hda-duplex", "sound card"},
		{"isa-serial,chardev=c", "standard input"},
		{"virtio-iommu-pci", "remove it"},
		{"virtio-balloon-pci", "remove it"},
		{"pcie-pci-bridge", "pcie-root-port"},
		{"virtio-9p-pci", "NFS"},
	};
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(run_devices_test_find(host, cases[i][0], NULL),
				 -EINVAL);
		if (!strstr(lend_ctx_error(host->ctx)->remedy, cases[i][1]))
			fail_msg("%s: %s", cases[i][0],
				 lend_ctx_error(host->ctx)->remedy);
		run_devices_free(&host->devices);
	}
}

/* The address space that the strings request. */
static const struct {
	enum lend_backend asked;
	const char *first;
	const char *second;
	enum lend_backend backend;
	int iommufd;
} spaces[] = {
	{LEND_BACKEND_AUTO, "", "", LEND_BACKEND_AUTO, -1},
	{LEND_BACKEND_CONTAINER, "", "", LEND_BACKEND_CONTAINER, -1},
	{LEND_BACKEND_IOMMUFD, "", "", LEND_BACKEND_IOMMUFD, -1},
	{LEND_BACKEND_AUTO, ",iommufd=a", ",iommufd=a", LEND_BACKEND_IOMMUFD,
	 -1},
	{LEND_BACKEND_IOMMUFD, ",iommufd=first", ",iommufd=first",
	 LEND_BACKEND_IOMMUFD, 77},
	{LEND_BACKEND_AUTO, "", ",vf-token=" TOKEN, LEND_BACKEND_CONTAINER, -1},
	{LEND_BACKEND_IOMMUFD, "", ",vf-token=" TOKEN, LEND_BACKEND_IOMMUFD,
	 -1},
	{LEND_BACKEND_AUTO, ",iommufd=a", ",iommufd=a,vf-token=" TOKEN,
	 LEND_BACKEND_IOMMUFD, -1},
	{LEND_BACKEND_AUTO, ",x-no-iommu-unsafe-dma=on",
	 ",x-no-iommu-unsafe-dma", LEND_BACKEND_NOIOMMU, -1},
	{LEND_BACKEND_AUTO, ",x-no-iommu-unsafe-dma=off", "", LEND_BACKEND_AUTO,
	 -1},
};

static void devices_share_one_address_space(void **state)
{
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		const struct lend_iommu_options *o;
		char first[128], second[128];

		snprintf(first, sizeof(first), "vfio-pci,host=00:05.0%s",
			 spaces[i].first);
		snprintf(second, sizeof(second), "vfio-pci,host=00:06.0%s",
			 spaces[i].second);
		if (find_by(host, spaces[i].asked, first, second))
			fail_msg("%s: %s", first,
				 lend_ctx_error(host->ctx)->what);
		o = &host->devices.iommu.options;
		assert_int_equal(o->size, sizeof(*o));
		assert_int_equal(o->backend, spaces[i].backend);
		assert_int_equal(o->iommufd, spaces[i].iommufd);
		run_devices_free(&host->devices);
	}
}

static const struct {
	enum lend_backend asked;
	const char *first;
	const char *second; /* or NULL */
	const char *fact;
	const char *fix;
} contradictions[] = {
	{LEND_BACKEND_AUTO, "iommufd=iommufd0", NULL,
	 "=iommufd0: no -object has this id", "-object iommufd,id=iommufd0"},
	{LEND_BACKEND_AUTO, "iommufd=firts", NULL, "no -object has this id",
	 "first is the nearest"},
	{LEND_BACKEND_AUTO, "iommufd=a", "iommufd=first", "share one",
	 "same iommufd="},
	{LEND_BACKEND_AUTO, "iommufd=a", "id=x", "share one", "same iommufd="},
	{LEND_BACKEND_AUTO, "id=x", "iommufd=a", "share one", "same iommufd="},
	{LEND_BACKEND_AUTO, "x-no-iommu-unsafe-dma=on", "id=x", "share one",
	 "same x-no-iommu-unsafe-dma="},
	{LEND_BACKEND_CONTAINER, "iommufd=a", NULL,
	 "iommufd= and -x-iommu container", "remove one"},
	{LEND_BACKEND_AUTO, "iommufd=a,x-no-iommu-unsafe-dma=on", NULL,
	 "x-no-iommu-unsafe-dma= and iommufd=", "remove one"},
	{LEND_BACKEND_CONTAINER, "x-no-iommu-unsafe-dma=on", NULL,
	 "x-no-iommu-unsafe-dma= and -x-iommu", "remove one"},
};

static void contradicting_devices_are_refused(void **state)
{
	struct host *host = *state;
	const struct lend_error *e = lend_ctx_error(host->ctx);

	for (size_t i = 0;
	     i < sizeof(contradictions) / sizeof(contradictions[0]); i++) {
		const char *more = contradictions[i].second;
		char first[128], second[128];

		snprintf(first, sizeof(first), "vfio-pci,host=00:05.0,%s",
			 contradictions[i].first);
		snprintf(second, sizeof(second), "vfio-pci,host=00:06.0,%s",
			 more ? more : "");
		if (find_by(host, contradictions[i].asked, first,
			    more ? second : NULL) != -EINVAL)
			fail_msg("%s: taken", first);
		assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
		if (!strstr(e->what, contradictions[i].fact))
			fail_msg("%s: fact is: %s", first, e->what);
		if (!strstr(e->remedy, contradictions[i].fix))
			fail_msg("%s: fix is: %s", first, e->remedy);
		if (more) {
			assert_non_null(strstr(e->evidence, first));
			assert_non_null(strstr(e->evidence, second));
		}
		run_devices_free(&host->devices);
	}
}

static void vf_tokens_keep_the_order_of_their_text(void **state)
{
	static const uint8_t token[16] = {0x83, 0xb8, 0xf4, 0xf2, 0x50, 0x9f,
					  0x38, 0x2f, 0x3c, 0x1e, 0xe6, 0xbf,
					  0xe0, 0xfa, 0x10, 0x01};
	struct host *host = *state;
	const struct assign_pci_config *c;

	assert_int_equal(
		run_devices_test_find(
			host, "vfio-pci,host=00:05.0,vf-token=" TOKEN, NULL),
		0);
	c = host->devices.configs[0].config;
	assert_true(c->has_token);
	assert_memory_equal(c->token, token, sizeof(token));
	run_devices_free(&host->devices);
}

/* A character device without an entry in sysfs, as in a sandbox. */
static void device_descriptors_need_no_sysfs(void **state)
{
	int one = open("/dev/null", O_RDWR | O_CLOEXEC);
	int other = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct host *host = *state;
	const struct assign_pci_config *c;
	char first[64], second[64], name[32];

	assert_true(one >= 0 && other >= 0);
	snprintf(first, sizeof(first), "vfio-pci,fd=%d,iommufd=first", one);
	snprintf(second, sizeof(second), "vfio-pci,fd=%d,iommufd=first,id=x",
		 other);
	snprintf(name, sizeof(name), "fd %d", one);
	assert_int_equal(run_devices_test_find(host, first, second), 0);
	c = host->devices.configs[0].config;
	assert_int_equal(c->fd, one);
	assert_null(c->address);
	assert_string_equal(c->name, name);
	c = host->devices.configs[1].config;
	assert_int_equal(c->fd, other);
	assert_string_equal(c->name, "x");
	run_devices_free(&host->devices);

	assert_int_equal(run_devices_test_find(host, first, first), -EINVAL);
	assert_non_null(strstr(lend_ctx_error(host->ctx)->what, "given twice"));
	run_devices_free(&host->devices);
	close(other);
	assert_int_equal(run_devices_test_find(host, first, second), -EINVAL);
	assert_non_null(strstr(lend_ctx_error(host->ctx)->what,
			       "not the descriptor of a device"));
	run_devices_free(&host->devices);
	close(one);
}

static void plain_file_is_not_a_device(void **state)
{
	int fd = memfd_create("plain", MFD_CLOEXEC);
	struct host *host = *state;
	char text[64];

	assert_true(fd >= 0);
	snprintf(text, sizeof(text), "vfio-pci,fd=%d,iommufd=a", fd);
	assert_int_equal(run_devices_test_find(host, text, NULL), -EINVAL);
	assert_non_null(strstr(lend_ctx_error(host->ctx)->what,
			       "not the descriptor of a device"));
	run_devices_free(&host->devices);
	assert_int_equal(run_devices_test_find(host, "vfio-pci,fd=5", NULL),
			 -EINVAL);
	assert_non_null(strstr(lend_ctx_error(host->ctx)->what, "iommufd="));
	run_devices_free(&host->devices);
	close(fd);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, run_devices_test_setup,             \
					run_devices_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_device_is_accepted),
		TEST(device_properties_reach_the_machine),
		TEST(device_conflicts_name_both_devices),
		TEST(functions_share_a_slot),
		TEST(root_ports_are_not_devices),
		TEST(missing_devices_are_reported),
		TEST(refused_devices_are_one_list),
		TEST(emulated_devices_have_replacements),
		TEST(devices_share_one_address_space),
		TEST(contradicting_devices_are_refused),
		TEST(vf_tokens_keep_the_order_of_their_text),
		TEST(device_descriptors_need_no_sysfs),
		TEST(plain_file_is_not_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
