// SPDX-License-Identifier: GPL-2.0
/*
 * USBPIPE_IOC_SELECT: what read() and write() of a file do.
 */
#include "kselftest_harness.h"

#include <sys/uio.h>

#include "blocked.h"
#include "state.h"

static const struct usbpipe_select defaults = {
	.read_endpoint = USBPIPE_ENDPOINT_DEFAULT,
	.write_endpoint = USBPIPE_ENDPOINT_DEFAULT,
};

FRESH_FIXTURE(select, O_NONBLOCK);

/* The addresses that INFO tells, the one of read() in the upper byte; or a negative error. */
static int selected(int fd)
{
	struct usbpipe_info info;
	int err = call(fd, USBPIPE_IOC_INFO, &info);

	return err ?: info.read_endpoint << 8 | info.write_endpoint;
}

static uint64_t memory(int fd)
{
	struct usbpipe_limits limits = { 0 };

	call(fd, USBPIPE_IOC_LIMITS, &limits);
	return limits.device_memory_used;
}

TEST_F(select, info_tells_what_was_chosen)
{
	struct usbpipe_select select = defaults;
	int other = another(&self->node, 0);

	ASSERT_LE(0, other);
	ASSERT_EQ(0x8101, selected(self->fd));
	select.read_endpoint = REFDEV_INTERRUPT;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0x8201, selected(self->fd));
	select.write_endpoint = 0;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0x8200, selected(self->fd));
	/* Each file has its own. */
	ASSERT_EQ(0x8101, selected(other));
	select = defaults;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0x8101, selected(self->fd));
	close(other);
}

TEST_F(select, read_takes_from_an_interrupt_endpoint)
{
	struct usbpipe_select select = defaults;
	uint8_t room[64];

	select.read_endpoint = REFDEV_INTERRUPT;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0, refdev_event(self->fd, 1));
	ASSERT_EQ(0, refdev_event(self->fd, 2));
	ASSERT_EQ(0, read_all(self->fd, room, 16));
	ASSERT_EQ(1, room[4]);
	ASSERT_EQ(2, room[12]);
}

TEST_F(select, interrupt_endpoints_move_bytes_both_ways)
{
	struct usbpipe_select select = defaults;

	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	select.read_endpoint = REFDEV_INTERRUPT_ECHO;
	select.write_endpoint = REFDEV_INTERRUPT_OUT;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0, refdev_loopback(self->fd, 1000, 1));
}

TEST_F(select, nothing_to_read_from_or_to_write_to)
{
	struct usbpipe_select none = { 0 };
	char byte = 0;

	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &none));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EOPNOTSUPP, errno);
	ASSERT_EQ(-1, write(self->fd, &byte, 1));
	ASSERT_EQ(EOPNOTSUPP, errno);
	ASSERT_EQ(0, ready_within(self->fd, POLLIN | POLLOUT, 0));
	ASSERT_EQ(0, memory(self->fd));
}

TEST_F(select, every_size_and_depth_moves_data)
{
	static const struct {
		uint32_t size;
		uint16_t depth;
	} setups[] = { { 512, 1 }, { 512, USBPIPE_MAX_DEPTH }, { 1024, 3 }, { 65536, 2 },
		       { USBPIPE_MAX_TRANSFER, 1 } };
	struct usbpipe_select select = defaults;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(setups); i++) {
		select.read_size = select.write_size = setups[i].size;
		select.read_depth = select.write_depth = setups[i].depth;
		ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
		ASSERT_EQ(0, refdev_loopback(self->fd, 300001, i + 1));
		ASSERT_EQ(2 * setups[i].size * setups[i].depth, memory(self->fd));
	}
}

TEST_F(select, defaults_take_less_than_a_mebibyte)
{
	ASSERT_EQ(0, refdev_loopback(self->fd, 100000, 1));
	ASSERT_LE(memory(self->fd), 1024 * 1024);
	ASSERT_EQ(15 * 64 * 1024, memory(self->fd));
}

/* A write is one transfer, and so is a read. */
TEST_F(select, packets_keep_their_borders)
{
	static const int lengths[] = { 1, 511, 512, 513, 1024, 4096 };
	struct usbpipe_select select = defaults;
	static uint8_t out[4096], in[32768];
	unsigned int i;

	select.flags = USBPIPE_SELECT_PACKETS;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		fill(out, lengths[i], i + 1);
		ASSERT_EQ(lengths[i], write(self->fd, out, lengths[i]));
		ASSERT_EQ(0, fsync(self->fd));
		ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
		ASSERT_EQ(lengths[i], read(self->fd, in, sizeof(in)));
		ASSERT_EQ(0, memcmp(out, in, lengths[i]));
	}
	ASSERT_EQ(-1, read(self->fd, in, sizeof(in)));
	ASSERT_EQ(EAGAIN, errno);
}

TEST_F(select, a_packet_comes_whole_or_not_at_all)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	struct usbpipe_select select = defaults;
	uint8_t out[64], in[520];

	select.flags = USBPIPE_SELECT_PACKETS;
	select.read_endpoint = REFDEV_INTERRUPT;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0, refdev_event(self->fd, 1));
	ASSERT_EQ(0, refdev_event(self->fd, 2));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(-1, read(self->fd, in, 7));
	ASSERT_EQ(EMSGSIZE, errno);
	ASSERT_EQ(-1, read(self->fd, end - 7, 64));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(8, read(self->fd, in, sizeof(in)));
	ASSERT_EQ(1, in[4]);
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(8, read(self->fd, in, 8));
	ASSERT_EQ(2, in[4]);
	/* The same for what goes out. */
	select.read_endpoint = REFDEV_IN;
	select.write_size = 512;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-1, write(self->fd, end - 7, 8));
	ASSERT_EQ(EFAULT, errno);
	ASSERT_EQ(-1, write(self->fd, in, 513));
	ASSERT_EQ(EMSGSIZE, errno);
	fill(out, sizeof(out), 1);
	ASSERT_EQ(64, write(self->fd, out, sizeof(out)));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(64, read(self->fd, in, sizeof(in)));
	ASSERT_EQ(0, memcmp(out, in, sizeof(out)));
}

/* All of a vector is one transfer. */
TEST_F(select, a_vector_is_a_packet)
{
	struct usbpipe_select select = defaults;
	char room[8] = "";
	struct iovec out[] = { { "ab", 2 }, { "cde", 3 }, { "f", 1 } };
	struct iovec in[] = { { room, 1 }, { room + 1, 7 } };

	select.flags = USBPIPE_SELECT_PACKETS;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(6, writev(self->fd, out, 3));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(6, readv(self->fd, in, 2));
	ASSERT_EQ(0, memcmp(room, "abcdef", 6));
}

TEST_F(select, what_was_not_read_is_dropped)
{
	uint8_t room[64];

	ASSERT_EQ(5, write(self->fd, "first", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, (void *)&defaults));
	ASSERT_EQ(0, memory(self->fd));
	ASSERT_EQ(-1, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(6, write(self->fd, "second", 6));
	ASSERT_EQ(0, read_all(self->fd, room, 6));
	ASSERT_EQ(0, memcmp(room, "second", 6));
}

TEST_F(select, another_file_goes_on_reading)
{
	int other = another(&self->node, O_NONBLOCK);
	uint8_t room[64];

	ASSERT_LE(0, other);
	ASSERT_EQ(-1, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(-1, read(other, room, sizeof(room)));
	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, (void *)&defaults));
	ASSERT_EQ(5, read(other, room, sizeof(room)));
	close(other);
}

/* Files share a stream; who wants it in another way is told, when he uses it. */
TEST_F(select, the_first_says_how)
{
	struct usbpipe_select select = defaults;
	int other = another(&self->node, O_NONBLOCK);
	char byte;

	ASSERT_LE(0, other);
	select.read_size = 1024;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(EAGAIN, errno);
	select.read_size = 2048;
	ASSERT_EQ(0, call(other, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-1, read(other, &byte, 1));
	ASSERT_EQ(EBUSY, errno);
	select.read_size = 1024;
	select.read_depth = 3;
	ASSERT_EQ(0, call(other, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-1, read(other, &byte, 1));
	ASSERT_EQ(EBUSY, errno);
	select.read_depth = 0;
	ASSERT_EQ(0, call(other, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-1, read(other, &byte, 1));
	ASSERT_EQ(EAGAIN, errno);
	close(other);
}

TEST_F(select, memory_has_a_limit)
{
	struct usbpipe_select select = defaults;
	struct usbpipe_limits limits;
	char byte = 0;

	select.read_size = select.write_size = USBPIPE_MAX_TRANSFER;
	select.read_depth = select.write_depth = USBPIPE_MAX_DEPTH;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_LIMITS, &limits));
	ASSERT_GT((uint64_t)USBPIPE_MAX_TRANSFER * USBPIPE_MAX_DEPTH, limits.device_memory);
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(-1, read(self->fd, &byte, 1));
	ASSERT_EQ(ENOBUFS, errno);
	ASSERT_EQ(-1, write(self->fd, &byte, 1));
	ASSERT_EQ(ENOBUFS, errno);
	ASSERT_TRUE(ready_within(self->fd, POLLIN, 0) & POLLERR);
	ASSERT_EQ(0, memory(self->fd));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_SELECT, (void *)&defaults));
	ASSERT_EQ(0, refdev_loopback(self->fd, 1000, 1));
}

/* A thread that reads when another one of the program chooses anew goes on with that. */
TEST_F(select, a_read_that_waits_goes_on)
{
	struct usbpipe_select select = defaults;
	int fd = another(&self->node, 0);
	uint8_t room[64];
	struct blocked blocked = { .call = blocked_read, .fd = fd, .buffer = room,
				   .length = sizeof(room) };

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, blocked_start(&blocked));
	select.read_endpoint = REFDEV_INTERRUPT;
	ASSERT_EQ(0, call(fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_FALSE(blocked_ends_within(&blocked, 50));
	ASSERT_EQ(0, refdev_event(self->fd, 3));
	ASSERT_TRUE(blocked_ends(&blocked));
	ASSERT_EQ(8, blocked.result);
	ASSERT_EQ(3, room[4]);
	/* The endpoint that it waited at is free. */
	ASSERT_EQ(5, transfer(fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, transfer(fd, REFDEV_IN, room, sizeof(room)));
	close(fd);
}

FRESH_FIXTURE(refused, O_NONBLOCK);

FIXTURE_VARIANT(refused)
{
	struct change change;
	int error;
};

#define REFUSED(name, wanted, field, to) \
	FIXTURE_VARIANT_ADD(refused, name) { \
		.change = CHANGE(usbpipe_select, field, to), .error = wanted }

REFUSED(lowest_unknown_flag, EINVAL, flags, 1 << 1);
REFUSED(highest_unknown_flag, EINVAL, flags, 1 << 15);
REFUSED(lowest_reserved_bit, EINVAL, reserved, 1);
REFUSED(highest_reserved_bit, EINVAL, reserved, 1ull << 63);
REFUSED(no_such_endpoint_to_read, ENXIO, read_endpoint, 0x85);
REFUSED(no_such_endpoint_to_write, ENXIO, write_endpoint, 0x05);
REFUSED(endpoint_of_another_altsetting, ENXIO, read_endpoint, REFDEV_ISO_IN);
REFUSED(read_from_out, EOPNOTSUPP, read_endpoint, REFDEV_OUT);
REFUSED(write_to_in, EOPNOTSUPP, write_endpoint, REFDEV_IN);
REFUSED(write_to_interrupt_in, EOPNOTSUPP, write_endpoint, REFDEV_INTERRUPT);
REFUSED(read_size_over_the_maximum, EMSGSIZE, read_size, USBPIPE_MAX_TRANSFER + 512);
REFUSED(read_size_all_bits, EMSGSIZE, read_size, UINT32_MAX);
REFUSED(read_size_in_parts_of_packets, EINVAL, read_size, 513);
REFUSED(write_size_over_the_maximum, EMSGSIZE, write_size, USBPIPE_MAX_TRANSFER + 512);
REFUSED(write_size_in_parts_of_packets, EINVAL, write_size, 1);
REFUSED(read_depth_over_the_maximum, EINVAL, read_depth, USBPIPE_MAX_DEPTH + 1);
REFUSED(write_depth_over_the_maximum, EINVAL, write_depth, USBPIPE_MAX_DEPTH + 1);
REFUSED(write_depth_all_bits, EINVAL, write_depth, UINT16_MAX);

/* What the file had read ahead is still there. */
TEST_F(refused, with_its_error_and_without_a_trace)
{
	struct usbpipe_select select = defaults;
	struct state before, after;
	uint8_t room[8];

	ASSERT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(POLLIN, ready(self->fd, POLLIN));
	change(&select, &variant->change);
	ASSERT_EQ(0, state_read(self->fd, &before));
	ASSERT_EQ(-variant->error, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0, state_read(self->fd, &after));
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
	ASSERT_EQ(5, read(self->fd, room, sizeof(room)));
	ASSERT_EQ(0, memcmp(room, "hello", 5));
}

/* The same with the endpoints named, of which the default ones are short for. */
TEST_F(refused, also_where_endpoints_are_named)
{
	struct usbpipe_select select = {
		.read_endpoint = REFDEV_IN,
		.write_endpoint = REFDEV_OUT,
	};

	change(&select, &variant->change);
	ASSERT_EQ(-variant->error, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0x8101, selected(self->fd));
}

TEST_F(select, isochronous_endpoints_are_not_for_it)
{
	struct usbpipe_select select = defaults;

	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	select.read_endpoint = REFDEV_ISO_IN;
	ASSERT_EQ(-EOPNOTSUPP, call(self->fd, USBPIPE_IOC_SELECT, &select));
	select = defaults;
	select.write_endpoint = REFDEV_ISO_OUT;
	ASSERT_EQ(-EOPNOTSUPP, call(self->fd, USBPIPE_IOC_SELECT, &select));
	ASSERT_EQ(0x8101, selected(self->fd));
}

TEST_F(select, needs_memory_for_its_argument)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);

	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_SELECT, NULL));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_SELECT,
				end - sizeof(struct usbpipe_select) + 8));
	ASSERT_EQ(0x8101, selected(self->fd));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
