/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device in a known state, what can be asked of it, and calls that differ from a valid one in
 * one field.
 */
#ifndef USBPIPE_TEST_STATE_H
#define USBPIPE_TEST_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "refdev.h"

#define POISON 0xa5
#define POISON_ACTUAL 0xdeadbeef

/* Endpoints of altsetting 1. */
#define REFDEV_ISO_OUT 0x03
#define REFDEV_ISO_IN 0x83
#define REFDEV_INTERRUPT_OUT 0x04
#define REFDEV_INTERRUPT_ECHO 0x84

/* Returns what ioctl() does, or a negative error number. */
static inline int call(int fd, unsigned int command, void *argument)
{
	int result = ioctl(fd, command, argument);

	return result < 0 ? -errno : result;
}

static inline int call_u32(int fd, unsigned int command, uint32_t value)
{
	return call(fd, command, &value);
}

static inline bool is_all(const void *bytes, size_t length, uint8_t value)
{
	const uint8_t *p = bytes;

	while (length && *p == value) {
		p++;
		length--;
	}
	return !length;
}

/* A file without streams, of a device in loopback mode, in altsetting 0, that holds nothing. */
static inline int refdev_fresh(struct node *node, int flags)
{
	int err = node_find(node);
	int fd;

	if (err)
		return err;
	fd = open(node->path, O_RDWR | O_CLOEXEC | flags);
	if (fd < 0)
		return -errno;
	/* The sink swallows what a file that was closed has left. */
	err = refdev_out(fd, REFDEV_SET_MODE, REFDEV_SINK);
	wait_until(err || call_u32(fd, USBPIPE_IOC_SET_ALT, 0) != -EBUSY);
	err = err ?: call_u32(fd, USBPIPE_IOC_SET_ALT, 0);
	err = err ?: refdev_out(fd, REFDEV_SET_MODE, REFDEV_LOOPBACK);
	err = err ?: call_u32(fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_REPLY);
	if (err)
		close(fd);
	return err ?: fd;
}

/* A fixture of a node and a file, as refdev_fresh() leaves them. */
#define FRESH_FIXTURE(name, flags)						\
	FIXTURE(name)								\
	{									\
		struct node node;						\
		int fd;								\
	};									\
										\
	FIXTURE_SETUP(name)							\
	{									\
		self->fd = refdev_fresh(&self->node, flags);			\
		assert_device(self->fd);					\
	}									\
										\
	FIXTURE_TEARDOWN(name)							\
	{									\
		close(self->fd);						\
	}									\
	/* For the semicolon behind it. */					\
	struct node

/* One more file. */
static inline int another(const struct node *node, int flags)
{
	int fd = open(node->path, O_RDWR | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

/* An event: 8 bytes, of which the middle ones say @code. */
static inline int refdev_event(int fd, uint16_t code)
{
	return refdev_out(fd, 0x03, code);
}

/* A transfer that is to be done at once. Returns how many bytes it moved. */
static inline int transfer(int fd, uint8_t endpoint, void *data, uint32_t length)
{
	struct usbpipe_transfer transfer = {
		.endpoint = endpoint,
		.timeout_ms = DEADLINE_MS / 2,
		.length = length,
		.data = (uintptr_t)data,
	};
	int err = call(fd, USBPIPE_IOC_TRANSFER, &transfer);

	return err ?: (int)transfer.actual;
}

/* What a call that was refused must not have changed. */
struct state {
	struct usbpipe_info info;
	struct usbpipe_stats stats;
	struct usbpipe_limits limits;
	struct refdev_status device;
};

static inline int state_read(int fd, struct state *state)
{
	int err = call(fd, USBPIPE_IOC_INFO, &state->info);

	err = err ?: call(fd, USBPIPE_IOC_STATS, &state->stats);
	err = err ?: call(fd, USBPIPE_IOC_LIMITS, &state->limits);
	/* Asking the device is a request, too. */
	state->stats.control_requests = 0;
	return err ?: refdev_status(fd, &state->device);
}

/* One field, and what it is to be. */
struct change {
	size_t offset;
	size_t size;
	uint64_t value;
};

#define CHANGE(type, field, to) \
	{ offsetof(struct type, field), sizeof(((struct type *)0)->field), to }

static inline void change(void *argument, const struct change *to)
{
	uint8_t *field = (uint8_t *)argument + to->offset;
	uint64_t value = to->value;
	uint32_t u32 = value;
	uint16_t u16 = value;
	uint8_t u8 = value;

	switch (to->size) {
	case 1:
		memcpy(field, &u8, 1);
		break;
	case 2:
		memcpy(field, &u16, 2);
		break;
	case 4:
		memcpy(field, &u32, 4);
		break;
	case 8:
		memcpy(field, &value, 8);
	}
}

#endif /* USBPIPE_TEST_STATE_H */
