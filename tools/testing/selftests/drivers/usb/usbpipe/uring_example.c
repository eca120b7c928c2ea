// SPDX-License-Identifier: GPL-2.0
/*
 * Sends a buffer and reads it back, by one system call: uring_example NODE OUT-ENDPOINT IN-ENDPOINT
 *
 * Programs use liburing; this one does without, so that nothing has to be installed.
 * Documentation/usb/usbpipe.rst quotes from it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>
#include <linux/usb/usbpipe.h>

#define COMMANDS 2

struct queues {
	int fd;
	struct io_uring_params params;
	char *ring;
	struct io_uring_sqe *submissions;
};

static int queues_open(struct queues *queues)
{
	struct io_uring_params *params = &queues->params;
	size_t size;

	memset(queues, 0, sizeof(*queues));
	queues->fd = syscall(SYS_io_uring_setup, COMMANDS, params);
	if (queues->fd < 0)
		return -1;
	/* Both queues are in one mapping; the one of completions is the longer one. */
	size = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	queues->ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, queues->fd,
			    IORING_OFF_SQ_RING);
	queues->submissions = mmap(NULL, params->sq_entries * sizeof(struct io_uring_sqe),
				   PROT_READ | PROT_WRITE, MAP_SHARED, queues->fd,
				   IORING_OFF_SQES);
	return queues->ring == MAP_FAILED || queues->submissions == MAP_FAILED ? -1 : 0;
}

/* One transfer as a command of io_uring. */
static void prepare(struct io_uring_sqe *sqe, int node, uint64_t user_data,
		    const struct usbpipe_uring *transfer)
{
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = node;
	sqe->cmd_op = USBPIPE_URING_TRANSFER;
	sqe->user_data = user_data;
	memcpy(sqe->cmd, transfer, sizeof(*transfer));
}

/* Submits all commands, and waits for all of them. */
static int carry_out(struct queues *queues)
{
	struct io_uring_params *params = &queues->params;
	uint32_t *array = (uint32_t *)(queues->ring + params->sq_off.array);
	uint32_t *tail = (uint32_t *)(queues->ring + params->sq_off.tail);
	uint32_t i;

	for (i = 0; i < COMMANDS; i++)
		array[i] = i;
	__atomic_store_n(tail, COMMANDS, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, queues->fd, COMMANDS, COMMANDS,
		       IORING_ENTER_GETEVENTS, NULL, 0);
}

/* The result of a command, a number of bytes or a negative errno, is io_uring_cqe.res. */
static void print(struct queues *queues)
{
	struct io_uring_params *params = &queues->params;
	struct io_uring_cqe *cqe = (struct io_uring_cqe *)(queues->ring + params->cq_off.cqes);
	int i;

	for (i = 0; i < COMMANDS; i++)
		printf("command %llu: %d\n", (unsigned long long)cqe[i].user_data, cqe[i].res);
}

int main(int argc, char **argv)
{
	static char out[4096] = "hello", in[4096];
	struct usbpipe_uring send = { .data = (uintptr_t)out, .length = sizeof(out) };
	struct usbpipe_uring receive = { .data = (uintptr_t)in, .length = sizeof(in) };
	struct queues queues;
	int fd;

	if (argc != 4)
		return 2;
	send.endpoint = strtoul(argv[2], NULL, 0);
	receive.endpoint = strtoul(argv[3], NULL, 0);
	send.timeout_ms = receive.timeout_ms = 1000;
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0 || queues_open(&queues)) {
		perror(argv[1]);
		return 1;
	}
	prepare(&queues.submissions[0], fd, 1, &send);
	prepare(&queues.submissions[1], fd, 2, &receive);
	if (carry_out(&queues) < 0) {
		perror("io_uring_enter");
		return 1;
	}
	print(&queues);
	return memcmp(out, in, sizeof(out)) ? 1 : 0;
}
