// SPDX-License-Identifier: GPL-2.0
/*
 * memory-limits NODE MODULE DEVICE: a node of usbpipe keeps to limits of so many bytes.
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

int main(int argc, char **argv)
{
	struct usbpipe_transfer transfer = { .endpoint = 0x01, .timeout_ms = 1000 };
	uint64_t device;
	int fd;

	EXPECT(argc == 4);
	device = strtoull(argv[3], NULL, 0);
	fd = open(argv[1], O_RDWR | O_NONBLOCK | O_CLOEXEC);
	EXPECT(fd >= 0);
	limits_are(fd, strtoull(argv[2], NULL, 0), device);
	/* Whole packets, one more than there is room for, and as many as there is room for. */
	REFUSED(ENOBUFS, read_with(fd, device / DEPTH / 512 * 512 + 512));
	EXPECT(used(fd) == 0);
	REFUSED(EAGAIN, read_with(fd, device / DEPTH / 512 * 512));
	EXPECT(used(fd) <= device && used(fd) > device - DEPTH * 512);
	/* Nothing is left for others. */
	transfer.data = (uintptr_t)malloc(8192);
	transfer.length = 8192;
	REFUSED(ENOBUFS, ioctl(fd, USBPIPE_IOC_TRANSFER, &transfer));
	REFUSED(EAGAIN, read_with(fd, 512));
	EXPECT(ioctl(fd, USBPIPE_IOC_TRANSFER, &transfer) == 0 && transfer.actual == 8192);
	return 0;
}
