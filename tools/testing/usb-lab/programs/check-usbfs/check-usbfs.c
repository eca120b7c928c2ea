// SPDX-License-Identifier: GPL-2.0
/*
 * check-usbfs DEVICE COMMAND...: sends commands to the driver of interface 0 of a device in
 * /dev/bus/usb. "all" stands for those that say what they did, the others are names of
 * drivers/usb/misc/usbcheck/usbfs.rs.
 */
#include <linux/usbdevice_fs.h>

#include "check.h"

#define REVERSE _IOWR('c', 0x20, char[16])
#define NOTHING _IO('c', 0x21)
#define MOST _IOR('c', 0x22, char[16383])
#define TAKE _IOW('c', 0x23, char[4])
#define UNKNOWN _IOWR('c', 0x1f, char[16])

static int command(int fd, int interface, unsigned int code, void *data)
{
	struct usbdevfs_ioctl wrapped = {
		.ifno = interface,
		.ioctl_code = code,
		.data = data,
	};

	return ioctl(fd, USBDEVFS_IOCTL, &wrapped);
}

/* What goes with a command comes to the driver and back, as the command's number says. */
static void all(int fd)
{
	static char most[16383 + 1];
	char text[17] = "fedcba9876543210", taken[4] = { 1, 2, 3, 4 };
	size_t i;

	EXPECT(command(fd, 0, REVERSE, text) == 7);
	EXPECT(!strcmp(text, "0123456789abcdef"));
	EXPECT(command(fd, 0, NOTHING, NULL) == 0);
	memset(most, 0x77, sizeof(most));
	EXPECT(command(fd, 0, MOST, most) == 0);
	for (i = 0; i < sizeof(most) - 2; i++)
		EXPECT(most[i] == 0);
	EXPECT(most[i] == 0x5a && most[i + 1] == 0x77);
	EXPECT(command(fd, 0, TAKE, taken) == 0);
	EXPECT(!memcmp(taken, "\1\2\3\4", 4));
	taken[0] = 9;
	REFUSED(EBADMSG, command(fd, 0, TAKE, taken));

	REFUSED(ENOTTY, command(fd, 0, UNKNOWN, text));
	EXPECT(!strcmp(text, "0123456789abcdef"));
	REFUSED(EFAULT, command(fd, 0, REVERSE, NULL));
	REFUSED(EFAULT, command(fd, 0, MOST, NULL));
}

static const struct named {
	const char *name;
	unsigned int code;
} others[] = {
	{ "configure", _IO('c', 0x24) },
	{ "wakeup-needed", _IO('c', 0x25) },
	{ "wakeup-not-needed", _IO('c', 0x26) },
	{ "suspend-forbidden", _IO('c', 0x27) },
	{ "suspend-allowed", _IO('c', 0x28) },
	{ }
};

static void other(int fd, const char *name)
{
	const struct named *each;

	for (each = others; each->name; each++)
		if (!strcmp(name, each->name)) {
			EXPECT(command(fd, 0, each->code, NULL) == 0);
			return;
		}
	/* A claimed interface has no commands, and one without a driver none either. */
	if (!strcmp(name, "second"))
		REFUSED(ENOTTY, command(fd, 1, NOTHING, NULL));
	else if (!strcmp(name, "unbound"))
		REFUSED(ENOTTY, command(fd, 0, NOTHING, NULL));
	else
		EXPECT(!"a known command");
}

int main(int argc, char **argv)
{
	int fd, i;

	EXPECT(argc >= 3);
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	EXPECT(fd >= 0);
	for (i = 2; i < argc; i++)
		if (!strcmp(argv[i], "all"))
			all(fd);
		else
			other(fd, argv[i]);
	return 0;
}
