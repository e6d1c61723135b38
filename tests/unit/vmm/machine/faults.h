/* SPDX-License-Identifier: MIT */
/* System calls and allocations of the machine, which the linker sends here:
 * they are counted, and one of them fails. */
#ifndef TESTS_UNIT_VMM_MACHINE_FAULTS_H
#define TESTS_UNIT_VMM_MACHINE_FAULTS_H

#include <stdbool.h>

/* Begin to count; call number @fail_at, from 1, fails with @err (> 0). */
void faults_begin(unsigned int fail_at, int err);

/* The same; the first call of @name fails. Threads share the numbers, so that
 * no number need be a given call's. */
void faults_begin_named(const char *name, int err);

/* Stop counting. Returns the number of calls. */
unsigned int faults_end(void);

/* The call that failed, or "". */
const char *faults_name(void);

/* Mappings that were made since the beginning and are still there. */
int faults_mappings(void);

/* How often a protection was asked for: no new privileges, capabilities, paths,
 * system calls. This process stays as it is. */
struct faults_protections {
	unsigned int privileges, capabilities, paths, calls;
};
struct faults_protections faults_protections(void);

/* Descriptors that a program inherits which is executed then. */
unsigned int faults_inherited(void);

/* What the calling thread does from now on is the scripted kernel's, until as
 * many calls of faults_leave(): not counted, and no failure. */
void faults_enter(void);
void faults_leave(void);

/* Count a call: whether it is the one that fails; errno is set then. */
bool faults_hit(const char *name);

#endif
