// SPDX-License-Identifier: GPL-2.0
/*
 * Transfers as commands of io_uring: data in both directions, in rings of all kinds, and what is
 * refused.
 */
#include "kselftest_harness.h"

#include "commands.h"

#define BATCH 32

FIXTURE(uring)
{
	struct node node;
	int fd;
	struct ring ring;
};

FIXTURE_VARIANT(uring)
{
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(uring, plain) { };

FIXTURE_VARIANT_ADD(uring, deferred)
{
	.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
};

FIXTURE_VARIANT_ADD(uring, polled) { .flags = IORING_SETUP_SQPOLL };

FIXTURE_VARIANT_ADD(uring, large) { .flags = IORING_SETUP_SQE128 | IORING_SETUP_CQE32 };

FIXTURE_SETUP(uring)
{
	self->fd = open_idle(&self->node);
	assert_device(self->fd);
	ASSERT_EQ(0, ring_open(&self->ring, CROWD, variant->flags));
}

FIXTURE_TEARDOWN(uring)
{
	EXPECT_EQ(0, leave_idle(&self->node, self->fd, &self->ring));
}

/* Takes @count completions, which must come in order, and adds their results up. */
#define assert_in_order(ring, count, total) do {				\
	struct io_uring_cqe __cqe;						\
	uint64_t __i;								\
										\
	*(total) = 0;								\
	for (__i = 0; __i < (count); __i++) {					\
		ASSERT_EQ(0, ring_wait(ring, &__cqe));				\
		ASSERT_EQ(__i, __cqe.user_data);				\
		ASSERT_LT(0, __cqe.res);					\
		*(total) += __cqe.res;						\
	}									\
} while (0)

TEST_F(uring, batches_in_both_directions)
{
	static uint8_t out[BATCH * LENGTH], in[BATCH * LENGTH];
	size_t total;
	int i;

	fill(out, sizeof(out), 1);
	for (i = 0; i < BATCH; i++) {
		struct usbpipe_uring transfer = out_transfer(out + i * LENGTH, LENGTH);

		ring_command(&self->ring, self->fd, i, &transfer);
	}
	ASSERT_EQ(BATCH, ring_submit(&self->ring));
	assert_in_order(&self->ring, BATCH, &total);
	ASSERT_EQ(sizeof(out), total);

	for (i = 0; i < BATCH; i++) {
		struct usbpipe_uring transfer = in_transfer(in + i * LENGTH, LENGTH);

		ring_command(&self->ring, self->fd, i, &transfer);
	}
	ASSERT_EQ(BATCH, ring_submit(&self->ring));
	assert_in_order(&self->ring, BATCH, &total);
	ASSERT_EQ(sizeof(in), total);
	ASSERT_EQ(0, memcmp(out, in, sizeof(out)));
}

TEST_F(uring, reads_that_wait_get_what_is_sent)
{
	static uint8_t out[CROWD][512], in[CROWD][LENGTH];
	struct io_uring_cqe cqe;
	int i, reads = 0, writes = 0;

	fill(out, sizeof(out), 2);
	for (i = 0; i < BATCH; i++) {
		struct usbpipe_uring transfer = in_transfer(in[i], 512);

		ring_command(&self->ring, self->fd, i, &transfer);
	}
	ASSERT_EQ(BATCH, ring_submit(&self->ring));
	for (i = 0; i < BATCH; i++) {
		struct usbpipe_uring transfer = out_transfer(out[i], 512);

		ring_command(&self->ring, self->fd, 1000 + i, &transfer);
	}
	ASSERT_EQ(BATCH, ring_submit(&self->ring));
	while (reads + writes < 2 * BATCH) {
		ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
		ASSERT_EQ(512, cqe.res);
		if (cqe.user_data < 1000) {
			ASSERT_EQ(reads, cqe.user_data);
			reads++;
		} else {
			ASSERT_EQ(1000 + writes, cqe.user_data);
			writes++;
		}
	}
	for (i = 0; i < BATCH; i++)
		ASSERT_EQ(0, memcmp(out[i], in[i], 512));
}

TEST_F(uring, commands_that_a_worker_begins)
{
	uint8_t out[LENGTH], in[LENGTH] = { 0 };
	struct usbpipe_uring transfer = out_transfer(out, LENGTH);
	struct io_uring_cqe cqe;

	fill(out, sizeof(out), 3);
	ring_command(&self->ring, self->fd, 1, &transfer)->flags = IOSQE_ASYNC;
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(LENGTH, cqe.res);
	transfer = in_transfer(in, LENGTH);
	ring_command(&self->ring, self->fd, 2, &transfer)->flags = IOSQE_ASYNC;
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(LENGTH, cqe.res);
	ASSERT_EQ(0, memcmp(out, in, LENGTH));
}

TEST_F(uring, what_was_submitted_does_not_change)
{
	uint8_t in[LENGTH] = { 0 }, out[512];
	struct usbpipe_uring transfer = in_transfer(in, LENGTH);
	struct io_uring_cqe cqe;

	ring_command(&self->ring, self->fd, 1, &transfer);
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(-ETIME, ring_wait_within(&self->ring, &cqe, 50));
	memset(self->ring.sqes, 0xff, self->ring.sqes_size);
	fill(out, sizeof(out), 4);
	transfer = out_transfer(out, 100);
	ring_command(&self->ring, self->fd, 2, &transfer);
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(100, cqe.res);
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(100, cqe.res);
	ASSERT_EQ(0, memcmp(out, in, 100));
	ASSERT_EQ(0, in[100]);
}

TEST_F(uring, closing_a_ring_with_commands_pending)
{
	static uint8_t room[LENGTH];

	assert_pending(&self->ring, self->fd, CROWD, room);
	ASSERT_EQ(0, ring_close(&self->ring));
	ASSERT_EQ(0, close(self->fd));
	self->fd = -1;
	ASSERT_TRUE(wait_until(module_uses() <= 0));
	self->fd = open(self->node.path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ring_open(&self->ring, CROWD, variant->flags));
	assert_works(&self->ring, self->fd);
}

TEST_F(uring, unplugging_with_commands_pending)
{
	static uint8_t room[LENGTH];
	struct usbpipe_uring transfer = in_transfer(room, LENGTH);
	struct io_uring_cqe cqe;
	int i;

	assert_pending(&self->ring, self->fd, CROWD, room);
	ASSERT_EQ(0, unplug());
	for (i = 0; i < CROWD; i++) {
		ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
		ASSERT_EQ(-ENODEV, cqe.res);
	}
	ASSERT_EQ(-ENODEV, ring_transfer(&self->ring, self->fd, &transfer));
}

/* What the tests below are about does not depend on the ring. */
FIXTURE(command)
{
	struct node node;
	int fd;
	struct ring ring;
};

FIXTURE_SETUP(command)
{
	self->fd = open_idle(&self->node);
	assert_device(self->fd);
	ASSERT_EQ(0, ring_open(&self->ring, CROWD, 0));
}

FIXTURE_TEARDOWN(command)
{
	EXPECT_EQ(0, leave_idle(&self->node, self->fd, &self->ring));
}

/* A good command, but for one field: it fails, the device has seen nothing of it, and all works. */
#define assert_refused(error, kind, field, value) do {				\
	uint8_t __memory[LENGTH] = { 0 };					\
	struct usbpipe_uring __transfer = kind##_transfer(__memory, 512);	\
	struct refdev_status __before, __after;					\
										\
	ASSERT_EQ(0, refdev_status(self->fd, &__before));			\
	__transfer.field = value;						\
	ASSERT_EQ(-(error), ring_transfer(&self->ring, self->fd, &__transfer));	\
	ASSERT_EQ(0, refdev_status(self->fd, &__after));			\
	ASSERT_EQ(__before.out_bytes, __after.out_bytes);			\
	ASSERT_EQ(__before.in_bytes, __after.in_bytes);				\
	assert_works(&self->ring, self->fd);					\
} while (0)

TEST_F(command, endpoints_that_it_is_not_for)
{
	assert_refused(ENXIO, out, endpoint, 0);
	assert_refused(ENXIO, out, endpoint, 0x80);
	assert_refused(ENXIO, out, endpoint, 0x0f);
	assert_refused(ENXIO, in, endpoint, 0x8f);
	/* Bits that are reserved (USB 2.0, table 9-13). */
	assert_refused(ENXIO, out, endpoint, REFDEV_OUT | 0x10);
	assert_refused(ENXIO, in, endpoint, REFDEV_IN | 0x40);
}

TEST_F(command, flags_that_mean_nothing)
{
	assert_refused(EINVAL, out, flags, USBPIPE_TRANSFER_SHORT_NOT_OK);
	assert_refused(EINVAL, in, flags, USBPIPE_TRANSFER_ZERO_PACKET);
	assert_refused(EINVAL, out, flags, 0x04);
	assert_refused(EINVAL, in, flags, 0x80);
}

TEST_F(command, times_that_are_too_long)
{
	assert_refused(EINVAL, out, timeout_ms, USBPIPE_MAX_TIMEOUT + 1);
	assert_refused(EINVAL, in, timeout_ms, 65535);
}

TEST_F(command, lengths_that_are_too_large)
{
	assert_refused(EMSGSIZE, out, length, USBPIPE_MAX_TRANSFER + 1);
	assert_refused(EMSGSIZE, in, length, UINT32_MAX);
}

TEST_F(command, memory_that_cannot_be_read)
{
	char *page = last_page(PROT_READ | PROT_WRITE);

	ASSERT_NE(NULL, page);
	assert_refused(EFAULT, out, data, (uintptr_t)page + sysconf(_SC_PAGESIZE) - 511);
	assert_refused(EFAULT, out, data, 1ULL << 63);
}

/* The data has come when that is found out; it is lost. */
TEST_F(command, memory_that_cannot_be_written)
{
	char *page = last_page(PROT_READ);
	uint8_t bytes[512];
	struct usbpipe_uring out = out_transfer(bytes, sizeof(bytes));
	struct usbpipe_uring in = in_transfer(page, sizeof(bytes));

	ASSERT_NE(NULL, page);
	fill(bytes, sizeof(bytes), 1);
	ASSERT_EQ(512, ring_transfer(&self->ring, self->fd, &out));
	ASSERT_EQ(-EFAULT, ring_transfer(&self->ring, self->fd, &in));
	ASSERT_EQ(0, page[0]);
	assert_works(&self->ring, self->fd);
}

TEST_F(command, other_commands)
{
	static const uint32_t others[] = {
		0, USBPIPE_IOC_INFO, USBPIPE_IOC_TRANSFER, USBPIPE_URING_TRANSFER + 1,
	};
	char bytes[512] = { 0 };
	struct usbpipe_uring transfer = out_transfer(bytes, sizeof(bytes));
	struct refdev_status before, after;
	struct io_uring_cqe cqe;
	int i;

	ASSERT_EQ(0, refdev_status(self->fd, &before));
	for (i = 0; i < 4; i++) {
		ring_command(&self->ring, self->fd, i, &transfer)->cmd_op = others[i];
		ASSERT_EQ(1, ring_submit(&self->ring));
		ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
		ASSERT_EQ(-ENOTTY, cqe.res);
	}
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(before.out_bytes, after.out_bytes);
	assert_works(&self->ring, self->fd);
}

/* A buffer that was registered, which the driver does not know of. */
TEST_F(command, registered_buffers)
{
	char bytes[512] = { 0 };
	struct usbpipe_uring transfer = out_transfer(bytes, sizeof(bytes));
	struct refdev_status before, after;
	struct io_uring_cqe cqe;

	ASSERT_EQ(0, refdev_status(self->fd, &before));
	ring_command(&self->ring, self->fd, 1, &transfer)->uring_cmd_flags =
		IORING_URING_CMD_FIXED;
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(-EINVAL, cqe.res);
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(before.out_bytes, after.out_bytes);
	assert_works(&self->ring, self->fd);
}

TEST_F(command, the_largest_and_the_smallest)
{
	static uint8_t out[USBPIPE_MAX_TRANSFER], in[USBPIPE_MAX_TRANSFER];
	struct usbpipe_uring transfer = out_transfer(out, sizeof(out));

	fill(out, sizeof(out), 5);
	ASSERT_EQ(sizeof(out), ring_transfer(&self->ring, self->fd, &transfer));
	transfer = in_transfer(in, sizeof(in));
	ASSERT_EQ(sizeof(in), ring_transfer(&self->ring, self->fd, &transfer));
	ASSERT_EQ(0, memcmp(out, in, sizeof(out)));
	transfer = out_transfer(NULL, 0);
	ASSERT_EQ(0, ring_transfer(&self->ring, self->fd, &transfer));
	assert_works(&self->ring, self->fd);
}

TEST_F(command, less_than_asked_for)
{
	uint8_t out[100], in[512];
	struct usbpipe_uring send = out_transfer(out, sizeof(out));
	struct usbpipe_uring receive = in_transfer(in, sizeof(in));

	fill(out, sizeof(out), 6);
	memset(in, 0xee, sizeof(in));
	ASSERT_EQ(100, ring_transfer(&self->ring, self->fd, &send));
	ASSERT_EQ(100, ring_transfer(&self->ring, self->fd, &receive));
	ASSERT_EQ(0, memcmp(out, in, 100));
	ASSERT_EQ(0xee, in[100]);
	receive.flags = USBPIPE_TRANSFER_SHORT_NOT_OK;
	ASSERT_EQ(100, ring_transfer(&self->ring, self->fd, &send));
	ASSERT_EQ(-EREMOTEIO, ring_transfer(&self->ring, self->fd, &receive));
	assert_works(&self->ring, self->fd);
}

TEST_F(command, full_packets_followed_by_an_empty_one)
{
	uint8_t out[512], in[LENGTH];
	struct usbpipe_uring send = out_transfer(out, sizeof(out));
	struct usbpipe_uring receive = in_transfer(in, sizeof(out));

	fill(out, sizeof(out), 8);
	send.flags = USBPIPE_TRANSFER_ZERO_PACKET;
	ASSERT_EQ(512, ring_transfer(&self->ring, self->fd, &send));
	ASSERT_EQ(512, ring_transfer(&self->ring, self->fd, &receive));
	ASSERT_EQ(0, memcmp(out, in, 512));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
