// SPDX-License-Identifier: GPL-2.0
/*
 * check-pipe32 NODE: what a 32-bit program gets from a node of usbpipe on a 64-bit kernel: all
 * commands, and the same as others.
 */
#include "check32.h"

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;

/* What the header under test includes. */
#define _LINUX_IOCTL_H
#define _LINUX_TYPES_H
#define _UAPI_LINUX_IOCTL_H
#define _UAPI_LINUX_TYPES_H
#define _IO(type, number) NUMBER(0U, type, number, 0)
#define _IOW(type, number, what) NUMBER(1U, type, number, sizeof(what))
#define _IOR(type, number, what) NUMBER(2U, type, number, sizeof(what))
#define _IOWR(type, number, what) NUMBER(3U, type, number, sizeof(what))

#include "../../../../../include/uapi/linux/usb/usbpipe.h"

#define VENDOR 0x1209
#define OUT 0x01
#define IN 0x81
#define INTERRUPT 0x82
#define SET_MODE 1
#define GET_STATUS 2
#define TRIGGER_EVENT 3

static __u64 address(const void *memory)
{
	return (__u32)memory;
}

static int control(int fd, __u8 request, __u16 value)
{
	struct usbpipe_control control = {
		.request_type = 0x40,
		.request = request,
		.value = value,
		.timeout_ms = 1000,
	};

	return call(IOCTL, fd, USBPIPE_IOC_CONTROL, (long)&control);
}

static void who_it_is(int fd)
{
	static struct usbpipe_info info;
	static struct usbpipe_limits limits;

	EXPECT(call(IOCTL, fd, USBPIPE_IOC_INFO, (long)&info) == 0);
	EXPECT(info.vendor == VENDOR);
	EXPECT(info.num_endpoints == 3);
	EXPECT(info.endpoints[0].address == OUT);
	EXPECT(info.endpoints[2].address == INTERRUPT);
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_INFO, 0) == -EFAULT);
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_LIMITS, (long)&limits) == 0);
	EXPECT(limits.max_transfer == USBPIPE_MAX_TRANSFER);
	EXPECT(limits.max_transactions == USBPIPE_MAX_TRANSACTIONS);
	EXPECT(limits.device_memory_used == 0);
	EXPECT(limits.device_memory != 0);
	EXPECT(limits.module_memory >= limits.device_memory);
	EXPECT(call(IOCTL, fd, _IOR(0xbb, 0x02, __u32), (long)&limits) == -ENOTTY);
}

static void transfers(int fd)
{
	char room[64] = "";
	struct usbpipe_transfer out = {
		.endpoint = OUT,
		.timeout_ms = 1000,
		.length = 5,
		.data = address("hello"),
	};
	struct usbpipe_transfer in = {
		.endpoint = IN,
		.timeout_ms = 1000,
		.length = sizeof(room),
		.data = address(room),
	};

	EXPECT(call(IOCTL, fd, USBPIPE_IOC_TRANSFER, (long)&out) == 0);
	EXPECT(out.actual == 5);
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_TRANSFER, (long)&in) == 0);
	EXPECT(in.actual == 5 && !differ(room, "hello", 5));
	out.reserved = 1ULL << 63;
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_TRANSFER, (long)&out) == -EINVAL);
	/* No program of 32 bits has memory there. */
	in.data |= 1ULL << 32;
	out.reserved = 0;
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_TRANSFER, (long)&out) == 0);
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_TRANSFER, (long)&in) == -EFAULT);
}

static void commands(int fd)
{
	static char status[48];
	char reply[8] = "";
	struct usbpipe_transaction commands[2] = {
		{
			.out_data = address("command"),
			.in_data = address(reply),
			.out_length = 7,
			.in_length = 8,
			.timeout_ms = 1000,
			.tag_length = 7,
		},
		{
			.in_data = address(status),
			.in_length = sizeof(status),
			.timeout_ms = 1000,
			.kind = USBPIPE_TRANSACTION_CONTROL,
			.setup = { 0xc0, GET_STATUS, 0, 0, 0, 0, sizeof(status), 0 },
		},
	};
	struct usbpipe_transact batch = { .transactions = address(commands), .count = 2 };

	EXPECT(call(IOCTL, fd, USBPIPE_IOC_TRANSACT, (long)&batch) == 0);
	EXPECT(batch.completed == 2);
	EXPECT(commands[0].in_actual == 7 && !differ(reply, "command", 7));
	EXPECT(commands[0].state == USBPIPE_TRANSACTION_COMPLETED);
	EXPECT(commands[1].sequence == commands[0].sequence + 1);
	EXPECT(commands[1].in_actual == sizeof(status));
}

static void streams(int fd)
{
	char room[8] = "";
	struct usbpipe_select select = {
		.read_endpoint = IN,
		.write_endpoint = OUT,
		.read_size = 4096,
		.read_depth = 2,
	};
	struct usbpipe_event event = { .data = address(room), .length = sizeof(room) };
	__u32 what = USBPIPE_FLUSH_READ;

	EXPECT(call(IOCTL, fd, USBPIPE_IOC_SELECT, (long)&select) == 0);
	EXPECT(call(WRITE, fd, (long)"stream", 6) == 6);
	EXPECT(call(READ, fd, (long)room, 6) == 6 && !differ(room, "stream", 6));
	EXPECT(control(fd, TRIGGER_EVENT, 7) == 0);
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_EVENT, (long)&event) == 0);
	EXPECT(event.actual == 8 && event.sequence == 1 && room[4] == 7);
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_FLUSH, (long)&what) == 0);
}

static void counters(int fd)
{
	static struct usbpipe_stats stats;

	EXPECT(call(IOCTL, fd, USBPIPE_IOC_STATS, (long)&stats) == 0);
	EXPECT(stats.transactions >= 2);
	EXPECT(stats.write_bytes >= 5 + 5 + 7 + 6);
	EXPECT(stats.read_bytes >= 5 + 5 + 7 + 6);
	EXPECT(stats.memory != 0);
}

static void exclusively(int fd)
{
	__u32 on = 1, off = 0;

	EXPECT(call(IOCTL, fd, USBPIPE_IOC_EXCL, (long)&on) == 0);
	EXPECT(call(IOCTL, fd, USBPIPE_IOC_EXCL, (long)&off) == 0);
}

static void check(int count, const char **arguments)
{
	int fd;

	EXPECT(count == 2);
	fd = call(OPEN, (long)arguments[1], O_RDWR, 0);
	EXPECT(fd >= 0);
	EXPECT(control(fd, SET_MODE, 0) == 0);
	who_it_is(fd);
	transfers(fd);
	commands(fd);
	streams(fd);
	counters(fd);
	exclusively(fd);
}
