// SPDX-License-Identifier: GPL-2.0
/*
 * USBPIPE_IOC_TRANSACT: batches of commands, each with its reply.
 */
#include "kselftest_harness.h"

#include "blocked.h"
#include "transact.h"

FRESH_FIXTURE(transact, 0);

TEST_F(transact, a_batch_goes_out_and_comes_back)
{
	static uint8_t out[USBPIPE_MAX_TRANSACTIONS][100], in[USBPIPE_MAX_TRANSACTIONS][100];
	struct usbpipe_transaction batch[USBPIPE_MAX_TRANSACTIONS];
	uint32_t completed;
	int i;

	fill(out, sizeof(out), 1);
	for (i = 0; i < USBPIPE_MAX_TRANSACTIONS; i++)
		batch[i] = command(out[i], in[i], i + 1);
	ASSERT_EQ(0, transact(self->fd, batch, USBPIPE_MAX_TRANSACTIONS, &completed));
	ASSERT_EQ(USBPIPE_MAX_TRANSACTIONS, completed);
	for (i = 0; i < USBPIPE_MAX_TRANSACTIONS; i++) {
		ASSERT_EQ(batch[0].sequence + i, batch[i].sequence);
		ASSERT_EQ(USBPIPE_TRANSACTION_COMPLETED, batch[i].state);
		ASSERT_EQ(0, batch[i].result);
		ASSERT_EQ(i + 1, batch[i].out_actual);
		ASSERT_EQ(i + 1, batch[i].in_actual);
		ASSERT_EQ(0, batch[i].stale);
		ASSERT_EQ(0, memcmp(out[i], in[i], i + 1));
	}
}

TEST_F(transact, changes_nothing_but_its_results)
{
	uint8_t out[16], in[32];
	struct usbpipe_transaction now, before;

	fill(out, sizeof(out), 1);
	memset(in, POISON, sizeof(in));
	now = command(out, in, sizeof(out));
	now.in_length = sizeof(in);
	before = now;
	ASSERT_EQ(0, one(self->fd, &now));
	ASSERT_NE(0, now.sequence);
	before.sequence = now.sequence;
	before.out_actual = sizeof(out);
	before.in_actual = sizeof(out);
	before.result = 0;
	before.state = USBPIPE_TRANSACTION_COMPLETED;
	before.stale = 0;
	ASSERT_EQ(0, memcmp(&before, &now, sizeof(now)));
	ASSERT_TRUE(is_all(in + 16, 16, POISON));
}

TEST_F(transact, control_requests_are_commands_too)
{
	struct refdev_status status;
	uint8_t bytes[64], now[64];
	struct usbpipe_transaction batch[3] = {
		command(bytes, NULL, sizeof(bytes)),
		request(&status, sizeof(status)),
		command(NULL, now, sizeof(now)),
	};
	uint32_t completed;

	fill(bytes, sizeof(bytes), 1);
	ASSERT_EQ(0, transact(self->fd, batch, 3, &completed));
	ASSERT_EQ(3, completed);
	ASSERT_EQ(sizeof(status), batch[1].in_actual);
	ASSERT_EQ(0, batch[1].out_actual);
	ASSERT_EQ(64, le32toh(status.fifo_used));
	ASSERT_EQ(0, memcmp(bytes, now, sizeof(now)));
	/* The scratch memory: a request with data that goes out. */
	batch[0] = command(bytes, NULL, sizeof(bytes));
	batch[0].kind = USBPIPE_TRANSACTION_CONTROL;
	memcpy(batch[0].setup, (uint8_t[]){ 0x40, REFDEV_SCRATCH_WRITE, 0, 0, 0, 0, 64, 0 }, 8);
	ASSERT_EQ(0, one(self->fd, &batch[0]));
	ASSERT_EQ(64, batch[0].out_actual);
	ASSERT_EQ(64, refdev_in(self->fd, REFDEV_SCRATCH_READ, now, sizeof(now)));
	ASSERT_EQ(0, memcmp(bytes, now, sizeof(now)));
}

TEST_F(transact, the_first_that_fails_is_the_last)
{
	uint8_t out[8], in[8];
	struct refdev_status status;
	struct usbpipe_transaction batch[4] = {
		command(out, in, 8), request(&status, sizeof(status)), command(out, in, 8),
		command(out, in, 8),
	};
	uint32_t completed;
	struct usbpipe_stats before, after;

	batch[1].setup[1] = REFDEV_UNKNOWN;
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_STATS, &before));
	ASSERT_EQ(-EPIPE, transact(self->fd, batch, 4, &completed));
	ASSERT_EQ(1, completed);
	ASSERT_EQ(USBPIPE_TRANSACTION_COMPLETED, batch[0].state);
	ASSERT_EQ(-EPIPE, batch[1].result);
	ASSERT_EQ(USBPIPE_TRANSACTION_SENT, batch[1].state);
	ASSERT_EQ(batch[0].sequence + 1, batch[1].sequence);
	ASSERT_EQ(USBPIPE_TRANSACTION_NOT_SENT, batch[2].state);
	ASSERT_EQ(0, batch[2].sequence);
	ASSERT_EQ(0, batch[2].result);
	ASSERT_EQ(0, batch[2].out_actual);
	ASSERT_EQ(0, batch[3].sequence);
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_STATS, &after));
	ASSERT_EQ(before.transactions + 2, after.transactions);
}

TEST_F(transact, a_reply_that_is_too_long_is_told)
{
	uint8_t in[16];
	struct usbpipe_transaction small = command("command", in, 8);

	memset(in, POISON, sizeof(in));
	small.in_length = 3;
	ASSERT_EQ(-EOVERFLOW, one(self->fd, &small));
	ASSERT_EQ(3, small.in_actual);
	ASSERT_EQ(USBPIPE_TRANSACTION_SENT, small.state);
	ASSERT_EQ(0, memcmp(in, "com", 3));
	ASSERT_TRUE(is_all(in + 3, 13, POISON));
	small = command("command", in, 8);
	ASSERT_EQ(0, one(self->fd, &small));
	ASSERT_EQ(0, small.stale);
}

TEST_F(transact, needs_memory_for_a_reply)
{
	uint8_t in[8];
	struct usbpipe_transaction bad = command("command", last_page(PROT_READ), 8);

	ASSERT_EQ(-EFAULT, one(self->fd, &bad));
	ASSERT_EQ(USBPIPE_TRANSACTION_SENT, bad.state);
	bad = command("command", in, 8);
	ASSERT_EQ(0, one(self->fd, &bad));
	ASSERT_EQ(0, bad.stale);
	bad = command(last_page(PROT_READ) + sysconf(_SC_PAGESIZE), in, 8);
	ASSERT_EQ(-EFAULT, one(self->fd, &bad));
	ASSERT_EQ(USBPIPE_TRANSACTION_NOT_SENT, bad.state);
	/* The tag lies in the command. */
	bad.tag_length = 1;
	ASSERT_EQ(-EFAULT, one(self->fd, &bad));
	ASSERT_EQ(USBPIPE_TRANSACTION_NOT_SENT, bad.state);
}

TEST_F(transact, needs_memory_for_its_arguments)
{
	struct usbpipe_transaction *read_only = (void *)last_page(PROT_READ | PROT_WRITE);
	uint8_t in[8];
	uint32_t completed;

	ASSERT_EQ(-EFAULT, call(self->fd, USBPIPE_IOC_TRANSACT, NULL));
	ASSERT_EQ(-EFAULT, transact(self->fd, NULL, 1, &completed));
	ASSERT_EQ(0, completed);
	/* What was done was done; that cannot be told. */
	*read_only = command("command", in, 8);
	ASSERT_EQ(0, mprotect(read_only, sysconf(_SC_PAGESIZE), PROT_READ));
	ASSERT_EQ(-EFAULT, transact(self->fd, read_only, 1, &completed));
	ASSERT_EQ(0, memcmp(in, "command", 8));
}

TEST_F(transact, takes_nothing_from_those_who_stream)
{
	int other = another(&self->node, O_NONBLOCK);
	uint8_t in[8];
	struct usbpipe_transaction next = command("command", in, 8);
	uint32_t completed;

	ASSERT_LE(0, other);
	ASSERT_EQ(-1, read(other, in, sizeof(in)));
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(-EBUSY, transact(self->fd, &next, 1, &completed));
	ASSERT_EQ(0, completed);
	ASSERT_EQ(POISON_ACTUAL, next.sequence);
	close(other);
	ASSERT_EQ(0, one(self->fd, &next));
}

static long blocked_transact(struct blocked *blocked)
{
	struct usbpipe_transaction wait = command(NULL, blocked->buffer, blocked->length);
	uint32_t completed;

	wait.timeout_ms = USBPIPE_MAX_TIMEOUT;
	return transact(blocked->fd, &wait, 1, &completed) ?: (long)wait.in_actual;
}

/* Replies belong to who has sent the command: one batch after the other. */
TEST_F(transact, one_waits_for_the_other)
{
	uint8_t room[2][8];
	struct blocked one = { .call = blocked_transact, .fd = self->fd, .buffer = room[0],
			       .length = 8 };
	struct blocked two = { .call = blocked_transact, .fd = self->fd, .buffer = room[1],
			       .length = 8 };
	int other = another(&self->node, O_NONBLOCK);
	struct usbpipe_transaction third = command("command", room[0], 8);
	uint32_t completed;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, blocked_start(&one));
	ASSERT_EQ(0, blocked_start(&two));
	ASSERT_EQ(-EAGAIN, transact(other, &third, 1, &completed));
	ASSERT_EQ(3, transfer(self->fd, REFDEV_OUT, "one", 3));
	ASSERT_TRUE(blocked_ends(&one));
	ASSERT_EQ(3, transfer(self->fd, REFDEV_OUT, "two", 3));
	ASSERT_TRUE(blocked_ends(&two));
	ASSERT_EQ(3, one.result);
	ASSERT_EQ(3, two.result);
	ASSERT_EQ(0, memcmp(room[0], "one", 3));
	ASSERT_EQ(0, memcmp(room[1], "two", 3));
	close(other);
}

TEST_F(transact, a_signal_interrupts_it_for_good)
{
	uint8_t room[8];
	struct blocked blocked = { .fd = self->fd, .buffer = room, .length = 8 };
	struct usbpipe_transaction next = command("command", room, 8);

	ASSERT_EQ(0, alarms_start(SA_RESTART));
	ASSERT_EQ(-EINTR, blocked_transact(&blocked));
	alarms_stop();
	ASSERT_EQ(4, transfer(self->fd, REFDEV_OUT, "late", 4));
	ASSERT_EQ(0, one(self->fd, &next));
	ASSERT_EQ(1, next.stale);
}

TEST_F(transact, endpoints_are_those_it_is_told)
{
	uint8_t room[8];
	struct usbpipe_transaction next = command("command", room, 8);
	struct usbpipe_transact batch = { .transactions = (uintptr_t)&next, .count = 1 };

	batch.out_endpoint = REFDEV_OUT;
	batch.in_endpoint = REFDEV_IN;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_TRANSACT, &batch));
	ASSERT_EQ(1, batch.completed);
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_SET_ALT, 1));
	batch.out_endpoint = REFDEV_INTERRUPT_OUT;
	batch.in_endpoint = REFDEV_INTERRUPT_ECHO;
	ASSERT_EQ(0, call(self->fd, USBPIPE_IOC_TRANSACT, &batch));
	batch.in_endpoint = REFDEV_ISO_IN;
	ASSERT_EQ(-EOPNOTSUPP, call(self->fd, USBPIPE_IOC_TRANSACT, &batch));
	ASSERT_EQ(0, batch.completed);
	batch.in_endpoint = REFDEV_INTERRUPT_ECHO;
	batch.out_endpoint = REFDEV_ISO_OUT;
	ASSERT_EQ(-EOPNOTSUPP, call(self->fd, USBPIPE_IOC_TRANSACT, &batch));
}

FRESH_FIXTURE(refused, 0);

FIXTURE_VARIANT(refused)
{
	/* Of the batch, of the second of its two commands, or of its control request. */
	struct change batch;
	struct change command;
	struct change request;
	int error;
};

#define BATCH(name, wanted, field, to) \
	FIXTURE_VARIANT_ADD(refused, name) { \
		.batch = CHANGE(usbpipe_transact, field, to), .error = wanted }
#define COMMAND(name, wanted, field, to) \
	FIXTURE_VARIANT_ADD(refused, name) { \
		.command = CHANGE(usbpipe_transaction, field, to), .error = wanted }
#define REQUEST(name, wanted, field, to) \
	FIXTURE_VARIANT_ADD(refused, name) { \
		.request = CHANGE(usbpipe_transaction, field, to), .error = wanted }

BATCH(no_commands, EMSGSIZE, count, 0);
BATCH(too_many, EMSGSIZE, count, USBPIPE_MAX_TRANSACTIONS + 1);
BATCH(far_too_many, EMSGSIZE, count, UINT32_MAX);
BATCH(reserved_first, EINVAL, reserved[0], 1);
BATCH(reserved_last, EINVAL, reserved[5], 0x80);
BATCH(commands_nowhere, EFAULT, transactions, 0);
BATCH(commands_in_the_kernel, EFAULT, transactions, -4096ull);
BATCH(no_such_out_endpoint, ENXIO, out_endpoint, 0x05);
BATCH(no_such_in_endpoint, ENXIO, in_endpoint, 0x85);
BATCH(out_endpoint_of_another_altsetting, ENXIO, out_endpoint, REFDEV_INTERRUPT_OUT);
BATCH(out_endpoint_is_in, EOPNOTSUPP, out_endpoint, REFDEV_IN);
BATCH(in_endpoint_is_out, EOPNOTSUPP, in_endpoint, REFDEV_OUT);
COMMAND(reserved0_first, EINVAL, reserved0[0], 1);
COMMAND(reserved0_last, EINVAL, reserved0[2], 0x80);
COMMAND(lowest_reserved_bit, EINVAL, reserved, 1);
COMMAND(highest_reserved_bit, EINVAL, reserved, 1u << 31);
COMMAND(no_timeout, EINVAL, timeout_ms, 0);
COMMAND(timeout_over_the_maximum, EINVAL, timeout_ms, USBPIPE_MAX_TIMEOUT + 1);
COMMAND(timeout_without_end, EINVAL, timeout_ms, UINT32_MAX);
COMMAND(unknown_kind, EINVAL, kind, 2);
COMMAND(kind_all_bits, EINVAL, kind, 0xff);
COMMAND(setup_without_request_first, EINVAL, setup[0], 1);
COMMAND(setup_without_request_last, EINVAL, setup[7], 1);
COMMAND(out_too_long, EMSGSIZE, out_length, USBPIPE_MAX_TRANSFER + 1);
COMMAND(in_too_long, EMSGSIZE, in_length, USBPIPE_MAX_TRANSFER + 1);
COMMAND(in_length_all_bits, EMSGSIZE, in_length, UINT32_MAX);
COMMAND(tag_too_long, EINVAL, tag_length, USBPIPE_MAX_TAG + 1);
COMMAND(tag_out_without_tag, EINVAL, tag_out, 1);
COMMAND(tag_in_without_tag, EINVAL, tag_in, 1);
REQUEST(length_is_not_that_of_the_packet, EINVAL, in_length, 47);
REQUEST(length_of_the_other_direction, EINVAL, out_length, 1);
REQUEST(tag_of_a_request, EINVAL, tag_length, 1);
REQUEST(standard_request, EPERM, setup[0], 0x80);
REQUEST(class_request_to_the_device, EPERM, setup[0], 0xa0);
REQUEST(type_reserved, EINVAL, setup[0], 0xe0);
REQUEST(recipient_other, EINVAL, setup[0], 0xc3);
REQUEST(another_interface_has_no_node_here, EPERM, setup[0], 0xc2);

/* All are looked at before the first is sent. */
TEST_F(refused, with_its_error_and_without_a_trace)
{
	struct refdev_status status;
	uint8_t in[8];
	struct usbpipe_transaction commands[3] = {
		command("command", in, 8), command("command", in, 8),
		request(&status, sizeof(status)),
	}, sent[3];
	struct usbpipe_transact batch = {
		.transactions = (uintptr_t)commands,
		.count = 3,
		.completed = POISON_ACTUAL,
	}, sent_batch;
	struct state before, after;

	change(&batch, &variant->batch);
	change(&commands[1], &variant->command);
	change(&commands[2], &variant->request);
	memcpy(sent, commands, sizeof(sent));
	sent_batch = batch;
	sent_batch.completed = 0;
	memset(in, POISON, sizeof(in));
	ASSERT_EQ(0, state_read(self->fd, &before));
	ASSERT_EQ(-variant->error, call(self->fd, USBPIPE_IOC_TRANSACT, &batch));
	ASSERT_EQ(0, memcmp(&sent_batch, &batch, sizeof(batch)));
	ASSERT_EQ(0, memcmp(sent, commands, sizeof(sent)));
	ASSERT_TRUE(is_all(in, sizeof(in), POISON));
	ASSERT_EQ(0, state_read(self->fd, &after));
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
}

TEST_F(transact, a_command_has_some_length)
{
	struct usbpipe_transaction nothing = command(NULL, NULL, 0);
	uint32_t completed;

	ASSERT_EQ(-EINVAL, transact(self->fd, &nothing, 1, &completed));
}

TEST_F(transact, a_request_is_as_short_as_any)
{
	static uint8_t room[USBPIPE_CONTROL_MAX_LENGTH + 1];
	struct usbpipe_transaction longest = request(room, USBPIPE_CONTROL_MAX_LENGTH);
	uint32_t completed;

	ASSERT_EQ(0, transact(self->fd, &longest, 1, &completed));
	ASSERT_EQ(sizeof(struct refdev_status), longest.in_actual);
	longest = request(room, USBPIPE_CONTROL_MAX_LENGTH + 1);
	ASSERT_EQ(-EMSGSIZE, transact(self->fd, &longest, 1, &completed));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
