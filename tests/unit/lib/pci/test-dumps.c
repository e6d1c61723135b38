// SPDX-License-Identifier: MIT
// Configuration spaces of real devices, as `lspci -vvxxxx` prints them, are
// presented or refused; the verdict on each is printed.

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include <lend/capability.h>

#include "function.h"

enum { LINE = 512 };

/* A function of a dump. */
struct dump {
	char name[LINE];
	uint8_t config[CONFIG_SIZE];
	size_t size; /* bytes of it that were printed */
	uint64_t sizes[BAR_COUNT];
};

static struct {
	unsigned int presented, refused, warnings;
} total;

/* "Region 0: Memory at f7d00000 (32-bit, non-prefetchable) [size=128K]" */
static void dump_read_region(struct dump *dump, const char *line)
{
	const char *size = strstr(line, "[size=");
	unsigned int bar;
	char unit = 0;
	unsigned long long count;

	if (!size || sscanf(line, " Region %u:", &bar) != 1 ||
	    bar >= LEND_PCI_BAR_ROM ||
	    sscanf(size, "[size=%llu%c", &count, &unit) < 1)
		return;
	if (unit == 'K')
		count <<= 10;
	else if (unit == 'M')
		count <<= 20;
	else if (unit == 'G')
		count <<= 30;
	dump->sizes[bar] = count;
}

/* "3f0: 00 01 …" */
static bool dump_read_bytes(struct dump *dump, const char *line)
{
	unsigned int at, byte;
	int used;

	if (sscanf(line, "%x:%n", &at, &used) != 1 || used > 4 || at % 16 ||
	    line[used] != ' ' || at >= CONFIG_SIZE)
		return false;
	for (unsigned int i = 0; i < 16; i++) {
		int more = 0;

		if (sscanf(line + used, " %2x%n", &byte, &more) != 1)
			return i > 0;
		dump->config[at + i] = (uint8_t)byte;
		used += more;
	}
	if (dump->size < at + 16)
		dump->size = at + 16;
	return true;
}

static bool dump_is_start(const char *line)
{
	unsigned int domain, bus, slot, function;

	return sscanf(line, "%4x:%2x:%2x.%1u ", &domain, &bus, &slot,
		      &function) == 4 ||
	       sscanf(line, "%2x:%2x.%1u ", &bus, &slot, &function) == 3;
}

/* Where no size is printed, the address has at least its alignment. */
static void dump_guess_sizes(struct dump *dump)
{
	for (unsigned int i = 0; i < LEND_PCI_BAR_ROM; i++) {
		const uint8_t *reg = dump->config + PCI_BASE_ADDRESS_0 + i * 4;
		uint32_t value = (uint32_t)reg[0] | (uint32_t)reg[1] << 8 |
				 (uint32_t)reg[2] << 16 |
				 (uint32_t)reg[3] << 24;
		uint32_t base = value & (value & 1 ? ~3u : ~15u);

		if (!dump->sizes[i] && base)
			dump->sizes[i] = base & -base & 0x0fffffff;
		if (!(value & 1) && value & PCI_BASE_ADDRESS_MEM_TYPE_64)
			i++;
	}
}

static void dump_apply(const struct dump *dump, struct fake_device *host)
{
	const uint32_t rw =
		VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];
	const char *cut;
	unsigned int count =
		lend_pci_capabilities(dump->config, 256, LEND_PCI_LIST_STANDARD,
				      found, LEND_PCI_LIST_STANDARD_MAX, &cut);

	fake_region_set(host, LEND_PCI_REGION_CONFIG,
			dump->size > 256 ? CONFIG_SIZE : 256, rw);
	memcpy(host->regions[LEND_PCI_REGION_CONFIG].bytes, dump->config,
	       dump->size);
	for (unsigned int i = 0; i < LEND_PCI_BAR_ROM; i++) {
		bool io = dump->config[PCI_BASE_ADDRESS_0 + i * 4] & 1;

		fake_region_set(host, i, dump->sizes[i],
				io ? rw : rw | VFIO_REGION_INFO_FLAG_MMAP);
		host->regions[i].msix_mappable = true;
	}
	fake_irq_set(host, LEND_PCI_IRQ_INTX,
		     dump->config[PCI_INTERRUPT_PIN] != 0, 0);
	fake_irq_set(host, LEND_PCI_IRQ_MSI, 0, 0);
	fake_irq_set(host, LEND_PCI_IRQ_MSIX, 0, 0);
	for (unsigned int i = 0; i < count; i++) {
		const uint8_t *at = dump->config + found[i].offset;

		if (found[i].id == PCI_CAP_ID_MSI)
			fake_irq_set(host, LEND_PCI_IRQ_MSI,
				     1u << (at[PCI_MSI_FLAGS] >> 1 & 7), 0);
		if (found[i].id == PCI_CAP_ID_MSIX)
			fake_irq_set(
				host, LEND_PCI_IRQ_MSIX,
				((at[2] | at[3] << 8) & PCI_MSIX_FLAGS_QSIZE) +
					1,
				0);
	}
}

/* A guest reads all of it, and walks its lists. */
static unsigned int dump_read_all(struct function *f)
{
	struct lend_pci_capability found[LEND_PCI_LIST_EXTENDED_MAX];
	static uint8_t view[CONFIG_SIZE];
	const char *cut;
	unsigned int count;

	for (unsigned int at = 0; at < CONFIG_SIZE; at += 4)
		image_put(view, at, 4, cfg_get(f, at, 4));
	count = lend_pci_capabilities(view, CONFIG_SIZE, LEND_PCI_LIST_STANDARD,
				      found, LEND_PCI_LIST_STANDARD_MAX, &cut);
	assert_null(cut);
	if (cfg_get(f, 0x100, 4) == 0xffffffff) /* a conventional device */
		return count;
	count +=
		lend_pci_capabilities(view, CONFIG_SIZE, LEND_PCI_LIST_EXTENDED,
				      found, LEND_PCI_LIST_EXTENDED_MAX, &cut);
	assert_null(cut);
	return count;
}

static void dump_present(struct dump *dump)
{
	struct function *f;
	void *state;
	int err;

	if (dump->size < PCI_STD_HEADER_SIZEOF)
		return;
	assert_int_equal(pci_function_setup(&state), 0);
	f = state;
	dump_guess_sizes(dump);
	dump_apply(dump, f->host);
	f->host->written = NULL;
	err = function_open(f, NULL);
	if (!err) {
		printf("  %s: %u capabilities", dump->name, dump_read_all(f));
		total.presented++;
	} else {
		const struct lend_error *e = lend_ctx_error(f->ctx);

		printf("  %s: %s", dump->name, e->what);
		assert_true(e->code == LEND_ERROR_DEVICE ||
			    e->code == LEND_ERROR_NO_IOMMU);
		total.refused++;
	}
	printf("%s%s\n", f->warnings ? "; " : "", f->warning);
	total.warnings += f->warnings;
	assert_int_equal(pci_function_teardown(&state), 0);
}

static void dump_read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	struct dump dump = {.size = 0};
	char line[LINE];

	assert_non_null(file);
	printf("%s\n", strrchr(path, '/') + 1);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (dump_is_start(line)) {
			dump_present(&dump);
			memset(&dump, 0, sizeof(dump));
			snprintf(dump.name, sizeof(dump.name), "%.*s",
				 (int)strcspn(line, " "), line);
		} else if (!dump_read_bytes(&dump, line)) {
			dump_read_region(&dump, line);
		}
	}
	dump_present(&dump);
	fclose(file);
}

static int dump_is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static const char *directory;

static void dumps_are_presented_or_refused(void **state)
{
	struct dirent **entries;
	char path[4096];
	int count;

	(void)state;
	count = scandir(directory, &entries, dump_is_file, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory,
			 entries[i]->d_name);
		dump_read_file(path);
		free(entries[i]);
	}
	free(count >= 0 ? entries : NULL);
	printf("%d files: %u functions presented, %u refused, %u warnings\n",
	       count, total.presented, total.refused, total.warnings);
	/* Fewer would mean that they are not read. */
	assert_true(total.presented > 50 && total.refused);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dumps_are_presented_or_refused),
	};

	if (argc != 2)
		return 2;
	directory = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
