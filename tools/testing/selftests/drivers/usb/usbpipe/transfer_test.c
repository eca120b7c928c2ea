// SPDX-License-Identifier: GPL-2.0
/*
 * USBPIPE_IOC_TRANSFER: single transfers.
 */
#include "kselftest_harness.h"

#include <sys/wait.h>

#include "blocked.h"
#include "state.h"

FRESH_FIXTURE(transfer, 0);

/* A call that is valid, for tests to change one thing of. */
static struct usbpipe_transfer valid(uint8_t endpoint, void *data, uint32_t length)
{
	return (struct usbpipe_transfer) {
		.endpoint = endpoint,
		.timeout_ms = DEADLINE_MS / 2,
		.length = length,
		.actual = POISON_ACTUAL,
		.data = (uintptr_t)data,
	};
}

TEST_F(transfer, what_goes_out_comes_in_at_every_length)
{
	static const int lengths[] = { 1, 63, 64, 511, 512, 513, 4096, 65537, 1048575, 1048576 };
	static uint8_t out[USBPIPE_MAX_TRANSFER], in[USBPIPE_MAX_TRANSFER];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		int length = lengths[i];

		fill(out, length, i + 1);
		memset(in, POISON, sizeof(in));
		ASSERT_EQ(length, transfer(self->fd, REFDEV_OUT, out, length));
		ASSERT_EQ(length, transfer(self->fd, REFDEV_IN, in, length));
		ASSERT_EQ(0, memcmp(out, in, length));
		ASSERT_TRUE(is_all(in + length, sizeof(in) - length, POISON));
	}
}

TEST_F(transfer, changes_nothing_but_what_it_moved)
{
	uint8_t out[16], in[64];
	struct usbpipe_transfer before = valid(REFDEV_OUT, out, sizeof(out)), now = before;

	fill(out, sizeof(out), 1);
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_TRANSFER, &now));
	ASSERT_EQ(sizeof(out), now.actual);
	before.actual = now.actual;
	ASSERT_EQ(0, memcmp(&before, &now, sizeof(now)));
	memset(in, POISON, sizeof(in));
	before = now = valid(REFDEV_IN, in, sizeof(in));
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_TRANSFER, &now));
	ASSERT_EQ(sizeof(out), now.actual);
	before.actual = now.actual;
	ASSERT_EQ(0, memcmp(&before, &now, sizeof(now)));
	ASSERT_EQ(0, memcmp(out, in, sizeof(out)));
	ASSERT_TRUE(is_all(in + sizeof(out), sizeof(in) - sizeof(out), POISON));
}

TEST_F(transfer, data_without_length_is_ignored)
{
	struct usbpipe_transfer nothing = valid(REFDEV_OUT, (void *)-1, 0);

	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_TRANSFER, &nothing));
	ASSERT_EQ(0, nothing.actual);
	nothing.flags = USBPIPE_TRANSFER_ZERO_PACKET;
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_TRANSFER, &nothing));
	ASSERT_EQ(0, nothing.actual);
}

TEST_F(transfer, an_empty_packet_may_follow_a_full_one)
{
	uint8_t out[1024], in[1024];
	struct usbpipe_transfer full = valid(REFDEV_OUT, out, sizeof(out));

	fill(out, sizeof(out), 1);
	full.flags = USBPIPE_TRANSFER_ZERO_PACKET;
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_TRANSFER, &full));
	ASSERT_EQ(sizeof(out), full.actual);
	ASSERT_EQ(sizeof(in), transfer(self->fd, REFDEV_IN, in, sizeof(in)));
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
}

TEST_F(transfer, short_is_an_error_for_those_who_say_so)
{
	uint8_t out[100], in[512];
	struct usbpipe_transfer whole = valid(REFDEV_IN, in, sizeof(in));

	fill(out, sizeof(out), 1);
	whole.flags = USBPIPE_TRANSFER_SHORT_NOT_OK;
	ASSERT_EQ(100, transfer(self->fd, REFDEV_OUT, out, sizeof(out)));
	ASSERT_EQ(-EREMOTEIO, call(self->fd, USBPIPE_IOC_TRANSFER, &whole));
	ASSERT_EQ(100, whole.actual);
	ASSERT_EQ(0, memcmp(out, in, sizeof(out)));
	whole.length = 100;
	ASSERT_EQ(100, transfer(self->fd, REFDEV_OUT, out, sizeof(out)));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_TRANSFER, &whole));
	ASSERT_EQ(100, whole.actual);
}

TEST_F(transfer, more_than_there_is_room_for_is_told)
{
	uint8_t out[100], in[100];
	struct usbpipe_transfer small = valid(REFDEV_IN, in, 10);

	fill(out, sizeof(out), 1);
	memset(in, POISON, sizeof(in));
	ASSERT_EQ(100, transfer(self->fd, REFDEV_OUT, out, sizeof(out)));
	ASSERT_EQ(-EOVERFLOW, call(self->fd, USBPIPE_IOC_TRANSFER, &small));
	ASSERT_EQ(10, small.actual);
	ASSERT_EQ(0, memcmp(out, in, 10));
	ASSERT_TRUE(is_all(in + 10, sizeof(in) - 10, POISON));
}

TEST_F(transfer, interrupt_endpoints_have_transfers_too)
{
	uint8_t event[64], out[64], in[64];

	ASSERT_EQ(0, refdev_event(self->fd, 0x1234));
	ASSERT_EQ(8, transfer(self->fd, REFDEV_INTERRUPT, event, sizeof(event)));
	ASSERT_EQ(0x34, event[4]);
	ASSERT_EQ(0x12, event[5]);
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	fill(out, sizeof(out), 1);
	ASSERT_EQ(64, transfer(self->fd, REFDEV_INTERRUPT_OUT, out, sizeof(out)));
	ASSERT_EQ(64, transfer(self->fd, REFDEV_INTERRUPT_ECHO, in, sizeof(in)));
	ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
}

TEST_F(transfer, isochronous_endpoints_have_none)
{
	uint8_t room[16];

	ASSERT_EQ(-ENXIO, transfer(self->fd, REFDEV_ISO_IN, room, sizeof(room)));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(-EOPNOTSUPP, transfer(self->fd, REFDEV_ISO_IN, room, sizeof(room)));
	ASSERT_EQ(-EOPNOTSUPP, transfer(self->fd, REFDEV_ISO_OUT, room, sizeof(room)));
}

TEST_F(transfer, its_time_runs_out)
{
	uint8_t room[512];
	struct usbpipe_transfer in = valid(REFDEV_IN, room, sizeof(room));
	struct usbpipe_limits limits;
	long start = now_ms();

	in.timeout_ms = 150;
	memset(room, POISON, sizeof(room));
	ASSERT_EQ(-ETIMEDOUT, call(self->fd, USBPIPE_IOC_TRANSFER, &in));
	ASSERT_LE(150, now_ms() - start);
	ASSERT_GT(DEADLINE_MS / 2, now_ms() - start);
	ASSERT_EQ(0, in.actual);
	ASSERT_TRUE(is_all(room, sizeof(room), POISON));
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_LIMITS, &limits));
	ASSERT_EQ(0, limits.device_memory_used);
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
}

TEST_F(transfer, takes_both_ends_of_the_timeout)
{
	uint8_t room[8];
	struct usbpipe_transfer in = valid(REFDEV_IN, room, sizeof(room));

	in.timeout_ms = 1;
	ASSERT_EQ(-ETIMEDOUT, call(self->fd, USBPIPE_IOC_TRANSFER, &in));
	in.timeout_ms = USBPIPE_MAX_TIMEOUT;
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_TRANSFER, &in));
	ASSERT_EQ(5, in.actual);
}

TEST_F(transfer, a_halt_stays_until_it_is_cleared)
{
	uint8_t room[8];
	int i;

	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_OUT));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(-EPIPE, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_OUT));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	ASSERT_EQ(-EPIPE, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_CLEAR_HALT, REFDEV_IN));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
	ASSERT_EQ(0, memcmp(room, "hello", 5));
}

TEST_F(transfer, takes_nothing_from_those_who_stream)
{
	int other = another(&self->node, O_NONBLOCK);
	uint8_t room[64];

	ASSERT_LE(0, other);
	ASSERT_EQ(-1, read(other, room, sizeof(room)));
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(-EBUSY, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(POLLIN, ready(other, POLLIN));
	ASSERT_EQ(5, read(other, room, sizeof(room)));
	ASSERT_EQ(5, write(other, "again", 5));
	ASSERT_EQ(-EBUSY, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(0, fsync(other));
	ASSERT_EQ(0, close(other));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
}

/* What another file has read ahead and not read is dropped with it; what comes then is ours. */
TEST_F(transfer, an_endpoint_is_free_when_its_reader_is_gone)
{
	int other = another(&self->node, O_NONBLOCK);
	uint8_t room[64];

	ASSERT_LE(0, other);
	ASSERT_EQ(-1, read(other, room, sizeof(room)));
	ASSERT_EQ(0, close(other));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
}

static long blocked_transfer(struct blocked *blocked)
{
	struct usbpipe_transfer in = valid(REFDEV_IN, blocked->buffer, blocked->length);

	in.timeout_ms = USBPIPE_MAX_TIMEOUT;
	return call(blocked->fd, USBPIPE_IOC_TRANSFER, &in) ?: (long)in.actual;
}

TEST_F(transfer, two_wait_at_one_endpoint)
{
	uint8_t room[2][64];
	struct blocked one = { .call = blocked_transfer, .fd = self->fd, .buffer = room[0],
			       .length = 64 };
	struct blocked two = { .call = blocked_transfer, .fd = self->fd, .buffer = room[1],
			       .length = 64 };

	ASSERT_EQ(0, blocked_start(&one));
	ASSERT_EQ(0, blocked_start(&two));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "first", 5));
	ASSERT_EQ(6, transfer(self->fd, REFDEV_OUT, "second", 6));
	ASSERT_TRUE(blocked_ends(&one));
	ASSERT_TRUE(blocked_ends(&two));
	ASSERT_EQ(11, one.result + two.result);
}

TEST_F(transfer, a_signal_interrupts_it_for_good)
{
	uint8_t room[64];
	struct blocked blocked = { .fd = self->fd, .buffer = room, .length = sizeof(room) };

	ASSERT_EQ(0, alarms_start(SA_RESTART));
	ASSERT_EQ(-EINTR, blocked_transfer(&blocked));
	alarms_stop();
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
}

TEST_F(transfer, it_can_be_killed)
{
	uint8_t room[64];
	struct blocked blocked = { .fd = self->fd, .buffer = room, .length = sizeof(room) };
	pid_t child = fork();
	int status;

	ASSERT_LE(0, child);
	if (!child) {
		blocked_transfer(&blocked);
		_exit(1);
	}
	/* It has entered its transfer as soon as it keeps memory. */
	ASSERT_TRUE(wait_until(({
		struct usbpipe_limits limits = { 0 };

		ioctl(self->fd, USBPIPE_IOC_LIMITS, &limits);
		limits.device_memory_used;
	})));
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_TRUE(WIFSIGNALED(status));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
}

TEST_F(transfer, needs_memory_for_its_argument)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	struct usbpipe_transfer *at_end = (void *)(end - sizeof(*at_end));

	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_TRANSFER, NULL));
	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_TRANSFER, end - sizeof(*at_end) + 8));
	*at_end = valid(REFDEV_OUT, "hello", 5);
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_TRANSFER, at_end));
}

TEST_F(transfer, needs_memory_for_its_data)
{
	char *end = last_page(PROT_READ | PROT_WRITE) + sysconf(_SC_PAGESIZE);
	char *read_only = last_page(PROT_READ);
	struct refdev_status before, after;
	uint8_t room[64];

	ASSERT_EQ(0, refdev_status(self->fd, &before));
	ASSERT_EQ(-EFAULT, transfer(self->fd, REFDEV_OUT, NULL, 8));
	ASSERT_EQ(-EFAULT, transfer(self->fd, REFDEV_OUT, end - 7, 8));
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
	ASSERT_EQ(8, transfer(self->fd, REFDEV_OUT, end - 8, 8));
	ASSERT_EQ(-EFAULT, transfer(self->fd, REFDEV_IN, read_only, 8));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_IN, room, sizeof(room)));
}

TEST_F(transfer, ends_when_the_endpoints_change)
{
	uint8_t room[64];
	struct blocked blocked = { .call = blocked_transfer, .fd = self->fd, .buffer = room,
				   .length = sizeof(room) };

	ASSERT_EQ(0, blocked_start(&blocked));
	ASSERT_EQ(-EBUSY, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	ASSERT_EQ(5, transfer(self->fd, REFDEV_OUT, "hello", 5));
	ASSERT_TRUE(blocked_ends(&blocked));
	ASSERT_EQ(5, blocked.result);
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
}

FRESH_FIXTURE(refused, 0);

FIXTURE_VARIANT(refused)
{
	struct change change;
	bool in;
	int error;
};

#define REFUSED(name, wanted, field, to, ...) \
	FIXTURE_VARIANT_ADD(refused, name) { \
		.change = CHANGE(usbpipe_transfer, field, to), .error = wanted, __VA_ARGS__ }

REFUSED(endpoint_zero, ENXIO, endpoint, 0);
REFUSED(no_such_endpoint, ENXIO, endpoint, 0x05);
REFUSED(endpoint_of_another_altsetting, ENXIO, endpoint, REFDEV_INTERRUPT_OUT);
REFUSED(reserved_bits_of_the_address, ENXIO, endpoint, 0x11);
REFUSED(no_such_endpoint_in, ENXIO, endpoint, 0x83, .in = true);
REFUSED(flag_of_the_other_direction_out, EINVAL, flags, USBPIPE_TRANSFER_SHORT_NOT_OK);
REFUSED(flag_of_the_other_direction_in, EINVAL, flags, USBPIPE_TRANSFER_ZERO_PACKET, .in = true);
REFUSED(lowest_unknown_flag, EINVAL, flags, 1 << 2);
REFUSED(highest_unknown_flag, EINVAL, flags, 1 << 7);
REFUSED(unknown_flag_in, EINVAL, flags, 1 << 2, .in = true);
REFUSED(lowest_bit_of_reserved0, EINVAL, reserved0, 1);
REFUSED(highest_bit_of_reserved0, EINVAL, reserved0, 1 << 15);
REFUSED(lowest_reserved_bit, EINVAL, reserved, 1);
REFUSED(highest_reserved_bit, EINVAL, reserved, 1ull << 63);
REFUSED(no_timeout, EINVAL, timeout_ms, 0);
REFUSED(timeout_over_the_maximum, EINVAL, timeout_ms, USBPIPE_MAX_TIMEOUT + 1);
REFUSED(timeout_without_end, EINVAL, timeout_ms, UINT32_MAX);
REFUSED(length_over_the_maximum, EMSGSIZE, length, USBPIPE_MAX_TRANSFER + 1);
REFUSED(length_all_bits, EMSGSIZE, length, UINT32_MAX);
REFUSED(length_all_bits_in, EMSGSIZE, length, UINT32_MAX, .in = true);
REFUSED(no_data, EFAULT, data, 0);
REFUSED(data_of_the_kernel, EFAULT, data, -4096ull);

TEST_F(refused, with_its_error_and_without_a_trace)
{
	uint8_t room[64];
	uint8_t endpoint = variant->in ? REFDEV_IN : REFDEV_OUT;
	struct usbpipe_transfer transfer = valid(endpoint, room, sizeof(room)), sent;
	struct state before, after;

	memset(room, POISON, sizeof(room));
	change(&transfer, &variant->change);
	sent = transfer;
	ASSERT_EQ(0, state_read(self->fd, &before));
	ASSERT_EQ(-variant->error, call(self->fd, USBPIPE_IOC_TRANSFER, &transfer));
	sent.actual = 0;
	ASSERT_EQ(0, memcmp(&sent, &transfer, sizeof(transfer)));
	ASSERT_TRUE(is_all(room, sizeof(room), POISON));
	ASSERT_EQ(0, state_read(self->fd, &after));
	/* Memory that was set aside for a moment counts. */
	if (variant->error == EFAULT)
		after.stats.memory_high_water = before.stats.memory_high_water;
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
	/* And without the change it works. */
	transfer = valid(REFDEV_OUT, room, sizeof(room));
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_TRANSFER, &transfer));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
