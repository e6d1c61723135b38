// SPDX-License-Identifier: MIT
// The settings of a virtual function, as the network interface of its physical
// function shows and takes them.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "cli/netlink.h"
#include "cli/vf-link.h"

/* What a driver shows that does not have a switch. */
#define SWITCH_UNKNOWN UINT32_MAX

static void vf_link_learn(struct vf_settings *settings, enum vf_field field)
{
	settings->known |= 1U << field;
}

static bool vf_link_learn_switch(struct vf_settings *settings,
				 enum vf_field field, uint32_t setting)
{
	if (setting != SWITCH_UNKNOWN)
		vf_link_learn(settings, field);
	return setting && setting != SWITCH_UNKNOWN;
}

/* Of those that drivers may stack, the first: no other is taken. */
static void vf_link_read_tags(struct netlink_list list,
			      struct vf_settings *settings)
{
	struct netlink_attribute attribute;
	struct ifla_vf_vlan_info tag;

	if (!netlink_next(&list, &attribute) ||
	    attribute.type != IFLA_VF_VLAN_INFO ||
	    !netlink_read(&attribute, &tag, sizeof(tag)))
		return;
	settings->vlan = tag.vlan;
	settings->priority = tag.qos;
	settings->protocol = ntohs(tag.vlan_proto);
	vf_link_learn(settings, VF_VLAN);
}

/* Reads one attribute of a function. Returns its number, or -1 if the attribute
 * has none. */
static long vf_link_read_one(const struct netlink_attribute *attribute,
			     struct vf_settings *settings)
{
	union {
		struct ifla_vf_mac mac;
		struct ifla_vf_rate rate;
		struct ifla_vf_spoofchk spoof_check;
		struct ifla_vf_trust trust;
	} has;

	if (attribute->type == IFLA_VF_MAC &&
	    netlink_read(attribute, &has.mac, sizeof(has.mac))) {
		memcpy(settings->mac, has.mac.mac, sizeof(settings->mac));
		vf_link_learn(settings, VF_MAC);
		return has.mac.vf;
	}
	if (attribute->type == IFLA_VF_RATE &&
	    netlink_read(attribute, &has.rate, sizeof(has.rate))) {
		settings->max_rate = has.rate.max_tx_rate;
		settings->min_rate = has.rate.min_tx_rate;
		vf_link_learn(settings, VF_MAX_RATE);
		vf_link_learn(settings, VF_MIN_RATE);
	} else if (attribute->type == IFLA_VF_SPOOFCHK &&
		   netlink_read(attribute, &has.spoof_check,
				sizeof(has.spoof_check))) {
		settings->spoof_check = vf_link_learn_switch(
			settings, VF_SPOOF_CHECK, has.spoof_check.setting);
	} else if (attribute->type == IFLA_VF_TRUST &&
		   netlink_read(attribute, &has.trust, sizeof(has.trust))) {
		settings->trust = vf_link_learn_switch(settings, VF_TRUST,
						       has.trust.setting);
	} else if (attribute->type == IFLA_VF_VLAN_LIST) {
		vf_link_read_tags(attribute->inside, settings);
	}
	return -1;
}

/* Finds the function @index among those of an interface. */
static bool vf_link_read(struct netlink_list functions, unsigned int index,
			 struct vf_settings *settings)
{
	struct netlink_attribute function, attribute;

	while (netlink_next(&functions, &function)) {
		bool is_found = false;

		*settings = (struct vf_settings){0};
		if (function.type != IFLA_VF_INFO)
			continue;
		while (netlink_next(&function.inside, &attribute))
			is_found |= vf_link_read_one(&attribute, settings) ==
				    (long)index;
		if (is_found)
			return true;
	}
	return false;
}

/* Asks the interface of a link. Returns 0, -ENODATA if it does not show the
 * function, or another -errno. */
static int vf_link_ask(struct vf_link *link, struct vf_settings *settings)
{
	const uint32_t wanted = RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS;
	struct netlink_request request;
	struct netlink_attribute attribute;
	struct netlink_answer answer;
	int err;

	netlink_begin(&request, RTM_GETLINK, 0, link->number);
	netlink_put(&request, IFLA_EXT_MASK, &wanted, sizeof(wanted));
	err = netlink_ask(&request, &answer);
	link->is_down = !(answer.flags & IFF_UP);
	if (!err)
		err = -ENODATA;
	/* InfiniBand has GUIDs in their place. */
	while (err == -ENODATA && answer.type == ARPHRD_ETHER &&
	       netlink_next(&answer.list, &attribute))
		if (attribute.type == IFLA_VFINFO_LIST &&
		    vf_link_read(attribute.inside, link->index, settings))
			err = 0;
	netlink_free(&answer);
	return err;
}

/* Looking for the interface among those of a physical function. */
struct vf_link_search {
	const struct lend_address *physical;
	struct vf_link *link;
	struct vf_settings *settings;
	int err; /* of the last that was asked, or -ENODEV */
};

static int vf_link_try(void *opaque, const char *interface)
{
	struct vf_link_search *search = opaque;
	struct vf_link *link = search->link;
	char path[128], number[16];

	snprintf(path, sizeof(path), "net/%s/ifindex", interface);
	snprintf(link->interface, sizeof(link->interface), "%s", interface);
	if (lend_attribute_read(search->physical, path, number,
				sizeof(number)) < 0)
		return 0;
	link->number = (unsigned int)strtoul(number, NULL, 10);
	search->err = vf_link_ask(link, search->settings);
	return !search->err;
}

static int vf_link_refuse(struct cli *cli, const struct vf_link *link,
			  const struct lend_address *physical, int err)
{
	char driver[256];

	lend_address_driver(physical, driver, sizeof(driver));
	if (err != -ENODATA && err != -ENODEV)
		return lend_error_set(cli->ctx, LEND_ERROR_SYSTEM, -err,
				      link->device,
				      "its settings cannot be read from %s: %s",
				      link->interface, strerror(-err));
	lend_error_set(cli->ctx, LEND_ERROR_WRONG_TYPE, ENOTSUP, link->device,
		       "no network interface of %s shows its settings",
		       link->physical);
	lend_error_evidence(cli->ctx, "driver of %s: %s", link->physical,
			    driver[0] ? driver : "(none)");
	if (err == -ENODEV)
		return lend_error_remedy(
			cli->ctx,
			"bind %s to its host driver, and run it in the network "
			"namespace of its interface",
			link->physical);
	return -ENOTSUP;
}

/* Finds the number of a function among those of its physical one. */
static bool vf_link_find_index(const struct lend_address *physical,
			       struct vf_link *link)
{
	char path[32], name[256];
	unsigned int count, total;

	if (lend_sriov_get(physical, &count, &total))
		return false;
	for (unsigned int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "virtfn%u", i);
		if (lend_attribute_link(physical, path, name, sizeof(name)) <
			    0 ||
		    strcmp(name, link->device) != 0)
			continue;
		link->index = i;
		return true;
	}
	return false;
}

int vf_link_find(struct cli *cli, const struct lend_address *function,
		 struct vf_link *link, struct vf_settings *settings)
{
	struct vf_link_search search = {
		.link = link, .settings = settings, .err = -ENODEV};
	struct lend_address *physical;
	char path[4096];
	int err;

	*link = (struct vf_link){.device = lend_address_name(function)};
	if (lend_attribute_link(function, "physfn", link->physical,
				sizeof(link->physical)) < 0) {
		lend_error_set(cli->ctx, LEND_ERROR_WRONG_TYPE, ENOTSUP,
			       link->device, "it is not a virtual function");
		return lend_error_remedy(cli->ctx,
					 "name one: lend sriov lists those of "
					 "a physical function");
	}
	snprintf(path, sizeof(path), "%s/physfn", lend_address_path(function));
	err = lend_address_find_path(cli->ctx, path, &physical);
	if (err)
		return err;
	search.physical = physical;
	if (vf_link_find_index(physical, link))
		lend_attribute_list(physical, "net", vf_link_try, &search);
	if (search.err)
		err = vf_link_refuse(cli, link, physical, search.err);
	lend_address_unref(physical);
	return err;
}

static void vf_link_put_rates(struct netlink_request *request,
			      unsigned int index,
			      const struct vf_settings *settings)
{
	const struct ifla_vf_rate rate = {
		.vf = index,
		.min_tx_rate = settings->min_rate,
		.max_tx_rate = settings->max_rate,
	};

	netlink_put(request, IFLA_VF_RATE, &rate, sizeof(rate));
}

static void vf_link_put_tag(struct netlink_request *request, unsigned int index,
			    const struct vf_settings *settings)
{
	const struct ifla_vf_vlan_info tag = {
		.vf = index,
		.vlan = settings->vlan,
		.qos = settings->priority,
		.vlan_proto = htons((uint16_t)settings->protocol),
	};
	size_t list = netlink_open(request, IFLA_VF_VLAN_LIST);

	netlink_put(request, IFLA_VF_VLAN_INFO, &tag, sizeof(tag));
	netlink_close(request, list);
}

static void vf_link_put(struct netlink_request *request, unsigned int index,
			const struct vf_settings *settings, enum vf_field field)
{
	struct ifla_vf_mac mac = {.vf = index};
	const struct ifla_vf_spoofchk spoof_check = {index,
						     settings->spoof_check};
	const struct ifla_vf_trust trust = {index, settings->trust};

	switch (field) {
	case VF_MAC:
		memcpy(mac.mac, settings->mac, sizeof(settings->mac));
		netlink_put(request, IFLA_VF_MAC, &mac, sizeof(mac));
		break;
	case VF_VLAN:
		vf_link_put_tag(request, index, settings);
		break;
	case VF_MAX_RATE:
	case VF_MIN_RATE:
		vf_link_put_rates(request, index, settings);
		break;
	case VF_SPOOF_CHECK:
		netlink_put(request, IFLA_VF_SPOOFCHK, &spoof_check,
			    sizeof(spoof_check));
		break;
	case VF_TRUST:
		netlink_put(request, IFLA_VF_TRUST, &trust, sizeof(trust));
		break;
	case VF_FIELDS:
		break;
	}
}

static int vf_link_explain(struct cli *cli, const struct vf_link *link,
			   const struct vf_settings *settings,
			   enum vf_field field, int err,
			   const struct netlink_answer *answer)
{
	char message[sizeof(answer->message)];

	if (err == -EPERM || err == -EACCES) {
		lend_error_set(cli->ctx, LEND_ERROR_PERMISSION, EACCES,
			       link->device,
			       "%s of virtual function %u of %s: %s",
			       vf_field_name(field), link->index,
			       link->interface, strerror(-err));
		return lend_error_remedy(cli->ctx, "run it as root (sudo)");
	}
	lend_error_set(cli->ctx,
		       err == -EOPNOTSUPP ? LEND_ERROR_WRONG_TYPE
					  : LEND_ERROR_DEVICE,
		       -err, link->device, "the driver of %s refuses %s %s: %s",
		       link->interface, vf_field_name(field),
		       vf_field_text(settings, field).text, strerror(-err));
	snprintf(message, sizeof(message), "%s", answer->message);
	lend_text_clean(message);
	if (message[0])
		lend_error_evidence(cli->ctx, "the driver: %s", message);
	if (err == -EOPNOTSUPP)
		return err;
	if (link->is_down)
		lend_error_remedy(cli->ctx, "ip link set %s up",
				  link->interface);
	lend_error_remedy(cli->ctx, "look for its reason in the kernel's log: "
				    "dmesg");
	return err;
}

int vf_link_set(struct cli *cli, const struct vf_link *link,
		const struct vf_settings *settings, enum vf_field field)
{
	struct netlink_request request;
	struct netlink_answer answer;
	size_t list, function;
	int err;

	netlink_begin(&request, RTM_SETLINK, NLM_F_ACK, link->number);
	list = netlink_open(&request, IFLA_VFINFO_LIST);
	function = netlink_open(&request, IFLA_VF_INFO);
	vf_link_put(&request, link->index, settings, field);
	netlink_close(&request, function);
	netlink_close(&request, list);
	err = netlink_ask(&request, &answer);
	if (err)
		err = vf_link_explain(cli, link, settings, field, err, &answer);
	netlink_free(&answer);
	return err;
}
