// SPDX-License-Identifier: MIT
// The options of `lend run`: good spellings are accepted, bad ones are refused
// with a reason.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arch-map.h"
#include "cli/run/options.h"
#include "tests/unit/cli/run/line.h"

#define MIB (1ULL << 20)

static int run_options_test_setup(void **state)
{
	static struct cli cli;

	cli = (struct cli){};
	*state = &cli;
	return lend_ctx_new(NULL, &cli.ctx);
}

static int run_options_test_teardown(void **state)
{
	struct cli *cli = *state;

	lend_ctx_unref(cli->ctx);
	return 0;
}

static void run_options_have_defaults(void **state)
{
	struct run_options o;

	assert_int_equal(line_parse(*state, "-kernel|k", &o), 0);
	assert_string_equal(o.kernel, "k");
	assert_null(o.initrd);
	assert_null(o.append);
	assert_null(o.cpu);
	assert_null(o.mem_path);
	assert_null(o.name);
	assert_int_equal(o.ram, 128 * MIB);
	assert_int_equal(o.cpus, 1);
	assert_int_equal(o.unplug_timeout, 30);
	assert_false(o.detach_on_error);
	assert_int_equal(o.device_count, 0);
	assert_int_equal(o.objects.count, 0);
	assert_int_equal(o.backend, LEND_BACKEND_AUTO);
	assert_false(o.mem_prealloc || o.no_reboot || o.dry_run);
	run_options_free(&o);
}

static void run_options_come_in_any_order(void **state)
{
	struct cli *cli = *state;
	struct run_options o;

	assert_int_equal(
		line_parse(cli,
			   "-no-reboot|--device|a|-smp|3|--kernel|k|"
			   "-append|-x console=ttyS0|-m|2G|-v|-device|b",
			   &o),
		0);
	assert_true(o.no_reboot);
	assert_int_equal(o.cpus, 3);
	assert_string_equal(o.append, "-x console=ttyS0");
	assert_int_equal(o.ram, 2048 * MIB);
	assert_int_equal(o.device_count, 2);
	assert_string_equal(o.devices[0], "a");
	assert_string_equal(o.devices[1], "b");
	assert_int_equal(cli->verbose, 1);
	run_options_free(&o);

	assert_int_equal(line_parse(cli,
				    "-initrd|i|-cpu|host,-avx|-mem-path|/h|"
				    "-mem-prealloc|-name|n|-kernel|k|"
				    "-unplug-timeout|86400|--dry-run|"
				    "-on-error|detach",
				    &o),
			 0);
	assert_string_equal(o.initrd, "i");
	assert_string_equal(o.cpu, "host,-avx");
	assert_string_equal(o.mem_path, "/h");
	assert_true(o.mem_prealloc && o.dry_run);
	assert_int_equal(o.unplug_timeout, 86400);
	assert_true(o.detach_on_error);
	assert_string_equal(o.name, "n");
	run_options_free(&o);
}

static void run_options_use_the_last_value(void **state)
{
	struct run_options o;

	assert_int_equal(
		line_parse(*state, "-kernel|a|-m|1G|-kernel|b|-m|64", &o), 0);
	assert_string_equal(o.kernel, "b");
	assert_int_equal(o.ram, 64 * MIB);
	run_options_free(&o);
}

#define TEXT_OF(value) #value
#define TEXT(value)    TEXT_OF(value)
#define MOST           TEXT(ARCH_CPUS_MAX)
#define MOST_CPUS      "-smp|" MOST

static const char *const good[] = {
	"-smp|cpus=1",
	"-smp|4,sockets=1",
	"-smp|4,cores=4,threads=1,maxcpus=4",
	"-smp|sockets=1,cores=2",
	MOST_CPUS,
	"-unplug-timeout|0",
	"-on-error|stop",
	"-cpu|host",
	"-cpu|host,+x2apic,-avx512f,sse4.2=on,pcid=off,tsc",
	"-m|1025K",
	"-nographic",
	"--nodefaults",
	"-no-user-config",
	"-enable-kvm",
	"-accel|kvm",
	"-machine|accel=kvm",
	"-serial|stdio",
	"-serial|mon:stdio",
	"-display|none",
	"-vga|none",
	"-net|none",
	"-nic|none",
	"-monitor|none",
	"-qmp|none",
	"-qmp|auto",
	"-qmp|unix:/tmp/s",
	"-qmp|unix:/tmp/s,server=on,wait=off",
	"-qmp|unix:s,server,nowait",
	"-shutdown-timeout|0",
	"-parallel|none",
	"-append|",
	"-object|iommufd,id=a,fd=0",
	"-x-iommu|auto",
	"-x-iommu|container",
};

static void run_options_accept_good_spellings(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct run_options o;
		char line[256];

		snprintf(line, sizeof(line), "%s|-kernel|k", good[i]);
		if (line_parse(*state, line, &o))
			fail_msg("%s: refused", line);
		assert_string_equal(o.kernel, "k");
		run_options_free(&o);
	}
}

static void objects_keep_their_order(void **state)
{
	struct run_options o;

	assert_int_equal(
		line_parse(*state,
			   "-object|iommufd,id=a|-kernel|k|-x-iommu|iommufd|"
			   "--object|qom-type=iommufd,fd=7,id=b.0-_",
			   &o),
		0);
	assert_int_equal(o.backend, LEND_BACKEND_IOMMUFD);
	assert_int_equal(o.objects.count, 2);
	assert_string_equal(o.objects.list[0].id, "a");
	assert_int_equal(o.objects.list[0].fd, -1);
	assert_string_equal(o.objects.list[1].id, "b.0-_");
	assert_int_equal(o.objects.list[1].fd, 7);
	run_options_free(&o);
}

static void objects_may_be_json(void **state)
{
	struct run_options o;

	assert_int_equal(
		line_parse(*state,
			   "-kernel|k|-object|{\"qom-type\":\"iommufd\","
			   "\"id\":\"iommufd0\",\"fd\":\"20\"}|"
			   "-object| {'fd':21,'id':'b','qom-type':'iommufd'}",
			   &o),
		0);
	assert_int_equal(o.objects.count, 2);
	assert_string_equal(o.objects.list[0].id, "iommufd0");
	assert_int_equal(o.objects.list[0].fd, 20);
	assert_string_equal(o.objects.list[1].id, "b");
	assert_int_equal(o.objects.list[1].fd, 21);
	run_options_free(&o);
}

static const struct {
	const char *text;
	uint64_t bytes;
} sizes[] = {
	{"1", MIB},
	{"512", 512 * MIB},
	{"size=512", 512 * MIB},
	{"0512", 512 * MIB},
	{"4096K", 4 * MIB},
	{"4096k", 4 * MIB},
	{"1048576B", MIB},
	{"3M", 3 * MIB},
	{"2G", 2048 * MIB},
	{"size=1t", 1ULL << 40},
	{"4096T", 1ULL << 52},
};

static void memory_sizes_have_units(void **state)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct run_options o;
		char line[256];

		snprintf(line, sizeof(line), "-kernel|k|-m|%s", sizes[i].text);
		if (line_parse(*state, line, &o))
			fail_msg("%s: refused", line);
		assert_true(o.ram == sizes[i].bytes);
		run_options_free(&o);
	}
}

/* Arguments, and words of the error: the fact, and the fix or NULL. */
static const struct {
	const char *line;
	const char *fact;
	const char *fix;
} bad[] = {
	{"-m|", "not a size", "512"},
	{"-m|size=", "not a size", NULL},
	{"-m|-1", "not a size", NULL},
	{"-m|+1", "not a size", NULL},
	{"-m| 1", "not a size", NULL},
	{"-m|0x10", "not a size", NULL},
	{"-m|1.5G", "not a size", NULL},
	{"-m|1GiB", "not a size", NULL},
	{"-m|12Q", "not a size", NULL},
	{"-m|G", "not a size", NULL},
	{"-m|18446744073709551616", "not a size", NULL},
	{"-m|18446744073709551615", "4096 TiB", NULL},
	{"-m|17592186044416", "4096 TiB", NULL},
	{"-m|4097T", "4096 TiB", NULL},
	{"-m|0", "larger than 0", "-m 512"},
	{"-m|1G,slots=2,maxmem=4G", "only one size", "maxmem="},
	{"-m", "-m", NULL},
	{"-unplug-timeout|86401", "up to 86400", NULL},
	{"-unplug-timeout|1s", "a number of seconds", NULL},
	{"-unplug-timeout|-1", "a number of seconds", NULL},
	{"-on-error|ignore", "not stop or detach", "use stop or detach"},
	{"-smp|0", "out of range, 1 to " MOST, "-smp 1"},
	{"-smp|1000", "out of range, 1 to " MOST, "-smp " MOST},
	{"-smp|4294967297", "out of range, 1 to " MOST, NULL},
	{"-smp|18446744073709551617", "number", NULL},
	{"-smp|two", "number", NULL},
	{"-smp|2x", "number", NULL},
	{"-smp|", "number", NULL},
	{"-smp|-1", "number", NULL},
	{"-smp|4,sockets=3", "do not multiply", "-smp 4"},
	{"-smp|4,cores=2,threads=4", "do not multiply", "-smp 4"},
	{"-smp|2,maxcpus=4", "cannot be added", "-smp 2"},
	{"-smp|4,maxcpus=2", "do not multiply", "-smp 4"},
	{"-smp|2,socket=2", "unknown property 'socket'", "sockets="},
	{"-smp|2,sockets=0", "out of range", NULL},
	{"-smp|2,sockets", "a number is required", NULL},
	{"-smp|sockets=200,cores=200,threads=200", "more processors", NULL},
	{"-name|a,b=c", "unknown property 'b'", "NAME"},
	{"-cpu|hots", "unknown model", "host"},
	{"-kernal|x", "-kernal", "-kernel"},
	{"-mempath|x", "mempath", "mem-path"},
	{"-memory-path|x", "memory-path", "lend run -h"},
	{"-smpp|2", "smpp", "smp"},
	{"-xyzzyxyzzyxyzzy", "xyzzy", NULL},
	{"disk.img", "disk.img", NULL},
	{"-drive|file=x", "emulated", "-device"},
	{"-hda|x", "emulated", "-device"},
	{"-netdev|user", "emulated", "-device"},
	{"-net|user", "emulated", "-device"},
	{"-nic", "emulated", NULL},
	{"-bios|x", "firmware", "-kernel"},
	{"-M", "one machine type", "q35"},
	{"-machine|q35,accel=tcg", "one machine type", "accel=kvm"},
	{"-accel|tcg", "one machine type", NULL},
	{"-accel|kvm,dirty-ring-size=1", "one machine type", NULL},
	{"-serial|", "terminal", NULL},
	{"-display|gtk", "no display", "ttyS0"},
	{"-serial|pty", "terminal", NULL},
	{"-qmp|stdio", "a Unix socket", "-qmp unix:PATH"},
	{"-qmp|unix:", "a Unix socket", "-qmp auto"},
	{"-qmp|tcp:localhost:4444", "a Unix socket", "-qmp auto"},
	{"-qmp|unix:s,server=off", "connects to no socket", "server=on"},
	{"-qmp|unix:s,wait=on", "starts at once", "wait=off"},
	{"-qmp|unix:s,reconnect=1", "unknown property", "-qmp unix:PATH"},
	{"-shutdown-timeout|86401", "up to 86400", NULL},
	{"-monitor|stdio", "no monitor", "Ctrl-a x"},
	{"-daemonize", "foreground", NULL},
	{"-object|memory-backend-file,id=m", "objects", "-mem-path"},
	{"-object|", "objects", "-mem-path"},
	{"-object|iommmufd,id=a", "objects", "-object iommufd"},
	{"-object|iommufd", "missing property 'id'", "id=ID"},
	{"-object|iommufd,fd=5", "missing property", "id=ID"},
	{"-object|iommufd,", "unknown property ''", "id=ID"},
	{"-object|iommufd,id", "no value", "id=ID"},
	{"-object|iommufd,id=", "invalid id ''", NULL},
	{"-object|iommufd,id=5", "invalid id '5'", NULL},
	{"-object|iommufd,id=a/b", "invalid id", NULL},
	{"-object|iommufd,id=a,id=b", "property given twice: 'id'", NULL},
	{"-object|iommufd,id=a,fd=5,fd=5", "property given twice: 'fd'", NULL},
	{"-object|iommufd,di=a", "unknown property 'di'", "id is the nearest"},
	{"-object|iommufd,id=a,x=1", "unknown property 'x'", "id=ID"},
	{"-object|iommufd,id=a,fd=", "not a descriptor number", "fd=6"},
	{"-object|iommufd,id=a,fd=-1", "not a descriptor number", NULL},
	{"-object|iommufd,id=a,fd=monitor", "not a descriptor number", NULL},
	{"-object|iommufd,id=a,fd=2147483648", "not a descriptor number", NULL},
	{"-object|iommufd,id=a|-object|iommufd,id=a", "duplicate id 'a'", NULL},
	{"-object", "-object", NULL},
	{"-object|{}", "no member \"qom-type\"", "iommufd"},
	{"-object|{'qom-type':'iommufd'}", "missing property 'id'", "id=ID"},
	{"-object|{'qom-type':'iommufd','id':'a','x':1}",
	 "unknown property 'x'", "id=ID"},
	{"-object|{'qom-type':'iommufd','id':'a','fd':-1}",
	 "not a descriptor number", NULL},
	{"-object|{'qom-type':'iommufd','id':'a','id':'b'}", "twice", NULL},
	{"-object|{'qom-type':'iommufd','id':'a'", "-object: JSON: byte", NULL},
	{"-object|{'qom-type':'memory-backend-file','id':'m'}", "objects",
	 "-mem-path"},
	{"-qmp|auto|-plug-slots|249", "out of range, 0 to 248", NULL},
	{"-plug-slots|1", "without a control socket", "-qmp auto"},
	{"-qmp|auto|-plug-slots|1|-x-iommu|container", "requires iommufd",
	 "remove -x-iommu"},
	{"-x-iommu|noiommu", "unknown kernel interface",
	 "container or iommufd"},
	{"-x-iommu|", "unknown kernel interface", NULL},
	{"-x-iomu|auto", "x-iomu", "x-iommu"},
};

static void run_options_refuse_bad_spellings(void **state)
{
	struct cli *cli = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct lend_error *e = lend_ctx_error(cli->ctx);
		struct run_options o;
		char line[256];

		snprintf(line, sizeof(line), "-kernel|k|%s", bad[i].line);
		if (line_parse(cli, line, &o) != -EINVAL)
			fail_msg("%s: taken", line);
		assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
		if (!strstr(e->what, bad[i].fact))
			fail_msg("%s: fact is: %s", line, e->what);
		if (bad[i].fix && !strstr(e->remedy, bad[i].fix))
			fail_msg("%s: fix is: %s", line, e->remedy);
		run_options_free(&o);
	}
}

static void run_options_require_a_kernel(void **state)
{
	struct cli *cli = *state;
	struct run_options o;

	assert_int_equal(line_parse(cli, "-m|512", &o), -EINVAL);
	assert_non_null(strstr(lend_ctx_error(cli->ctx)->what, "-kernel"));
	run_options_free(&o);
	assert_int_equal(line_parse(cli, "", &o), -EINVAL);
	run_options_free(&o);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, run_options_test_setup,             \
					run_options_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(run_options_have_defaults),
		TEST(run_options_come_in_any_order),
		TEST(run_options_use_the_last_value),
		TEST(run_options_accept_good_spellings),
		TEST(memory_sizes_have_units),
		TEST(objects_keep_their_order),
		TEST(objects_may_be_json),
		TEST(run_options_refuse_bad_spellings),
		TEST(run_options_require_a_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
