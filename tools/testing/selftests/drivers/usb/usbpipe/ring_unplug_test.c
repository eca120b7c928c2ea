// SPDX-License-Identifier: GPL-2.0
/*
 * Rings whose device is taken away, or reset.
 */
#include "kselftest_harness.h"

#include <linux/usbdevice_fs.h>

#include "environment.h"
#include "ring.h"

FIXTURE(unplug)
{
	struct node node;
	int fd;
	struct ring in;
	struct ring out;
};

FIXTURE_SETUP(unplug)
{
	if (node_find(&self->node))
		ASSERT_EQ(0, plug(&self->node));
	self->fd = ring_node(&self->node, REFDEV_SINK);
	assert_device(self->fd);
	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 8, 4096));
}

/* The next test wants the device; so does whoever comes after the last. */
FIXTURE_TEARDOWN(unplug)
{
	close(self->fd);
	if (node_find(&self->node))
		EXPECT_EQ(0, plug(&self->node));
}

/* The ring says so, can be read and written, and does nothing any more. */
#define assert_gone(ring) do {						\
	uint32_t __completed;						\
									\
	ASSERT_TRUE(wait_until(ring_flags(ring) & USBPIPE_RING_GONE));	\
	ASSERT_EQ(-ENODEV, ring_error(ring));				\
	ASSERT_EQ(0, ring_flags(ring) & USBPIPE_RING_STOPPED);		\
	ASSERT_EQ(POLLHUP | POLLERR, ready_within(self->fd, 0, 0));	\
	ASSERT_EQ(-ENODEV, ring_kick(ring));				\
	ASSERT_EQ(-ENODEV, ring_restart(ring));				\
	ASSERT_EQ(-ENODEV, ring_wait(ring, 0));				\
	/* The core ends transfers before it tells the driver to go. */	\
	ASSERT_TRUE(wait_until(ring_free(ring) == -ENODEV));		\
	__completed = ring_completed(ring);				\
	memset((ring)->data, 0x5a, (ring)->setup.stride);		\
	ASSERT_EQ(0x5a, (ring)->data[(ring)->setup.stride - 1]);	\
	ring_store(ring, __completed + 1);				\
	ASSERT_EQ(__completed, ring_completed(ring));			\
} while (0)

TEST_F(unplug, while_nothing_is_in_flight)
{
	ASSERT_EQ(0, ring_submit(&self->in, 2));
	ASSERT_EQ(0, ring_wait(&self->in, 2));
	ASSERT_EQ(0, unplug());
	assert_gone(&self->in);
	ASSERT_EQ(2, ring_completed(&self->in));
	ASSERT_TRUE(pattern_matches(ring_data(&self->in, 1), 4096, 4096));
}

static long wait_for_all(struct blocked *blocked)
{
	return ring_enter(blocked->buffer, 0, blocked->length, USBPIPE_MAX_TIMEOUT);
}

TEST_F(unplug, while_somebody_waits)
{
	struct blocked waiter = { .call = wait_for_all, .buffer = &self->out, .length = 4 };
	struct blocked poller = { .call = blocked_poll, .fd = self->fd, .events = POLLPRI };

	ASSERT_EQ(0, ring_open_simple(&self->out, self->fd, REFDEV_INTERRUPT, 4, 64));
	ASSERT_EQ(0, ring_submit_all(&self->out));
	ASSERT_EQ(0, blocked_start(&waiter));
	ASSERT_EQ(0, blocked_start(&poller));
	ASSERT_EQ(0, unplug());
	ASSERT_TRUE(blocked_ends(&waiter));
	/* What fails on the bus before the hub is heard stops the ring. */
	if (waiter.result != -EPROTO && waiter.result != -EILSEQ)
		ASSERT_EQ(-ENODEV, waiter.result);
	ASSERT_TRUE(blocked_ends(&poller));
	ASSERT_EQ(POLLERR, poller.result & POLLERR);
	ASSERT_TRUE(wait_until(ready_within(self->fd, 0, 0) & POLLHUP));
	assert_gone(&self->in);
	assert_gone(&self->out);
	ASSERT_EQ(0, ring_completed(&self->in));
}

TEST_F(unplug, while_both_directions_are_busy)
{
	uint32_t i;

	ASSERT_EQ(0, ring_open_simple(&self->out, self->fd, REFDEV_OUT, 8, 4096));
	for (i = 0; i < 8; i++)
		ring_slot(&self->out, i)->length = 4096;
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(0, ring_submit(&self->out, 8));
	/* Others unplug while this one keeps both rings full. */
	if (!fork())
		_exit(unplug());
	while (!(ring_flags(&self->in) & USBPIPE_RING_GONE)) {
		if (ring_completed(&self->in) != self->in.taken && ring_take(&self->in))
			ring_submit(&self->in, 1);
		if (ring_completed(&self->out) != self->out.taken && ring_take(&self->out))
			ring_submit(&self->out, 1);
		sched_yield();
	}
	ASSERT_TRUE(wait_until(ready_within(self->fd, 0, 0) & POLLHUP));
	assert_gone(&self->in);
	assert_gone(&self->out);
	ASSERT_LT(0, wait(NULL));
}

/* Resets the device as any program may that has access to it. */
static int reset(struct node *node)
{
	struct usbpipe_info info;
	int fd = open(node->path, O_RDWR | O_CLOEXEC), err;
	char path[64];

	err = fd < 0 || ioctl(fd, USBPIPE_IOC_INFO, &info) ? -errno : 0;
	close(fd);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/bus/usb/%03u/%03u", info.bus, info.device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	err = fd < 0 || ioctl(fd, USBDEVFS_RESET) ? -errno : 0;
	close(fd);
	return err;
}

/*
 * The device may have forgotten anything, of which the program is told. What it had submitted
 * is still there: what goes out then comes back.
 */
TEST_F(unplug, a_reset_stops_a_ring_that_goes_on_when_told)
{
	struct ring *in = &self->in, *out = &self->out;
	struct usbpipe_slot *slot;
	uint32_t i;
	int err;

	ASSERT_LE(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	ASSERT_EQ(0, ring_open_simple(out, self->fd, REFDEV_OUT, 8, 4096));
	ASSERT_EQ(0, ring_submit_all(in));
	err = reset(&self->node);
	if (err == -ENOENT)
		SKIP(return, "no device nodes of usbfs");
	ASSERT_EQ(0, err);
	ASSERT_EQ(-ECONNRESET, ring_wait(in, 1));
	ASSERT_TRUE(ring_flags(in) & USBPIPE_RING_STOPPED);
	ASSERT_EQ(0, ring_completed(in));
	ASSERT_EQ(-ECONNRESET, ring_enter(out, 0, 0, 0));
	ASSERT_EQ(0, ring_restart(in));
	ASSERT_EQ(0, ring_restart(out));
	for (i = 0; i < 20; i++) {
		fill(ring_data(out, i), 100, i);
		ring_slot(out, i)->length = 100;
		ASSERT_EQ(0, ring_submit(out, 1));
		slot = ring_take(in);
		ASSERT_NE(NULL, slot);
		ASSERT_EQ(0, slot->status);
		ASSERT_EQ(100, slot->actual);
		ASSERT_EQ(0, memcmp(ring_data(in, i), ring_data(out, i), 100));
		ASSERT_EQ(0, ring_submit(in, 1));
	}
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
