// SPDX-License-Identifier: GPL-2.0
/*
 * memory-limits NODE MODULE DEVICE [OTHER]: a node of usbpipe keeps to limits of so many bytes; with
 * another node, both together keep to that of the module, which is the lower one.
 */
#include <stdint.h>

#include "check.h"
#include "../../../../../include/uapi/linux/usb/usbpipe.h"

#define DEPTH 2

static uint64_t used(int fd)
{
	struct usbpipe_limits limits;

	EXPECT(ioctl(fd, USBPIPE_IOC_LIMITS, &limits) == 0);
	EXPECT(limits.device_memory_used == limits.module_memory_used);
	return limits.device_memory_used;
}

static void limits_are(int fd, uint64_t module, uint64_t device)
{
	struct usbpipe_limits limits;

	EXPECT(ioctl(fd, USBPIPE_IOC_LIMITS, &limits) == 0);
	EXPECT(limits.module_memory == module);
	EXPECT(limits.device_memory == device);
	EXPECT(used(fd) == 0);
}

/* Reads ahead with transfers of @size. */
static ssize_t read_with(int fd, uint32_t size)
{
	struct usbpipe_select select = {
		.read_endpoint = USBPIPE_ENDPOINT_DEFAULT,
		.write_endpoint = USBPIPE_ENDPOINT_DEFAULT,
		.read_size = size,
		.read_depth = DEPTH,
	};
	char byte;

	EXPECT(ioctl(fd, USBPIPE_IOC_SELECT, &select) == 0);
	return read(fd, &byte, 1);
}

/* So do reads that find something: what was written to the device is back now, or will be. */
static void reads_ahead(int fd, uint32_t size)
{
	ssize_t n = read_with(fd, size);

	EXPECT(n == 1 || (n == -1 && errno == EAGAIN));
}

static int open_nonblocking(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	EXPECT(fd >= 0);
	return fd;
}

static struct usbpipe_transfer transfer(uint32_t length)
{
	static char bytes[8192];

	EXPECT(length <= sizeof(bytes));
	return (struct usbpipe_transfer) {
		.endpoint = 0x01,
		.timeout_ms = 1000,
		.length = length,
		.data = (uintptr_t)bytes,
	};
}

static void one(int fd, uint64_t device)
{
	struct usbpipe_transfer some = transfer(8192);

	/* Whole packets, one more than there is room for, and as many as there is room for. */
	REFUSED(ENOBUFS, read_with(fd, device / DEPTH / 512 * 512 + 512));
	EXPECT(used(fd) == 0);
	REFUSED(EAGAIN, read_with(fd, device / DEPTH / 512 * 512));
	EXPECT(used(fd) <= device && used(fd) > device - DEPTH * 512);
	/* Nothing is left for others. */
	REFUSED(ENOBUFS, ioctl(fd, USBPIPE_IOC_TRANSFER, &some));
	REFUSED(EAGAIN, read_with(fd, 512));
	EXPECT(ioctl(fd, USBPIPE_IOC_TRANSFER, &some) == 0 && some.actual == 8192);
}

/* What a node takes, of the module: others may take something, too. */
static struct usbpipe_limits limits(int fd)
{
	struct usbpipe_limits limits;

	EXPECT(ioctl(fd, USBPIPE_IOC_LIMITS, &limits) == 0);
	return limits;
}

static void two(int fd, int other, uint64_t module)
{
	struct usbpipe_transfer some = transfer(8192);
	uint64_t all;

	REFUSED(ENOBUFS, read_with(fd, module / DEPTH + 512));
	EXPECT(limits(fd).module_memory_used == 0 && limits(fd).device_memory_used == 0);
	REFUSED(EAGAIN, read_with(fd, module / DEPTH));
	all = limits(fd).device_memory_used;
	EXPECT(all == module && limits(other).module_memory_used == all);
	/* Nothing is left for the other one, which has nothing: neither for streams nor for others. */
	REFUSED(ENOBUFS, ioctl(other, USBPIPE_IOC_TRANSFER, &some));
	EXPECT(some.actual == 0);
	REFUSED(ENOBUFS, read_with(other, 512));
	EXPECT(limits(other).device_memory_used == 0);
	EXPECT(limits(other).module_memory_used == all);
	/* What one gives back the other one may have, and no more. */
	REFUSED(EAGAIN, read_with(fd, module / DEPTH - 4096));
	EXPECT(ioctl(other, USBPIPE_IOC_TRANSFER, &some) == 0 && some.actual == 8192);
	reads_ahead(other, 4096);
	REFUSED(ENOBUFS, ioctl(other, USBPIPE_IOC_TRANSFER, &some));
	EXPECT(limits(other).device_memory_used == DEPTH * 4096);
	EXPECT(limits(fd).module_memory_used == all);
	/* All of it with the file. */
	EXPECT(close(fd) == 0);
	EXPECT(limits(other).module_memory_used == DEPTH * 4096);
	EXPECT(ioctl(other, USBPIPE_IOC_TRANSFER, &some) == 0 && some.actual == 8192);
}

int main(int argc, char **argv)
{
	uint64_t module, device;
	int fd;

	EXPECT(argc == 4 || argc == 5);
	module = strtoull(argv[2], NULL, 0);
	device = strtoull(argv[3], NULL, 0);
	fd = open_nonblocking(argv[1]);
	limits_are(fd, module, device);
	if (argc == 4)
		one(fd, device);
	else
		two(fd, open_nonblocking(argv[4]), module);
	return 0;
}
