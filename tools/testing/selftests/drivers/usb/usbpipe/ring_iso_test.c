// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of isochronous endpoints, and of the other endpoints of altsetting 1.
 */
#include "kselftest_harness.h"

#include "ring.h"

#define ISO_OUT 0x03
#define ISO_IN 0x83
#define LOOP_OUT 0x04
#define LOOP_IN 0x84

/* wMaxPacketSize, one in each interval. */
#define ISO_PACKET 512

FIXTURE(iso)
{
	struct node node;
	int fd;
	struct ring in;
	struct ring out;
};

static int set_alt(int fd, uint32_t altsetting)
{
	return ring_ioctl(fd, USBPIPE_IOC_SET_ALT, &altsetting);
}

FIXTURE_SETUP(iso)
{
	self->fd = ring_node(&self->node, REFDEV_SINK);
	assert_device(self->fd);
	ASSERT_EQ(0, set_alt(self->fd, 1));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_SINK));
}

FIXTURE_TEARDOWN(iso)
{
	/* Mappings keep the file open, and with it the rings. */
	if (self->in.head)
		ring_unmap(&self->in);
	if (self->out.head)
		ring_unmap(&self->out);
	close(self->fd);
	self->fd = open(self->node.path, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(0, set_alt(self->fd, 0));
	close(self->fd);
}

static int iso_open(struct ring *ring, int fd, uint8_t endpoint, uint32_t slots, uint32_t packets)
{
	ring->setup = (struct usbpipe_ring_setup) {
		.endpoint = endpoint, .slots = slots, .packets = packets,
	};
	return ring_open(ring, fd);
}

TEST_F(iso, in_has_a_table_of_packets)
{
	uint64_t position = 0;
	uint32_t i, j, late = 0;

	ASSERT_EQ(0, iso_open(&self->in, self->fd, ISO_IN, 8, 4));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	for (i = 0; i < 64; i++) {
		uint8_t *data = ring_data(&self->in, i);
		struct usbpipe_packet *packets = ring_packets(&self->in, i);
		struct usbpipe_slot *slot = ring_take(&self->in);
		uint32_t errors = 0, actual = 0;

		ASSERT_NE(NULL, slot);
		ASSERT_EQ(0, slot->status);
		for (j = 0; j < 4; j++) {
			ASSERT_EQ(j * ISO_PACKET, packets[j].offset);
			errors += packets[j].status != 0;
			late += packets[j].status == -EXDEV;
			actual += packets[j].actual;
			/* In an interval for which nothing has come yet a packet is empty. */
			if (packets[j].status || !packets[j].actual)
				continue;
			ASSERT_EQ(ISO_PACKET, packets[j].actual);
			ASSERT_TRUE(pattern_matches(data + packets[j].offset, ISO_PACKET, position));
			position += ISO_PACKET;
		}
		ASSERT_EQ(errors, slot->errors);
		ASSERT_EQ(actual, slot->actual);
		ASSERT_EQ(0, ring_submit(&self->in, 1));
	}
	ASSERT_LT(0, position);
	ASSERT_LE(late, self->in.head->late);
	ASSERT_EQ(0, ring_flags(&self->in) & USBPIPE_RING_STOPPED);
}

/* Packets of all lengths; what comes back tells that each had its own. */
TEST_F(iso, out_packets_have_lengths)
{
	struct ring *out = &self->out, *in = &self->in;
	uint32_t i, j, got = 0;

	ASSERT_LE(0, refdev_out(self->fd, REFDEV_SET_MODE, REFDEV_LOOPBACK));
	ASSERT_EQ(0, iso_open(out, self->fd, ISO_OUT, 4, 8));
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 8; j++) {
			ring_packets(out, i)[j].length = 1 + i * 8 + j;
			memset(ring_data(out, i) + j * ISO_PACKET, 1 + i * 8 + j, ISO_PACKET);
		}
	}
	ASSERT_EQ(0, ring_submit(out, 4));
	ASSERT_EQ(0, ring_wait(out, 4));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, ring_slot(out, i)->status);
		for (j = 0; j < 8; j++) {
			ASSERT_EQ(0, ring_packets(out, i)[j].status);
			ASSERT_EQ(1 + i * 8 + j, ring_packets(out, i)[j].actual);
		}
	}
	ASSERT_EQ(0, iso_open(in, self->fd, ISO_IN, 4, 8));
	ASSERT_EQ(0, ring_submit_all(in));
	while (got < 32) {
		struct usbpipe_packet *packets = ring_packets(in, in->taken);
		uint8_t *data = ring_data(in, in->taken);

		ASSERT_NE(NULL, ring_take(in));
		for (j = 0; j < 8; j++) {
			if (!packets[j].actual)
				continue;
			got++;
			ASSERT_EQ(got, packets[j].actual);
			ASSERT_EQ(got, data[packets[j].offset]);
			ASSERT_EQ(got, data[packets[j].offset + got - 1]);
		}
		ASSERT_EQ(0, ring_submit(in, 1));
	}
}

TEST_F(iso, packets_that_are_too_long)
{
	static const uint32_t lengths[] = { ISO_PACKET + 1, 1u << 31, -1 };
	struct ring *out = &self->out;
	size_t i;

	ASSERT_EQ(0, iso_open(out, self->fd, ISO_OUT, 2, 2));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		ring_packets(out, i)[0].length = ISO_PACKET;
		ring_packets(out, i)[1].length = lengths[i];
		ring_store(out, i + 1);
		ASSERT_EQ(-EMSGSIZE, ring_kick(out));
		ASSERT_EQ(-EMSGSIZE, ring_error(out));
		ASSERT_EQ(i, ring_completed(out));
		ring_packets(out, i)[1].length = 0;
		ASSERT_EQ(0, ring_restart(out));
		ASSERT_EQ(0, ring_wait(out, i + 1));
		ASSERT_EQ(ISO_PACKET, ring_packets(out, i)[0].actual);
		ASSERT_EQ(0, ring_packets(out, i)[1].actual);
	}
}

#define assert_refused(error, change) do {				\
	struct ring __ring = {						\
		.setup = { .endpoint = ISO_IN, .slots = 4, .packets = 4 }, \
	};								\
									\
	__ring.setup.change;						\
	ASSERT_EQ(-(error), ring_open(&__ring, self->fd)) {		\
		TH_LOG("%s", #change);					\
	}								\
	ASSERT_EQ(0, iso_open(&__ring, self->fd, ISO_IN, 4, 4));	\
	ASSERT_EQ(0, ring_submit_all(&__ring));				\
	ASSERT_EQ(0, ring_wait(&__ring, 1));				\
	ASSERT_EQ(0, ring_unmap(&__ring));				\
	ASSERT_EQ(0, ring_free(&__ring));				\
} while (0)

TEST_F(iso, setups_that_are_refused)
{
	assert_refused(EINVAL, slot_size = ISO_PACKET);
	assert_refused(EINVAL, packets = 0);
	assert_refused(EINVAL, packets = USBPIPE_RING_MAX_PACKETS + 1);
	assert_refused(EINVAL, packets = -1);
	assert_refused(EMSGSIZE, packet_size = ISO_PACKET + 1);
	assert_refused(EMSGSIZE, packet_size = -1);
	assert_refused(EINVAL, endpoint = LOOP_IN);
}

TEST_F(iso, altsetting_stays_while_a_ring_is_there)
{
	ASSERT_EQ(0, iso_open(&self->in, self->fd, ISO_IN, 4, 4));
	ASSERT_EQ(-EBUSY, set_alt(self->fd, 0));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(0, ring_wait(&self->in, 4));
	ASSERT_EQ(0, ring_free(&self->in));
	ASSERT_EQ(0, set_alt(self->fd, 0));
	ASSERT_EQ(-ENXIO, iso_open(&self->out, self->fd, ISO_IN, 4, 4));
	ASSERT_EQ(0, set_alt(self->fd, 1));
}

TEST_F(iso, interrupt_packets_go_both_ways)
{
	struct ring *in = &self->in, *out = &self->out;
	uint32_t i;

	ASSERT_EQ(0, ring_open_simple(in, self->fd, LOOP_IN, 4, 64));
	ASSERT_EQ(0, ring_open_simple(out, self->fd, LOOP_OUT, 8, 64));
	ASSERT_EQ(0, ring_submit_all(in));
	for (i = 0; i < 30; i++) {
		fill(ring_data(out, i), 64, i);
		ring_slot(out, i)->length = 1 + i;
		ASSERT_EQ(0, ring_submit(out, 1));
		ASSERT_NE(NULL, ring_take(in));
		ASSERT_EQ(1 + i, ring_slot(in, i)->actual);
		ASSERT_EQ(0, memcmp(ring_data(in, i), ring_data(out, i), 1 + i));
		ASSERT_EQ(0, ring_submit(in, 1));
	}
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
