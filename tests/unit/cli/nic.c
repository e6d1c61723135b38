// SPDX-License-Identifier: MIT
// A scripted network card behind rtnetlink.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "nic.h"

struct nic *nic_present;

/* An answer as it is written. */
struct answer {
	unsigned char *bytes;
	size_t size, room;
};

static size_t answer_put(struct answer *answer, const void *data, size_t size)
{
	size_t at = answer->size;

	assert_true(NLMSG_ALIGN(size) <= answer->room - at);
	memset(answer->bytes + at, 0, NLMSG_ALIGN(size));
	memcpy(answer->bytes + at, data, size);
	answer->size += NLMSG_ALIGN(size);
	return at;
}

static size_t answer_attribute(struct answer *answer, unsigned int type,
			       const void *data, size_t size)
{
	const struct nlattr head = {
		.nla_len = (uint16_t)(sizeof(head) + size),
		.nla_type = (uint16_t)type,
	};
	size_t at = answer_put(answer, &head, sizeof(head));

	answer_put(answer, data, size);
	return at;
}

static void answer_close(struct answer *answer, size_t at)
{
	uint16_t length = (uint16_t)(answer->size - at);

	memcpy(answer->bytes + at, &length, sizeof(length));
}

static void answer_function(struct answer *answer, uint32_t index,
			    const struct nic_function *f)
{
	struct ifla_vf_mac mac = {.vf = index};
	const struct ifla_vf_rate rate = {index, f->min_rate, f->max_rate};
	const struct ifla_vf_spoofchk spoof_check = {index, f->spoof_check};
	const struct ifla_vf_trust trust = {index, f->trust};
	const struct ifla_vf_vlan_info tag = {index, f->vlan, f->priority,
					      htons(f->protocol)};
	size_t at = answer_attribute(answer, IFLA_VF_INFO, "", 0), list;

	memcpy(mac.mac, f->mac, sizeof(f->mac));
	answer_attribute(answer, IFLA_VF_MAC, &mac, sizeof(mac));
	answer_attribute(answer, IFLA_VF_RATE, &rate, sizeof(rate));
	answer_attribute(answer, IFLA_VF_SPOOFCHK, &spoof_check,
			 sizeof(spoof_check));
	answer_attribute(answer, IFLA_VF_TRUST, &trust, sizeof(trust));
	list = answer_attribute(answer, IFLA_VF_VLAN_LIST, "", 0);
	answer_attribute(answer, IFLA_VF_VLAN_INFO, &tag, sizeof(tag));
	answer_close(answer, list);
	answer_close(answer, at);
}

static void answer_link(struct answer *answer, const struct nic *nic)
{
	const struct ifinfomsg about = {
		.ifi_type = (uint16_t)nic->type,
		.ifi_index = nic->number,
		.ifi_flags = nic->flags,
	};
	size_t list;

	answer_put(answer, &about, sizeof(about));
	answer_attribute(answer, IFLA_IFNAME, "eth0", 5);
	list = answer_attribute(answer, IFLA_VFINFO_LIST, "", 0);
	for (uint32_t i = 0; i < NIC_FUNCTIONS; i++)
		answer_function(answer, i, &nic->functions[i]);
	answer_close(answer, list);
}

/* The data of the attribute that must be at *at, which then is behind it. */
static const void *request_take(const unsigned char **at, unsigned int type,
				size_t size)
{
	struct nlattr head;
	const void *data = *at + sizeof(head);

	memcpy(&head, *at, sizeof(head));
	assert_int_equal(head.nla_type & NLA_TYPE_MASK, type);
	assert_int_equal(head.nla_len, sizeof(head) + size);
	*at += sizeof(head);
	return data;
}

static void nic_take(struct nic *nic, const unsigned char *at, size_t size)
{
	const unsigned int type =
		((const struct nlattr *)(const void *)at)->nla_type &
		NLA_TYPE_MASK;
	struct nic_function *f;
	uint32_t words[4];

	assert_true(size >= sizeof(struct nlattr) + 8);
	if (type == IFLA_VF_VLAN_LIST)
		at += sizeof(struct nlattr);
	memcpy(words, at + sizeof(struct nlattr),
	       size - sizeof(struct nlattr) < sizeof(words)
		       ? size - sizeof(struct nlattr)
		       : sizeof(words));
	assert_true(words[0] < NIC_FUNCTIONS);
	f = &nic->functions[words[0]];
	switch (type) {
	case IFLA_VF_MAC:
		request_take(&at, type, sizeof(struct ifla_vf_mac));
		memcpy(f->mac, at + 4, sizeof(f->mac));
		break;
	case IFLA_VF_RATE:
		request_take(&at, type, sizeof(struct ifla_vf_rate));
		f->min_rate = words[1];
		f->max_rate = words[2];
		break;
	case IFLA_VF_SPOOFCHK:
		request_take(&at, type, sizeof(struct ifla_vf_spoofchk));
		f->spoof_check = words[1];
		break;
	case IFLA_VF_TRUST:
		request_take(&at, type, sizeof(struct ifla_vf_trust));
		f->trust = words[1];
		break;
	case IFLA_VF_VLAN_LIST:
		request_take(&at, IFLA_VF_VLAN_INFO,
			     sizeof(struct ifla_vf_vlan_info));
		f->vlan = words[1];
		f->priority = words[2];
		f->protocol = ntohs((uint16_t)words[3]);
		break;
	default:
		fail_msg("attribute %u", type);
	}
}

static void answer_error(struct answer *answer, const struct nic *nic,
			 bool fails)
{
	const struct nlmsgerr error = {.error = fails ? -nic->err : 0};

	answer_put(answer, &error, sizeof(error));
	if (fails && nic->message)
		answer_attribute(answer, NLMSGERR_ATTR_MSG, nic->message,
				 strlen(nic->message) + 1);
}

/* Writes an answer to a request with @header, of type RTM_NEWLINK or
 * NLMSG_ERROR. */
static long nic_answer_as(const struct nic *nic, struct nlmsghdr header,
			  bool fails, void *bytes, size_t room)
{
	struct answer answer = {bytes, 0, room};

	header.nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	answer_put(&answer, &header, sizeof(header));
	if (header.nlmsg_type == NLMSG_ERROR)
		answer_error(&answer, nic, fails);
	else
		answer_link(&answer, nic);
	header.nlmsg_len = (uint32_t)answer.size;
	memcpy(answer.bytes, &header, sizeof(header));
	return (long)answer.size;
}

long nic_answer(const struct nic *nic, void *bytes, size_t room)
{
	const struct nlmsghdr header = {
		.nlmsg_type = RTM_NEWLINK,
		.nlmsg_seq = 1,
	};

	return nic_answer_as(nic, header, false, bytes, room);
}

long __wrap_netlink_exchange(const void *request, size_t size, void *bytes,
			     size_t room);

long __wrap_netlink_exchange(const void *request, size_t size, void *bytes,
			     size_t room)
{
	const size_t head = sizeof(struct nlmsghdr) + sizeof(struct ifinfomsg) +
			    2 * sizeof(struct nlattr);
	struct nic *nic = nic_present;
	struct nlmsghdr header;
	bool fails;

	if (!nic)
		return -EAFNOSUPPORT;
	memcpy(&header, request, sizeof(header));
	assert_int_equal(header.nlmsg_len, size);
	assert_true(header.nlmsg_flags & NLM_F_REQUEST);
	nic->asked++;
	fails = nic->fail_at && nic->asked >= nic->fail_at &&
		nic->asked < nic->fail_at + nic->fail_count;
	if (nic->answer) {
		memcpy(bytes, nic->answer, nic->answer_size);
		return (long)nic->answer_size;
	}
	if (header.nlmsg_type == RTM_SETLINK && !fails)
		nic_take(nic, (const unsigned char *)request + head,
			 size - head);
	header.nlmsg_type = fails || header.nlmsg_type == RTM_SETLINK
				    ? NLMSG_ERROR
				    : RTM_NEWLINK;
	return nic_answer_as(nic, header, fails, bytes, room);
}
