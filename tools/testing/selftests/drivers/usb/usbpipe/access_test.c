// SPDX-License-Identifier: GPL-2.0
/*
 * USBPIPE_IOC_EXCL, FLUSH, RESET, SET_ALT and CLEAR_HALT.
 */
#include "kselftest_harness.h"

#include <sys/wait.h>

#include <linux/usbdevice_fs.h>

#include "blocked.h"
#include "state.h"

FRESH_FIXTURE(access, O_NONBLOCK);

static long blocked_transfer(struct blocked *blocked)
{
	struct usbpipe_transfer transfer = {
		.endpoint = REFDEV_IN,
		.timeout_ms = USBPIPE_MAX_TIMEOUT,
		.length = blocked->length,
		.data = (uintptr_t)blocked->buffer,
	};

	return call(blocked->fd, USBPIPE_IOC_TRANSFER, &transfer) ?: (long)transfer.actual;
}

TEST_F(access, one_file_may_have_it_alone)
{
	int other, again;

	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_EXCL, 1));
	ASSERT_EQ(-EBUSY, another(&self->node, 0));
	ASSERT_EQ(0, refdev_loopback(self->fd, 100, 1));
	/* Once more is no harm. */
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_EXCL, 1));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_EXCL, 0));
	other = another(&self->node, 0);
	ASSERT_LE(0, other);
	ASSERT_EQ(-EBUSY, call_u32(self->fd, USBPIPE_IOC_EXCL, 1));
	ASSERT_EQ(-EBUSY, call_u32(other, USBPIPE_IOC_EXCL, 1));
	again = another(&self->node, 0);
	ASSERT_LE(0, again);
	close(again);
	close(other);
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_EXCL, 1));
	ASSERT_EQ(-EBUSY, another(&self->node, 0));
	/* It ends with the file. */
	close(self->fd);
	self->fd = another(&self->node, 0);
	ASSERT_LE(0, self->fd);
	other = another(&self->node, 0);
	ASSERT_LE(0, other);
	close(other);
}

/* A descriptor that was copied is no other file. */
TEST_F(access, a_child_has_the_same_file)
{
	int copy = dup(self->fd);

	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_EXCL, 1));
	close(copy);
	ASSERT_EQ(-EBUSY, another(&self->node, 0));
}

TEST_F(access, excl_takes_zero_or_one)
{
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_EXCL, 1));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_EXCL, 2));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_EXCL, UINT32_MAX));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_EXCL, NULL));
	ASSERT_EQ(-EBUSY, another(&self->node, 0));
}

TEST_F(access, flush_drops_what_was_not_read)
{
	int count = 1;
	char byte;

	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_READ));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &count));
	ASSERT_EQ(0, count);
	ASSERT_EQ(0, ready_within(self->fd, POLLIN, 0));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
}

TEST_F(access, flush_drops_what_was_not_sent)
{
	struct refdev_status before, after;
	long written;

	written = refdev_fill_up(self->fd, 1);
	ASSERT_LT(REFDEV_FIFO, written);
	ASSERT_EQ(0, refdev_status(self->fd, &before));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_WRITE));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(before.out_bytes, after.out_bytes);
	ASSERT_EQ(POLLOUT, ready_within(self->fd, POLLOUT, 0));
	/* The device is full of it still. */
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_READ));
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
}

TEST_F(access, flush_lets_errors_go)
{
	char byte;

	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	ASSERT_TRUE(ready(self->fd, POLLIN) & POLLERR);
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_READ));
	ASSERT_EQ(0, ready_within(self->fd, POLLIN, 0));
	ASSERT_EQ(0, refdev_loopback(self->fd, 100, 1));
}

TEST_F(access, flush_of_nothing)
{
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH,
			      USBPIPE_FLUSH_READ | USBPIPE_FLUSH_WRITE | USBPIPE_FLUSH_REPLY));
}

TEST_F(access, flush_knows_what_it_is_told)
{
	uint8_t room[8];

	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_FLUSH, 0));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_FLUSH, 1 << 3));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_READ | 1u << 31));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_FLUSH, NULL));
	ASSERT_EQ(5, read(self->fd, room, sizeof(room)));
}

TEST_F(access, a_reset_is_told_once)
{
	struct usbpipe_stats before, after;
	struct refdev_status status;
	uint8_t room[8];

	ASSERT_EQ(0, refdev_loopback(self->fd, 100, 1));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_STATS, &before));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_RESET, NULL));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_STATS, &after));
	ASSERT_EQ(before.resets + 1, after.resets);
	ASSERT_TRUE(ready(self->fd, POLLIN) & POLLERR);
	ASSERT_EQ(-1, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(ECONNRESET, errno);
	ASSERT_EQ(-1, write(self->fd, "hello", 5));
	ASSERT_EQ(ECONNRESET, errno);
	ASSERT_EQ(-1, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, refdev_status(self->fd, &status));
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
}

/* Another program resets the device through its own node. */
static int reset_by_another(int fd)
{
	struct usbpipe_info info;
	char path[64];
	int err = call(fd, USBPIPE_IOC_INFO, &info), status;
	pid_t child;

	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", info.bus, info.device);
	child = fork();
	if (!child) {
		int node = open(path, O_RDWR | O_CLOEXEC);

		_exit(node < 0 || ioctl(node, USBDEVFS_RESET));
	}
	return child < 0 || waitpid(child, &status, 0) != child || status ? -EIO : 0;
}

TEST_F(access, a_reset_by_another_program_is_told_once)
{
	uint8_t room[8];
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 1));
		ASSERT_EQ(0, reset_by_another(self->fd));
		ASSERT_EQ(-1, read(self->fd, room, sizeof(room)));
		ASSERT_EQ(ECONNRESET, errno);
		ASSERT_EQ(-1, write(self->fd, room, sizeof(room)));
		ASSERT_EQ(ECONNRESET, errno);
		ASSERT_EQ(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	}
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
}

/* Commands that are under way end; what was missed is not awaited any more. */
TEST_F(access, a_reset_ends_transfers)
{
	int fd = another(&self->node, 0);
	uint8_t room[8];
	struct blocked blocked = { .call = blocked_transfer, .fd = fd, .buffer = room,
				   .length = sizeof(room) };

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, blocked_start(&blocked));
	ASSERT_EQ(0, reset_by_another(self->fd));
	ASSERT_TRUE(blocked_ends(&blocked));
	ASSERT_EQ(-EHOSTUNREACH, blocked.result);
	ASSERT_EQ(0, refdev_out(fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	ASSERT_EQ(5, transfer(fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, transfer(fd, REFDEV_IN, room, sizeof(room)));
	close(fd);
}

TEST_F(access, who_has_no_streams_learns_nothing)
{
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_RESET, NULL));
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
}

/* What came before the reset is read before its end is told. */
TEST_F(access, a_reset_loses_nothing_that_had_come)
{
	uint8_t room[8];

	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_RESET, NULL));
	ASSERT_EQ(5, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(-1, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(ECONNRESET, errno);
	ASSERT_EQ(-1, fsync(self->fd));
	ASSERT_EQ(ECONNRESET, errno);
	ASSERT_EQ(0, fsync(self->fd));
}

TEST_F(access, what_waited_to_be_sent_is_told_as_reset)
{
	ASSERT_LT(REFDEV_FIFO, refdev_fill_up(self->fd, 1));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_RESET, NULL));
	ASSERT_EQ(-1, fsync(self->fd));
	ASSERT_EQ(ECONNRESET, errno);
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_READ));
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
}

TEST_F(access, a_reader_who_waits_is_told)
{
	int fd = another(&self->node, 0);
	uint8_t room[8];
	struct blocked blocked = { .call = blocked_read, .fd = fd, .buffer = room, .length = 8 };

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, blocked_start(&blocked));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_RESET, NULL));
	ASSERT_TRUE(blocked_ends(&blocked));
	ASSERT_EQ(-ECONNRESET, blocked.result);
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, read(fd, room, sizeof(room)));
	close(fd);
}

TEST_F(access, an_altsetting_has_its_endpoints)
{
	struct usbpipe_info info;

	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(1, info.altsetting);
	ASSERT_EQ(7, info.num_endpoints);
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 0));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(0, info.altsetting);
	ASSERT_EQ(3, info.num_endpoints);
	ASSERT_EQ(0, refdev_loopback(self->fd, 5000, 2));
}

/* The endpoint that was chosen may be of the past. */
TEST_F(access, endpoints_go_with_their_altsetting)
{
	struct usbpipe_select select = {
		.read_endpoint = REFDEV_INTERRUPT_ECHO,
		.write_endpoint = REFDEV_INTERRUPT_OUT,
	};
	char byte = 0;

	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0, refdev_loopback(self->fd, 100, 1));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 0));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EOPNOTSUPP, errno);
	ASSERT_EQ(-1, write(self->fd, &byte, 1));
	ASSERT_EQ(EOPNOTSUPP, errno);
}

TEST_F(access, no_altsetting_while_others_stream)
{
	int other = another(&self->node, O_NONBLOCK);
	struct usbpipe_info info;
	uint8_t room[8];
	struct usbpipe_select select = {
		.read_endpoint = REFDEV_INTERRUPT,
		.write_endpoint = REFDEV_OUT,
	};

	ASSERT_LE(0, other);
	ASSERT_EQ(0, call(other, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-1, read(other, room, sizeof(room)));
	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(0, fsync(self->fd));
	ASSERT_EQ(-EBUSY, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(0, info.altsetting);
	/* Nothing was dropped for that. */
	ASSERT_EQ(5, read(self->fd, room, sizeof(room)));
	close(other);
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
}

TEST_F(access, no_altsetting_while_data_is_on_its_way)
{
	uint8_t room[8];

	ASSERT_LT(REFDEV_FIFO, refdev_fill_up(self->fd, 1));
	ASSERT_EQ(-EBUSY, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_WRITE));
	ASSERT_EQ(0, read_all(self->fd, room, sizeof(room)));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
}

TEST_F(access, there_are_two_altsettings)
{
	struct usbpipe_info info;

	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 2));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 256));
	ASSERT_EQ(-EINVAL, call_u32(self->fd, USBPIPE_IOC_SET_ALT, UINT32_MAX));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_SET_ALT, NULL));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(0, info.altsetting);
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
}

TEST_F(access, a_halt_is_cleared_on_demand)
{
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_OUT));
	ASSERT_EQ(-EPIPE, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_OUT));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	/* One that is not halted has it cleared as well. */
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_INTERRUPT));
}

TEST_F(access, clear_halt_needs_an_endpoint_of_its_own)
{
	char byte;

	ASSERT_EQ(-ENXIO, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, 0));
	ASSERT_EQ(-ENXIO, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, 0x85));
	ASSERT_EQ(-ENXIO, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_ISO_IN));
	ASSERT_EQ(-ENXIO, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, 0x100 | REFDEV_IN));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_CLEAR_HALT, NULL));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(-EBUSY, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_IN));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(-EOPNOTSUPP, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_ISO_IN));
	ASSERT_EQ(0, refdev_loopback(self->fd, 100, 1));
}

/* Who may only read can look, choose and read, and nothing that the device takes part in. */
TEST_F(access, commands_are_for_who_may_write)
{
	static const unsigned long commands[] = {
		USBPIPE_IOC_CONTROL, USBPIPE_IOC_TRANSFER, USBPIPE_IOC_TRANSACT,
		USBPIPE_IOC_CLEAR_HALT, USBPIPE_IOC_FLUSH, USBPIPE_IOC_RESET,
		USBPIPE_IOC_SET_ALT, USBPIPE_IOC_EXCL, USBPIPE_IOC_RING_SETUP,
		USBPIPE_IOC_RING_ENTER, USBPIPE_IOC_RING_FREE, 0,
	};
	struct usbpipe_info info;
	struct usbpipe_stats stats;
	uint8_t zeros[256] = "", room[5];
	int i, reader;

	reader = open(self->node.path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, reader);
	for (i = 0; commands[i]; i++)
		ASSERT_EQ(-EPERM, call(reader, commands[i], zeros));
	ASSERT_EQ(-ENOTTY, call(reader, _IO(0xBB, 0xff), zeros));
	ASSERT_EQ(0, call(reader, USBPIPE_IOC_INFO, &info));
	ASSERT_EQ(0, call(reader, USBPIPE_IOC_STATS, &stats));
	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(0, read_all(reader, room, sizeof(room)));
	ASSERT_EQ(0, memcmp(room, "hello", 5));
	close(reader);
}

TEST_F(access, what_comes_and_goes_can_be_spliced)
{
	struct pollfd come = { .fd = self->fd, .events = POLLIN };
	uint8_t room[5];
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	ASSERT_EQ(5, write(ends[1], "hello", 5));
	ASSERT_EQ(5, splice(ends[0], NULL, self->fd, NULL, 5, 0));
	ASSERT_EQ(1, poll(&come, 1, 5000));
	ASSERT_EQ(5, splice(self->fd, NULL, ends[1], NULL, 5, 0));
	ASSERT_EQ(5, read(ends[0], room, sizeof(room)));
	ASSERT_EQ(0, memcmp(room, "hello", 5));
	close(ends[0]);
	close(ends[1]);
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
