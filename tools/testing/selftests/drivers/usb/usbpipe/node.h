/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The node under test: where it is, and waiting for it.
 *
 * The path comes from the first argument or USBPIPE_NODE; otherwise it is the first node whose
 * device has the ids of the reference device.
 */
#ifndef USBPIPE_TEST_NODE_H
#define USBPIPE_TEST_NODE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/usb/usbpipe.h>

#define REFDEV_VENDOR 0x1209
#define REFDEV_PRODUCT 0x0001

/* Longer than anything takes that works. */
#define DEADLINE_MS 10000

struct node {
	char path[64];
};

static inline long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Is this the node of a reference device? */
static inline int node_matches(const char *path)
{
	struct usbpipe_info info;
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int err;

	if (fd < 0)
		return 0;
	err = ioctl(fd, USBPIPE_IOC_INFO, &info);
	close(fd);
	return !err && info.vendor == REFDEV_VENDOR && info.product == REFDEV_PRODUCT;
}

/* The node that was asked for, or the first that fits. Returns 0, or -ENODEV. */
static inline int node_find(struct node *node)
{
	const char *wanted = getenv("USBPIPE_NODE");
	DIR *class = opendir("/sys/class/usbmisc");
	struct dirent *entry;
	int err = -ENODEV;

	if (wanted)
		snprintf(node->path, sizeof(node->path), "%s", wanted);
	if (wanted && node_matches(wanted))
		err = 0;
	while (!wanted && err && class && (entry = readdir(class))) {
		if (strncmp(entry->d_name, "usbpipe", 7))
			continue;
		snprintf(node->path, sizeof(node->path), "/dev/%.40s", entry->d_name);
		err = node_matches(node->path) ? 0 : -ENODEV;
	}
	if (class)
		closedir(class);
	return err;
}

/* Waits for a condition that nothing tells of: an entry of sysfs or procfs. */
#define wait_until(condition) ({					\
	long __end = now_ms() + DEADLINE_MS;				\
	int __true;							\
									\
	while (!(__true = !!(condition)) && now_ms() < __end)		\
		poll(NULL, 0, 1);					\
	__true;								\
})

/* What poll() says about @fd within @ms milliseconds. */
static inline int ready_within(int fd, short events, int ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	return poll(&pollfd, 1, ms) < 0 ? -errno : pollfd.revents;
}

static inline int ready(int fd, short events)
{
	return ready_within(fd, events, DEADLINE_MS);
}

/*
 * A page that may be accessed as @protection says, followed by one that may not be.
 *
 * The second page was never touched: User Mode Linux's own accesses respect PROT_NONE only then.
 */
static inline char *last_page(int protection)
{
	long size = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages, size, PROT_READ | PROT_WRITE))
		return NULL;
	memset(pages, 0, size);
	return mprotect(pages, size, protection) ? NULL : pages;
}

/* What was opened is a file, not an error; for FIXTURE_SETUP(). */
#define assert_device(fd)							\
	ASSERT_LE(0, fd) {							\
		TH_LOG("no reference device in working order: %s", strerror(-(fd))); \
	}

/* For main(): an argument that is a path is the node, the others are the harness's. */
static inline void node_from_arguments(int *argc, char **argv)
{
	if (*argc < 2 || argv[1][0] != '/')
		return;
	setenv("USBPIPE_NODE", argv[1], 1);
	memmove(&argv[1], &argv[2], (*argc - 1) * sizeof(*argv));
	(*argc)--;
}

#endif /* USBPIPE_TEST_NODE_H */
