// SPDX-License-Identifier: MIT
// lend report: all that a bug report requires, in one JSON document.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/devices.h"
#include "cli/facts.h"
#include "cli/findings.h"
#include "cli/no-memory.h"
#include "cli/options.h"
#include "cli/redact.h"

struct host_report {
	struct lend_ctx *ctx;
	struct facts_source source;
	struct json_object *devices, *findings, *iommus;
	bool is_whole;
};

static const struct cli_option options[] = {
	{.name = "whole",
	 .help = "leave names and addresses of the host in it",
	 .flag = offsetof(struct host_report, is_whole)},
};

static const struct cli_syntax syntax = {
	.about = "Prints a JSON document for a bug report: kernel, IOMMUs, "
		 "devices and what lend\n"
		 "check finds about each. MAC and IP addresses, serial "
		 "numbers, UUIDs and the name\n"
		 "of the host are taken out. Read it before you publish it.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

/* Parameters that matter to VFIO begin with one of these; what else is on a
 * command line, such as keys and addresses, does not leave the host. */
static const char *const parameters[] = {
	"amd_iommu",
	"arm-smmu",
	"default_hugepagesz",
	"disable_vga",
	"efi=",
	"hugepages",
	"initcall_blacklist",
	"intel_iommu",
	"intremap",
	"iommu",
	"ivrs_",
	"kvm",
	"modprobe.blacklist",
	"module_blacklist",
	"nomodeset",
	"pci",
	"rd.driver.blacklist",
	"swiotlb",
	"vfio",
	"video=",
};

static bool host_report_has_parameter(const char *word)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (!strncmp(word, parameters[i], strlen(parameters[i])))
			return true;
	return false;
}

static struct json_object *host_report_parameters(void)
{
	struct json_object *list = json_object_new_array();
	FILE *file = fopen("/proc/cmdline", "re");
	char line[4096] = "", *rest = line, *word;

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	while ((word = strsep(&rest, " \n")))
		if (host_report_has_parameter(word))
			json_object_array_add(list, json_new_text(word));
	return list;
}

/* Adds a name to a set. */
static void host_report_note(struct json_object *set, const char *name)
{
	for (size_t i = 0; i < json_length(set); i++)
		if (!strcmp(json_object_get_string(json_at(set, i)), name))
			return;
	if (*name)
		json_object_array_add(set, json_new_text(name));
}

static int host_report_add(void *opaque, struct lend_address *address)
{
	struct host_report *report = opaque;
	const struct lend_check_options check_options = {
		.size = sizeof(check_options),
		.found = findings_add,
		.opaque = report->findings,
	};
	struct json_object *facts;
	char text[256];

	if (lend_address_bus(address) == LEND_BUS_PLATFORM &&
	    lend_address_group(address) < 0)
		return 0;
	facts = facts_of(&report->source, address);
	lend_attribute_read(address, "reset_method", text, sizeof(text));
	json_add_words(facts, "reset_methods", text);
	json_object_array_add(report->devices, facts);
	lend_attribute_link(address, "iommu", text, sizeof(text));
	host_report_note(report->iommus, text);
	lend_check(report->ctx, &address, 1, &check_options);
	return 0;
}

static int host_report_print(struct host_report *report)
{
	struct json_object *document = json_new_document();
	struct utsname host = {0};
	char version[32];
	int err = 0;

	uname(&host);
	snprintf(version, sizeof(version), "%d.%d.%d", LEND_VERSION_MAJOR,
		 LEND_VERSION_MINOR, LEND_VERSION_MICRO);
	json_add_text(document, "lend", version);
	json_add_text(document, "kernel", host.release);
	json_add_text(document, "machine", host.machine);
	json_add(document, "parameters", host_report_parameters());
	json_add(document, "iommus", json_object_get(report->iommus));
	json_add(document, "devices", json_object_get(report->devices));
	json_add(document, "findings", json_object_get(report->findings));
	if (!report->is_whole)
		err = redact_document(document, host.nodename);
	if (!err)
		json_print(document);
	else
		json_object_put(document);
	return err ? cli_no_memory(report->ctx) : 0;
}

int cmd_report(struct cli *cli, int argc, char **argv)
{
	struct host_report report = {.ctx = cli->ctx};
	int err = cli_parse(cli, &syntax, &report, argc, argv);

	if (err < 0)
		return err;
	facts_open(&report.source, cli->ctx);
	report.devices = json_object_new_array();
	report.findings = json_object_new_array();
	report.iommus = json_object_new_array();
	err = devices_each(report.ctx, host_report_add, &report);
	if (!err)
		err = host_report_print(&report);
	json_object_put(report.devices);
	json_object_put(report.findings);
	json_object_put(report.iommus);
	facts_close(&report.source);
	return err;
}
