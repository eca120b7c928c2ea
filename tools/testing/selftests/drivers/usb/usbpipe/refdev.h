/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference device, seen through its node: vendor requests, and streams through its loopback.
 *
 * Functions return 0 or a count, or a negative error number.
 */
#ifndef USBPIPE_TEST_REFDEV_H
#define USBPIPE_TEST_REFDEV_H

#include <endian.h>
#include <stdint.h>
#include <sys/random.h>

#include "node.h"

#define REFDEV_OUT 0x01
#define REFDEV_IN 0x81
#define REFDEV_INTERRUPT 0x82

/* Bytes of what the interrupt endpoint sends. */
#define REFDEV_EVENT_SIZE 8

/* Bytes that the device keeps in loopback mode. */
#define REFDEV_FIFO (1 << 20)

enum refdev_request {
	REFDEV_SET_MODE = 0x01,
	REFDEV_GET_STATUS = 0x02,
	REFDEV_TRIGGER_EVENT = 0x03,
	REFDEV_SCRATCH_WRITE = 0x04,
	REFDEV_SCRATCH_READ = 0x05,
	REFDEV_HALT = 0x07,
	REFDEV_NEVER_ANSWER = 0x08,
	REFDEV_UNKNOWN = 0x70,
};

enum refdev_mode {
	REFDEV_LOOPBACK = 0,
	REFDEV_SINK = 1,
};

/* The answer to GET_STATUS, little-endian. */
struct refdev_status {
	uint32_t mode;
	uint32_t events_sent;
	uint64_t out_bytes;
	uint64_t in_bytes;
	uint32_t out_crc32c;
	uint32_t in_crc32c;
	uint32_t fifo_used;
	uint32_t fifo_size;
	uint64_t seed;
};

static inline int refdev_control(int fd, struct usbpipe_control *control)
{
	return ioctl(fd, USBPIPE_IOC_CONTROL, control) ? -errno : (int)control->actual;
}

static inline int refdev_out(int fd, uint8_t request, uint16_t value)
{
	struct usbpipe_control control = {
		.request_type = 0x40,
		.request = request,
		.value = value,
		.timeout_ms = DEADLINE_MS / 2,
	};

	return refdev_control(fd, &control);
}

static inline int refdev_out_bytes(int fd, uint8_t request, const void *bytes, uint16_t length)
{
	struct usbpipe_control control = {
		.request_type = 0x40,
		.request = request,
		.length = length,
		.data = (uintptr_t)bytes,
		.timeout_ms = DEADLINE_MS / 2,
	};

	return refdev_control(fd, &control);
}

static inline int refdev_in(int fd, uint8_t request, void *room, uint16_t length)
{
	struct usbpipe_control control = {
		.request_type = 0xc0,
		.request = request,
		.length = length,
		.data = (uintptr_t)room,
		.timeout_ms = DEADLINE_MS / 2,
	};

	return refdev_control(fd, &control);
}

static inline int refdev_status(int fd, struct refdev_status *status)
{
	int count = refdev_in(fd, REFDEV_GET_STATUS, status, sizeof(*status));

	return count == sizeof(*status) ? 0 : count < 0 ? count : -EPROTO;
}

/* Bytes that look random, the same for the same @seed. */
static inline void fill(void *room, size_t length, uint64_t seed)
{
	uint8_t *bytes = room;
	size_t i;

	for (i = 0; i < length; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = seed >> 56;
	}
}

/* Writes all of @bytes, waiting for room each time that there is none. */
static inline int write_all(int fd, const void *bytes, size_t length)
{
	size_t done = 0;
	ssize_t count;

	while (done < length) {
		count = write(fd, (const char *)bytes + done, length - done);
		if (count > 0)
			done += count;
		else if (!count || (errno != EAGAIN && errno != EINTR))
			return count ? -errno : -EIO;
		else if (ready(fd, POLLOUT) <= 0)
			return -ETIME;
	}
	return 0;
}

/* Reads exactly @length bytes, waiting each time that there is nothing. */
static inline int read_all(int fd, void *room, size_t length)
{
	size_t done = 0;
	ssize_t count;

	while (done < length) {
		count = read(fd, (char *)room + done, length - done);
		if (count > 0)
			done += count;
		else if (!count || (errno != EAGAIN && errno != EINTR))
			return count ? -errno : -EIO;
		else if (ready(fd, POLLIN) <= 0)
			return -ETIME;
	}
	return 0;
}

/* What goes out now must be the next that comes in; -EBADMSG if other bytes come. */
static inline int refdev_loopback(int fd, size_t length, uint64_t seed)
{
	uint8_t *out = malloc(2 * length);
	uint8_t *in = out + length;
	int err;

	if (!out)
		return -ENOMEM;
	fill(out, length, seed);
	err = write_all(fd, out, length);
	if (!err)
		err = read_all(fd, in, length);
	if (!err && memcmp(out, in, length))
		err = -EBADMSG;
	free(out);
	return err;
}

/* Reads up to the end of @token, which is the last thing in the stream. */
static inline int skip_to(int fd, const void *token, size_t length)
{
	static char room[65536];
	size_t kept = 0;
	ssize_t count;

	for (;;) {
		if (kept >= length && !memcmp(room + kept - length, token, length))
			return 0;
		if (kept >= length) {
			memmove(room, room + kept - length, length);
			kept = length;
		}
		count = read(fd, room + kept, sizeof(room) - kept);
		if (count > 0)
			kept += count;
		else if (count < 0 && errno == EAGAIN && ready(fd, POLLIN) <= 0)
			return -ETIME;
		else if (count < 0 && errno != EAGAIN && errno != EPIPE)
			return -errno;
	}
}

/*
 * Brings the device back to an empty loopback, whatever an earlier test left in it, in the driver
 * or on the way: bytes that go out now must be the next that come in.
 */
static inline int refdev_reset(int fd)
{
	char token[32];
	int err;

	/* The sink swallows what waits to be sent; an old error has had its chance to be reported. */
	err = refdev_out(fd, REFDEV_SET_MODE, REFDEV_SINK);
	if (err)
		return err;
	if (fsync(fd) && fsync(fd))
		return -errno;
	err = refdev_out(fd, REFDEV_SET_MODE, REFDEV_LOOPBACK);
	if (err)
		return err;
	if (getrandom(token, sizeof(token), 0) != sizeof(token))
		return -EIO;
	err = write_all(fd, token, sizeof(token));
	return err ?: skip_to(fd, token, sizeof(token));
}

/* Opens the node of a reference device that is in loopback mode and holds nothing. */
static inline int refdev_open(struct node *node)
{
	int err = node_find(node);
	int fd;

	if (err)
		return err;
	fd = open(node->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = refdev_reset(fd);
	if (err)
		close(fd);
	return err ?: fd;
}

/* Writes until the device, and everything before it, is full. Returns how much that took. */
static inline long refdev_fill_up(int fd, uint64_t seed)
{
	static uint8_t bytes[8 * REFDEV_FIFO];
	size_t done = 0;
	ssize_t count;

	fill(bytes, sizeof(bytes), seed);
	while (done < sizeof(bytes)) {
		count = write(fd, bytes + done, sizeof(bytes) - done);
		if (count > 0)
			done += count;
		else if (errno != EAGAIN)
			return -errno;
		/* No room may mean that the device has not taken it yet. */
		else if (!(ready_within(fd, POLLOUT, 200) & POLLOUT))
			return done;
	}
	return -ENOSPC;
}

#endif /* USBPIPE_TEST_REFDEV_H */
