// SPDX-License-Identifier: GPL-2.0
/*
 * check-compat32 NODE DEVICE: what a 32-bit program gets from a 64-bit kernel, through the node and
 * through the device's own node of usbfs.
 */
#include "check32.h"

#define USBCHECK_TICKS NUMBER(0U, 'c', 0x30, 0)
#define USBCHECK_LONG NUMBER(2U, 'c', 0x31, sizeof(long))
#define USBCHECK_LONG_64 NUMBER(2U, 'c', 0x31, 8)
#define USBCHECK_REVERSE NUMBER(3U, 'c', 0x20, 16)
#define USBDEVFS_IOCTL NUMBER(3U, 'U', 18, sizeof(struct usbdevfs_ioctl))

struct usbdevfs_ioctl {
	int ifno;
	int ioctl_code;
	void *data;
};

static void the_node(const char *path)
{
	int fd = call(OPEN, (long)path, O_RDWR, 0);
	long bits[2] = { 0, 0x77777777 };
	char byte = 0;

	EXPECT(fd >= 0);
	EXPECT(call(IOCTL, fd, USBCHECK_LONG, (long)bits) == 0);
	EXPECT(bits[0] == 32 && bits[1] == 0x77777777);
	EXPECT(call(IOCTL, fd, USBCHECK_LONG_64, (long)bits) == -ENOTTY);
	EXPECT(call(IOCTL, fd, USBCHECK_LONG, 0) == -EFAULT);
	/* A command that is the same for everybody. */
	EXPECT(call(IOCTL, fd, USBCHECK_TICKS, 0) == 0);
	EXPECT(call(WRITE, fd, (long)"tick", 4) == 4);
	EXPECT(call(READ, fd, (long)&byte, 1) == 1 && byte == 't');
}

static void usbfs(const char *path)
{
	int fd = call(OPEN, (long)path, O_RDWR, 0);
	char text[] = "fedcba9876543210";
	struct usbdevfs_ioctl command = {
		.ifno = 0,
		.ioctl_code = USBCHECK_REVERSE,
		.data = text,
	};

	EXPECT(fd >= 0);
	EXPECT(call(IOCTL, fd, USBDEVFS_IOCTL, (long)&command) == 7);
	EXPECT(!differ(text, "0123456789abcdef", sizeof(text)));
}

static void check(int count, const char **arguments)
{
	EXPECT(count == 3);
	the_node(arguments[1]);
	usbfs(arguments[2]);
}
