// SPDX-License-Identifier: MIT
// QEMU's other options: each is accepted, accepted with a note, or refused for
// a reason of its own, and all that is refused is reported at once.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/run/options.h"
#include "tests/unit/cli/run/line.h"

struct foreign_test {
	struct cli cli;
	unsigned int warnings;
	char log[2048];
};

static void foreign_test_log(void *opaque, enum lend_log_level level,
			     const char *text)
{
	struct foreign_test *test = opaque;
	size_t used = strlen(test->log);

	if (level != LEND_LOG_WARNING)
		return;
	test->warnings++;
	snprintf(test->log + used, sizeof(test->log) - used, "%s\n", text);
}

static int foreign_test_setup(void **state)
{
	static struct foreign_test test;
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = foreign_test_log,
		.log_opaque = &test,
	};

	test = (struct foreign_test){};
	*state = &test;
	return lend_ctx_new(&options, &test.cli.ctx);
}

static int foreign_test_teardown(void **state)
{
	struct foreign_test *test = *state;

	lend_ctx_unref(test->cli.ctx);
	return 0;
}

/* Parses an otherwise complete line. */
static int foreign_test_parse(struct foreign_test *test, const char *line)
{
	struct run_options o;
	char whole[512];
	int err;

	test->warnings = 0;
	test->log[0] = '\0';
	snprintf(whole, sizeof(whole), "-kernel|k|%s", line);
	err = line_parse(&test->cli, whole, &o);
	run_options_free(&o);
	return err;
}

static const char *const silent[] = {
	"-machine|q35,accel=kvm",
	"-machine|pc-q35-9.2,usb=off,memory-backend=pc.ram,hpet=off,acpi=on",
	"-machine|type=q35,kernel_irqchip=split,vmport=off,smm=off",
	"-M|virt-9.2,gic-version=3",
	"-accel|kvm",
	"-enable-kvm",
	"-rtc|base=utc,driftfix=slew",
	"-rtc|base=utc,clock=host",
	"-no-hpet",
	"-boot|strict=on",
	"-boot|menu=no,strict=yes",
	"-overcommit|mem-lock=off",
	"-overcommit|mem-lock=off,cpu-pm=off",
	"-smp|2,sockets=1,dies=1,cores=2,threads=1",
	"-sandbox|off",
	"-sandbox|on,obsolete=deny,spawn=deny",
	"-sandbox|enable=on,report=on",
	"-msg|timestamp=off",
	"-action|reboot=reset,shutdown=poweroff,panic=none",
	"-run-with|async-teardown=on",
	"-run-with|user=root,async-teardown=on",
	"-run-with|{\"user\":\"root\"}",
	"-runas|root",
	"-compat|deprecated-input=reject",
	"-global|kvm-pit.lost_tick_policy=delay",
	"-global|ICH9-LPC.disable_s3=1",
	"-global|driver=cfi.pflash01,property=secure,value=on",
	"-audiodev|none,id=a",
	"-audiodev|{\"id\":\"audio1\",\"driver\":\"none\"}",
	"-vnc|none",
	"-name|guest=vm,debug-threads=on",
	"-object|secret,id=s,file=f",
	"-object|{'qom-type':'secret','id':'s','format':'raw','file':'f'}",
	"-object|{'qom-type':'memory-backend-ram','id':'r','size':4294967296}",
	"-object|memory-backend-memfd,id=r,size=4G,share=on",
	"-object|iothread,id=io",
	"-object|rng-random,id=r,filename=/dev/urandom",
	"-object|tls-creds-x509,id=t,dir=/etc",
};

static void idle_options_are_accepted_silently(void **state)
{
	struct foreign_test *test = *state;

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (foreign_test_parse(test, silent[i]))
			fail_msg("%s: %s", silent[i],
				 lend_ctx_error(test->cli.ctx)->what);
		if (test->warnings)
			fail_msg("%s: %s", silent[i], test->log);
	}
}

static const char *const noted[][2] = {
	{"-machine|pc", "-machine type=pc is ignored"},
	{"-machine|dump-guest-core=off", "dump-guest-core=off is ignored"},
	{"-machine|smm=on", "smm=on is ignored"},
	{"-uuid|0f0f0f0f-1111-2222-3333-444444444444", "-uuid is ignored"},
	{"-no-shutdown", "ends when the guest powers off"},
	{"-boot|c", "order=c is ignored"},
	{"-boot|order=n,strict=on", "order=n is ignored"},
	{"-overcommit|cpu-pm=on", "cpu-pm=on is ignored"},
	{"-msg|timestamp=on", "no time stamp"},
	{"-msg|timestamp", "no time stamp"},
	{"-smp|2,sockets=2,cores=1,threads=1", "one socket of 2 cores"},
	{"-smp|4,cores=2,threads=2", "one socket of 4 cores"},
	{"-action|panic=pause", "panic=pause is ignored"},
	{"-k|de", "-k is ignored"},
};

static void options_without_effect_give_one_note(void **state)
{
	struct foreign_test *test = *state;

	for (size_t i = 0; i < sizeof(noted) / sizeof(noted[0]); i++) {
		if (foreign_test_parse(test, noted[i][0]))
			fail_msg("%s: %s", noted[i][0],
				 lend_ctx_error(test->cli.ctx)->what);
		if (test->warnings != 1 || !strstr(test->log, noted[i][1]))
			fail_msg("%s: %s", noted[i][0], test->log);
	}
}

static const struct {
	const char *line;
	const char *fact;
	const char *fix;
} missed[] = {
	{"-machine|q35,usb=on", "usb=on: emulated USB", "USB controller"},
	{"-machine|q35,pflash0=f", "pflash0=f: there is no firmware",
	 "-kernel"},
	{"-machine|q35,acpi=off", "acpi=off", "remove"},
	{"-machine|q35,xyzzyq=1", "xyzzyq=: unsupported", "remove xyzzyq="},
	{"-machine|q35,usbs=1", "usbs=: unsupported", "usb= is the nearest"},
	{"-machine|{\"type\":\"q35\",\"acpi\":false}", "acpi=off", "remove"},
	{"-machine|{", "machine: JSON: byte 2", NULL},
	{"-rtc|base=localtime", "base=localtime", "base=utc"},
	{"-rtc|clock=vm", "clock=vm", "clock=host"},
	{"-action|reboot=shutdown", "reboot=shutdown", "-no-reboot"},
	{"-run-with|chroot=/", "chroot=", "chroot(8)"},
	{"-global|vfio-pci.x-no-mmap=on", "-global", "-device"},
	{"-global|driver=vfio-pci,property=x-no-mmap,value=on", "-global",
	 "-device"},
	{"-audiodev|pa,id=a", "driver=pa: emulated sound", "sound card"},
	{"-display|gtk,gl=on", "no display", "ttyS0"},
	{"-S", "starts at once", "remove"},
	{"-chardev|socket,id=c", "character devices", "standard input"},
	{"-mon|chardev=c", "monitor", "Ctrl-a x"},
	{"-option-rom|f", "belong to devices", "romfile="},
	{"-virtfs|local", "directories", "NFS"},
	{"-set|device.a.b=c", "no groups", "-device"},
	{"-numa|node", "one NUMA node", "numactl"},
	{"-D|log", "standard error", "2>"},
	{"-rtc", "-rtc: it requires a value", "base=utc"},
	{"-object|memory-backend-memfd,id=m,hugetlb=on", "hugetlb=on",
	 "-mem-path"},
	{"-object|memory-backend-ram,id=m,host-nodes=0,policy=bind",
	 "host-nodes=", "numactl"},
};

static void options_that_would_be_missed_are_refused(void **state)
{
	struct foreign_test *test = *state;
	const struct lend_error *e = lend_ctx_error(test->cli.ctx);

	for (size_t i = 0; i < sizeof(missed) / sizeof(missed[0]); i++) {
		if (foreign_test_parse(test, missed[i].line) != -EINVAL)
			fail_msg("%s: taken", missed[i].line);
		if (!strstr(e->what, missed[i].fact) ||
		    (missed[i].fix && !strstr(e->remedy, missed[i].fix)))
			fail_msg("%s: %s: %s", missed[i].line, e->what,
				 e->remedy);
	}
}

/* A line of libvirt for one passed-through device, as libvirt 9 to 11 write it,
 * without its -device options. */
#define LIBVIRT                                                                \
	"-name|guest=vm1,debug-threads=on|-S|-object|{\"qom-type\":"           \
	"\"secret\","                                                          \
	"\"id\":\"masterKey0\",\"format\":\"raw\",\"file\":\"/m.aes\"}|"       \
	"-machine|pc-q35-9.2,usb=off,dump-guest-core=off,memory-backend="      \
	"pc.ram|-accel|kvm|-cpu|host,migratable=on|-m|size=4194304k|-object|"  \
	"{\"qom-type\":\"memory-backend-ram\",\"id\":\"pc.ram\","              \
	"\"size\":4294967296}|-overcommit|mem-lock=off|-smp|2,sockets=2,"      \
	"cores=1,threads=1|-uuid|0f0f0f0f-1111-2222-3333-444444444444|"        \
	"-display|none|-no-user-config|-nodefaults|-chardev|socket,id="        \
	"charmonitor,fd=31,server=on,wait=off|-mon|chardev=charmonitor,id="    \
	"monitor,mode=control|-rtc|base=utc,driftfix=slew|-global|"            \
	"kvm-pit.lost_tick_policy=delay|-no-hpet|-no-shutdown|-global|"        \
	"ICH9-LPC.disable_s3=1|-boot|strict=on|-blockdev|{\"driver\":"         \
	"\"file\",\"filename\":\"/d\",\"node-name\":\"s\"}|-netdev|"           \
	"{\"type\":\"tap\",\"fd\":\"33\",\"id\":\"hostnet0\"}|-audiodev|"      \
	"{\"id\":\"audio1\",\"driver\":\"none\"}|-sandbox|on,obsolete=deny,"   \
	"elevateprivileges=deny,spawn=deny,resourcecontrol=deny|-msg|"         \
	"timestamp=on"

static void a_line_of_libvirt_gives_one_list(void **state)
{
	static const char *const refused[] = {
		"-S: ",        "-chardev: ", "-mon: ",
		"-blockdev: ", "-netdev: ",  "-kernel is required",
	};
	struct foreign_test *test = *state;
	const struct lend_error *e = lend_ctx_error(test->cli.ctx);
	const char *at = e->evidence;
	struct run_options o;

	assert_int_equal(line_parse(&test->cli, LIBVIRT, &o), -EINVAL);
	run_options_free(&o);
	assert_string_equal(e->what, "the command line has 6 faults");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *line = strstr(at, refused[i]);

		if (!line || !strstr(line, ". Fix: "))
			fail_msg("%s: %s", refused[i], e->evidence);
		at = line;
	}
	/* Notes would only be in the way. */
	assert_int_equal(test->warnings, 0);
}

static void the_rest_of_a_line_of_libvirt_runs(void **state)
{
	static const char *const cut[] = {"-S|", "-chardev|", "-mon|",
					  "-blockdev|", "-netdev|"};
	struct foreign_test *test = *state;
	char line[2048] = "-kernel|k|" LIBVIRT;
	struct run_options o;

	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		char *at = strstr(line, cut[i]);
		char *next = at + strlen(cut[i]);

		if (i)
			next = strchr(next, '|') + 1;
		memmove(at, next, strlen(next) + 1);
	}
	if (line_parse(&test->cli, line, &o))
		fail_msg("%s\n%s", lend_ctx_error(test->cli.ctx)->what,
			 lend_ctx_error(test->cli.ctx)->evidence);
	assert_string_equal(o.name, "vm1");
	assert_int_equal(o.cpus, 2);
	assert_int_equal(o.ram >> 20, 4096);
	assert_false(o.mem_prealloc);
	run_options_free(&o);
}

static void memory_backends_ask_for_preallocation(void **state)
{
	struct foreign_test *test = *state;
	struct run_options o;

	assert_int_equal(
		line_parse(&test->cli,
			   "-kernel|k|-object|{'qom-type':"
			   "'memory-backend-ram','id':'r','prealloc':true}",
			   &o),
		0);
	assert_true(o.mem_prealloc);
	run_options_free(&o);
	assert_int_equal(line_parse(&test->cli,
				    "-kernel|k|-object|"
				    "memory-backend-ram,id=r,prealloc=off",
				    &o),
			 0);
	assert_false(o.mem_prealloc);
	run_options_free(&o);
}

static void help_as_a_value_prints_a_list(void **state)
{
	static const char *const lines[] = {
		"-device|help",
		"-device|vfio-pci,help",
		"-device|?",
		"-device|vfio-pci-nohotplug,?",
		"-cpu|help",
		"-machine|help",
		"-M|help",
		"-object|help",
		"-S|-device|help|-hdx",
		"-accel|help",
	};
	struct foreign_test *test = *state;
	struct run_options o;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		test->cli.help_shown = false;
		if (line_parse(&test->cli, lines[i], &o) != -ECANCELED ||
		    !test->cli.help_shown)
			fail_msg("%s: no list", lines[i]);
		run_options_free(&o);
	}
	test->cli.help_shown = false;
	assert_int_equal(foreign_test_parse(test, "-device|nvmes,help"), 0);
	assert_int_equal(foreign_test_parse(test, "-append|help"), 0);
	assert_false(test->cli.help_shown);
}

static void process_names_have_precedence(void **state)
{
	struct foreign_test *test = *state;
	struct run_options o;

	assert_int_equal(line_parse(&test->cli,
				    "-name|a|-kernel|k|-name|"
				    "guest=b,,c,process=d",
				    &o),
			 0);
	assert_string_equal(o.name, "d");
	run_options_free(&o);
	assert_int_equal(line_parse(&test->cli, "-name|b,,c|-kernel|k", &o), 0);
	assert_string_equal(o.name, "b,c");
	run_options_free(&o);
}

static void a_long_list_is_cut(void **state)
{
	struct foreign_test *test = *state;
	const struct lend_error *e = lend_ctx_error(test->cli.ctx);
	struct run_options o;
	char line[4096] = "-kernel|k";

	for (unsigned int i = 0; i < 40; i++) {
		size_t used = strlen(line);

		snprintf(line + used, sizeof(line) - used,
			 "|-m|%u-no-size-at-all-but-a-rather-long-word", i);
	}
	assert_int_equal(line_parse(&test->cli, line, &o), -EINVAL);
	run_options_free(&o);
	assert_string_equal(e->what, "the command line has 40 faults");
	assert_non_null(strstr(e->evidence, "\nand "));
	assert_non_null(strstr(e->evidence, " more"));
}

/* Whether an option is one of lend run's or in the table of QEMU's. */
static bool foreign_test_knows(struct foreign_test *test, const char *name)
{
	const struct lend_error *e = lend_ctx_error(test->cli.ctx);
	char line[128];

	snprintf(line, sizeof(line), "-%s|1", name);
	if (!foreign_test_parse(test, line))
		return true;
	return !strstr(e->what, "unknown option") &&
	       !strstr(e->evidence, "unknown option");
}

/* Takes the names from a line of -help: "-name value", or "-fda/-fdb file". */
static void foreign_test_check_help(struct foreign_test *test, char *line,
				    unsigned int *seen)
{
	char *words = strsep(&line, " \t\n");
	char *name;

	while ((name = strsep(&words, "/"))) {
		name += strspn(name, "-");
		if (!*name || !strcmp(name, "h"))
			continue;
		++*seen;
		if (!foreign_test_knows(test, name))
			fail_msg("QEMU's -%s is in no table", name);
	}
}

static void every_option_of_qemu_is_known(void **state)
{
	static const char *const programs[] = {"qemu-system-x86_64",
					       "qemu-system-aarch64"};
	struct foreign_test *test = *state;
	unsigned int seen = 0;
	char line[1024];

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		FILE *help;

		snprintf(line, sizeof(line), "%s -help 2>/dev/null </dev/null",
			 programs[i]);
		help = popen(line, "r");
		assert_non_null(help);
		while (fgets(line, sizeof(line), help))
			if (*line == '-')
				foreign_test_check_help(test, line, &seen);
		pclose(help);
	}
	if (!seen) {
		print_message("no QEMU is installed\n");
		skip();
	}
	assert_true(seen > 90);
}

/* Options that some release from 7.2 on has, and options that -help hides. */
static void options_of_other_releases_are_known(void **state)
{
	static const char *const names[] = {
		"no-acpi",
		"no-hpet",
		"async-teardown",
		"chroot",
		"runas",
		"singlestep",
		"one-insn-per-tb",
		"tb-size",
		"watchdog",
		"audio",
		"M",
		"qtest",
		"sdl",
		"curses",
		"writeconfig",
		"soundhw",
		"balloon",
		"incoming",
		"shim",
		"run-with",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!foreign_test_knows(*state, names[i]))
			fail_msg("-%s is in no table", names[i]);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, foreign_test_setup,                 \
					foreign_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(idle_options_are_accepted_silently),
		TEST(options_without_effect_give_one_note),
		TEST(options_that_would_be_missed_are_refused),
		TEST(a_line_of_libvirt_gives_one_list),
		TEST(the_rest_of_a_line_of_libvirt_runs),
		TEST(memory_backends_ask_for_preallocation),
		TEST(help_as_a_value_prints_a_list),
		TEST(process_names_have_precedence),
		TEST(a_long_list_is_cut),
		TEST(every_option_of_qemu_is_known),
		TEST(options_of_other_releases_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
