// SPDX-License-Identifier: GPL-2.0
/*
 * check-map NODE UNBIND INTERFACE: the node's buffers are mapped, data goes from one through the
 * device into the other, and they stay when the driver is unbound. It is left unbound.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "check.h"

/* As in drivers/usb/misc/usbcheck/window.rs. */
#define LENGTH (7 * 1024)
#define MAPPED (8 * 1024)
#define MARK 16

static uint8_t pattern(size_t position)
{
	return 0x3c ^ position % 251;
}

/* Is the whole of it this one value? */
static int is_all(const uint8_t *bytes, size_t length, uint8_t value)
{
	while (length && *bytes == value) {
		bytes++;
		length--;
	}
	return !length;
}

static int is_pattern(const uint8_t *bytes, size_t length)
{
	size_t i = 0;

	while (i < length && bytes[i] == pattern(i))
		i++;
	return i == length;
}

static uint8_t *map(int fd)
{
	uint8_t *area = mmap(NULL, 2 * MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	EXPECT(area != MAP_FAILED);
	return area;
}

static int maps(int fd, size_t length, off_t offset)
{
	void *area = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	return area == MAP_FAILED ? -1 : munmap(area, length);
}

/* What has no room for both buffers, or does not begin with the first, is not mapped. */
static void limits(int fd)
{
	REFUSED(EINVAL, maps(fd, MAPPED, 0));
	REFUSED(EINVAL, maps(fd, 2 * MAPPED - 4096, 0));
	REFUSED(EINVAL, maps(fd, 2 * MAPPED, 4096));
	EXPECT(maps(fd, 2 * MAPPED + 4096, 0) == 0);
}

/* Through the device and back; the driver looks into its side of the buffers, too. */
static void around(int fd, uint8_t *out, uint8_t *in)
{
	size_t i;

	EXPECT(is_all(out, MAPPED, 0) && is_all(in, MAPPED, 0));
	for (i = 0; i < LENGTH; i++)
		out[i] = pattern(i);
	say(fd, "map-transfer");
	EXPECT(is_pattern(in, LENGTH));
	EXPECT(is_all(in + LENGTH, MAPPED - LENGTH, 0));
	say(fd, "map-mark");
	EXPECT(is_pattern(in, LENGTH - MARK));
	EXPECT(is_all(in + LENGTH - MARK, MARK, 0xee));
}

/* A child has the same pages, not a copy of them. */
static void shared(uint8_t *out)
{
	int status;
	pid_t child = fork();

	EXPECT(child >= 0);
	if (!child) {
		out[1] = 0x99;
		_exit(!is_pattern(out, 1));
	}
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
	EXPECT(out[1] == 0x99);
	out[1] = pattern(1);
}

int main(int argc, char **argv)
{
	uint8_t *area, *second;
	int fd;

	EXPECT(argc == 4);
	fd = open_node(argv[1]);
	limits(fd);
	area = map(fd);
	around(fd, area, area + MAPPED);
	shared(area);

	/* There is one set of buffers, however often it is mapped. */
	second = map(fd);
	EXPECT(is_pattern(second, LENGTH));
	EXPECT(munmap(second, 2 * MAPPED) == 0);

	/* Unbound, the driver's pages are still there, but there are no more to be had. */
	tell(argv[2], argv[3]);
	EXPECT(is_pattern(area, LENGTH));
	area[0] = 0x42;
	EXPECT(area[0] == 0x42 && is_all(area + 2 * MAPPED - MARK, MARK, 0));
	REFUSED(ENODEV, maps(fd, 2 * MAPPED, 0));
	REFUSED(ENODEV, write(fd, "map-transfer", 12));
	EXPECT(close(fd) == 0);
	area[1] = 0x42;
	EXPECT(munmap(area, 2 * MAPPED) == 0);
	return 0;
}
