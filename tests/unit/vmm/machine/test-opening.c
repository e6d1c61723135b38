// SPDX-License-Identifier: MIT
// Devices opened in parallel: which threads do it, which error is reported, and
// that all are closed again. liblend's part and the devices' are scripted.

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include <lend/device.h>
#include <lend/iommu.h>

#include "vmm/base/crew.h"
#include "vmm/machine/internal.h"

#define DEVICES      8
#define DEVICES_MOST (2 * CREW_MAX)
#define PATIENCE     30 /* seconds */

int __wrap_lend_iommu_new(struct lend_ctx *ctx,
			  const struct lend_iommu_options *options,
			  struct lend_iommu **result);
enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *iommu);
struct lend_iommu *__wrap_lend_iommu_unref(struct lend_iommu *iommu);
struct lend_device *__wrap_lend_device_unref(struct lend_device *device);
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

static struct script {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int
		meet; /* openings, after the first, that wait for each other */
	unsigned int came;                 /* openings after the first */
	unsigned int inside, most_inside;  /* now, and at most */
	unsigned int opened[DEVICES_MOST]; /* times */
	int fails[DEVICES_MOST];           /* with this errno, so many times: */
	unsigned int failures[DEVICES_MOST];
	unsigned int open, most_open; /* devices, now and at most */
	unsigned int destroyed;       /* machine_device */
	int last_error;               /* the context's record, as it were */
	bool has_iommu;
	int create_fails_at; /* or -1 */
	bool is_slow;        /* an opening takes a second */
	time_t seconds;
} script;

/* The machine's clock is scripted, that of these tests is not. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	if (clock == CLOCK_REALTIME)
		return __real_clock_gettime(clock, now);
	*now = (struct timespec){.tv_sec = script.seconds};
	return 0;
}

int __wrap_lend_iommu_new(struct lend_ctx *ctx,
			  const struct lend_iommu_options *options,
			  struct lend_iommu **result)
{
	(void)ctx;
	(void)options;
	script.has_iommu = true;
	*result = (struct lend_iommu *)&script;
	return 0;
}

enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *iommu)
{
	(void)iommu;
	return LEND_BACKEND_AUTO;
}

struct lend_iommu *__wrap_lend_iommu_unref(struct lend_iommu *iommu)
{
	(void)iommu;
	assert_int_equal(script.open, 0);
	script.has_iommu = false;
	return NULL;
}

struct lend_device *__wrap_lend_device_unref(struct lend_device *device)
{
	pthread_mutex_lock(&script.lock);
	script.open -= device != NULL;
	pthread_mutex_unlock(&script.lock);
	return NULL;
}

/* Until as many are here at once as are to meet. */
static void opening_test_meet(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	script.came++;
	script.inside++;
	if (script.inside > script.most_inside)
		script.most_inside = script.inside;
	pthread_cond_broadcast(&script.changed);
	while (script.came < script.meet)
		if (pthread_cond_timedwait(&script.changed, &script.lock,
					   &until))
			fail_msg("only %u at once", script.came);
	script.inside--;
}

static int opening_test_open(struct machine *machine, const void *config,
			     struct lend_device **lent)
{
	const unsigned int *number = config;
	int err = 0;

	(void)machine;
	pthread_mutex_lock(&script.lock);
	script.seconds += !*number && script.is_slow;
	if (script.opened[*number]++ == 0 && *number && script.meet)
		opening_test_meet();
	if (script.failures[*number]) {
		script.failures[*number]--;
		err = script.fails[*number];
		script.last_error = err;
	} else {
		script.most_open = ++script.open;
		*lent = (struct lend_device *)&script.opened[*number];
	}
	pthread_mutex_unlock(&script.lock);
	return -err;
}

static void opening_test_destroy(struct machine_device *device)
{
	(void)device;
	/* No device is closed before all structures are gone. */
	assert_int_equal(script.open, script.most_open);
	script.destroyed++;
}

static const struct machine_device_ops ops = {.destroy = opening_test_destroy};
static struct machine_device made = {.ops = &ops};

static int opening_test_create(struct machine *machine, const void *config,
			       struct lend_device *lent,
			       struct machine_device **device)
{
	const unsigned int *number = config;

	/* One after the other, in their order. */
	assert_int_equal(machine->device_count, *number);
	assert_ptr_equal(lent, &script.opened[*number]);
	if (script.create_fails_at == (int)*number)
		return -EBADMSG;
	*device = &made;
	return 0;
}

static struct machine_device_config devices[DEVICES_MOST];
static struct machine_config config = {.devices = devices};
static struct machine machine;

static int opening_test_setup(void **state)
{
	static unsigned int numbers[DEVICES_MOST];

	(void)state;
	script = (struct script){
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.create_fails_at = -1,
	};
	for (unsigned int i = 0; i < DEVICES_MOST; i++) {
		numbers[i] = i;
		devices[i] = (struct machine_device_config){
			.open = opening_test_open,
			.create = opening_test_create,
			.config = &numbers[i],
		};
	}
	config.device_count = DEVICES;
	machine = (struct machine){.config = &config, .cpus = 1};
	return 0;
}

static void opening_test_close(void)
{
	machine_close_devices(&machine);
	assert_int_equal(script.open, 0);
	assert_false(script.has_iommu);
}

/* All but the first are in the kernel at once, so that all take the time of two
 * resets. */
static void devices_open_side_by_side(unsigned int count)
{
	config.device_count = count;
	script.is_slow = true;
	script.meet = count - 1;
	assert_int_equal(machine_open_devices(&machine), 0);
	assert_int_equal(machine.device_count, count);
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(script.opened[i], 1);
	opening_test_close();
	assert_int_equal(script.destroyed, count);
}

static void devices_are_opened_side_by_side(void **state)
{
	(void)state;
	devices_open_side_by_side(DEVICES);
}

static void three_are_opened_side_by_side(void **state)
{
	(void)state;
	devices_open_side_by_side(3);
}

static void a_second_device_is_opened_in_its_turn(void **state)
{
	(void)state;
	script.is_slow = true;
	config.device_count = 2;
	script.fails[1] = EBUSY;
	script.failures[1] = 9;
	assert_int_equal(machine_open_devices(&machine), -EBUSY);
	assert_int_equal(script.opened[0], 1);
	assert_int_equal(script.opened[1], 1);
	opening_test_close();
}

/* Eight have a thread more, for few calls: two are in the kernel at once. */
static void fast_devices_share_two_threads(void **state)
{
	(void)state;
	script.meet = 2;
	assert_int_equal(machine_open_devices(&machine), 0);
	assert_int_equal(script.most_inside, 2);
	opening_test_close();
}

/* However many there are, a crew opens them. */
static void many_are_opened_by_a_crew(void **state)
{
	(void)state;
	config.device_count = DEVICES_MOST;
	script.is_slow = true;
	script.meet = CREW_MAX;
	assert_int_equal(machine_open_devices(&machine), 0);
	assert_int_equal(script.most_inside, CREW_MAX);
	opening_test_close();
	assert_int_equal(script.destroyed, DEVICES_MOST);
}

static void the_first_that_fails_is_reported(void **state)
{
	(void)state;
	script.meet = 2;
	script.fails[1] = EBUSY;
	script.failures[1] = 9;
	script.fails[2] = EACCES;
	script.failures[2] = 9;
	assert_int_equal(machine_open_devices(&machine), -EBUSY);
	assert_int_equal(script.last_error, EBUSY);
	assert_int_equal(machine.device_count, 1);
	opening_test_close();
	assert_int_equal(script.destroyed, 1);
}

/* Nobody but the first decides, so that the others cannot even begin. */
static void the_first_device_is_opened_by_itself(void **state)
{
	(void)state;
	script.fails[0] = EPERM;
	script.failures[0] = 9;
	assert_int_equal(machine_open_devices(&machine), -EPERM);
	assert_int_equal(script.opened[0], 1);
	for (unsigned int i = 1; i < DEVICES; i++)
		assert_int_equal(script.opened[i], 0);
	opening_test_close();
}

static void what_fails_once_is_tried_in_its_turn(void **state)
{
	(void)state;
	script.fails[4] = EAGAIN;
	script.failures[4] = 1;
	assert_int_equal(machine_open_devices(&machine), 0);
	assert_int_equal(script.opened[4], 2);
	assert_int_equal(machine.device_count, DEVICES);
	opening_test_close();
}

static void an_earlier_device_that_cannot_be_shown_comes_first(void **state)
{
	(void)state;
	script.create_fails_at = 1;
	script.fails[5] = EBUSY;
	script.failures[5] = 9;
	assert_int_equal(machine_open_devices(&machine), -EBADMSG);
	assert_int_equal(machine.device_count, 1);
	opening_test_close();
}

static void without_devices_there_is_no_address_space(void **state)
{
	(void)state;
	config.device_count = 0;
	assert_int_equal(machine_open_devices(&machine), 0);
	assert_null(machine.iommu);
	machine_close_devices(&machine);
}

#define TEST(name) cmocka_unit_test_setup(name, opening_test_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(devices_are_opened_side_by_side),
		TEST(three_are_opened_side_by_side),
		TEST(a_second_device_is_opened_in_its_turn),
		TEST(fast_devices_share_two_threads),
		TEST(many_are_opened_by_a_crew),
		TEST(the_first_that_fails_is_reported),
		TEST(the_first_device_is_opened_by_itself),
		TEST(what_fails_once_is_tried_in_its_turn),
		TEST(an_earlier_device_that_cannot_be_shown_comes_first),
		TEST(without_devices_there_is_no_address_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
