/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs that help tests/usbcheck.sh share. Each does one thing with /dev/usbcheckN, says
 * what was not as expected, and ends with status 1 then.
 */
#ifndef USB_LAB_CHECK_H
#define USB_LAB_CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Commands of the node, see drivers/usb/misc/usbcheck/node.rs. */
#define USBCHECK_TICKS _IO('c', 0x30)
#define USBCHECK_LONG _IOR('c', 0x31, long)

/* Something must be so. */
#define EXPECT(condition) do {						\
	if (!(condition)) {						\
		fprintf(stderr, "%s:%d: expected %s (errno: %s)\n",	\
			__FILE__, __LINE__, #condition, strerror(errno)); \
		exit(1);						\
	}								\
} while (0)

/* A call must fail in a certain way. */
#define REFUSED(error, call) do {					\
	errno = 0;							\
	EXPECT((call) == -1 && errno == (error));			\
} while (0)

/* Opens the node. */
static inline int open_node(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	EXPECT(fd >= 0);
	return fd;
}

/* Writes a text to an open file, whole. */
static inline void say(int fd, const char *text)
{
	size_t length = strlen(text);

	errno = 0;
	EXPECT(write(fd, text, length) == (ssize_t)length);
}

/* Writes a text to an attribute in sysfs: "unbind" and the interface, for one. */
static inline void tell(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	EXPECT(fd >= 0);
	say(fd, text);
	close(fd);
}

#endif /* USB_LAB_CHECK_H */
