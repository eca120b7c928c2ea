// SPDX-License-Identifier: GPL-2.0
/*
 * The device halts an endpoint: each stall is reported once, and the stream goes on.
 */
#include "kselftest_harness.h"

#include "blocked.h"
#include "refdev.h"

FIXTURE(stall)
{
	struct node node;
	/* Non-blocking. */
	int fd;
	/* Blocking. */
	int waiting;
};

FIXTURE_SETUP(stall)
{
	self->fd = refdev_open(&self->node);
	assert_device(self->fd);
	self->waiting = open(self->node.path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->waiting);
}

FIXTURE_TEARDOWN(stall)
{
	close(self->waiting);
	close(self->fd);
}

TEST_F(stall, in_endpoint_is_epipe_once)
{
	char byte;

	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	ASSERT_LT(0, ready(self->fd, POLLIN));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EPIPE, errno);
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, refdev_loopback(self->fd, 3000, 1));
}

TEST_F(stall, wakes_a_blocked_reader)
{
	char byte;
	struct blocked reader = {
		.call = blocked_read, .fd = self->waiting, .buffer = &byte, .length = 1,
	};

	ASSERT_EQ(0, blocked_start(&reader));
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	ASSERT_TRUE(blocked_ends(&reader));
	ASSERT_EQ(-EPIPE, reader.result);
	ASSERT_EQ(0, refdev_loopback(self->waiting, 3000, 1));
}

TEST_F(stall, data_before_it_comes_first)
{
	uint8_t out[5000], in[5000];

	fill(out, sizeof(out), 1);
	ASSERT_EQ(5000, write(self->fd, out, 5000));
	ASSERT_EQ(0, read_all(self->fd, in, 1));
	/* All of it has been read ahead when the device has none of it left. */
	ASSERT_TRUE(wait_until(({
		struct refdev_status status;

		!refdev_status(self->fd, &status) && !status.fifo_used &&
			le64toh(status.in_bytes) == le64toh(status.out_bytes);
	})));
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	ASSERT_EQ(0, read_all(self->fd, in + 1, 4999));
	ASSERT_EQ(0, memcmp(out, in, 5000));
	ASSERT_LT(0, ready(self->fd, POLLIN));
	ASSERT_EQ(-1, read(self->fd, in, 1));
	ASSERT_EQ(EPIPE, errno);
	ASSERT_EQ(0, refdev_loopback(self->fd, 3000, 2));
}

TEST_F(stall, out_endpoint_is_epipe_from_fsync_once)
{
	char byte = 1;

	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_OUT));
	ASSERT_EQ(1, write(self->fd, &byte, 1));
	ASSERT_EQ(-1, fsync(self->fd));
	ASSERT_EQ(EPIPE, errno);
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, refdev_loopback(self->fd, 3000, 1));
}

TEST_F(stall, out_endpoint_is_epipe_from_a_later_write_once)
{
	uint8_t bytes[1] = { 0 };

	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_OUT));
	ASSERT_EQ(1, write(self->fd, bytes, 1));
	/* Until the error is known, writes go into the queue as long as there is room. */
	ASSERT_TRUE(wait_until(write(self->fd, bytes, 1) < 0 && errno != EAGAIN));
	ASSERT_EQ(EPIPE, errno);
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, refdev_loopback(self->fd, 3000, 1));
}

TEST_F(stall, wakes_a_blocked_writer)
{
	static uint8_t out[4 * REFDEV_FIFO];
	struct blocked writer = {
		.call = blocked_write, .fd = self->waiting, .buffer = out, .length = sizeof(out),
	};

	/* It takes some of the data before it blocks: the error comes with the next call. */
	ASSERT_EQ(0, blocked_start(&writer));
	ASSERT_FALSE(blocked_ends_within(&writer, 50));
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_OUT));
	ASSERT_TRUE(blocked_ends(&writer));
	ASSERT_LT(0, writer.result);
	ASSERT_GT(sizeof(out), writer.result);
	ASSERT_EQ(-1, write(self->waiting, out, 1));
	ASSERT_EQ(EPIPE, errno);
	ASSERT_EQ(0, refdev_reset(self->fd));
	ASSERT_EQ(0, refdev_loopback(self->waiting, 3000, 1));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
