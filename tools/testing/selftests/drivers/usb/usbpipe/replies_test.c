// SPDX-License-Identifier: GPL-2.0
/*
 * USBPIPE_IOC_TRANSACT: replies that come too late, and those that belong to another command.
 *
 * One that is too late is made by asking for a reply without a command, and sending what it is to
 * be when nobody waits any more.
 */
#include "kselftest_harness.h"

#include "transact.h"

FRESH_FIXTURE(replies, 0);

/* Leaves the node with a command whose reply has not come. */
static int miss(int fd, uint32_t room)
{
	uint8_t *in = malloc(room);
	struct usbpipe_transaction missed = command(NULL, in, room);
	int err;

	missed.timeout_ms = PATIENCE;
	err = one(fd, &missed);
	free(in);
	if (missed.state != USBPIPE_TRANSACTION_AWAITING || missed.in_actual)
		return -EBADE;
	return err;
}

TEST_F(replies, a_late_reply_is_not_that_of_the_next_command)
{
	struct usbpipe_stats before, after;
	uint8_t in[16];
	struct usbpipe_transaction next = command("command", in, 8);

	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_STATS, &before));
	ASSERT_EQ(-ETIMEDOUT, miss(self->fd, 16));
	ASSERT_EQ(4, transfer(self->fd, REFDEV_OUT, "late", 4));
	ASSERT_EQ(0, one(self->fd, &next));
	ASSERT_EQ(1, next.stale);
	ASSERT_EQ(8, next.in_actual);
	ASSERT_EQ(0, memcmp(in, "command", 8));
	ASSERT_EQ(0, ioctl(self->fd, USBPIPE_IOC_STATS, &after));
	ASSERT_EQ(before.stale_replies + 1, after.stale_replies);
	ASSERT_EQ(before.errors_timeout + 1, after.errors_timeout);
	/* And that was it. */
	ASSERT_EQ(0, one(self->fd, &next));
	ASSERT_EQ(0, next.stale);
}

TEST_F(replies, a_late_reply_has_the_room_it_was_to_have)
{
	static uint8_t late[3000];
	uint8_t in[8];
	struct usbpipe_transaction next = command("command", in, 8);

	ASSERT_EQ(-ETIMEDOUT, miss(self->fd, sizeof(late)));
	ASSERT_EQ(sizeof(late), transfer(self->fd, REFDEV_OUT, late, sizeof(late)));
	ASSERT_EQ(0, one(self->fd, &next));
	ASSERT_EQ(1, next.stale);
	ASSERT_EQ(0, memcmp(in, "command", 8));
}

TEST_F(replies, nothing_is_sent_while_a_reply_is_missing)
{
	uint8_t in[8];
	struct usbpipe_transaction next = command("command", in, 8);
	struct refdev_status before, after;
	int i;

	next.timeout_ms = PATIENCE;
	ASSERT_EQ(-ETIMEDOUT, miss(self->fd, 8));
	ASSERT_EQ(0, refdev_status(self->fd, &before));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(-ETIMEDOUT, one(self->fd, &next));
		ASSERT_EQ(USBPIPE_TRANSACTION_NOT_SENT, next.state);
		ASSERT_EQ(0, next.out_actual);
		ASSERT_NE(0, next.sequence);
	}
	ASSERT_EQ(0, refdev_status(self->fd, &after));
	ASSERT_EQ(0, memcmp(&before, &after, sizeof(after)));
	/* A command without a reply need not wait for one. */
	next = command("command", NULL, 8);
	ASSERT_EQ(0, one(self->fd, &next));
}

TEST_F(replies, a_reply_can_be_given_up)
{
	uint8_t in[8];
	struct usbpipe_transaction next = command("command", in, 8);

	ASSERT_EQ(-ETIMEDOUT, miss(self->fd, 8));
	ASSERT_EQ(0, call_u32(self->fd, USBPIPE_IOC_FLUSH, USBPIPE_FLUSH_REPLY));
	ASSERT_EQ(0, one(self->fd, &next));
	ASSERT_EQ(0, next.stale);
	ASSERT_EQ(0, memcmp(in, "command", 8));
}

/* The reply missing is that of the node, whoever has sent the command. */
TEST_F(replies, another_file_drops_it_too)
{
	uint8_t in[8];
	struct usbpipe_transaction next = command("command", in, 8);
	int other = another(&self->node, 0);

	ASSERT_LE(0, other);
	ASSERT_EQ(-ETIMEDOUT, miss(self->fd, 8));
	ASSERT_EQ(4, transfer(self->fd, REFDEV_OUT, "late", 4));
	ASSERT_EQ(0, one(other, &next));
	ASSERT_EQ(1, next.stale);
	close(other);
}

/* Events carry their code in bytes 4 and 5. */
static struct usbpipe_transaction tagged(const uint8_t tag[2], void *in)
{
	struct usbpipe_transaction tagged = command(tag, in, 2);

	tagged.in_length = 8;
	tagged.tag_length = 2;
	tagged.tag_in = 4;
	return tagged;
}

TEST_F(replies, replies_with_another_tag_are_dropped)
{
	uint8_t first[2] = { 1, 0 }, second[2] = { 2, 0 }, in[8];
	struct usbpipe_transaction command = tagged(first, in);
	uint32_t completed;

	command.timeout_ms = PATIENCE;
	ASSERT_EQ(-ETIMEDOUT, transact_on(self->fd, &command, 1, &completed, REFDEV_INTERRUPT));
	ASSERT_EQ(USBPIPE_TRANSACTION_AWAITING, command.state);
	ASSERT_EQ(2, command.out_actual);
	ASSERT_EQ(0, refdev_event(self->fd, 1));
	ASSERT_EQ(0, refdev_event(self->fd, 2));
	command = tagged(second, in);
	ASSERT_EQ(0, transact_on(self->fd, &command, 1, &completed, REFDEV_INTERRUPT));
	ASSERT_EQ(1, command.stale);
	ASSERT_EQ(USBPIPE_TRANSACTION_COMPLETED, command.state);
	ASSERT_EQ(8, command.in_actual);
	ASSERT_EQ(2, in[4]);
}

/* Both are dropped before a command without a tag is sent. */
TEST_F(replies, two_replies_are_missing)
{
	uint8_t tag[2] = { 1, 0 }, in[8];
	struct usbpipe_transaction command = tagged(tag, in);
	uint32_t completed;
	int i;

	for (i = 0; i < 2; i++) {
		command = tagged(tag, in);
		command.timeout_ms = PATIENCE;
		ASSERT_EQ(-ETIMEDOUT, transact_on(self->fd, &command, 1, &completed,
						  REFDEV_INTERRUPT));
	}
	for (i = 1; i <= 3; i++)
		ASSERT_EQ(0, refdev_event(self->fd, i));
	command = tagged(tag, in);
	command.tag_length = command.tag_in = 0;
	ASSERT_EQ(0, transact_on(self->fd, &command, 1, &completed, REFDEV_INTERRUPT));
	ASSERT_EQ(2, command.stale);
	ASSERT_EQ(3, in[4]);
}

TEST_F(replies, a_tag_of_every_length_at_the_end)
{
	uint8_t out[64], in[64];
	int length;

	for (length = 1; length <= USBPIPE_MAX_TAG; length++) {
		struct usbpipe_transaction exact = command(out, in, sizeof(out));

		fill(out, sizeof(out), length);
		exact.tag_length = length;
		exact.tag_out = exact.tag_in = sizeof(out) - length;
		ASSERT_EQ(0, one(self->fd, &exact));
		ASSERT_EQ(0, exact.stale);
		ASSERT_EQ(0, memcmp(out, in, sizeof(in)));
	}
}

TEST_F(replies, a_reply_without_room_for_the_tag_is_not_its_own)
{
	uint8_t in[8];
	struct usbpipe_transaction short_one = command("12", in, 2);

	short_one.in_length = 8;
	short_one.tag_length = 2;
	short_one.tag_in = 4;
	short_one.timeout_ms = PATIENCE;
	ASSERT_EQ(-ETIMEDOUT, one(self->fd, &short_one));
	ASSERT_EQ(1, short_one.stale);
	ASSERT_EQ(USBPIPE_TRANSACTION_AWAITING, short_one.state);
}

TEST_F(replies, a_halt_is_an_answer)
{
	uint8_t in[8];
	struct usbpipe_transaction next = command("command", in, 8);

	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	ASSERT_EQ(-EPIPE, one(self->fd, &next));
	ASSERT_EQ(USBPIPE_TRANSACTION_SENT, next.state);
	ASSERT_EQ(8, next.out_actual);
	/* It was cleared, and no reply is awaited; the device kept what it was told. */
	next = command(NULL, in, 8);
	ASSERT_EQ(0, one(self->fd, &next));
	ASSERT_EQ(0, next.stale);
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_OUT));
	next = command("command", in, 8);
	ASSERT_EQ(-EPIPE, one(self->fd, &next));
	ASSERT_EQ(USBPIPE_TRANSACTION_SENT, next.state);
	ASSERT_EQ(0, next.out_actual);
	ASSERT_EQ(0, one(self->fd, &next));
}

TEST_F(replies, a_tag_lies_in_command_and_reply)
{
	uint8_t in[8];
	struct usbpipe_transaction next = command("command", in, 8);
	uint32_t completed;

	next.tag_length = 2;
	next.tag_out = 7;
	ASSERT_EQ(-EINVAL, transact(self->fd, &next, 1, &completed));
	next.tag_out = 6;
	next.tag_in = 7;
	ASSERT_EQ(-EINVAL, transact(self->fd, &next, 1, &completed));
	next.tag_in = 6;
	ASSERT_EQ(0, transact(self->fd, &next, 1, &completed));
	next.in_length = 0;
	ASSERT_EQ(-EINVAL, transact(self->fd, &next, 1, &completed));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
