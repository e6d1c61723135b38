/* SPDX-License-Identifier: MIT */
/* A scripted KVM with a guest that accesses ports. Its descriptors are
 * real, so that one that is left open is found. */
#ifndef TESTS_UNIT_VMM_MACHINE_SCRIPTED_KVM_H
#define TESTS_UNIT_VMM_MACHINE_SCRIPTED_KVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An access of the first vCPU; the others wait. */
struct scripted_step {
	uint16_t port;
	uint8_t size;
	uint32_t value;
	bool is_first; /* since the guest started: another vCPU waits by now */
	bool is_read;
	void (*before)(void); /* called first, on the vCPU's thread; or NULL */
};

/* A KVM whose guest does this, once. */
void scripted_kvm_begin(const struct scripted_step *steps, size_t count);

/* Once all steps are done, the other vCPUs fail; to be called after
 * scripted_kvm_begin(). */
void scripted_kvm_fail_others(void);

/* How many steps were done. */
size_t scripted_kvm_steps(void);

/* What the guest read in a step that was done, of the first 64. */
uint32_t scripted_kvm_value(size_t step);

/* Memory slots that the guest has. */
unsigned int scripted_kvm_slots(void);

bool scripted_kvm_has_path(const char *path);
bool scripted_kvm_has(int fd);

/* As the system calls: the result, or -1 and errno. It is to be closed on
 * exec. */
int scripted_kvm_open(int flags);
int scripted_kvm_ioctl(int fd, unsigned long request, void *argument);

/* A request's name, for messages. */
const char *scripted_kvm_name(int fd, unsigned long request);

/* The name of request @n, from 0, of those that have names; NULL: no more. */
const char *scripted_kvm_request(size_t n);

#endif
