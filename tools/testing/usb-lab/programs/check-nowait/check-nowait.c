// SPDX-License-Identifier: GPL-2.0
/*
 * check-nowait NODE UNBIND INTERFACE: calls that must not wait don't, call by call, by the file's
 * flags, and through io_uring; those that may, do. The driver is left unbound.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "check.h"

#define PATIENCE_MS 10000
#define ENTRIES 4

static ssize_t read_flags(int fd, int flags)
{
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	ssize_t result = preadv2(fd, &iov, 1, -1, flags);

	EXPECT(result != 1 || byte == 't');
	return result;
}

static ssize_t write_flags(int fd, const char *text, int flags)
{
	struct iovec iov = { .iov_base = (void *)text, .iov_len = strlen(text) };

	return pwritev2(fd, &iov, 1, -1, flags);
}

static int open_ticking(const char *path)
{
	int fd = open_node(path);

	EXPECT(ioctl(fd, USBCHECK_TICKS) == 0);
	return fd;
}

static int ready(int fd, int ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	EXPECT(poll(&pollfd, 1, ms) >= 0);
	return pollfd.revents;
}

static void calls(const char *path, int by)
{
	int fd = open_ticking(path);

	REFUSED(EAGAIN, read_flags(fd, RWF_NOWAIT));
	REFUSED(EAGAIN, write_flags(fd, "tick", RWF_NOWAIT));
	EXPECT(ready(fd, 0) == 0);
	say(by, "tick");
	EXPECT(ready(fd, PATIENCE_MS) == POLLIN);
	EXPECT(read_flags(fd, RWF_NOWAIT) == 1);
	EXPECT(write_flags(fd, "tick", 0) == 4);
	EXPECT(read_flags(fd, 0) == 1);

	EXPECT(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	REFUSED(EAGAIN, read_flags(fd, 0));
	REFUSED(EAGAIN, write_flags(fd, "tick", 0));
	EXPECT(fcntl(fd, F_SETFL, 0) == 0);
	EXPECT(write_flags(fd, "tick", 0) == 4);
	EXPECT(read_flags(fd, 0) == 1);
	close(fd);
}

/* Commands of the node. */
static void commands(int fd)
{
	long bits = 0;

	EXPECT(ioctl(fd, USBCHECK_LONG, &bits) == 0 && bits == 64);
	REFUSED(EFAULT, ioctl(fd, USBCHECK_LONG, NULL));
	REFUSED(ENOTTY, ioctl(fd, _IO('c', 0x3f)));
}

/* The least that there is of a ring. */
struct ring {
	int fd;
	char *queues;
	struct io_uring_params params;
	struct io_uring_sqe *entries;
};

static unsigned int *at(struct ring *ring, unsigned int offset)
{
	return (unsigned int *)(ring->queues + offset);
}

static void open_ring(struct ring *ring)
{
	size_t size = 4096;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, ENTRIES, &ring->params);
	EXPECT(ring->fd >= 0);
	EXPECT(ring->params.features & IORING_FEAT_SINGLE_MMAP);
	ring->queues = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
			    IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			     ring->fd, IORING_OFF_SQES);
	EXPECT(ring->queues != MAP_FAILED && ring->entries != MAP_FAILED);
}

/* Starts a read of one byte. */
static void start(struct ring *ring, int fd, char *byte)
{
	unsigned int *tail = at(ring, ring->params.sq_off.tail);
	unsigned int index = *tail & *at(ring, ring->params.sq_off.ring_mask);
	struct io_uring_sqe *entry = &ring->entries[index];

	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_READ;
	entry->fd = fd;
	entry->off = -1;
	entry->addr = (unsigned long)byte;
	entry->len = 1;
	at(ring, ring->params.sq_off.array)[index] = index;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	EXPECT(syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0) == 1);
}

static int has_ended(struct ring *ring)
{
	unsigned int head = *at(ring, ring->params.cq_off.head);

	return head != __atomic_load_n(at(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE);
}

/* What the read ended with. */
static int end(struct ring *ring)
{
	struct io_uring_cqe *all = (void *)at(ring, ring->params.cq_off.cqes);
	unsigned int *head = at(ring, ring->params.cq_off.head);
	unsigned int index = *head & *at(ring, ring->params.cq_off.ring_mask);
	int result;

	EXPECT(syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 0);
	EXPECT(has_ended(ring));
	result = all[index].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

/* Threads of this process; those that wait for a read in place of the ring are among them. */
static int threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int count = 0;

	EXPECT(tasks);
	while (readdir(tasks))
		count++;
	closedir(tasks);
	return count - 2;
}

static void through_ring(const char *path, int by, const char *unbind, const char *interface)
{
	int fd = open_ticking(path);
	struct ring ring;
	char byte = 0;

	open_ring(&ring);
	say(by, "tick");
	start(&ring, fd, &byte);
	EXPECT(end(&ring) == 1 && byte == 't');

	byte = 0;
	start(&ring, fd, &byte);
	poll(NULL, 0, 100);
	EXPECT(!has_ended(&ring));
	EXPECT(threads() == 1);
	say(by, "tick");
	EXPECT(end(&ring) == 1 && byte == 't');

	start(&ring, fd, &byte);
	EXPECT(!has_ended(&ring));
	tell(unbind, interface);
	EXPECT(end(&ring) == -ENODEV);
	REFUSED(ENODEV, read_flags(fd, RWF_NOWAIT));
}

int main(int argc, char **argv)
{
	int by;

	EXPECT(argc == 4);
	by = open_node(argv[1]);
	commands(by);
	calls(argv[1], by);
	through_ring(argv[1], by, argv[2], argv[3]);
	return 0;
}
