// SPDX-License-Identifier: GPL-2.0
/*
 * Rings: data that goes both ways, counters, stalls, waiting, and what belongs to whom.
 */
#include "kselftest_harness.h"

#include <sys/wait.h>

#include "ring.h"

#define KIB 1024

FIXTURE(ring)
{
	struct node node;
	int fd;
	struct ring in;
	struct ring out;
};

FIXTURE_VARIANT(ring)
{
	uint32_t slots;
	uint32_t size;
	uint32_t depth;
	uint32_t rounds;
};

FIXTURE_SETUP(ring)
{
	self->fd = ring_node(&self->node, REFDEV_SINK);
	assert_device(self->fd);
}

FIXTURE_TEARDOWN(ring)
{
	close(self->fd);
}

/* Takes @count slots of the source, submits each again, and looks at all of it. */
#define assert_source(ring, count, position) do {			\
	uint32_t __i;							\
									\
	for (__i = 0; __i < (count); __i++) {				\
		uint8_t *__data = ring_data(ring, (ring)->taken);	\
		struct usbpipe_slot *__slot = ring_take(ring);		\
									\
		ASSERT_NE(NULL, __slot);				\
		ASSERT_EQ(0, __slot->status);				\
		ASSERT_EQ((ring)->setup.slot_size, __slot->actual);	\
		ASSERT_TRUE(pattern_matches(__data, __slot->actual, position)) { \
			TH_LOG("slot %u", __i);				\
		}							\
		(position) += __slot->actual;				\
		ASSERT_EQ(0, ring_submit(ring, 1));			\
	}								\
} while (0)

FIXTURE_VARIANT_ADD(ring, small_slots)
{
	.slots = 8, .size = BULK_PACKET, .rounds = 400,
};

FIXTURE_VARIANT_ADD(ring, pages)
{
	.slots = 16, .size = 4 * KIB, .rounds = 20,
};

FIXTURE_VARIANT_ADD(ring, odd_pages_shallow)
{
	.slots = 4, .size = 13 * BULK_PACKET, .depth = 2, .rounds = 40,
};

FIXTURE_VARIANT_ADD(ring, large_one_at_a_time)
{
	.slots = 4, .size = 64 * KIB, .depth = 1, .rounds = 10,
};

FIXTURE_VARIANT_ADD(ring, many_slots)
{
	.slots = USBPIPE_RING_MAX_SLOTS, .size = BULK_PACKET, .depth = 64, .rounds = 4,
};

#define ring_of_variant(ring, address) ({				\
	(ring)->setup = (struct usbpipe_ring_setup) {			\
		.endpoint = address, .slots = variant->slots,		\
		.slot_size = variant->size, .depth = variant->depth,	\
	};								\
	ASSERT_EQ(0, ring_open(ring, self->fd));			\
})

TEST_F(ring, in_gets_all_that_comes)
{
	uint64_t position = 0;

	ring_of_variant(&self->in, REFDEV_IN);
	ASSERT_EQ(0, ring_submit_all(&self->in));
	assert_source(&self->in, variant->slots * variant->rounds, position);
	ASSERT_LT(variant->slots, ring_completed(&self->in));
	ASSERT_EQ(0, self->in.head->error);
}

TEST_F(ring, out_sends_all_that_is_submitted)
{
	uint32_t i, count = variant->slots * variant->rounds;
	struct ring *out = &self->out;
	struct refdev_status status;
	uint64_t sent = 0;

	ring_of_variant(out, REFDEV_OUT);
	for (i = 0; i < count; i++) {
		uint32_t length = i % (variant->size + 1);

		if (i >= variant->slots) {
			struct usbpipe_slot *slot = ring_take(out);

			ASSERT_NE(NULL, slot);
			ASSERT_EQ(0, slot->status);
			ASSERT_EQ((i - variant->slots) % (variant->size + 1), slot->actual);
		}
		memset(ring_data(out, i), i, length);
		ring_slot(out, i)->length = length;
		ASSERT_EQ(0, ring_submit(out, 1));
		sent += length;
	}
	ASSERT_EQ(0, ring_wait(out, count));
	ASSERT_EQ(0, refdev_status(self->fd, &status));
	ASSERT_EQ(sent, le64toh(status.out_bytes));
}

/* What goes out through one ring comes back through another, in slots of other sizes. */
TEST_F(ring, loopback_keeps_every_byte)
{
	size_t total = (size_t)variant->slots * variant->size * 2, received = 0, i;
	struct ring *in = &self->in, *out = &self->out;
	struct usbpipe_slot *slot;
	uint8_t *sent = malloc(total);

	ASSERT_LE(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	fill(sent, total, 42);
	ring_of_variant(out, REFDEV_OUT);
	ASSERT_EQ(0, ring_open_simple(in, self->fd, REFDEV_IN, 16, 7 * BULK_PACKET));
	ASSERT_EQ(0, ring_submit_all(in));
	for (i = 0; i < total || received < total;) {
		if (i < total && out->submitted - ring_completed(out) < variant->slots) {
			memcpy(ring_data(out, out->submitted), sent + i, variant->size);
			ring_slot(out, out->submitted)->length = variant->size;
			ASSERT_EQ(0, ring_submit(out, 1));
			i += variant->size;
			continue;
		}
		slot = ring_take(in);
		ASSERT_NE(NULL, slot);
		ASSERT_EQ(0, slot->status);
		ASSERT_GE(total, received + slot->actual);
		ASSERT_EQ(0, memcmp(sent + received, ring_data(in, in->taken - 1), slot->actual));
		received += slot->actual;
		ASSERT_EQ(0, ring_submit(in, 1));
	}
	free(sent);
}

FIXTURE(one)
{
	struct node node;
	int fd;
	struct ring in;
	struct ring out;
};

FIXTURE_SETUP(one)
{
	self->fd = ring_node(&self->node, REFDEV_SINK);
	assert_device(self->fd);
}

FIXTURE_TEARDOWN(one)
{
	close(self->fd);
}

/* What was submitted while others were in flight is started without being asked for. */
TEST_F(one, keeping_up_takes_no_system_call)
{
	uint32_t i;

	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_INTERRUPT, 4, 64));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(1, self->in.calls);
	for (i = 0; i < 200; i++) {
		ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, i));
		ASSERT_TRUE(wait_until(ring_completed(&self->in) != self->in.taken));
		ASSERT_NE(NULL, ring_take(&self->in));
		ASSERT_EQ(i & 0xff, ring_data(&self->in, i)[4]);
		ASSERT_EQ(0, ring_flags(&self->in));
		ASSERT_EQ(0, ring_submit(&self->in, 1));
	}
	ASSERT_EQ(1, self->in.calls);
}

TEST_F(one, nothing_starts_without_a_kick)
{
	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 4, BULK_PACKET));
	ASSERT_EQ(USBPIPE_RING_NEED_KICK, ring_flags(&self->in));
	ring_store(&self->in, 2);
	ASSERT_EQ(0, ready_within(self->fd, POLLPRI, 50));
	ASSERT_EQ(0, ring_completed(&self->in));
	ASSERT_EQ(0, ring_wait(&self->in, 2));
	ASSERT_EQ(2, ring_completed(&self->in));
	ASSERT_EQ(USBPIPE_RING_NEED_KICK, ring_flags(&self->in));
}

TEST_F(one, a_slot_may_be_shorter)
{
	struct usbpipe_slot *slot;

	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 2, 4 * BULK_PACKET));
	ring_slot(&self->in, 0)->length = BULK_PACKET;
	ring_slot(&self->in, 0)->user_data = 0x123456789abcdef0;
	ASSERT_EQ(0, ring_submit(&self->in, 2));
	slot = ring_take(&self->in);
	ASSERT_NE(NULL, slot);
	ASSERT_EQ(BULK_PACKET, slot->actual);
	ASSERT_EQ(0x123456789abcdef0, slot->user_data);
	slot = ring_take(&self->in);
	ASSERT_NE(NULL, slot);
	ASSERT_EQ(4 * BULK_PACKET, slot->actual);
}

TEST_F(one, interrupt_events_come_one_by_one)
{
	struct usbpipe_slot *slot;
	uint16_t i;

	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_INTERRUPT, 4, 64));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	for (i = 0; i < 20; i++) {
		ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, i));
		slot = ring_take(&self->in);
		ASSERT_NE(NULL, slot);
		ASSERT_EQ(0, slot->status);
		ASSERT_EQ(8, slot->actual);
		ASSERT_EQ(i, ring_data(&self->in, i)[4]);
		ASSERT_EQ(0, ring_submit(&self->in, 1));
	}
}

TEST_F(one, waiting_ends_when_the_time_is_over)
{
	long start = now_ms();

	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_INTERRUPT, 2, 64));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(-ETIMEDOUT, ring_enter(&self->in, 0, 1, 50));
	ASSERT_LE(50, now_ms() - start);
	/* What was reached is no reason to wait, whatever the time. */
	ASSERT_EQ(0, ring_enter(&self->in, 0, 0, USBPIPE_MAX_TIMEOUT));
	ASSERT_EQ(0, ring_enter(&self->in, 0, -1, USBPIPE_MAX_TIMEOUT));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, 1));
	ASSERT_EQ(0, ring_wait(&self->in, 1));
}

TEST_F(one, a_signal_ends_a_wait)
{
	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_INTERRUPT, 2, 64));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(0, alarms_start(SA_RESTART));
	ASSERT_EQ(-EINTR, ring_enter(&self->in, 0, 1, USBPIPE_MAX_TIMEOUT));
	alarms_stop();
}

TEST_F(one, poll_tells_of_slots_to_deal_with)
{
	struct blocked poller = { .call = blocked_poll, .fd = self->fd, .events = POLLIN | POLLPRI };
	struct usbpipe_slot *slot;

	/* Nothing comes from the endpoint that read() takes from. */
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_INTERRUPT, 2, 64));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(0, ready_within(self->fd, POLLIN, 0) & POLLIN);
	ASSERT_EQ(0, blocked_start(&poller));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, 1));
	ASSERT_TRUE(blocked_ends(&poller));
	ASSERT_EQ(POLLIN, poller.result & (POLLIN | POLLERR | POLLHUP));
	ASSERT_EQ(POLLIN, ready_within(self->fd, POLLIN, 0) & POLLIN);
	slot = ring_take(&self->in);
	ASSERT_NE(NULL, slot);
	ASSERT_EQ(0, ring_submit(&self->in, 1));
	ASSERT_EQ(0, ready_within(self->fd, POLLIN, 0) & POLLIN);
}

TEST_F(one, stall_stops_the_ring_and_loses_nothing)
{
	uint64_t position = 0;
	struct usbpipe_slot *slot;
	int round;

	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 16, 4 * KIB));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	for (round = 0; round < 5; round++) {
		assert_source(&self->in, 20, position);
		ASSERT_LE(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
		while ((slot = ring_take(&self->in)) && !slot->status) {
			uint8_t *data = ring_data(&self->in, self->in.taken - 1);

			ASSERT_TRUE(pattern_matches(data, slot->actual, position));
			position += slot->actual;
			/* It may have stopped meanwhile. */
			if (ring_submit(&self->in, 1))
				ASSERT_EQ(-EPIPE, ring_error(&self->in));
		}
		ASSERT_NE(NULL, slot) {
			TH_LOG("round %d: flags %#x error %d, completed %u of %u", round,
			       ring_flags(&self->in), ring_error(&self->in),
			       ring_completed(&self->in), self->in.submitted);
		}
		ASSERT_EQ(-EPIPE, slot->status);
		ASSERT_EQ(USBPIPE_RING_STOPPED, ring_flags(&self->in) & USBPIPE_RING_STOPPED);
		ASSERT_EQ(-EPIPE, ring_error(&self->in));
		position += slot->actual;
		ASSERT_EQ(-EPIPE, ring_kick(&self->in));
		ASSERT_EQ(-EPIPE, ring_wait(&self->in, self->in.submitted));
		ASSERT_EQ(POLLIN | POLLERR, ready(self->fd, POLLIN));
		ASSERT_EQ(0, ring_restart(&self->in));
		ASSERT_EQ(0, ring_error(&self->in));
		ASSERT_EQ(0, ring_flags(&self->in) & ~USBPIPE_RING_NEED_KICK);
		/* The failed slot, and those before it, are the program's. */
		ASSERT_EQ(0, ring_submit_all(&self->in));
	}
	assert_source(&self->in, 20, position);
}

/* Slots that wait behind one that failed can be taken back, and sent in another order. */
TEST_F(one, stalled_out_ring_can_be_filled_anew)
{
	struct ring *out = &self->out;
	struct refdev_status status;
	/* More than a controller can send before it learns of the halt. */
	uint32_t slots = 128, i, done;

	ASSERT_EQ(0, ring_open_simple(out, self->fd, REFDEV_OUT, slots, BULK_PACKET));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_OUT));
	for (i = 0; i < slots; i++)
		ring_slot(out, i)->length = BULK_PACKET;
	ring_store(out, slots);
	ASSERT_EQ(-EPIPE, ring_wait(out, slots));
	/* One, or those that the controller had sent by then. */
	done = ring_completed(out);
	ASSERT_LE(1, done);
	ASSERT_GE(slots - 2, done);
	ASSERT_EQ(-EPIPE, ring_slot(out, 0)->status);
	ASSERT_EQ(0, ring_slot(out, 0)->actual);
	for (i = 1; i < done; i++)
		ASSERT_GT(0, ring_slot(out, i)->status);
	ring_store(out, done + 2);
	ASSERT_EQ(0, ring_restart(out));
	ASSERT_EQ(0, ring_wait(out, done + 2));
	ASSERT_EQ(0, ring_slot(out, done + 1)->status);
	ASSERT_EQ(0, refdev_status(self->fd, &status));
	ASSERT_EQ(2 * BULK_PACKET, le64toh(status.out_bytes));
}

TEST_F(one, stall_wakes_who_waits)
{
	struct blocked poller = { .call = blocked_poll, .fd = self->fd, .events = POLLPRI };

	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_INTERRUPT, 2, 64));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(0, blocked_start(&poller));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_INTERRUPT));
	ASSERT_EQ(-EPIPE, ring_wait(&self->in, 2));
	ASSERT_TRUE(blocked_ends(&poller));
	ASSERT_EQ(POLLERR, poller.result & POLLERR);
	ASSERT_EQ(0, ring_restart(&self->in));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, 1));
	ASSERT_EQ(0, ring_wait(&self->in, 2));
}

static long wait_for_one(struct blocked *blocked)
{
	return ring_enter(blocked->buffer, 0, blocked->length, USBPIPE_MAX_TIMEOUT);
}

TEST_F(one, freeing_it_wakes_who_waits)
{
	struct blocked waiter = { .call = wait_for_one, .buffer = &self->in, .length = 1 };

	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_INTERRUPT, 2, 64));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(0, blocked_start(&waiter));
	ASSERT_EQ(0, ring_free(&self->in));
	ASSERT_TRUE(blocked_ends(&waiter));
	ASSERT_EQ(-ENODEV, waiter.result);
	ASSERT_EQ(USBPIPE_RING_GONE, ring_flags(&self->in) & USBPIPE_RING_GONE);
	ASSERT_EQ(-ENODEV, ring_error(&self->in));
	ASSERT_EQ(-ENOENT, ring_kick(&self->in));
	ASSERT_EQ(-ENOENT, ring_free(&self->in));
	/* The endpoint can be used again, and the old mapping has nothing to do with it. */
	ASSERT_EQ(0, ring_open_simple(&self->out, self->fd, REFDEV_INTERRUPT, 2, 64));
	ASSERT_EQ(0, ring_submit_all(&self->out));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, 1));
	ASSERT_EQ(0, ring_wait(&self->out, 1));
	ASSERT_EQ(0, ring_completed(&self->in));
	ASSERT_EQ(0, ring_unmap(&self->in));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
