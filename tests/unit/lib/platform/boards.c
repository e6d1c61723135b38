// SPDX-License-Identifier: MIT
// Asks for the guest's node of each device of whole boards, from their compiled
// trees, follows the remedies, and counts what is given and refused.

#include <limits.h>
#include <libfdt.h>

#include "board.h"
#include "boards-kernel.h"
#include "boards.h"
#include "cli/dt-source.h"
#include "tests/unit/fake/fake-drivers.h"

#define GUEST_SIZE  (1 << 20)
#define NAMES_SIZE  16384
#define ROUNDS_MAX  64
#define REASONS_MAX 64
#define SOURCES     (1u << 20) /* a power of two */

struct boards_run {
	struct machine *machine;
	struct boards_kernel kernel;
	char root[PATH_MAX];
	struct lend_address *address; /* of the one device */
	struct boards_host host;
	const char *file;
	unsigned int boards, devices, given, fixed, refused;
	unsigned int numbers; /* properties that only looked like references */
	unsigned int references; /* and those that were some */
	unsigned int compiled;
	unsigned int faults;
	struct {
		char text[192];
		char example[256]; /* board and device */
		unsigned int count;
	} reasons[REASONS_MAX];
	uint64_t *sources; /* hashes of what dtc has compiled */
	void *guest;
};

static void boards_fault(struct boards_run *run, const char *path,
			 const char *what)
{
	printf("%s: %s: %s\n", run->file, path, what);
	run->faults++;
}

/* An error as a kind: without names and numbers; with the binding of an
 * interrupt controller. */
static void board_find_kind(const struct lend_error *error, char *kind,
			    size_t size)
{
	const char *binding = strstr(error->evidence, "by the binding of ");
	size_t used = 0;
	bool quoted = false;

	for (const char *c = error->what; *c && used < size - 1; c++) {
		/* No quotation begins within a word: "host's" */
		if (*c == '\'' && (quoted || !used || c[-1] == ' '))
			quoted = !quoted;
		else if (!quoted && !strchr("0123456789", *c))
			kind[used++] = *c;
	}
	kind[used] = '\0';
	if (binding)
		snprintf(kind + used, size - used, ", %.*s",
			 (int)strcspn(binding, "/\n"), binding);
}

static void count_reason(struct boards_run *run, const char *path)
{
	char kind[192];

	board_find_kind(run->machine->error, kind, sizeof(kind));
	run->refused++;
	for (unsigned int i = 0; i < REASONS_MAX; i++) {
		if (!run->reasons[i].count) {
			strcpy(run->reasons[i].text, kind);
			snprintf(run->reasons[i].example,
				 sizeof(run->reasons[i].example), "%s, %s",
				 run->file, path);
		}
		if (strcmp(run->reasons[i].text, kind) != 0)
			continue;
		run->reasons[i].count++;
		return;
	}
}

static void add_names(char *names, const char *more, size_t length)
{
	size_t used = strlen(names);

	assert_true(used + length + 2 < NAMES_SIZE);
	sprintf(names + used, "%s%.*s", used ? ":" : "", (int)length, more);
}

/* Takes the names that a remedy has for an option. */
static bool follow_remedy(const char *remedy, const char *option, char *names)
{
	const char *more = strstr(remedy, option);

	if (!more)
		return false;
	more += strlen(option);
	add_names(names, more, strcspn(more, "\n"));
	return true;
}

/* As a user who knows the device: what refers to nodes is dropped, numbers are
 * kept. Where the tree does not say which is which, all is dropped. */
static bool follow_numbers(struct boards_run *run, const char *path, char *drop,
			   char *numbers)
{
	const char *name = strstr(run->machine->error->remedy, "dt-number=");
	size_t length;

	if (!name)
		return false;
	for (name += strlen("dt-number="); *name && *name != '\n';
	     name += length + (name[length] == ':')) {
		char one[256];

		length = strcspn(name, ":\n");
		snprintf(one, sizeof(one), "%.*s", (int)length, name);
		if (!run->host.has_fixups ||
		    boards_refers(&run->host, path, one)) {
			run->references++;
			add_names(drop, name, length);
		} else {
			run->numbers++;
			add_names(numbers, name, length);
		}
	}
	return true;
}

/* Prepares a device's node, with options from remedies if required. Returns the
 * number of attempts, or 0 if it is refused. */
static unsigned int boards_prepare(struct boards_run *run, const char *path,
				   struct lend_platform *platform)
{
	char *drop = calloc(2, NAMES_SIZE);
	char *numbers = drop + NAMES_SIZE;
	const struct lend_platform_options options = {
		.size = sizeof(options),
		.drop = drop,
		.numbers = numbers,
	};
	const char *remedy = run->machine->error->remedy;
	unsigned int round = 1;
	int err;

	assert_non_null(drop);
	while ((err = lend_platform_prepare(platform, &options)) == -ENOTSUP &&
	       ++round < ROUNDS_MAX) {
		bool helps = follow_remedy(remedy, "dt-drop=", drop);

		if (!follow_numbers(run, path, drop, numbers) && !helps)
			break;
	}
	free(drop);
	if (err == -ENOTSUP)
		boards_fault(run, path, "the remedy does not help");
	if (err)
		count_reason(run, path);
	return err ? 0 : round;
}

/* Reads a whole compiled tree, NULL if it is none. */
static void *boards_load(const char *path)
{
	FILE *file = fopen(path, "re");
	void *data = malloc(GUEST_SIZE);
	size_t size;

	if (!file || !data)
		fail_msg("no %s", path);
	size = fread(data, 1, GUEST_SIZE, file);
	fclose(file);
	if (!fdt_check_full(data, size))
		return data;
	free(data);
	return NULL;
}

/* Has dtc compile a source, to what it was printed from. */
static void boards_run_dtc(struct boards_run *run, const char *path,
			   const char *text, size_t size)
{
	char command[2 * PATH_MAX];
	void *compiled = NULL;
	FILE *dtc;

	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb -o %s/dtb -",
		 run->machine->fake->root);
	dtc = popen(command, "w");
	assert_non_null(dtc);
	fwrite(text, 1, size, dtc);
	if (pclose(dtc)) {
		boards_fault(run, path, "dtc does not compile it");
		return;
	}
	snprintf(command, sizeof(command), "%s/dtb", run->machine->fake->root);
	compiled = boards_load(command);
	if (!compiled || !boards_tree_has(compiled, 0, run->guest, 0) ||
	    !boards_tree_has(run->guest, 0, compiled, 0))
		boards_fault(run, path, "dtc compiles it to another tree");
	free(compiled);
	run->compiled++;
}

/* Compiles what lend dt prints, each text once. */
static void boards_compile(struct boards_run *run, const char *path)
{
	uint64_t hash = 14695981039346656037u, slot;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	if (dt_source_print(file, run->guest))
		boards_fault(run, path, "it cannot be printed");
	fclose(file);
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	slot = hash & (SOURCES - 1);
	if (run->sources[slot] != hash)
		boards_run_dtc(run, path, text, size);
	run->sources[slot] = hash;
	free(text);
}

static int boards_write(struct boards_run *run,
			const struct lend_platform *platform)
{
	uint64_t addresses[256], end;
	uint32_t spis[256];
	const struct lend_platform_place place = {
		.size = sizeof(place),
		.addresses = addresses,
		.spis = spis,
	};

	for (uint32_t i = 0; i < 256; i++)
		spis[i] = 32 + i;
	assert_int_equal(fdt_create_empty_tree(run->guest, GUEST_SIZE), 0);
	fdt_setprop_u32(run->guest, 0, "#address-cells", 2);
	fdt_setprop_u32(run->guest, 0, "#size-cells", 2);
	if (lend_platform_arrange(platform, 0x10000000, addresses, &end))
		return -1;
	assert_int_equal(lend_platform_write(platform, &place, run->guest, 0),
			 0);
	return 0;
}

/* The guest's node of the device: the one with the device's regions. */
static int boards_find_node(const void *guest, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t base = strcspn(name, "@");
	int node;

	fdt_for_each_subnode(node, guest, 0)
	{
		const char *has = fdt_get_name(guest, node, NULL);

		if (strcspn(has, "@") == base && !memcmp(has, name, base) &&
		    fdt_getprop(guest, node, "reg", NULL))
			return node;
	}
	return -1;
}

static void boards_try_device(struct boards_run *run, const char *path)
{
	struct lend_platform *platform = NULL;
	unsigned int rounds;

	run->devices++;
	run->kernel.device = path;
	if (lend_platform_new(run->address, NULL, &platform)) {
		count_reason(run, path);
		return;
	}
	rounds = boards_prepare(run, path, platform);
	if (rounds && boards_write(run, platform)) {
		count_reason(run, path);
	} else if (rounds) {
		int node = boards_find_node(run->guest, path);

		run->given += rounds == 1;
		run->fixed += rounds > 1;
		if (node < 0)
			boards_fault(run, path, "the guest has no node");
		else
			run->faults += boards_check_phandles(&run->host, path,
							     run->guest, node);
		boards_compile(run, path);
	}
	lend_platform_free(platform);
}

static bool has_no_devices(const char *name)
{
	static const char *const others[] = {"aliases", "chosen", "cpus",
					     "memory", "reserved-memory"};

	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncmp(name, others[i], strlen(others[i])))
			return true;
	return name[0] == '_';
}

/* Devices have registers: their buses have sizes. Those with three address
 * cells are PCI's, which a guest enumerates. */
static void visit_bus(struct boards_run *run, int bus, const char *path)
{
	const void *fdt = run->host.fdt;
	char below[PATH_MAX];
	int node;

	fdt_for_each_subnode(node, fdt, bus)
	{
		const char *name = fdt_get_name(fdt, node, NULL);

		if (has_no_devices(name))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, name);
		if (fdt_getprop(fdt, node, "compatible", NULL) &&
		    fdt_getprop(fdt, node, "reg", NULL) &&
		    fdt_address_cells(fdt, bus) < 3 &&
		    fdt_size_cells(fdt, bus) > 0)
			boards_try_device(run, below);
		visit_bus(run, node, below);
	}
}

static void visit_board(struct boards_run *run, const char *path)
{
	void *fdt = boards_load(path), *plain;
	int fixups;

	run->file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	if (!fdt) {
		boards_fault(run, path, "not a device tree");
		return;
	}
	plain = malloc(fdt_totalsize(fdt));
	assert_non_null(plain);
	memcpy(plain, fdt, fdt_totalsize(fdt));
	fixups = fdt_subnode_offset(plain, 0, "__local_fixups__");
	run->host = (struct boards_host){fdt, fixups >= 0};
	if (fixups >= 0)
		fdt_del_node(plain, fixups);
	boards_kernel_load(&run->kernel, plain);
	run->boards++;
	visit_bus(run, 0, "");
	boards_kernel_unload(&run->kernel);
	free(plain);
	free(fdt);
}

/* A machine with one device, whose node is any of a tree. */
static void boards_begin(struct boards_run *run)
{
	char sysfs[PATH_MAX];
	struct lend_ctx_options options = {
		.size = sizeof(options),
		.sysfs = sysfs,
	};
	void *state;

	machine_setup(&state);
	run->machine = state;
	fake_join(run->root, "%s/" BOARD_BASE, run->machine->fake->root);
	fake_join(sysfs, "%s/sys", run->machine->fake->root);
	boards_kernel_init(&run->kernel, &run->machine->fake->kernel,
			   run->root);
	lend_ctx_unref(run->machine->ctx);
	assert_int_equal(
		ctx_new(&options, &run->kernel.kernel, &run->machine->ctx), 0);
	run->machine->error = lend_ctx_error(run->machine->ctx);
	board_add_device(run->machine, "device");
	run->address = machine_find(run->machine, "device");
}

static void boards_end(struct boards_run *run)
{
	void *state = run->machine;

	lend_address_unref(run->address);
	machine_teardown(&state);
}

int main(int argc, char **argv)
{
	struct boards_run *run = calloc(1, sizeof(*run));

	assert_non_null(run);
	boards_begin(run);
	run->guest = malloc(GUEST_SIZE);
	run->sources = calloc(SOURCES, sizeof(*run->sources));
	assert_non_null(run->guest);
	assert_non_null(run->sources);
	for (int i = 1; i < argc; i++)
		visit_board(run, argv[i]);
	printf("%u boards, %u devices: %u nodes, %u by the remedies, %u "
	       "refused\n%u sources compiled, %u properties dropped as likely "
	       "references, %u kept as numbers\n",
	       run->boards, run->devices, run->given, run->fixed, run->refused,
	       run->compiled, run->references, run->numbers);
	for (unsigned int i = 0; i < REASONS_MAX && run->reasons[i].count; i++)
		printf("%7u refused: %s (%s)\n", run->reasons[i].count,
		       run->reasons[i].text, run->reasons[i].example);
	printf("%u faults\n", run->faults);
	argc = run->faults ? 1 : 0;
	boards_end(run);
	free(run->sources);
	free(run->guest);
	free(run);
	return argc;
}
