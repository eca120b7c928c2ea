// SPDX-License-Identifier: GPL-2.0
/*
 * The device is taken away by surprise, while a call blocks and in between, and comes back.
 */
#include "kselftest_harness.h"

#include "blocked.h"
#include "environment.h"
#include "refdev.h"

FIXTURE(unplug)
{
	struct node node;
	/* Non-blocking. */
	int fd;
	/* Blocking. */
	int waiting;
};

FIXTURE_SETUP(unplug)
{
	if (node_find(&self->node))
		ASSERT_EQ(0, plug(&self->node));
	self->fd = refdev_open(&self->node);
	assert_device(self->fd);
	self->waiting = open(self->node.path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->waiting);
}

/* The next test wants the device; so does whoever comes after the last. */
FIXTURE_TEARDOWN(unplug)
{
	close(self->fd);
	close(self->waiting);
	if (node_find(&self->node))
		EXPECT_EQ(0, plug(&self->node));
}

/* Every call on an open file of a device that is gone, and the node itself. */
#define assert_gone(descriptor) do {					\
	struct refdev_status __status;					\
	struct usbpipe_info __info;					\
	short __all = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;	\
	short __bad = POLLHUP | POLLERR;				\
	char __byte = 0;						\
									\
	ASSERT_EQ(-1, read(descriptor, &__byte, 1));			\
	ASSERT_EQ(ENODEV, errno);					\
	ASSERT_EQ(-1, write(descriptor, &__byte, 1));			\
	ASSERT_EQ(ENODEV, errno);					\
	ASSERT_EQ(-1, fsync(descriptor));				\
	ASSERT_EQ(ENODEV, errno);					\
	ASSERT_EQ(-1, ioctl(descriptor, USBPIPE_IOC_INFO, &__info));	\
	ASSERT_EQ(ENODEV, errno);					\
	ASSERT_EQ(-ENODEV, refdev_status(descriptor, &__status));	\
	ASSERT_EQ(__bad, ready_within(descriptor, __all, 0) & __bad);	\
	ASSERT_EQ(__bad, ready_within(descriptor, 0, 0) & __bad);	\
} while (0)

#define assert_lost(waiter) do {					\
	ASSERT_TRUE(blocked_ends(waiter));				\
	ASSERT_EQ(-ENODEV, (waiter)->result);				\
} while (0)

TEST_F(unplug, between_calls)
{
	ASSERT_EQ(0, unplug());
	assert_gone(self->fd);
	assert_gone(self->waiting);
	ASSERT_EQ(-1, open(self->node.path, O_RDWR | O_CLOEXEC));
	ASSERT_EQ(ENOENT, errno);
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, close(self->waiting));
	self->fd = self->waiting = -1;
}

TEST_F(unplug, while_a_read_blocks)
{
	char byte;
	struct blocked reader = {
		.call = blocked_read, .fd = self->waiting, .buffer = &byte, .length = 1,
	};

	ASSERT_EQ(0, blocked_start(&reader));
	ASSERT_EQ(0, unplug());
	assert_lost(&reader);
	assert_gone(self->waiting);
}

TEST_F(unplug, while_a_write_blocks)
{
	char byte = 1;
	struct blocked writer = {
		.call = blocked_write, .fd = self->waiting, .buffer = &byte, .length = 1,
	};

	ASSERT_LT(0, refdev_fill_up(self->fd, 1));
	ASSERT_EQ(0, blocked_start(&writer));
	ASSERT_EQ(0, unplug());
	assert_lost(&writer);
	assert_gone(self->waiting);
}

TEST_F(unplug, while_a_long_write_is_half_done)
{
	static char bytes[4 * REFDEV_FIFO];
	struct blocked writer = {
		.call = blocked_write, .fd = self->waiting,
		.buffer = bytes, .length = sizeof(bytes),
	};

	ASSERT_EQ(0, blocked_start(&writer));
	ASSERT_EQ(0, unplug());
	ASSERT_TRUE(blocked_ends(&writer));
	/* It may tell how much it took, as any write that was cut short. */
	if (writer.result != -ENODEV) {
		ASSERT_LT(0, writer.result);
		ASSERT_GT(sizeof(bytes), writer.result);
	}
	assert_gone(self->waiting);
}

TEST_F(unplug, while_fsync_blocks)
{
	struct blocked syncer = { .call = blocked_fsync, .fd = self->waiting };

	ASSERT_LT(0, refdev_fill_up(self->fd, 1));
	ASSERT_EQ(0, blocked_start(&syncer));
	ASSERT_EQ(0, unplug());
	assert_lost(&syncer);
	assert_gone(self->waiting);
}

TEST_F(unplug, while_poll_waits)
{
	struct blocked poller = {
		.call = blocked_poll, .fd = self->waiting, .events = POLLIN,
	};
	short bad = POLLHUP | POLLERR;

	ASSERT_EQ(0, blocked_start(&poller));
	ASSERT_EQ(0, unplug());
	ASSERT_TRUE(blocked_ends(&poller));
	ASSERT_EQ(bad, poller.result & bad) {
		TH_LOG("poll: %#lx", poller.result);
	}
	assert_gone(self->waiting);
}

/* poll() reports these two without being asked. */
TEST_F(unplug, while_poll_waits_for_nothing)
{
	struct blocked poller = { .call = blocked_poll, .fd = self->waiting };
	short bad = POLLHUP | POLLERR;

	ASSERT_EQ(0, blocked_start(&poller));
	ASSERT_EQ(0, unplug());
	ASSERT_TRUE(blocked_ends(&poller));
	ASSERT_EQ(bad, poller.result);
}

static long wait_for_control(struct blocked *blocked)
{
	struct refdev_status status;
	struct usbpipe_control control = {
		.request_type = 0xc0,
		.request = REFDEV_NEVER_ANSWER,
		.length = sizeof(status),
		.timeout_ms = USBPIPE_CONTROL_MAX_TIMEOUT,
		.data = (uintptr_t)&status,
	};

	return refdev_control(blocked->fd, &control);
}

TEST_F(unplug, while_a_control_request_waits)
{
	struct blocked asker = { .call = wait_for_control, .fd = self->waiting };

	ASSERT_EQ(0, blocked_start(&asker));
	ASSERT_EQ(0, unplug());
	assert_lost(&asker);
	assert_gone(self->waiting);
}

TEST_F(unplug, with_data_that_nobody_has_read)
{
	char bytes[1000] = { 0 };

	ASSERT_EQ(0, write_all(self->fd, bytes, sizeof(bytes)));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(0, unplug());
	assert_gone(self->fd);
}

static long read_until_error(struct blocked *blocked)
{
	static __thread char room[10007];
	ssize_t count;

	while ((count = read(blocked->fd, room, sizeof(room))) > 0)
		blocked->length += count;
	return count < 0 ? -errno : count;
}

static long write_until_error(struct blocked *blocked)
{
	static __thread char bytes[20011];
	ssize_t count;

	while ((count = write(blocked->fd, bytes, sizeof(bytes))) > 0)
		blocked->length += count;
	return count < 0 ? -errno : count;
}

TEST_F(unplug, while_both_directions_are_busy)
{
	struct blocked reader = { .call = read_until_error, .fd = self->waiting };
	struct blocked writer = { .call = write_until_error, .fd = self->waiting };

	ASSERT_EQ(0, pthread_create(&reader.thread, NULL, blocked_main, &reader));
	ASSERT_EQ(0, pthread_create(&writer.thread, NULL, blocked_main, &writer));
	ASSERT_TRUE(wait_until(*(volatile size_t *)&reader.length > REFDEV_FIFO));
	ASSERT_EQ(0, unplug());
	assert_lost(&reader);
	assert_lost(&writer);
	assert_gone(self->waiting);
}

#define CROWD 16

TEST_F(unplug, while_a_crowd_blocks)
{
	struct blocked crowd[CROWD];
	char bytes[CROWD];
	int i;

	for (i = 0; i < CROWD; i++) {
		crowd[i] = (struct blocked) {
			.call = blocked_read, .buffer = &bytes[i], .length = 1,
			.fd = open(self->node.path, O_RDWR | O_CLOEXEC),
		};
		ASSERT_LE(0, crowd[i].fd);
		ASSERT_EQ(0, blocked_start(&crowd[i]));
	}
	ASSERT_EQ(0, unplug());
	for (i = 0; i < CROWD; i++) {
		assert_lost(&crowd[i]);
		ASSERT_EQ(0, close(crowd[i].fd));
	}
}

/* Opens and closes until there is nothing to open; returns the last error. */
static long open_until_error(struct blocked *blocked)
{
	char byte;
	int fd;

	while ((fd = open(blocked->buffer, O_RDWR | O_NONBLOCK | O_CLOEXEC)) >= 0) {
		if (read(fd, &byte, 1) < 0 && errno == EAGAIN)
			blocked->length++;
		close(fd);
	}
	return -errno;
}

TEST_F(unplug, while_files_come_and_go)
{
	struct blocked openers[4];
	int i;

	for (i = 0; i < 4; i++) {
		openers[i] = (struct blocked) {
			.call = open_until_error, .buffer = self->node.path,
		};
		ASSERT_EQ(0, pthread_create(&openers[i].thread, NULL, blocked_main, &openers[i]));
		ASSERT_TRUE(wait_until(*(volatile size_t *)&openers[i].length > 20));
	}
	ASSERT_EQ(0, unplug());
	for (i = 0; i < 4; i++) {
		ASSERT_TRUE(blocked_ends(&openers[i]));
		ASSERT_TRUE(openers[i].result == -ENOENT || openers[i].result == -ENODEV ||
			    openers[i].result == -ENXIO) {
			TH_LOG("open: %s", strerror(-openers[i].result));
		}
	}
}

TEST_F(unplug, a_device_that_comes_back_has_a_working_node)
{
	struct node again;
	int fd, i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, unplug());
		assert_gone(self->waiting);
		ASSERT_EQ(0, plug(&again));
		fd = refdev_open(&again);
		ASSERT_LE(0, fd);
		/* The old files stay what they are. */
		assert_gone(self->waiting);
		ASSERT_EQ(0, refdev_loopback(fd, 100000, i));
		close(fd);
	}
}

/* Commands that wait, each for what does not come. */
static long blocked_transfer(struct blocked *blocked)
{
	struct usbpipe_transfer transfer = {
		.endpoint = REFDEV_IN,
		.timeout_ms = USBPIPE_MAX_TIMEOUT,
		.length = blocked->length,
		.data = (uintptr_t)blocked->buffer,
	};

	return ioctl(blocked->fd, USBPIPE_IOC_TRANSFER, &transfer) ? -errno : (long)transfer.actual;
}

static long blocked_transact(struct blocked *blocked)
{
	struct usbpipe_transaction reply = {
		.in_data = (uintptr_t)blocked->buffer,
		.in_length = blocked->length,
		.timeout_ms = USBPIPE_MAX_TIMEOUT,
	};
	struct usbpipe_transact batch = { .transactions = (uintptr_t)&reply, .count = 1 };
	int err = ioctl(blocked->fd, USBPIPE_IOC_TRANSACT, &batch) ? -errno : 0;

	return err == reply.result ? err : -EBADE;
}

static long blocked_event(struct blocked *blocked)
{
	struct usbpipe_event event = {
		.length = blocked->length,
		.data = (uintptr_t)blocked->buffer,
	};

	return ioctl(blocked->fd, USBPIPE_IOC_EVENT, &event) ? -errno : (long)event.actual;
}

/* A file of a device without streams, that waits. */
#define assert_lost_in(function) do {					\
	char __room[64];						\
	struct blocked __blocked = { .call = function, .fd = self->waiting,	\
				     .buffer = __room, .length = sizeof(__room) };	\
									\
	close(self->fd);						\
	self->fd = -1;							\
	ASSERT_EQ(0, blocked_start(&__blocked));			\
	ASSERT_EQ(0, unplug());						\
	assert_lost(&__blocked);					\
	assert_gone(self->waiting);					\
} while (0)

TEST_F(unplug, while_a_transfer_is_under_way)
{
	assert_lost_in(blocked_transfer);
}

TEST_F(unplug, while_a_reply_is_awaited)
{
	assert_lost_in(blocked_transact);
}

TEST_F(unplug, while_a_command_waits_for_its_turn)
{
	char room[64];
	struct blocked first = { .call = blocked_transact, .fd = self->waiting, .buffer = room,
				 .length = sizeof(room) };
	struct blocked second = first;

	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, blocked_start(&first));
	ASSERT_EQ(0, blocked_start(&second));
	ASSERT_EQ(0, unplug());
	assert_lost(&first);
	ASSERT_TRUE(blocked_ends(&second));
	ASSERT_TRUE(second.result == -ENODEV || second.result == -EBADE);
}

TEST_F(unplug, while_an_event_is_awaited)
{
	assert_lost_in(blocked_event);
}

/* All commands, of a device that is gone. */
TEST_F(unplug, no_command_reaches_it)
{
	static const unsigned int commands[] = {
		USBPIPE_IOC_INFO, USBPIPE_IOC_CONTROL, USBPIPE_IOC_LIMITS, USBPIPE_IOC_SELECT,
		USBPIPE_IOC_TRANSFER, USBPIPE_IOC_TRANSACT, USBPIPE_IOC_EVENT,
		USBPIPE_IOC_CLEAR_HALT, USBPIPE_IOC_FLUSH, USBPIPE_IOC_RESET, USBPIPE_IOC_SET_ALT,
		USBPIPE_IOC_EXCL, USBPIPE_IOC_STATS, FIONREAD,
	};
	uint8_t argument[512] = { 0 };
	unsigned int i;

	ASSERT_EQ(0, unplug());
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(-1, ioctl(self->fd, commands[i], argument));
		ASSERT_EQ(ENODEV, errno) {
			TH_LOG("command %#x", commands[i]);
		}
	}
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
