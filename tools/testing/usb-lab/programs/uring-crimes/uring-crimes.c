// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of io_uring for a driver that does everything wrong with them:
 *
 *   uring-crimes NODE NAME [COUNT [FLAG...]]
 *
 * submits COUNT of them (8), which are called NAME, and says what they end with, in the order in
 * which they do, and how many have not after a while: "-1 -1 7 pending 5". FLAG:
 *
 *   async      has a thread of the kernel begin them
 *   deferred   has the ring run its work where it is waited for
 *   stay       waits for the end of its input, with the ring open, and says what ended then
 *   close      as "stay", but closes the ring first
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/io_uring.h>

#define NAME_SIZE 16
#define ENTRIES 64
/* Longer than the driver takes for anything that ends. */
#define WHILE_MS 200
/* As long, so that of those who are interrupted then some have ended and others have not. */
#define MOMENT_MS 20

struct ring {
	int fd;
	struct io_uring_params params;
	char *queues;
	size_t queues_size;
	struct io_uring_sqe *sqes;
	size_t sqes_size;
};

static int complain(const char *what)
{
	perror(what);
	return 1;
}

static bool has_flag(char **flags, const char *flag)
{
	while (*flags && strcmp(*flags, flag))
		flags++;
	return *flags;
}

static uint32_t *word(struct ring *ring, uint32_t offset)
{
	return (uint32_t *)(ring->queues + offset);
}

static int set_up(struct ring *ring, char **flags)
{
	int protection = PROT_READ | PROT_WRITE;
	uint32_t cqes;

	if (has_flag(flags, "deferred"))
		ring->params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
	ring->fd = syscall(SYS_io_uring_setup, ENTRIES, &ring->params);
	if (ring->fd < 0)
		return -1;
	cqes = ring->params.cq_entries;
	ring->queues_size = ring->params.cq_off.cqes + cqes * sizeof(struct io_uring_cqe) +
			    ENTRIES * sizeof(uint32_t);
	ring->queues = mmap(NULL, ring->queues_size, protection, MAP_SHARED, ring->fd,
			    IORING_OFF_SQ_RING);
	ring->sqes_size = ENTRIES * sizeof(*ring->sqes);
	ring->sqes = mmap(NULL, ring->sqes_size, protection, MAP_SHARED, ring->fd,
			  IORING_OFF_SQES);
	return ring->queues == MAP_FAILED || ring->sqes == MAP_FAILED ? -1 : 0;
}

/* A mapping would keep it open. */
static void tear_down(struct ring *ring)
{
	munmap(ring->queues, ring->queues_size);
	munmap(ring->sqes, ring->sqes_size);
	close(ring->fd);
}

static int submit(struct ring *ring, int node, const char *name, int count, bool async)
{
	uint32_t *tail = word(ring, ring->params.sq_off.tail);
	uint32_t *array = word(ring, ring->params.sq_off.array);
	int i;

	memset(ring->sqes, 0, count * sizeof(*ring->sqes));
	for (i = 0; i < count; i++) {
		array[i] = i;
		ring->sqes[i].opcode = IORING_OP_URING_CMD;
		ring->sqes[i].flags = async ? IOSQE_ASYNC : 0;
		ring->sqes[i].fd = node;
		memcpy(ring->sqes[i].cmd, name, strnlen(name, NAME_SIZE));
	}
	__atomic_store_n(tail, *tail + count, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring->fd, count, 0, 0, NULL, 0) == count ? 0 : -1;
}

/*
 * Says what the commands end with, until they all have or none does for so long. Returns how many
 * did.
 */
static int reap(struct ring *ring, int count, int limit_ms)
{
	struct io_uring_cqe *cqes = (void *)(ring->queues + ring->params.cq_off.cqes);
	uint32_t *head = word(ring, ring->params.cq_off.head);
	uint32_t *tail = word(ring, ring->params.cq_off.tail);
	uint32_t mask = *word(ring, ring->params.cq_off.ring_mask);
	struct __kernel_timespec time = { .tv_nsec = limit_ms * 1000000L };
	struct io_uring_getevents_arg argument = { .ts = (uintptr_t)&time };
	int reaped = 0;

	while (reaped < count) {
		if (*head != __atomic_load_n(tail, __ATOMIC_ACQUIRE)) {
			printf("%d ", cqes[*head & mask].res);
			__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
			reaped++;
		} else if (syscall(SYS_io_uring_enter, ring->fd, 0, 1,
				   IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument,
				   sizeof(argument)) < 0) {
			break;
		}
	}
	return reaped;
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	int count = argc > 3 ? atoi(argv[3]) : 8;
	char **flags = argv + (argc > 3 ? 4 : argc);
	bool stays = has_flag(flags, "stay");
	bool closes = has_flag(flags, "close");
	int limit_ms = stays || closes ? MOMENT_MS : WHILE_MS;
	struct ring ring = { 0 };
	int node, pending;

	if (argc < 3 || count < 1 || count > ENTRIES) {
		fprintf(stderr, "Usage: uring-crimes NODE NAME [COUNT [FLAG...]]\n");
		return 2;
	}
	node = open(argv[1], O_RDWR | O_CLOEXEC);
	if (node < 0)
		return complain(argv[1]);
	if (set_up(&ring, flags) || submit(&ring, node, argv[2], count, has_flag(flags, "async")))
		return complain("io_uring");
	close(node);
	pending = count - reap(&ring, count, limit_ms);
	printf("pending %d\n", pending);
	fflush(stdout);
	if (closes)
		tear_down(&ring);
	if (closes || stays)
		poll(&input, 1, -1);
	if (stays)
		printf("pending %d\n", pending - reap(&ring, pending, limit_ms));
	return 0;
}
