// SPDX-License-Identifier: GPL-2.0
/*
 * USBPIPE_IOC_EVENT, and POLLPRI: what an interrupt endpoint has to say.
 */
#include "kselftest_harness.h"

#include <sys/wait.h>

#include "blocked.h"
#include "state.h"

FRESH_FIXTURE(event, O_NONBLOCK);

static struct usbpipe_event valid(void *room, uint32_t length)
{
	return (struct usbpipe_event) {
		.data = (uintptr_t)room,
		.sequence = POISON_ACTUAL,
		.length = length,
		.actual = POISON_ACTUAL,
	};
}

/* The code of the next event, and its number. */
static int next_event(int fd, uint64_t *sequence)
{
	uint8_t room[64];
	struct usbpipe_event event = valid(room, sizeof(room));
	int err = call(fd, USBPIPE_IOC_EVENT, &event);

	if (err)
		return err;
	*sequence = event.sequence;
	return event.actual == 8 ? room[4] | room[5] << 8 : -EBADE;
}

TEST_F(event, they_come_in_order_and_have_numbers)
{
	uint64_t sequence;
	int i;

	ASSERT_EQ(-EAGAIN, next_event(self->fd, &sequence));
	for (i = 1; i <= 40; i++)
		ASSERT_EQ(0, refdev_event(self->fd, i));
	for (i = 1; i <= 40; i++) {
		ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
		ASSERT_EQ(i, next_event(self->fd, &sequence));
		ASSERT_EQ(i, sequence);
	}
	ASSERT_EQ(-EAGAIN, next_event(self->fd, &sequence));
	ASSERT_EQ(0, ready_within(self->fd, POLLPRI, 0));
}

TEST_F(event, changes_nothing_but_its_results)
{
	uint8_t room[64];
	struct usbpipe_event now = valid(room, sizeof(room)), before = now;

	memset(room, POISON, sizeof(room));
	ASSERT_EQ(0, refdev_event(self->fd, 7));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_EVENT, &now));
	before.sequence = 1;
	before.actual = 8;
	ASSERT_EQ(0, memcmp(&before, &now, sizeof(now)));
	ASSERT_TRUE(is_all(room + 8, sizeof(room) - 8, POISON));
}

/* Who waits for events is not told of bytes, and the other way round. */
TEST_F(event, events_are_urgent_and_bytes_are_not)
{
	uint64_t sequence;
	char byte;

	ASSERT_EQ(0, ready_within(self->fd, POLLPRI | POLLIN, 0));
	ASSERT_EQ(0, refdev_event(self->fd, 1));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI | POLLIN));
	ASSERT_EQ(1, next_event(self->fd, &sequence));
	ASSERT_EQ(1, write(self->fd, "x", 1));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLPRI | POLLIN));
	ASSERT_EQ(1, read(self->fd, &byte, 1));
	ASSERT_EQ(0, ready_within(self->fd, POLLPRI | POLLIN, 0));
}

static long blocked_event(struct blocked *blocked)
{
	uint64_t sequence;

	return next_event(blocked->fd, &sequence);
}

TEST_F(event, a_call_waits_for_one)
{
	int fd = another(&self->node, 0);
	struct blocked blocked = { .call = blocked_event, .fd = fd };

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, blocked_start(&blocked));
	ASSERT_EQ(0, refdev_event(self->fd, 42));
	ASSERT_TRUE(blocked_ends(&blocked));
	ASSERT_EQ(42, blocked.result);
	close(fd);
}

TEST_F(event, poll_waits_for_one)
{
	struct blocked blocked = { .call = blocked_poll, .fd = self->fd, .events = POLLPRI };
	uint64_t sequence;

	ASSERT_EQ(0, blocked_start(&blocked));
	ASSERT_EQ(0, refdev_event(self->fd, 42));
	ASSERT_TRUE(blocked_ends(&blocked));
	ASSERT_EQ(POLLPRI, blocked.result);
	ASSERT_EQ(42, next_event(self->fd, &sequence));
}

TEST_F(event, a_signal_interrupts_the_wait)
{
	int fd = another(&self->node, 0);
	uint64_t sequence;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, alarms_start(0));
	ASSERT_EQ(-EINTR, next_event(fd, &sequence));
	alarms_stop();
	ASSERT_EQ(0, refdev_event(self->fd, 9));
	ASSERT_EQ(9, next_event(fd, &sequence));
	close(fd);
}

TEST_F(event, the_wait_can_be_killed)
{
	int fd = another(&self->node, 0), status;
	struct usbpipe_limits limits = { 0 };
	uint64_t sequence;
	pid_t child = fork();

	ASSERT_LE(0, child);
	if (!child) {
		next_event(fd, &sequence);
		_exit(1);
	}
	ASSERT_TRUE(wait_until(!ioctl(self->fd, USBPIPE_IOC_LIMITS, &limits) &&
			       limits.device_memory_used));
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_TRUE(WIFSIGNALED(status));
	ASSERT_EQ(0, refdev_event(self->fd, 9));
	ASSERT_EQ(POLLPRI, ready(fd, POLLPRI));
	close(fd);
}

/* Each event is one file's. */
TEST_F(event, files_share_them)
{
	int other = another(&self->node, O_NONBLOCK);
	uint64_t first, second;

	ASSERT_LE(0, other);
	ASSERT_EQ(-EAGAIN, next_event(self->fd, &first));
	ASSERT_EQ(-EAGAIN, next_event(other, &first));
	ASSERT_EQ(0, refdev_event(self->fd, 1));
	ASSERT_EQ(0, refdev_event(self->fd, 2));
	ASSERT_EQ(POLLPRI, ready(other, POLLPRI));
	ASSERT_EQ(1, next_event(other, &first));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	ASSERT_EQ(2, next_event(self->fd, &second));
	ASSERT_EQ(first + 1, second);
	close(other);
}

TEST_F(event, what_does_not_fit_stays)
{
	uint8_t room[8];
	struct usbpipe_event small = valid(room, 7);
	uint64_t sequence;

	ASSERT_EQ(0, refdev_event(self->fd, 5));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	memset(room, POISON, sizeof(room));
	ASSERT_EQ(-EMSGSIZE, call(self->fd, USBPIPE_IOC_EVENT, &small));
	ASSERT_TRUE(is_all(room, sizeof(room), POISON));
	ASSERT_EQ(5, next_event(self->fd, &sequence));
	ASSERT_EQ(1, sequence);
}

TEST_F(event, what_cannot_be_copied_stays)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	struct usbpipe_event bad = valid(end - 7, 8);
	uint64_t sequence;

	ASSERT_EQ(0, refdev_event(self->fd, 5));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_EVENT, &bad));
	bad = valid(NULL, 8);
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_EVENT, &bad));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_EVENT, NULL));
	ASSERT_EQ(5, next_event(self->fd, &sequence));
	ASSERT_EQ(1, sequence);
}

TEST_F(event, a_halt_is_told_once_and_cleared)
{
	uint64_t sequence;

	ASSERT_EQ(-EAGAIN, next_event(self->fd, &sequence));
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_INTERRUPT));
	ASSERT_TRUE(ready(self->fd, POLLPRI) & (POLLPRI | POLLERR));
	ASSERT_EQ(-EPIPE, next_event(self->fd, &sequence));
	ASSERT_EQ(-EAGAIN, next_event(self->fd, &sequence));
	ASSERT_EQ(0, refdev_event(self->fd, 5));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	ASSERT_EQ(5, next_event(self->fd, &sequence));
}

TEST_F(event, the_endpoint_can_be_named)
{
	uint8_t room[64], echo[64];
	struct usbpipe_event event = valid(room, sizeof(room));

	event.endpoint = REFDEV_INTERRUPT;
	ASSERT_EQ(-EAGAIN, call(self->fd, USBPIPE_IOC_EVENT, &event));
	ASSERT_EQ(0, refdev_event(self->fd, 5));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_EVENT, &event));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	event.endpoint = REFDEV_INTERRUPT_ECHO;
	ASSERT_EQ(-EAGAIN, call(self->fd, USBPIPE_IOC_EVENT, &event));
	fill(echo, sizeof(echo), 1);
	ASSERT_EQ(64, transfer(self->fd, REFDEV_INTERRUPT_OUT, echo, sizeof(echo)));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	event.endpoint = 0;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_EVENT, &event));
	ASSERT_EQ(64, event.actual);
	ASSERT_EQ(0, memcmp(echo, room, sizeof(echo)));
}

/* What read() takes is no event, unless it is asked for. */
TEST_F(event, not_from_the_endpoint_of_read)
{
	struct usbpipe_select select = {
		.read_endpoint = REFDEV_INTERRUPT,
		.write_endpoint = USBPIPE_ENDPOINT_DEFAULT,
	};
	uint8_t room[64];
	uint64_t sequence;

	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-EOPNOTSUPP, next_event(self->fd, &sequence));
	ASSERT_EQ(0, refdev_event(self->fd, 3));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN | POLLPRI));
	ASSERT_EQ(8, read(self->fd, room, sizeof(room)));
}

/* A thread that waits when another one of the program chooses anew goes on with that. */
TEST_F(event, waits_on_after_a_choice)
{
	int fd = another(&self->node, 0);
	struct blocked blocked = { .call = blocked_event, .fd = fd };
	struct usbpipe_select select = {
		.read_endpoint = REFDEV_IN,
		.write_endpoint = REFDEV_OUT,
	};

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, blocked_start(&blocked));
	ASSERT_EQ(0, call(fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_FALSE(blocked_ends_within(&blocked, 50));
	ASSERT_EQ(0, refdev_event(self->fd, 42));
	ASSERT_TRUE(blocked_ends(&blocked));
	ASSERT_EQ(42, blocked.result);
	close(fd);
}

FRESH_FIXTURE(refused, O_NONBLOCK);

FIXTURE_VARIANT(refused)
{
	struct change change;
	int error;
};

#define REFUSED(name, wanted, field, to) \
	FIXTURE_VARIANT_ADD(refused, name) { \
		.change = CHANGE(usbpipe_event, field, to), .error = wanted }

REFUSED(reserved_first, EINVAL, reserved[0], 1);
REFUSED(reserved_last, EINVAL, reserved[6], 0x80);
REFUSED(no_such_endpoint, EOPNOTSUPP, endpoint, 0x85);
REFUSED(endpoint_is_out, EOPNOTSUPP, endpoint, REFDEV_OUT);
REFUSED(endpoint_is_bulk, EOPNOTSUPP, endpoint, REFDEV_IN);
REFUSED(endpoint_of_another_altsetting, EOPNOTSUPP, endpoint, REFDEV_INTERRUPT_ECHO);
REFUSED(no_room, EMSGSIZE, length, 0);

TEST_F(refused, with_its_error_and_without_a_trace)
{
	uint8_t room[8];
	struct usbpipe_event event = valid(room, sizeof(room)), sent;
	struct state before, after;
	uint64_t sequence;

	ASSERT_EQ(0, refdev_event(self->fd, 5));
	ASSERT_EQ(POLLPRI, ready(self->fd, POLLPRI));
	memset(room, POISON, sizeof(room));
	change(&event, &variant->change);
	sent = event;
	ASSERT_EQ(0, state_read(self->fd, &before));
	ASSERT_EQ(-variant->error, call(self->fd, USBPIPE_IOC_EVENT, &event));
	sent.actual = event.actual;
	sent.sequence = event.sequence;
	ASSERT_EQ(0, memcmp(&sent, &event, sizeof(event)));
	ASSERT_EQ(0, event.actual);
	ASSERT_EQ(0, event.sequence);
	ASSERT_TRUE(is_all(room, sizeof(room), POISON));
	ASSERT_EQ(0, state_read(self->fd, &after));
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
	ASSERT_EQ(5, next_event(self->fd, &sequence));
	ASSERT_EQ(1, sequence);
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
