// SPDX-License-Identifier: MIT
// Devices that a udev rule binds to VFIO at each boot.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/persist-rules.h"
#include "cli/persist.h"
#include "cli/findings.h"
#include "cli/nodes.h"

static unsigned int persist_read_id(const struct lend_address *address,
				    const char *name)
{
	char text[32];

	lend_attribute_read(address, name, text, sizeof(text));
	return (unsigned int)strtoul(text, NULL, 16) & 0xffff;
}

/* The driver of a device is in the kernel itself if it has no module. */
static bool persist_is_built_in(const struct lend_address *address,
				const char *driver)
{
	char module[256];

	return driver[0] && !nodes_is_vfio_driver(driver) &&
	       lend_attribute_link(address, "driver/module", module,
				   sizeof(module)) < 0;
}

static int persist_check_one(struct cli *cli,
			     const struct lend_address *address)
{
	const char *name = lend_address_name(address);
	char driver[256];

	if (lend_address_bus(address) != LEND_BUS_PCI) {
		lend_error_set(cli->ctx, LEND_ERROR_WRONG_TYPE, EINVAL, name,
			       "only PCI devices can be bound by a rule at "
			       "boot");
		return lend_error_remedy(cli->ctx,
					 "systemctl enable \"$(systemd-escape "
					 "--template=lend-bind@.service %s)\"",
					 name);
	}
	lend_address_driver(address, driver, sizeof(driver));
	if (!persist_is_built_in(address, driver))
		return 0;
	lend_error_set(cli->ctx, LEND_ERROR_HOST_DRIVER, ENOTSUP, name,
		       "driver %s is built into the kernel, which binds it "
		       "before a rule can prevent that",
		       driver);
	return lend_error_remedy(cli->ctx,
				 "bind it later in the boot: systemctl enable "
				 "lend-bind@%s.service",
				 name);
}

int persist_check(struct cli *cli, const struct devices *devices)
{
	struct persist_rules rules;
	int err = persist_rules_open(cli, true, &rules);

	persist_rules_close(&rules);
	for (unsigned int i = 0; i < devices->count && !err; i++)
		err = persist_check_one(cli, devices->addresses[i]);
	return err;
}

int persist_add(struct cli *cli, const struct devices *devices,
		const char *wanted)
{
	struct persist_rules rules;
	int err = persist_rules_open(cli, true, &rules);

	for (unsigned int i = 0; i < devices->count && !err; i++) {
		const struct lend_address *address = devices->addresses[i];
		struct persist_rule rule = {
			.vendor = persist_read_id(address, "vendor"),
			.model = persist_read_id(address, "device"),
		};

		snprintf(rule.device, sizeof(rule.device), "%s",
			 lend_address_name(address));
		err = lend_bind_driver(address, wanted, rule.driver,
				       sizeof(rule.driver));
		if (!err)
			err = persist_rules_set(cli, &rules, &rule);
	}
	if (!err)
		err = persist_rules_save(cli, &rules);
	persist_rules_close(&rules);
	return err;
}

/* A device that is gone has no other name than that of its rule, which may be
 * written without its domain. */
static bool persist_forget_one(struct cli *cli, struct persist_rules *rules,
			       const char *name)
{
	struct lend_address *address;
	char longer[PERSIST_DEVICE + 8];
	bool is_removed;

	snprintf(longer, sizeof(longer), "0000:%s", name);
	if (persist_rules_remove(rules, name) ||
	    persist_rules_remove(rules, longer))
		return true;
	if (lend_address_find(cli->ctx, name, &address))
		return false;
	is_removed = persist_rules_remove(rules, lend_address_name(address));
	lend_address_unref(address);
	return is_removed;
}

int persist_forget(struct cli *cli, char *const *names, unsigned int count)
{
	struct persist_rules rules;
	int err = persist_rules_open(cli, true, &rules);

	for (unsigned int i = 0; i < count && !err; i++) {
		if (persist_forget_one(cli, &rules, names[i]))
			continue;
		err = lend_error_set(cli->ctx, LEND_ERROR_STATE, ENOENT,
				     names[i], "no rule binds it at boot");
		lend_error_evidence(cli->ctx, "the rules are in %s",
				    rules.path);
	}
	if (!err)
		err = persist_rules_save(cli, &rules);
	persist_rules_close(&rules);
	return err;
}

/* Another card may be at the address of a rule. */
static bool persist_is_of(const struct persist_rule *rule,
			  const struct lend_address *address)
{
	return persist_read_id(address, "vendor") == rule->vendor &&
	       persist_read_id(address, "device") == rule->model;
}

static struct lend_address *persist_find_device(struct cli *cli,
						const struct persist_rule *rule)
{
	struct lend_address *address = NULL;

	if (lend_address_find(cli->ctx, rule->device, &address))
		return NULL;
	return persist_is_of(rule, address) ? address
					    : lend_address_unref(address);
}

/* Opens the rules to change them, or reads them if there are none: that takes
 * no right to write. */
static int persist_rules_open_any(const struct cli *cli,
				  struct persist_rules *rules)
{
	int err = persist_rules_open(cli, false, rules);

	if (err || !rules->count)
		return err;
	persist_rules_close(rules);
	return persist_rules_open(cli, true, rules);
}

int persist_end(struct cli *cli,
		int (*each)(void *opaque, const char *device,
			    struct lend_address *address),
		void *opaque)
{
	struct lend_error *failure = NULL;
	struct persist_rules rules;
	int err = persist_rules_open_any(cli, &rules), first = 0;
	unsigned int before = rules.count;

	for (unsigned int i = before; !err && i-- > 0;) {
		struct persist_rule rule = rules.rules[i];
		struct lend_address *address = persist_find_device(cli, &rule);
		int failed = each(opaque, rule.device, address);

		lend_address_unref(address);
		if (!failed)
			persist_rules_remove(&rules, rule.device);
		if (failed >= 0 || first)
			continue;
		failure = lend_error_copy(cli->ctx);
		first = failed;
	}
	if (!err && rules.count != before)
		err = persist_rules_save(cli, &rules);
	persist_rules_close(&rules);
	if (!err && failure)
		lend_error_restore(cli->ctx, failure);
	lend_error_free(failure);
	return err ? err : first;
}

/* Whether driverctl binds the device too, by either name of its file. */
static bool persist_has_driverctl(const struct cli *cli, const char *device)
{
	static const char *const prefixes[] = {"", "pci-"};
	char path[512];
	bool found = false;

	for (unsigned int i = 0; i < 2 && !found; i++) {
		snprintf(path, sizeof(path), "%s/driverctl.d/%s%s",
			 cli->etc ? cli->etc : "/etc", prefixes[i], device);
		found = !access(path, F_OK);
	}
	return found;
}

__attribute__((format(printf, 5, 6))) static void
persist_report(void *findings, const char *device,
	       enum lend_check_status status, const char *remedy,
	       const char *fmt, ...)
{
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	lend_text_clean(what);
	findings_add(findings, &(struct lend_finding){
				       .check = "boot",
				       .status = status,
				       .device = device,
				       .what = what,
				       .evidence = "",
				       .remedy = remedy,
			       });
}

/* What becomes of a device that has a rule. */
static void persist_report_rule(const struct lend_address *address,
				const struct persist_rule *rule, void *findings)
{
	const char *name = lend_address_name(address);
	char driver[256], remedy[256];

	lend_address_driver(address, driver, sizeof(driver));
	if (!persist_is_of(rule, address)) {
		snprintf(remedy, sizeof(remedy), "lend bind --forget %s", name);
		persist_report(findings, name, LEND_CHECK_WARNING, remedy,
			       "the rule of the next boot is for %04x:%04x, "
			       "and found %04x:%04x: it is left alone",
			       rule->vendor, rule->model,
			       persist_read_id(address, "vendor"),
			       persist_read_id(address, "device"));
	} else if (persist_is_built_in(address, driver)) {
		snprintf(remedy, sizeof(remedy),
			 "systemctl enable lend-bind@%s.service", name);
		persist_report(
			findings, name, LEND_CHECK_WARNING, remedy,
			"its rule has no effect: driver %s is built into "
			"the kernel",
			driver);
	} else if (driver[0] && !nodes_is_vfio_driver(driver)) {
		persist_report(
			findings, name, LEND_CHECK_WARNING,
			"update the initramfs, which may have driver and "
			"no rule: update-initramfs -u, or dracut -f",
			"bound to %s at each boot by its rule; its driver "
			"is %s now",
			rule->driver, driver);
	} else {
		persist_report(findings, name, LEND_CHECK_OK, "",
			       "bound to %s at each boot", rule->driver);
	}
}

static void persist_report_none(const struct cli *cli,
				const struct lend_address *address,
				void *findings)
{
	char driver[256];

	lend_address_driver(address, driver, sizeof(driver));
	if (nodes_is_vfio_driver(driver) &&
	    !persist_has_driverctl(cli, lend_address_name(address)))
		persist_report(findings, lend_address_name(address),
			       LEND_CHECK_OK, "", "bound until the next boot");
}

static void persist_add_finding(const struct cli *cli,
				const struct persist_rules *rules,
				const struct lend_address *address,
				void *findings)
{
	const char *name = lend_address_name(address);
	const struct persist_rule *rule = persist_rules_find(rules, name);

	if (rule)
		persist_report_rule(address, rule, findings);
	else
		persist_report_none(cli, address, findings);
	if (persist_has_driverctl(cli, name))
		persist_report(findings, name, LEND_CHECK_WARNING,
			       "driverctl unset-override, then lend bind "
			       "--persistent",
			       "driverctl sets its driver at boot%s",
			       rule ? " too" : "");
}

void persist_add_findings(struct cli *cli, const struct devices *devices,
			  void *findings)
{
	struct persist_rules rules;
	int err = persist_rules_open(cli, false, &rules);

	for (unsigned int i = 0; i < devices->count; i++) {
		const struct lend_address *address = devices->addresses[i];

		if (lend_address_bus(address) != LEND_BUS_PCI)
			continue;
		if (err)
			persist_report(findings, lend_address_name(address),
				       LEND_CHECK_WARNING, "", "%s",
				       lend_ctx_error(cli->ctx)->what);
		else
			persist_add_finding(cli, &rules, address, findings);
	}
	persist_rules_close(&rules);
}
