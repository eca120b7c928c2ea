/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ring of io_uring by plain system calls, and commands for a node.
 *
 * Functions return 0 or a count, or a negative error number.
 */
#ifndef USBPIPE_TEST_URING_H
#define USBPIPE_TEST_URING_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <linux/io_uring.h>

#include "node.h"

struct ring {
	int fd;
	struct io_uring_params params;
	/* Both queues, in one mapping. */
	char *queues;
	size_t queues_size;
	char *sqes;
	size_t sqes_size;
	/* Submissions that are not submitted yet. */
	unsigned int filled;
};

static inline uint32_t *ring_word(struct ring *ring, uint32_t offset)
{
	return (uint32_t *)(ring->queues + offset);
}

static inline size_t ring_sqe_size(struct ring *ring)
{
	return ring->params.flags & IORING_SETUP_SQE128 ? 128 : 64;
}

static inline size_t ring_cqe_size(struct ring *ring)
{
	return ring->params.flags & IORING_SETUP_CQE32 ? 32 : 16;
}

static inline int ring_map(struct ring *ring)
{
	struct io_uring_params *params = &ring->params;
	int protection = PROT_READ | PROT_WRITE;
	size_t submissions, completions;

	submissions = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
	completions = params->cq_off.cqes + params->cq_entries * ring_cqe_size(ring);
	ring->queues_size = submissions > completions ? submissions : completions;
	ring->sqes_size = params->sq_entries * ring_sqe_size(ring);
	ring->queues = mmap(NULL, ring->queues_size, protection, MAP_SHARED, ring->fd,
			    IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, ring->sqes_size, protection, MAP_SHARED, ring->fd,
			  IORING_OFF_SQES);
	return ring->queues == MAP_FAILED || ring->sqes == MAP_FAILED ? -errno : 0;
}

/* Takes the place of an earlier ring, which must be closed. */
static inline int ring_open(struct ring *ring, unsigned int entries, unsigned int flags)
{
	memset(ring, 0, sizeof(*ring));
	ring->params.flags = flags;
	ring->params.sq_thread_idle = 1000;
	ring->fd = syscall(SYS_io_uring_setup, entries, &ring->params);
	if (ring->fd < 0)
		return -errno;
	return ring_map(ring);
}

static inline int ring_close(struct ring *ring)
{
	int err = close(ring->fd) ? -errno : 0;

	munmap(ring->queues, ring->queues_size);
	munmap(ring->sqes, ring->sqes_size);
	ring->fd = -1;
	return err;
}

/* The next submission, zeroed; the ring must have room. */
static inline struct io_uring_sqe *ring_next(struct ring *ring)
{
	uint32_t mask = *ring_word(ring, ring->params.sq_off.ring_mask);
	uint32_t *tail = ring_word(ring, ring->params.sq_off.tail);
	uint32_t index = (*tail + ring->filled++) & mask;
	char *sqe = ring->sqes + index * ring_sqe_size(ring);

	ring_word(ring, ring->params.sq_off.array)[index] = index;
	return memset(sqe, 0, ring_sqe_size(ring));
}

/* Submits what was filled, by one system call. Returns how much that was. */
static inline int ring_submit(struct ring *ring)
{
	uint32_t *head = ring_word(ring, ring->params.sq_off.head);
	uint32_t *tail = ring_word(ring, ring->params.sq_off.tail);
	unsigned int flags = 0, count = ring->filled;
	int submitted;

	__atomic_store_n(tail, *tail + count, __ATOMIC_RELEASE);
	ring->filled = 0;
	if (ring->params.flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	submitted = syscall(SYS_io_uring_enter, ring->fd, count, 0, flags, NULL, 0);
	if (submitted < 0)
		return -errno;
	/* The thread of the kernel that does it may have only begun. */
	return wait_until(__atomic_load_n(head, __ATOMIC_ACQUIRE) == *tail) ? submitted : -ETIME;
}

/* Takes a completion, if there is one. */
static inline bool ring_take(struct ring *ring, struct io_uring_cqe *cqe)
{
	uint32_t mask = *ring_word(ring, ring->params.cq_off.ring_mask);
	uint32_t *head = ring_word(ring, ring->params.cq_off.head);
	uint32_t *tail = ring_word(ring, ring->params.cq_off.tail);
	char *cqes = ring->queues + ring->params.cq_off.cqes;

	if (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
		return false;
	*cqe = *(struct io_uring_cqe *)(cqes + (*head & mask) * ring_cqe_size(ring));
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return true;
}

/* Waits for a completion. */
static inline int ring_wait_within(struct ring *ring, struct io_uring_cqe *cqe, int ms)
{
	struct __kernel_timespec time = {
		.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L,
	};
	struct io_uring_getevents_arg argument = { .ts = (uintptr_t)&time };
	unsigned int flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;

	while (!ring_take(ring, cqe)) {
		if (syscall(SYS_io_uring_enter, ring->fd, 0, 1, flags, &argument,
			    sizeof(argument)) < 0 && errno != EINTR)
			return -errno;
	}
	return 0;
}

static inline int ring_wait(struct ring *ring, struct io_uring_cqe *cqe)
{
	return ring_wait_within(ring, cqe, DEADLINE_MS);
}

/* A command for @node. */
static inline struct io_uring_sqe *ring_command(struct ring *ring, int node, uint64_t user_data,
						const struct usbpipe_uring *transfer)
{
	struct io_uring_sqe *sqe = ring_next(ring);

	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = node;
	sqe->cmd_op = USBPIPE_URING_TRANSFER;
	sqe->user_data = user_data;
	memcpy(sqe->cmd, transfer, sizeof(*transfer));
	return sqe;
}

/* One command, from its beginning to its end. Returns its result. */
static inline int ring_transfer(struct ring *ring, int node, const struct usbpipe_uring *transfer)
{
	struct io_uring_cqe cqe;
	int err;

	ring_command(ring, node, 1, transfer);
	err = ring_submit(ring);
	if (err != 1)
		return err < 0 ? err : -EBUSY;
	err = ring_wait(ring, &cqe);
	return err ?: cqe.res;
}

#endif /* USBPIPE_TEST_URING_H */
