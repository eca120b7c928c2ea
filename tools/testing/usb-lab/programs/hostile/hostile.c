// SPDX-License-Identifier: GPL-2.0
/*
 * What a shell cannot do to a USB device, for guest tests:
 *
 *   hostile commit NODE NAME            writes NAME to a device node, if there
 *                                       is one
 *   hostile crowd NODE NAME...          so do as many processes at once, each with a
 *                                       file of its own; says "begun" when all are
 *                                       open, and ends as one that did not end with
 *                                       ENODEV, if there is one
 *   hostile map NODE BYTES              maps a device node, says "mapped", and
 *                                       touches the pages until its input ends
 *   hostile reset DEVICE                USBDEVFS_RESET
 *   hostile command DEVICE INTERFACE NAME
 *                                       USBDEVFS_IOCTL: has the driver of that
 *                                       interface carry out NAME
 *   hostile release DEVICE INTERFACE    USBDEVFS_DISCONNECT: parts it from its
 *                                       driver
 *
 * DEVICE is a file of /dev/bus/usb. An error is named, and the exit status is its
 * number; it is 125 for a command that is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/usbdevice_fs.h>

#define NAME_SIZE 16
#define PAGE 4096

static int complain(const char *what)
{
	int error = errno;

	perror(what);
	return error;
}

static int commit(int fd, const char *name)
{
	if (write(fd, name, strlen(name)) < 0)
		return complain(name);
	return 0;
}

/* Has the node open before it says so by closing its end of the pipe. */
static int commit_one_of_many(const char *node, const char *name, int pipe_end)
{
	int fd = open(node, O_RDWR);

	if (fd < 0)
		return complain(node);
	close(pipe_end);
	return commit(fd, name);
}

static void wait_for_end_of_file(int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

/* Of all processes. */
static int exit_status(void)
{
	int status, result = ENODEV;

	while (wait(&status) > 0)
		if (!WIFEXITED(status))
			result = 125;
		else if (WEXITSTATUS(status) != ENODEV)
			result = WEXITSTATUS(status);
	return result;
}

static int crowd(const char *node, char **names)
{
	int ends[2];

	if (pipe(ends))
		return complain("pipe");
	for (; *names; names++)
		switch (fork()) {
		case -1:
			return complain("fork");
		case 0:
			_exit(commit_one_of_many(node, *names, ends[1]));
		}
	close(ends[1]);
	wait_for_end_of_file(ends[0]);
	puts("begun");
	fflush(stdout);
	return exit_status();
}

static int reset(int fd)
{
	if (ioctl(fd, USBDEVFS_RESET))
		return complain("USBDEVFS_RESET");
	return 0;
}

static int send_ioctl(int fd, int interface, int code, void *data)
{
	struct usbdevfs_ioctl command = {
		.ifno = interface,
		.ioctl_code = code,
		.data = data,
	};

	return ioctl(fd, USBDEVFS_IOCTL, &command);
}

static int command(int fd, int interface, const char *name)
{
	char buffer[NAME_SIZE] = "";

	snprintf(buffer, sizeof(buffer), "%s", name);
	if (send_ioctl(fd, interface, _IOC(_IOC_WRITE, 'U', 0, sizeof(buffer)), buffer) < 0)
		return complain(name);
	return 0;
}

static int release(int fd, int interface)
{
	if (send_ioctl(fd, interface, USBDEVFS_DISCONNECT, NULL) < 0)
		return complain("USBDEVFS_DISCONNECT");
	return 0;
}

static void touch(volatile unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE)
		bytes[at]++;
}

static int map(int fd, size_t size)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (bytes == MAP_FAILED)
		return complain("mmap");
	/* The mapping alone has to keep what it needs. */
	close(fd);
	puts("mapped");
	fflush(stdout);
	do {
		touch(bytes, size);
	} while (!poll(&input, 1, 1));
	touch(bytes, size);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "Usage: hostile commit|crowd|map|reset|command|release FILE ARGUMENT...\n");
	return 125;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";
	long number = argc > 3 ? atol(argv[3]) : 0;
	int fd;

	if (!strcmp(verb, "crowd") && argc > 3)
		return crowd(argv[2], argv + 3);
	fd = argc > 2 ? open(argv[2], O_RDWR) : -1;
	if (fd < 0)
		return argc > 2 ? complain(argv[2]) : usage();
	if (!strcmp(verb, "commit") && argc > 3)
		return commit(fd, argv[3]);
	if (!strcmp(verb, "reset"))
		return reset(fd);
	if (!strcmp(verb, "command") && argc > 4)
		return command(fd, number, argv[4]);
	if (!strcmp(verb, "release") && argc > 3)
		return release(fd, number);
	if (!strcmp(verb, "map") && number > 0)
		return map(fd, number);
	return usage();
}
