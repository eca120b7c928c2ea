// SPDX-License-Identifier: GPL-2.0
/*
 * read(), write(), poll() and fsync() of a node, with a device that sends back what it gets.
 */
#include "kselftest_harness.h"

#include <sys/uio.h>

#include "blocked.h"
#include "refdev.h"

#define MIB (1 << 20)

/* A null pointer that the compiler does not know of. */
static void *volatile nowhere;

FIXTURE(io)
{
	struct node node;
	int fd;
};

FIXTURE_SETUP(io)
{
	self->fd = refdev_open(&self->node);
	assert_device(self->fd);
}

FIXTURE_TEARDOWN(io)
{
	close(self->fd);
}

/* Another open file of the same node. */
#define open_another(flags) ({						\
	int __fd = open(self->node.path, flags | O_CLOEXEC);		\
	ASSERT_LE(0, __fd);						\
	__fd;								\
})

TEST_F(io, nothing_to_read_is_eagain)
{
	char byte;

	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EAGAIN, errno);
}

TEST_F(io, poll_tells_what_can_be_done)
{
	short in = POLLIN | POLLRDNORM, out = POLLOUT | POLLWRNORM;
	char byte = 1;

	ASSERT_EQ(out, ready_within(self->fd, in | out, 0));
	ASSERT_EQ(0, ready_within(self->fd, in, 0));
	ASSERT_EQ(1, write(self->fd, &byte, 1));
	ASSERT_EQ(in, ready(self->fd, in));
	ASSERT_EQ(1, read(self->fd, &byte, 1));
	ASSERT_EQ(0, ready_within(self->fd, in, 0));
}

TEST_F(io, poll_waits_for_data)
{
	struct blocked poller = { .call = blocked_poll, .fd = self->fd, .events = POLLIN };
	char byte = 1;

	ASSERT_EQ(0, blocked_start(&poller));
	ASSERT_EQ(1, write(self->fd, &byte, 1));
	ASSERT_TRUE(blocked_ends(&poller));
	ASSERT_EQ(POLLIN, poller.result);
}

/* Counts in ->length how often poll() does not see data that is there all the time. */
static long poll_often(struct blocked *blocked)
{
	int i;

	for (i = 0; i < 10000; i++)
		blocked->length += !(ready_within(blocked->fd, POLLIN, 0) & POLLIN);
	return 0;
}

TEST_F(io, poll_sees_data_whoever_else_polls)
{
	struct blocked pollers[4];
	char byte = 1;
	int i;

	ASSERT_EQ(1, write(self->fd, &byte, 1));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	for (i = 0; i < 4; i++) {
		pollers[i] = (struct blocked) { .call = poll_often, .fd = self->fd };
		ASSERT_EQ(0, pthread_create(&pollers[i].thread, NULL, blocked_main, &pollers[i]));
	}
	for (i = 0; i < 4; i++) {
		ASSERT_TRUE(blocked_ends(&pollers[i]));
		ASSERT_EQ(0, pollers[i].length);
	}
}

TEST_F(io, zero_length_is_zero)
{
	char byte;

	ASSERT_EQ(0, read(self->fd, &byte, 0));
	ASSERT_EQ(0, write(self->fd, &byte, 0));
	ASSERT_EQ(0, read(self->fd, NULL, 0));
	ASSERT_EQ(0, write(self->fd, NULL, 0));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EAGAIN, errno);
}

TEST_F(io, one_byte_and_packet_boundaries)
{
	static const int lengths[] = { 1, 2, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025, 4096,
				       32767, 32768, 32769, 65536, 262144, 1000003 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		ASSERT_EQ(0, refdev_loopback(self->fd, lengths[i], i));
}

TEST_F(io, reads_take_parts_and_lose_nothing)
{
	static const int parts[] = { 1, 10, 100, 1, 388, 512, 1 };
	uint8_t out[1013], in[1013];
	int done = 0, i;

	fill(out, sizeof(out), 1);
	ASSERT_EQ(sizeof(out), write(self->fd, out, sizeof(out)));
	for (i = 0; i < (int)ARRAY_SIZE(parts); i++) {
		ASSERT_EQ(0, read_all(self->fd, in + done, parts[i]));
		done += parts[i];
	}
	ASSERT_EQ(sizeof(in), done);
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
	ASSERT_EQ(-1, read(self->fd, in, 1));
	ASSERT_EQ(EAGAIN, errno);
}

TEST_F(io, short_transfers_end_nothing)
{
	uint8_t out[10 * 100], in[sizeof(out)];
	int i;

	fill(out, sizeof(out), 1);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, write_all(self->fd, out + 100 * i, 100));
	ASSERT_EQ(0, read_all(self->fd, in, sizeof(in)));
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
}

TEST_F(io, blocking_read_returns_with_what_there_is)
{
	int fd = open_another(O_RDWR);
	uint8_t room[4096];
	struct blocked reader = {
		.call = blocked_read, .fd = fd, .buffer = room, .length = sizeof(room),
	};
	uint8_t out[3] = { 1, 2, 3 };

	ASSERT_EQ(0, blocked_start(&reader));
	ASSERT_FALSE(blocked_ends_within(&reader, 50));
	ASSERT_EQ(3, write(self->fd, out, 3));
	ASSERT_TRUE(blocked_ends(&reader));
	ASSERT_EQ(3, reader.result);
	ASSERT_EQ(0, memcmp(room, out, 3));
	close(fd);
}

TEST_F(io, full_queue_is_eagain_and_keeps_everything)
{
	long length = refdev_fill_up(self->fd, 7);
	uint8_t *out, *in;
	char byte = 0;

	/* More than the device alone can keep, but bounded. */
	ASSERT_LE(REFDEV_FIFO, length);
	ASSERT_GT(4 * REFDEV_FIFO, length);
	ASSERT_EQ(-1, write(self->fd, &byte, 1));
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, ready_within(self->fd, POLLOUT, 0) & POLLOUT);
	out = malloc(length);
	in = malloc(length);
	fill(out, length, 7);
	ASSERT_EQ(0, read_all(self->fd, in, length));
	ASSERT_EQ(0, memcmp(out, in, length));
	ASSERT_EQ(POLLOUT, ready(self->fd, POLLOUT));
}

TEST_F(io, one_large_nonblocking_write_is_taken_in_part)
{
	static uint8_t out[8 * MIB], in[8 * MIB];
	ssize_t count;

	fill(out, sizeof(out), 3);
	count = write(self->fd, out, sizeof(out));
	ASSERT_LT(0, count);
	ASSERT_GT(sizeof(out), count);
	ASSERT_EQ(0, read_all(self->fd, in, count));
	ASSERT_EQ(0, memcmp(out, in, count));
	ASSERT_EQ(-1, read(self->fd, in, 1));
	ASSERT_EQ(EAGAIN, errno);
}

TEST_F(io, blocking_write_waits_for_room)
{
	int fd = open_another(O_RDWR);
	static uint8_t out[MIB], in[4 * MIB];
	struct blocked writer = {
		.call = blocked_write, .fd = fd, .buffer = out, .length = sizeof(out),
	};
	long before = refdev_fill_up(self->fd, 7);

	ASSERT_LT(0, before);
	fill(out, sizeof(out), 8);
	ASSERT_EQ(0, blocked_start(&writer));
	ASSERT_FALSE(blocked_ends_within(&writer, 50));
	ASSERT_EQ(0, read_all(self->fd, in, before));
	ASSERT_EQ(0, read_all(self->fd, in, sizeof(out)));
	ASSERT_EQ(0, memcmp(out, in, sizeof(out)));
	ASSERT_TRUE(blocked_ends(&writer));
	ASSERT_EQ(sizeof(out), writer.result);
	close(fd);
}

/* A length between 1 and @max, from a generator of its own. */
static size_t random_length(uint64_t *state, size_t max)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return 1 + (*state >> 33) % max;
}

TEST_F(io, random_sizes_in_both_directions)
{
	static uint8_t out[8 * MIB], in[8 * MIB];
	size_t sent = 0, received = 0, most;
	uint64_t state = 0x5eed;
	ssize_t count;
	short events;

	fill(out, sizeof(out), 11);
	while (received < sizeof(in)) {
		events = ready(self->fd, POLLIN | (sent < sizeof(out) ? POLLOUT : 0));
		ASSERT_LT(0, events);
		if (events & POLLOUT) {
			most = random_length(&state, 100000);
			most = most < sizeof(out) - sent ? most : sizeof(out) - sent;
			count = write(self->fd, out + sent, most);
			ASSERT_TRUE(count > 0 || errno == EAGAIN);
			sent += count > 0 ? count : 0;
		}
		if (events & POLLIN) {
			most = random_length(&state, 100000);
			most = most < sizeof(in) - received ? most : sizeof(in) - received;
			count = read(self->fd, in + received, most);
			ASSERT_TRUE(count > 0 || errno == EAGAIN);
			received += count > 0 ? count : 0;
		}
		ASSERT_LE(received, sent);
	}
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
}

TEST_F(io, blocking_full_duplex)
{
	static uint8_t out[16 * MIB], in[16 * MIB];
	int fd = open_another(O_RDWR);
	struct blocked writer = {
		.call = blocked_write, .fd = fd, .buffer = out, .length = sizeof(out),
	};

	fill(out, sizeof(out), 12);
	ASSERT_EQ(0, pthread_create(&writer.thread, NULL, blocked_main, &writer));
	ASSERT_EQ(0, read_all(fd, in, sizeof(in)));
	ASSERT_TRUE(blocked_ends(&writer));
	ASSERT_EQ(sizeof(out), writer.result);
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
	close(fd);
}

TEST_F(io, vectors_are_one_stream)
{
	uint8_t out[1000], in[1000];
	struct iovec gather[] = {
		{ out, 1 }, { out + 1, 0 }, { out + 1, 511 }, { out + 512, 488 },
	};
	struct iovec scatter[] = {
		{ in, 999 }, { in + 999, 0 }, { in + 999, 1 },
	};

	fill(out, sizeof(out), 13);
	ASSERT_EQ(1000, writev(self->fd, gather, ARRAY_SIZE(gather)));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(1000, readv(self->fd, scatter, ARRAY_SIZE(scatter)));
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
}

TEST_F(io, bad_memory_to_write_from_sends_nothing)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);

	ASSERT_EQ(-1, write(self->fd, nowhere, 100));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(-1, write(self->fd, end, 100));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(0, refdev_loopback(self->fd, 100, 1));
}

TEST_F(io, memory_that_ends_is_written_up_to_there)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	char in[100];
	ssize_t count;

	fill(end - 100, 100, 1);
	count = write(self->fd, end - 100, 200);
	if (count < 0)
		ASSERT_EQ(EFAULT, errno);
	ASSERT_GE(100, count);
	if (count > 0) {
		ASSERT_EQ(0, read_all(self->fd, in, count));
		ASSERT_EQ(0, memcmp(in, end - 100, count));
	}
	ASSERT_EQ(0, refdev_loopback(self->fd, 100, 2));
}

TEST_F(io, bad_memory_to_read_into_loses_nothing)
{
	char *read_only = last_page(PROT_READ);
	uint8_t out[100], in[100];

	fill(out, sizeof(out), 1);
	ASSERT_EQ(100, write(self->fd, out, 100));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(-1, read(self->fd, nowhere, 100));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(-1, read(self->fd, read_only, 100));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(0, read_all(self->fd, in, 100));
	ASSERT_EQ(0, memcmp(out, in, 100));
}

TEST_F(io, memory_that_ends_is_read_up_to_there)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	uint8_t out[100], in[100];
	ssize_t count;

	fill(out, sizeof(out), 1);
	ASSERT_EQ(100, write(self->fd, out, 100));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	count = read(self->fd, end - 40, 100);
	if (count < 0)
		ASSERT_EQ(EFAULT, errno);
	count = count < 0 ? 0 : count;
	ASSERT_GE(40, count);
	memcpy(in, end - 40, count);
	ASSERT_EQ(0, read_all(self->fd, in + count, 100 - count));
	ASSERT_EQ(0, memcmp(out, in, 100));
}

TEST_F(io, signal_interrupts_read)
{
	int fd = open_another(O_RDWR);
	char byte;

	ASSERT_EQ(0, alarms_start(0));
	ASSERT_EQ(-1, read(fd, &byte, 1));
	ASSERT_EQ(EINTR, errno);
	alarms_stop();
	ASSERT_EQ(0, refdev_loopback(fd, 100, 1));
	close(fd);
}

static int alarmed_fd;

static void write_one_byte(void)
{
	char byte = 42;

	if (write(alarmed_fd, &byte, 1) != 1)
		abort();
}

TEST_F(io, read_restarts_after_a_signal)
{
	int fd = open_another(O_RDWR);
	char byte = 0;

	alarmed_fd = fd;
	third_alarm = write_one_byte;
	ASSERT_EQ(0, alarms_start(SA_RESTART));
	ASSERT_EQ(1, read(fd, &byte, 1));
	alarms_stop();
	ASSERT_EQ(42, byte);
	ASSERT_LE(3, alarms);
	close(fd);
}

TEST_F(io, signal_interrupts_write)
{
	int fd = open_another(O_RDWR);
	char byte = 1;

	ASSERT_LT(0, refdev_fill_up(self->fd, 1));
	ASSERT_EQ(0, alarms_start(0));
	ASSERT_EQ(-1, write(fd, &byte, 1));
	ASSERT_EQ(EINTR, errno);
	alarms_stop();
	close(fd);
}

TEST_F(io, signal_interrupts_fsync)
{
	ASSERT_LT(0, refdev_fill_up(self->fd, 1));
	ASSERT_EQ(0, alarms_start(0));
	ASSERT_EQ(-1, fsync(self->fd));
	ASSERT_EQ(EINTR, errno);
	alarms_stop();
}

TEST_F(io, fsync_waits_for_the_wire)
{
	static uint8_t out[MIB / 2];
	struct refdev_status before, after;

	ASSERT_EQ(0, refdev_status(self->fd, &before));
	ASSERT_EQ(0, write_all(self->fd, out, sizeof(out)));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(sizeof(out), le64toh(after.out_bytes) - le64toh(before.out_bytes));
	ASSERT_EQ(0, fsync(self->fd));
}

TEST_F(io, fsync_blocks_while_the_device_takes_nothing)
{
	static uint8_t in[4 * MIB];
	struct blocked syncer = { .call = blocked_fsync, .fd = self->fd };
	long length = refdev_fill_up(self->fd, 5);

	ASSERT_LT(0, length);
	ASSERT_EQ(0, blocked_start(&syncer));
	ASSERT_FALSE(blocked_ends_within(&syncer, 50));
	ASSERT_EQ(0, read_all(self->fd, in, length));
	ASSERT_TRUE(blocked_ends(&syncer));
	ASSERT_EQ(0, syncer.result);
}

TEST_F(io, two_files_share_one_stream)
{
	int other = open_another(O_RDWR | O_NONBLOCK);
	uint8_t out[1000], in[1000];

	fill(out, sizeof(out), 1);
	ASSERT_EQ(400, write(self->fd, out, 400));
	ASSERT_EQ(600, write(other, out + 400, 600));
	ASSERT_EQ(0, read_all(other, in, 500));
	ASSERT_EQ(0, read_all(self->fd, in + 500, 500));
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
	ASSERT_EQ(0, ready_within(self->fd, POLLIN, 0));
	ASSERT_EQ(0, ready_within(other, POLLIN, 0));
	close(other);
}

TEST_F(io, closing_one_of_two_files_loses_nothing)
{
	int other = open_another(O_RDWR | O_NONBLOCK);
	uint8_t out[1000], in[1000];

	fill(out, sizeof(out), 1);
	ASSERT_EQ(1000, write(other, out, 1000));
	ASSERT_EQ(0, read_all(other, in, 10));
	close(other);
	ASSERT_EQ(0, read_all(self->fd, in + 10, 990));
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
}

/* The one who comes second must hear of what the first leaves, however close they are. */
TEST_F(io, two_blocked_readers_share_what_comes)
{
	int fd = open_another(O_RDWR), round, i;
	uint8_t room[2], out[2] = { 0x0f, 0xf0 };
	struct blocked readers[2];

	for (round = 0; round < 50; round++) {
		for (i = 0; i < 2; i++) {
			readers[i] = (struct blocked) {
				.call = blocked_read, .fd = fd, .buffer = &room[i], .length = 1,
			};
			ASSERT_EQ(0, blocked_start(&readers[i]));
		}
		ASSERT_EQ(2, write(self->fd, out, 2));
		for (i = 0; i < 2; i++) {
			ASSERT_TRUE(blocked_ends(&readers[i]));
			ASSERT_EQ(1, readers[i].result);
		}
		ASSERT_EQ(0xff, room[0] ^ room[1]);
	}
	close(fd);
}

TEST_F(io, what_was_written_survives_close)
{
	struct refdev_status before, after;
	int other = open_another(O_RDWR);
	uint8_t out[100] = { 0 };

	ASSERT_EQ(0, refdev_status(self->fd, &before));
	ASSERT_EQ(100, write(other, out, 100));
	close(self->fd);
	close(other);
	self->fd = open_another(O_RDWR | O_NONBLOCK);
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(100, le64toh(after.out_bytes) - le64toh(before.out_bytes));
}

/* What is read ahead is lost with the last close: a program that only writes must not cause it. */
TEST_F(io, waiting_for_room_reads_nothing_ahead)
{
	static uint8_t out[100000];
	struct refdev_status before, after;

	close(self->fd);
	self->fd = open_another(O_RDWR | O_NONBLOCK);
	ASSERT_EQ(0, refdev_status(self->fd, &before));
	ASSERT_EQ(POLLOUT, ready(self->fd, POLLOUT));
	ASSERT_EQ(0, write_all(self->fd, out, sizeof(out)));
	ASSERT_EQ(POLLOUT, ready(self->fd, POLLOUT));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(le64toh(before.in_bytes), le64toh(after.in_bytes));
	ASSERT_EQ(sizeof(out), le32toh(after.fifo_used));
}

TEST_F(io, one_direction_only)
{
	int reader = open_another(O_RDONLY | O_NONBLOCK);
	int writer = open_another(O_WRONLY | O_NONBLOCK);
	uint8_t out[100], in[100];

	fill(out, sizeof(out), 1);
	ASSERT_EQ(-1, write(reader, out, 1));
	ASSERT_EQ(EBADF, errno);
	ASSERT_EQ(-1, read(writer, in, 1));
	ASSERT_EQ(EBADF, errno);
	ASSERT_EQ(100, write(writer, out, 100));
	ASSERT_EQ(0, read_all(reader, in, 100));
	ASSERT_EQ(0, memcmp(out, in, 100));
	close(reader);
	close(writer);
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
