// SPDX-License-Identifier: GPL-2.0
/*
 * pipe-errors NODE CALL ERROR [ACTUAL]: the first transfer at the endpoint of a call of usbpipe ends
 * with that error, and with so many bytes; the call says so, it is counted as one error of the bus,
 * and the next one works. The device is in loopback mode and holds nothing.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <linux/io_uring.h>

#include "check.h"
#include "../../../../../include/uapi/linux/usb/usbpipe.h"

#define OUT 0x01
#define IN 0x81
#define ISO_IN 0x83
#define SET_MODE 1
#define GET_STATUS 2
#define STATUS_SIZE 48

#define SENT 100
#define ROOM 512
#define POISON 0xa5
#define MILLISECONDS 5000

static char out[ROOM], in[ROOM];

static int call(int fd, unsigned long command, void *argument)
{
	return ioctl(fd, command, argument) ? -errno : 0;
}

static struct usbpipe_stats stats(int fd)
{
	struct usbpipe_stats stats;

	EXPECT(call(fd, USBPIPE_IOC_STATS, &stats) == 0);
	return stats;
}

static bool is_poison(const char *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if ((uint8_t)bytes[i] != POISON)
			return false;
	}
	return true;
}

/* The beginning has come, and nothing behind it. */
static void came(uint32_t length)
{
	EXPECT(memcmp(in, out, length) == 0);
	EXPECT(is_poison(in + length, sizeof(in) - length));
	memset(in, POISON, sizeof(in));
}

static struct usbpipe_transfer transfer(uint8_t endpoint, void *data, uint32_t length)
{
	return (struct usbpipe_transfer) {
		.endpoint = endpoint,
		.timeout_ms = MILLISECONDS,
		.length = length,
		.data = (uintptr_t)data,
	};
}

/* What the device gives back then. */
static void send_some(int fd)
{
	struct usbpipe_transfer some = transfer(OUT, out, SENT);

	EXPECT(call(fd, USBPIPE_IOC_TRANSFER, &some) == 0);
	EXPECT(some.actual == SENT);
}

static void receive_some(int fd)
{
	struct usbpipe_transfer some = transfer(IN, in, ROOM);

	EXPECT(call(fd, USBPIPE_IOC_TRANSFER, &some) == 0);
	EXPECT(some.actual == SENT);
	came(SENT);
}

static void transfer_in(int fd, int error, uint32_t actual)
{
	struct usbpipe_transfer bad = transfer(IN, in, ROOM);

	send_some(fd);
	EXPECT(call(fd, USBPIPE_IOC_TRANSFER, &bad) == -error);
	EXPECT(bad.actual == actual);
	came(actual);
	send_some(fd);
	receive_some(fd);
}

static void transfer_out(int fd, int error, uint32_t actual)
{
	struct usbpipe_transfer bad = transfer(OUT, out, SENT);

	EXPECT(call(fd, USBPIPE_IOC_TRANSFER, &bad) == -error);
	EXPECT(bad.actual == actual);
	/* The device has taken it, whatever was told of it. */
	receive_some(fd);
	send_some(fd);
	receive_some(fd);
}

static struct usbpipe_transaction command(uint32_t out_length, uint32_t in_length)
{
	return (struct usbpipe_transaction) {
		.out_data = (uintptr_t)out,
		.in_data = (uintptr_t)in,
		.out_length = out_length,
		.in_length = in_length,
		.timeout_ms = MILLISECONDS,
	};
}

/* One command, which must end so. */
static void transact(int fd, struct usbpipe_transaction *one, int error, uint8_t state)
{
	struct usbpipe_transact batch = { .transactions = (uintptr_t)one, .count = 1 };

	EXPECT(call(fd, USBPIPE_IOC_TRANSACT, &batch) == -error);
	EXPECT(batch.completed == !error);
	EXPECT(one->result == -error);
	EXPECT(one->state == state);
}

static void works_again(int fd)
{
	struct usbpipe_transaction good = command(SENT, ROOM);

	transact(fd, &good, 0, USBPIPE_TRANSACTION_COMPLETED);
	EXPECT(good.out_actual == SENT && good.in_actual == SENT && good.stale == 0);
	came(SENT);
}

static void transact_out(int fd, int error, uint32_t actual)
{
	struct usbpipe_transaction bad = command(SENT, ROOM);

	transact(fd, &bad, error, USBPIPE_TRANSACTION_SENT);
	EXPECT(bad.out_actual == actual && bad.in_actual == 0);
	came(0);
	/* No reply is owed. */
	receive_some(fd);
	works_again(fd);
}

static void transact_in(int fd, int error, uint32_t actual)
{
	struct usbpipe_transaction bad = command(SENT, ROOM), next = command(SENT, ROOM);
	uint32_t what = USBPIPE_FLUSH_REPLY;

	transact(fd, &bad, error, USBPIPE_TRANSACTION_AWAITING);
	EXPECT(bad.out_actual == SENT && bad.in_actual == actual);
	came(actual);
	/* The reply may come yet, for all that is known. */
	next.timeout_ms = 50;
	transact(fd, &next, ETIMEDOUT, USBPIPE_TRANSACTION_NOT_SENT);
	EXPECT(call(fd, USBPIPE_IOC_FLUSH, &what) == 0);
	works_again(fd);
}

static void transact_control(int fd, int error, uint32_t actual)
{
	const uint8_t setup[8] = { 0xc0, GET_STATUS, 0, 0, 0, 0, STATUS_SIZE, 0 };
	struct usbpipe_transaction bad = command(0, STATUS_SIZE), good;

	bad.kind = USBPIPE_TRANSACTION_CONTROL;
	memcpy(bad.setup, setup, sizeof(setup));
	good = bad;
	transact(fd, &bad, error, USBPIPE_TRANSACTION_SENT);
	EXPECT(bad.in_actual == actual);
	transact(fd, &good, 0, USBPIPE_TRANSACTION_COMPLETED);
	EXPECT(good.in_actual == STATUS_SIZE);
}

static void control(int fd, int error, uint32_t actual)
{
	struct usbpipe_control bad = {
		.request_type = 0xc0,
		.request = GET_STATUS,
		.length = STATUS_SIZE,
		.timeout_ms = MILLISECONDS,
		.data = (uintptr_t)in,
	};

	EXPECT(call(fd, USBPIPE_IOC_CONTROL, &bad) == -error);
	EXPECT(bad.actual == actual);
	EXPECT(is_poison(in + actual, sizeof(in) - actual));
	EXPECT(call(fd, USBPIPE_IOC_CONTROL, &bad) == 0);
	EXPECT(bad.actual == STATUS_SIZE);
}

/* What came before is read, then the error once. */
static void stream_in(int fd, int error, uint32_t actual)
{
	send_some(fd);
	if (actual) {
		EXPECT(read(fd, in, ROOM) == actual);
		came(actual);
	}
	REFUSED(error, read(fd, in, ROOM));
	came(0);
	EXPECT(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	REFUSED(EAGAIN, read(fd, in, ROOM));
	EXPECT(fcntl(fd, F_SETFL, 0) == 0);
	send_some(fd);
	EXPECT(read(fd, in, ROOM) == SENT);
	came(SENT);
}

static void stream_out(int fd, int error, uint32_t actual)
{
	EXPECT(actual == SENT);
	EXPECT(write(fd, out, SENT) == SENT);
	REFUSED(error, fsync(fd));
	EXPECT(fsync(fd) == 0);
	receive_some(fd);
	EXPECT(write(fd, out, SENT) == SENT);
	EXPECT(fsync(fd) == 0);
	receive_some(fd);
}

struct ring {
	struct usbpipe_ring *head;
	struct usbpipe_slot *slots;
	struct usbpipe_packet *packets;
	char *data;
	struct usbpipe_ring_setup setup;
	int fd;
};

static struct ring ring(int fd, struct usbpipe_ring_setup setup)
{
	char *base;

	EXPECT(call(fd, USBPIPE_IOC_RING_SETUP, &setup) == 0);
	base = mmap(NULL, setup.map_length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    setup.map_offset);
	EXPECT(base != MAP_FAILED);
	return (struct ring) {
		.head = (void *)base,
		.slots = (void *)(base + setup.slots_offset),
		.packets = (void *)(base + setup.packets_offset),
		.data = base + setup.data_offset,
		.setup = setup,
		.fd = fd,
	};
}

static int enter(struct ring *ring, uint8_t flags, uint32_t wait_for)
{
	struct usbpipe_ring_enter enter = {
		.endpoint = ring->setup.endpoint,
		.flags = flags,
		.wait_for = wait_for,
		.timeout_ms = wait_for ? MILLISECONDS : 0,
	};

	return call(ring->fd, USBPIPE_IOC_RING_ENTER, &enter);
}

static void submit(struct ring *ring, uint32_t submitted)
{
	__atomic_store_n(&ring->head->submitted, submitted, __ATOMIC_RELEASE);
}

/* A slot fails and stops the ring; those behind it wait until it goes on. */
static struct ring failed_ring(int fd, uint8_t endpoint, int error, uint32_t actual)
{
	struct ring new = ring(fd, (struct usbpipe_ring_setup) {
		.endpoint = endpoint, .slots = 4, .slot_size = ROOM, .depth = 1,
	});
	uint32_t i;

	for (i = 0; i < 4; i++) {
		new.slots[i].length = endpoint == OUT ? SENT : 0;
		memcpy(new.data + i * new.setup.stride, endpoint == OUT ? out : in, ROOM);
	}
	submit(&new, 2);
	EXPECT(enter(&new, 0, 1) == 0 || new.head->completed == 1);
	EXPECT(enter(&new, 0, 2) == -error);
	EXPECT(new.head->completed == 1 && new.head->error == -error);
	EXPECT(new.head->flags & USBPIPE_RING_STOPPED);
	EXPECT(new.slots[0].status == -error && new.slots[0].actual == actual);
	return new;
}

/* The slot behind it has its turn. */
static void goes_on(struct ring *ring)
{
	EXPECT(enter(ring, USBPIPE_RING_ENTER_RESTART, 0) == 0);
	if (ring->setup.endpoint == IN)
		send_some(ring->fd);
	EXPECT(enter(ring, 0, 2) == 0);
	EXPECT(ring->slots[1].status == 0 && ring->slots[1].actual == SENT);
}

static void ring_in(int fd, int error, uint32_t actual)
{
	struct ring ring;

	send_some(fd);
	ring = failed_ring(fd, IN, error, actual);
	memcpy(in, ring.data, ROOM);
	came(actual);
	goes_on(&ring);
	memcpy(in, ring.data + ring.setup.stride, ROOM);
	came(SENT);
}

static void ring_out(int fd, int error, uint32_t actual)
{
	struct ring ring = failed_ring(fd, OUT, error, actual);

	receive_some(fd);
	goes_on(&ring);
	receive_some(fd);
}

static int set_altsetting(int fd, uint32_t altsetting)
{
	return call(fd, USBPIPE_IOC_SET_ALT, &altsetting);
}

/* A packet that fails concerns nobody else: the slot is completed, and the ring goes on. */
static void iso_in(int fd, int error, uint32_t actual)
{
	uint32_t late = error == EXDEV, slot, packet;
	struct ring new;

	EXPECT(actual == 0);
	EXPECT(set_altsetting(fd, 1) == 0);
	new = ring(fd, (struct usbpipe_ring_setup) {
		.endpoint = ISO_IN, .slots = 4, .packets = 4,
	});
	submit(&new, 4);
	EXPECT(enter(&new, 0, 4) == 0);
	for (slot = 0; slot < 4; slot++) {
		EXPECT(new.slots[slot].status == 0);
		EXPECT(new.slots[slot].errors == (slot == 0));
		for (packet = 0; packet < 4; packet++) {
			bool bad = slot == 0 && packet == 2;

			EXPECT(new.packets[slot * 4 + packet].status == (bad ? -error : 0));
		}
	}
	EXPECT(new.head->late == late);
	EXPECT(stats(fd).late_packets == late);
	EXPECT(!(new.head->flags & USBPIPE_RING_STOPPED) && new.head->error == 0);
	submit(&new, 8);
	EXPECT(enter(&new, 0, 8) == 0);
	EXPECT(new.head->late == late);
}

/* One command of io_uring, in a ring that is left to the end of the program. */
static int uring(int fd, const struct usbpipe_uring *transfer)
{
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &params);
	struct io_uring_sqe *sqe;
	char *queues;

	EXPECT(ring >= 0);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	queues = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		      PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	EXPECT(sqe != MAP_FAILED && queues != MAP_FAILED);
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = fd;
	sqe->cmd_op = USBPIPE_URING_TRANSFER;
	memcpy(sqe->cmd, transfer, sizeof(*transfer));
	__atomic_store_n((uint32_t *)(queues + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	EXPECT(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1);
	return ((struct io_uring_cqe *)(queues + params.cq_off.cqes))->res;
}

static void uring_in(int fd, int error, uint32_t actual)
{
	struct usbpipe_uring command = {
		.data = (uintptr_t)in, .length = ROOM, .endpoint = IN,
	};

	EXPECT(actual == 0);
	send_some(fd);
	EXPECT(uring(fd, &command) == -error);
	/* What had come is lost. */
	came(0);
	send_some(fd);
	EXPECT(uring(fd, &command) == SENT);
	came(SENT);
}

static void uring_out(int fd, int error, uint32_t actual)
{
	struct usbpipe_uring command = {
		.data = (uintptr_t)out, .length = SENT, .endpoint = OUT,
	};

	EXPECT(actual == 0);
	EXPECT(uring(fd, &command) == -error);
	receive_some(fd);
	EXPECT(uring(fd, &command) == SENT);
	receive_some(fd);
}

/* The altsetting that there was stays, and so do its endpoints. */
static void set_alt(int fd, int error, uint32_t actual)
{
	struct usbpipe_info info;

	EXPECT(actual == 0);
	EXPECT(set_altsetting(fd, 1) == -error);
	EXPECT(call(fd, USBPIPE_IOC_INFO, &info) == 0 && info.altsetting == 0);
	send_some(fd);
	receive_some(fd);
	works_again(fd);
	EXPECT(set_altsetting(fd, 1) == 0);
	EXPECT(call(fd, USBPIPE_IOC_INFO, &info) == 0 && info.altsetting == 1);
	works_again(fd);
}

/* It was refused as well: none has endpoints, until the device takes one. */
static void set_alt_twice(int fd, int error, uint32_t actual)
{
	struct usbpipe_transfer lost = transfer(OUT, out, SENT);

	EXPECT(actual == 0);
	EXPECT(set_altsetting(fd, 1) == -error);
	EXPECT(call(fd, USBPIPE_IOC_TRANSFER, &lost) == -ENODEV);
	EXPECT(set_altsetting(fd, 0) == 0);
	send_some(fd);
	receive_some(fd);
}

/* The device does not answer any more. */
static void gone(int fd, int error, uint32_t actual)
{
	struct usbpipe_transfer last = transfer(OUT, out, SENT);

	EXPECT(call(fd, USBPIPE_IOC_TRANSFER, &last) == -error);
	EXPECT(last.actual == actual);
}

static const struct {
	const char *name;
	void (*run)(int fd, int error, uint32_t actual);
	/* Errors of the bus that it counts. */
	unsigned int errors;
} calls[] = {
	{ "TRANSFER-in", transfer_in, 1 },
	{ "TRANSFER-out", transfer_out, 1 },
	{ "TRANSACT-in", transact_in, 1 },
	{ "TRANSACT-out", transact_out, 1 },
	{ "TRANSACT-control", transact_control, 1 },
	{ "CONTROL", control, 1 },
	{ "read", stream_in, 1 },
	{ "write", stream_out, 1 },
	{ "ring-in", ring_in, 1 },
	{ "ring-out", ring_out, 1 },
	{ "ring-iso", iso_in, 0 },
	{ "uring-in", uring_in, 1 },
	{ "uring-out", uring_out, 1 },
	{ "SET_ALT", set_alt, 0 },
	{ "SET_ALT-twice", set_alt_twice, 0 },
	{ "gone", gone, 1 },
	{ NULL },
};

static int errno_of(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = {
		{ "ECOMM", ECOMM }, { "EILSEQ", EILSEQ }, { "ENODEV", ENODEV },
		{ "ENOSR", ENOSR }, { "EOVERFLOW", EOVERFLOW }, { "EPIPE", EPIPE },
		{ "EPROTO", EPROTO },
		{ "ETIME", ETIME }, { "EXDEV", EXDEV }, { NULL },
	};
	size_t i;

	for (i = 0; errors[i].name; i++) {
		if (!strcmp(errors[i].name, name))
			return errors[i].error;
	}
	fprintf(stderr, "no such error: %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	uint32_t actual = argc == 5 ? strtoul(argv[4], NULL, 0) : 0;
	size_t i = 0;
	int fd, error;

	EXPECT(argc == 4 || argc == 5);
	while (calls[i].name && strcmp(calls[i].name, argv[2]))
		i++;
	EXPECT(calls[i].name);
	fd = open_node(argv[1]);
	memset(in, POISON, sizeof(in));
	memset(out, 'x', SENT);
	EXPECT(stats(fd).errors_bus == 0 && stats(fd).errors_other == 0);
	error = errno_of(argv[3]);
	calls[i].run(fd, error, actual);
	EXPECT(stats(fd).errors_overflow == (error == EOVERFLOW));
	EXPECT(stats(fd).errors_bus == (error == EOVERFLOW ? 0 : calls[i].errors));
	EXPECT(stats(fd).errors_other == 0);
	return 0;
}
