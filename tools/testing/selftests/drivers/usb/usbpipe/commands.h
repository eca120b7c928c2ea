/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands of io_uring for the reference device.
 */
#ifndef USBPIPE_TEST_COMMANDS_H
#define USBPIPE_TEST_COMMANDS_H

#include "environment.h"
#include "refdev.h"
#include "uring.h"

/* As many commands as a ring takes at once. */
#define CROWD 64
#define LENGTH 4096

static inline struct usbpipe_uring in_transfer(void *room, uint32_t length)
{
	return (struct usbpipe_uring) {
		.data = (uintptr_t)room, .length = length, .endpoint = REFDEV_IN,
	};
}

static inline struct usbpipe_uring out_transfer(const void *bytes, uint32_t length)
{
	return (struct usbpipe_uring) {
		.data = (uintptr_t)bytes, .length = length, .endpoint = REFDEV_OUT,
	};
}

/*
 * Opens the node of a device that is in loopback mode and holds nothing. Who was the last to close
 * has ended the streams, so that data is there for single transfers.
 */
static inline int open_idle(struct node *node)
{
	int err = node_find(node);
	int fd;

	if (err)
		err = plug(node);
	fd = err ?: refdev_open(node);
	if (fd < 0)
		return fd;
	close(fd);
	fd = open(node->path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The next test wants the device, and its endpoints for itself. */
static inline int leave_idle(struct node *node, int fd, struct ring *ring)
{
	int err = 0;

	if (ring->fd >= 0)
		err = ring_close(ring);
	if (fd >= 0)
		close(fd);
	if (!err && node_find(node))
		err = plug(node);
	return err ?: wait_until(module_uses() <= 0) ? 0 : -ETIME;
}

/* Begins @count reads that end only when somebody sends something. */
#define assert_pending(ring, node, count, room) do {				\
	struct usbpipe_uring __transfer = in_transfer(room, LENGTH);		\
	struct io_uring_cqe __cqe;						\
	int __i;								\
										\
	for (__i = 0; __i < (count); __i++)					\
		ring_command(ring, node, __i, &__transfer);			\
	ASSERT_EQ(count, ring_submit(ring));					\
	ASSERT_EQ(-ETIME, ring_wait_within(ring, &__cqe, 50));			\
} while (0)

/* The endpoints work, and nothing is left in the device or on its way. */
#define assert_works(ring, node) do {						\
	struct usbpipe_uring __out, __in;					\
	uint8_t __bytes[700], __room[sizeof(__bytes)] = { 0 };			\
										\
	fill(__bytes, sizeof(__bytes), 7);					\
	__out = out_transfer(__bytes, sizeof(__bytes));				\
	__in = in_transfer(__room, 1024);					\
	__in.length = sizeof(__room);						\
	ASSERT_EQ(sizeof(__bytes), ring_transfer(ring, node, &__out));		\
	ASSERT_EQ(sizeof(__room), ring_transfer(ring, node, &__in));		\
	ASSERT_EQ(0, memcmp(__bytes, __room, sizeof(__bytes)));			\
} while (0)

#endif /* USBPIPE_TEST_COMMANDS_H */
