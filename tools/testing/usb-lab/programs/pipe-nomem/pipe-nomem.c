// SPDX-License-Identifier: GPL-2.0
/*
 * pipe-nomem NODE DRIVER INTERFACE [CALL]: what usbpipe does when there is no memory.
 *
 * Each call is made again and again, and each time another of the allocations that it makes fails:
 * first the first one, then the second one, until it makes fewer (fail-nth of
 * Documentation/fault-injection/fault-injection.rst). It ends well or with ENOMEM, gives all memory
 * back, and what comes next works.
 *
 * The device gives back what it was sent, a transfer for each transfer.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <linux/io_uring.h>

#include "check.h"
#include "../../../../../include/uapi/linux/usb/usbpipe.h"

#define LENGTH 100
#define ROOM 4096
#define MILLISECONDS 5000

/* More than any of them makes. */
#define MANY 3000

static const char *node, *driver, *interface;
static char out[ROOM], in[ROOM];

/* What a call works on: the only file of the node. */
struct scene {
	int fd;
	uint8_t in, out;
	/* Transfers that the device was sent and has not given back. */
	int owed;
	struct usbpipe_ring_setup setup;
	struct usbpipe_ring *ring;
	int uring;
	struct io_uring_params params;
	char *queues;
};

static int call(int fd, unsigned long command, void *argument)
{
	return ioctl(fd, command, argument) ? -errno : 0;
}

static int transfer(struct scene *scene, bool is_in)
{
	struct usbpipe_transfer transfer = {
		.endpoint = is_in ? scene->in : scene->out,
		.timeout_ms = MILLISECONDS,
		.length = is_in ? ROOM : LENGTH,
		.data = (uintptr_t)(is_in ? in : out),
	};
	int err = call(scene->fd, USBPIPE_IOC_TRANSFER, &transfer);

	EXPECT(err || transfer.actual == LENGTH);
	scene->owed += err ? 0 : is_in ? -1 : 1;
	return err;
}

static void open_file(struct scene *scene)
{
	struct usbpipe_info info;

	scene->fd = open_node(node);
	EXPECT(call(scene->fd, USBPIPE_IOC_INFO, &info) == 0);
	scene->in = info.read_endpoint;
	scene->out = info.write_endpoint;
}

static void send_one(struct scene *scene)
{
	EXPECT(transfer(scene, false) == 0);
}

static int do_open(struct scene *scene)
{
	int fd = open(node, O_RDWR | O_CLOEXEC);

	(void)scene;
	return fd < 0 ? -errno : close(fd);
}

static int do_info(struct scene *scene)
{
	struct usbpipe_info info;

	return call(scene->fd, USBPIPE_IOC_INFO, &info);
}

static int do_stats(struct scene *scene)
{
	struct usbpipe_stats stats;

	return call(scene->fd, USBPIPE_IOC_STATS, &stats);
}

static int do_select(struct scene *scene)
{
	struct usbpipe_select select = {
		.read_endpoint = USBPIPE_ENDPOINT_DEFAULT,
		.write_endpoint = USBPIPE_ENDPOINT_DEFAULT,
		.read_size = ROOM,
		.read_depth = 4,
	};

	return call(scene->fd, USBPIPE_IOC_SELECT, &select);
}

static int do_available(struct scene *scene)
{
	int count;

	return call(scene->fd, FIONREAD, &count);
}

static int do_control(struct scene *scene)
{
	struct usbpipe_control status = {
		.request_type = 0x80,
		.length = 2,
		.timeout_ms = MILLISECONDS,
		.data = (uintptr_t)in,
	};

	return call(scene->fd, USBPIPE_IOC_CONTROL, &status);
}

static int do_send(struct scene *scene)
{
	return transfer(scene, false);
}

static int do_receive(struct scene *scene)
{
	return transfer(scene, true);
}

static int do_transact(struct scene *scene)
{
	struct usbpipe_transaction commands[2] = {
		{
			.out_data = (uintptr_t)out,
			.in_data = (uintptr_t)in,
			.out_length = LENGTH,
			.in_length = ROOM,
			.timeout_ms = MILLISECONDS,
		},
		{
			.in_data = (uintptr_t)in,
			.in_length = 2,
			.timeout_ms = MILLISECONDS,
			.kind = USBPIPE_TRANSACTION_CONTROL,
			.setup = { 0x80, 0, 0, 0, 0, 0, 2, 0 },
		},
	};
	struct usbpipe_transact batch = { .transactions = (uintptr_t)commands, .count = 2 };
	int err = call(scene->fd, USBPIPE_IOC_TRANSACT, &batch);

	EXPECT(err || batch.completed == 2);
	/* The first was sent, and its reply not fetched. */
	if (commands[0].out_actual && commands[0].state != USBPIPE_TRANSACTION_COMPLETED)
		scene->owed++;
	return err;
}

static int flush_all(struct scene *scene)
{
	uint32_t all = USBPIPE_FLUSH_READ | USBPIPE_FLUSH_WRITE | USBPIPE_FLUSH_REPLY;

	return call(scene->fd, USBPIPE_IOC_FLUSH, &all);
}

static int do_clear_halt(struct scene *scene)
{
	uint32_t endpoint = scene->out;

	return call(scene->fd, USBPIPE_IOC_CLEAR_HALT, &endpoint);
}

static int do_set_altsetting(struct scene *scene)
{
	uint32_t altsetting = 0;

	return call(scene->fd, USBPIPE_IOC_SET_ALT, &altsetting);
}

static int do_exclusive(struct scene *scene)
{
	uint32_t on = 1;

	return call(scene->fd, USBPIPE_IOC_EXCL, &on);
}

/* From both endpoints: what is in flight at the end is taken back. */
static void stream(struct scene *scene)
{
	EXPECT(fcntl(scene->fd, F_SETFL, O_NONBLOCK) == 0);
	REFUSED(EAGAIN, read(scene->fd, in, ROOM));
}

static int do_read(struct scene *scene)
{
	ssize_t count = read(scene->fd, in, LENGTH);

	EXPECT(count < 0 || count == LENGTH);
	scene->owed -= count > 0;
	return count < 0 ? -errno : 0;
}

static int do_write(struct scene *scene)
{
	ssize_t count = write(scene->fd, out, LENGTH);
	int err = count < 0 ? -errno : 0;

	EXPECT(count < 0 || count == LENGTH);
	scene->owed += count > 0;
	return err;
}

static int do_fsync(struct scene *scene)
{
	return fsync(scene->fd) ? -errno : 0;
}

static int do_poll(struct scene *scene)
{
	struct pollfd pollfd = { .fd = scene->fd, .events = POLLIN | POLLOUT | POLLPRI };

	return poll(&pollfd, 1, 0) < 0 ? -errno : 0;
}

static int do_ring_setup(struct scene *scene)
{
	scene->setup = (struct usbpipe_ring_setup) {
		.endpoint = scene->out, .slots = 4, .slot_size = ROOM,
	};
	return call(scene->fd, USBPIPE_IOC_RING_SETUP, &scene->setup);
}

static int do_ring_map(struct scene *scene)
{
	void *memory = mmap(NULL, scene->setup.map_length, PROT_READ | PROT_WRITE, MAP_SHARED,
			    scene->fd, scene->setup.map_offset);

	if (memory == MAP_FAILED)
		return -errno;
	scene->ring = memory;
	return 0;
}

static void make_ring(struct scene *scene)
{
	EXPECT(do_ring_setup(scene) == 0);
}

static void map_ring(struct scene *scene)
{
	struct usbpipe_slot *slots;

	make_ring(scene);
	EXPECT(do_ring_map(scene) == 0);
	slots = (void *)((char *)scene->ring + scene->setup.slots_offset);
	slots[0].length = LENGTH;
	__atomic_store_n(&scene->ring->submitted, 1, __ATOMIC_RELEASE);
}

static int do_ring_enter(struct scene *scene)
{
	struct usbpipe_ring_enter enter = {
		.endpoint = scene->out, .wait_for = 1, .timeout_ms = MILLISECONDS,
	};
	int err = call(scene->fd, USBPIPE_IOC_RING_ENTER, &enter);

	scene->owed += scene->ring->completed == 1;
	EXPECT(err || scene->ring->completed == 1);
	return err;
}

static int do_ring_free(struct scene *scene)
{
	uint32_t endpoint = scene->out;

	return call(scene->fd, USBPIPE_IOC_RING_FREE, &endpoint);
}

/* A ring of io_uring with one command that is not submitted yet. */
static void make_uring(struct scene *scene)
{
	struct io_uring_params *params = &scene->params;
	struct usbpipe_uring send = {
		.data = (uintptr_t)out, .length = LENGTH, .endpoint = scene->out,
	};
	struct io_uring_sqe *sqe;

	scene->uring = syscall(SYS_io_uring_setup, 1, params);
	EXPECT(scene->uring >= 0);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, scene->uring,
		   IORING_OFF_SQES);
	scene->queues = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, scene->uring,
			     IORING_OFF_SQ_RING);
	EXPECT(sqe != MAP_FAILED && scene->queues != MAP_FAILED);
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = scene->fd;
	sqe->cmd_op = USBPIPE_URING_TRANSFER;
	memcpy(sqe->cmd, &send, sizeof(send));
	__atomic_store_n((uint32_t *)(scene->queues + params->sq_off.tail), 1, __ATOMIC_RELEASE);
	EXPECT(munmap(sqe, sizeof(*sqe)) == 0);
}

static int do_uring(struct scene *scene)
{
	struct io_uring_cqe *cqe = (void *)(scene->queues + scene->params.cq_off.cqes);
	long count = syscall(SYS_io_uring_enter, scene->uring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);

	/* io_uring itself says EAGAIN. */
	if (count < 0)
		return errno == EAGAIN ? -ENOMEM : -errno;
	EXPECT(count == 1 && (cqe->res < 0 || cqe->res == LENGTH));
	scene->owed += cqe->res > 0;
	return cqe->res < 0 ? cqe->res : 0;
}

static int attribute(const char *name)
{
	char path[200];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s", driver, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, interface, strlen(interface)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static void unbind(struct scene *scene)
{
	EXPECT(close(scene->fd) == 0);
	scene->fd = -1;
	EXPECT(attribute("unbind") == 0);
	EXPECT(access(node, F_OK));
}

static int do_bind(struct scene *scene)
{
	(void)scene;
	return attribute("bind");
}

static const struct {
	const char *name;
	/* What comes before, if anything. */
	void (*prepare)(struct scene *scene);
	int (*call)(struct scene *scene);
	/* Some of its allocations it has to make. */
	bool allocates;
} calls[] = {
	{ "open", NULL, do_open, true },
	{ "INFO", NULL, do_info, false },
	{ "STATS", NULL, do_stats, false },
	{ "SELECT", NULL, do_select, false },
	{ "FIONREAD", NULL, do_available, true },
	{ "CONTROL", NULL, do_control, true },
	{ "TRANSFER-out", NULL, do_send, true },
	{ "TRANSFER-in", send_one, do_receive, true },
	{ "TRANSACT", NULL, do_transact, true },
	{ "FLUSH", stream, flush_all, false },
	{ "CLEAR_HALT", NULL, do_clear_halt, true },
	{ "SET_ALT", NULL, do_set_altsetting, true },
	{ "EXCL", NULL, do_exclusive, false },
	{ "read", send_one, do_read, true },
	{ "write", NULL, do_write, true },
	{ "fsync", NULL, do_fsync, true },
	{ "poll", NULL, do_poll, true },
	{ "RING_SETUP", NULL, do_ring_setup, true },
	{ "mmap", make_ring, do_ring_map, true },
	{ "RING_ENTER", map_ring, do_ring_enter, true },
	{ "RING_FREE", make_ring, do_ring_free, false },
	{ "io_uring", make_uring, do_uring, true },
	{ "bind", unbind, do_bind, true },
	{ NULL },
};

/* /proc/thread-self/fail-nth */
static int fail_nth;

static void fail_at(unsigned int nth)
{
	char text[16];

	EXPECT(pwrite(fail_nth, text, snprintf(text, sizeof(text), "%u", nth), 0) > 0);
}

/* Whether the allocation has failed; otherwise it has not been made. */
static bool has_failed(void)
{
	char text[16] = "";

	EXPECT(pread(fail_nth, text, sizeof(text) - 1, 0) > 0);
	return atoi(text) == 0;
}

/* A ring of io_uring stays: when it goes, it interrupts its thread, as a signal would. */
static void close_all(struct scene *scene)
{
	if (scene->ring)
		EXPECT(munmap(scene->ring, scene->setup.map_length) == 0);
	if (scene->fd >= 0)
		EXPECT(close(scene->fd) == 0);
}

/* A new file can do all there is to do. */
static void works(int owed)
{
	struct scene scene = { .owed = owed };
	struct usbpipe_limits limits;

	open_file(&scene);
	EXPECT(flush_all(&scene) == 0);
	while (scene.owed > 0)
		EXPECT(do_receive(&scene) == 0);
	EXPECT(do_transact(&scene) == 0 && scene.owed == 0);
	map_ring(&scene);
	EXPECT(do_ring_enter(&scene) == 0);
	EXPECT(do_receive(&scene) == 0);
	EXPECT(do_ring_free(&scene) == 0);
	EXPECT(munmap(scene.ring, scene.setup.map_length) == 0);
	scene.ring = NULL;
	EXPECT(do_write(&scene) == 0 && do_fsync(&scene) == 0);
	EXPECT(do_read(&scene) == 0 && scene.owed == 0);
	close_all(&scene);
	scene = (struct scene) { .fd = -1 };
	open_file(&scene);
	EXPECT(call(scene.fd, USBPIPE_IOC_LIMITS, &limits) == 0);
	EXPECT(limits.device_memory_used == 0 && limits.module_memory_used == 0);
	close_all(&scene);
}

/* Makes a call of which the nth allocation fails. Returns whether there was one. */
static bool make(int which, unsigned int nth)
{
	struct scene scene = { .fd = -1 };
	bool failed;
	int err;

	open_file(&scene);
	if (calls[which].prepare)
		calls[which].prepare(&scene);
	fail_at(nth);
	err = calls[which].call(&scene);
	failed = has_failed();
	fail_at(0);
	if (err && err != -ENOMEM)
		fprintf(stderr, "%s, allocation %u: %s\n", calls[which].name, nth, strerror(-err));
	EXPECT(!err || (failed && err == -ENOMEM));
	/* It may have been read ahead by then, and would go with the file. */
	if (calls[which].call == do_read && err)
		EXPECT(do_read(&scene) == 0);
	if (calls[which].call == do_bind && err)
		EXPECT(access(node, F_OK) && attribute("bind") == 0);
	close_all(&scene);
	works(scene.owed);
	return failed;
}

static void try(int which)
{
	unsigned int nth = 1;

	while (make(which, nth) && nth < MANY)
		nth++;
	printf("%s: %u allocations\n", calls[which].name, nth - 1);
	EXPECT(nth < MANY);
	EXPECT(nth > 1 || !calls[which].allocates);
}

int main(int argc, char **argv)
{
	int which;

	EXPECT(argc == 4 || argc == 5);
	node = argv[1];
	driver = argv[2];
	interface = argv[3];
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	EXPECT(fail_nth >= 0);
	memset(out, 'x', sizeof(out));
	works(0);
	for (which = 0; calls[which].name; which++) {
		if (argc == 4 || !strcmp(argv[4], calls[which].name))
			try(which);
	}
	return 0;
}
