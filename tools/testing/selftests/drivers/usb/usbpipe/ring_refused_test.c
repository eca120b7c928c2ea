// SPDX-License-Identifier: GPL-2.0
/*
 * Rings: each line of the header that refuses something has a test here that differs from a valid
 * call in that one thing. After each refusal the ring must work as before.
 */
#include "kselftest_harness.h"

#include <stddef.h>

#include "ring.h"

/* A null pointer that the compiler does not know of. */
static void *volatile nowhere;

#define POISON 0xa5

TEST(layout_is_the_same_for_every_program)
{
	ASSERT_EQ(128, sizeof(struct usbpipe_ring));
	ASSERT_EQ(64, offsetof(struct usbpipe_ring, completed));
	ASSERT_EQ(68, offsetof(struct usbpipe_ring, flags));
	ASSERT_EQ(72, offsetof(struct usbpipe_ring, error));
	ASSERT_EQ(76, offsetof(struct usbpipe_ring, late));
	ASSERT_EQ(32, sizeof(struct usbpipe_slot));
	ASSERT_EQ(16, offsetof(struct usbpipe_slot, errors));
	ASSERT_EQ(24, offsetof(struct usbpipe_slot, user_data));
	ASSERT_EQ(16, sizeof(struct usbpipe_packet));
	ASSERT_EQ(64, sizeof(struct usbpipe_ring_setup));
	ASSERT_EQ(24, offsetof(struct usbpipe_ring_setup, slots_offset));
	ASSERT_EQ(40, offsetof(struct usbpipe_ring_setup, map_offset));
	ASSERT_EQ(56, offsetof(struct usbpipe_ring_setup, reserved));
	ASSERT_EQ(24, sizeof(struct usbpipe_ring_enter));
	ASSERT_EQ(16, offsetof(struct usbpipe_ring_enter, reserved));
	ASSERT_EQ(0xc040bb10, USBPIPE_IOC_RING_SETUP);
	ASSERT_EQ(0xc018bb11, USBPIPE_IOC_RING_ENTER);
	ASSERT_EQ(0x4004bb12, USBPIPE_IOC_RING_FREE);
}

FIXTURE(refused)
{
	struct node node;
	int fd;
	struct ring ring;
};

FIXTURE_SETUP(refused)
{
	self->fd = ring_node(&self->node, REFDEV_SINK);
	assert_device(self->fd);
}

FIXTURE_TEARDOWN(refused)
{
	close(self->fd);
}

/* A ring that can be made. */
static struct usbpipe_ring_setup good_setup(void)
{
	return (struct usbpipe_ring_setup) {
		.endpoint = REFDEV_IN, .depth = 2, .slots = 4, .slot_size = BULK_PACKET,
	};
}

/* The same with one thing changed is refused, nothing is written, and nothing is left of it. */
#define assert_setup_refused(error, change) do {			\
	struct usbpipe_ring_setup __setup = good_setup(), __before;	\
									\
	memset(&__setup.slots_offset, POISON,				\
	       offsetof(struct usbpipe_ring_setup, reserved) -		\
	       offsetof(struct usbpipe_ring_setup, slots_offset));	\
	__setup.change;							\
	__before = __setup;						\
	ASSERT_EQ(-(error), ring_ioctl(self->fd, USBPIPE_IOC_RING_SETUP, &__setup)) { \
		TH_LOG("%s", #change);					\
	}								\
	ASSERT_EQ(0, memcmp(&__before, &__setup, sizeof(__setup)));	\
	assert_works();							\
} while (0)

/* A ring can be made, moves data, and is gone again. */
#define assert_works() do {						\
	self->ring.setup = good_setup();				\
	ASSERT_EQ(0, ring_open(&self->ring, self->fd));			\
	ASSERT_EQ(0, ring_submit(&self->ring, 1));			\
	ASSERT_EQ(0, ring_wait(&self->ring, 1));			\
	ASSERT_EQ(BULK_PACKET, ring_slot(&self->ring, 0)->actual);	\
	ASSERT_EQ(0, ring_unmap(&self->ring));				\
	ASSERT_EQ(0, ring_free(&self->ring));				\
} while (0)

TEST_F(refused, setup_of_an_endpoint_that_is_not_there)
{
	assert_setup_refused(ENXIO, endpoint = 0x8f);
	assert_setup_refused(ENXIO, endpoint = 0x80);
	assert_setup_refused(ENXIO, endpoint = 0);
	assert_setup_refused(ENXIO, endpoint = REFDEV_IN | 0x10);
}

TEST_F(refused, setup_with_reserved_fields)
{
	assert_setup_refused(EINVAL, reserved0[0] = 1);
	assert_setup_refused(EINVAL, reserved0[1] = 1);
	assert_setup_refused(EINVAL, reserved0[2] = 1);
	assert_setup_refused(EINVAL, reserved = 1);
	assert_setup_refused(EINVAL, reserved = 1ull << 63);
}

TEST_F(refused, setup_with_numbers_of_slots)
{
	assert_setup_refused(EINVAL, slots = 0);
	assert_setup_refused(EINVAL, slots = 1);
	assert_setup_refused(EINVAL, slots = 3);
	assert_setup_refused(EINVAL, slots = USBPIPE_RING_MAX_SLOTS - 1);
	assert_setup_refused(EINVAL, slots = 2 * USBPIPE_RING_MAX_SLOTS);
	assert_setup_refused(EINVAL, slots = 1u << 31);
	assert_setup_refused(EINVAL, depth = 5);
	assert_setup_refused(EINVAL, depth = -1);
}

TEST_F(refused, setup_with_sizes)
{
	assert_setup_refused(EINVAL, slot_size = 0);
	assert_setup_refused(EINVAL, slot_size = BULK_PACKET + 1);
	assert_setup_refused(EINVAL, slot_size = BULK_PACKET - 1);
	assert_setup_refused(EMSGSIZE, slot_size = USBPIPE_MAX_TRANSFER + BULK_PACKET);
	assert_setup_refused(EMSGSIZE, slot_size = -BULK_PACKET);
	assert_setup_refused(EINVAL, packets = 1);
	assert_setup_refused(EINVAL, packet_size = 1);
}

TEST_F(refused, setup_beyond_the_memory_of_a_node)
{
	self->ring.setup = good_setup();
	self->ring.setup.slots = USBPIPE_RING_MAX_SLOTS;
	self->ring.setup.slot_size = USBPIPE_MAX_TRANSFER;
	ASSERT_EQ(-ENOBUFS, ring_open(&self->ring, self->fd));
	assert_works();
}

TEST_F(refused, setup_from_bad_memory)
{
	struct usbpipe_ring_setup *read_only = (void *)last_page(PROT_READ | PROT_WRITE);

	ASSERT_EQ(-EFAULT, ring_ioctl(self->fd, USBPIPE_IOC_RING_SETUP, nowhere));
	*read_only = good_setup();
	ASSERT_EQ(0, mprotect(read_only, sysconf(_SC_PAGESIZE), PROT_READ));
	ASSERT_EQ(-EFAULT, ring_ioctl(self->fd, USBPIPE_IOC_RING_SETUP, read_only));
	/* A ring that the program was not told of is not there. */
	assert_works();
}

TEST_F(refused, a_second_ring_of_an_endpoint)
{
	struct ring second = { .setup = good_setup() };
	int other = open(self->node.path, O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, other);
	self->ring.setup = good_setup();
	ASSERT_EQ(0, ring_open(&self->ring, self->fd));
	ASSERT_EQ(-EBUSY, ring_open(&second, self->fd));
	ASSERT_EQ(-EBUSY, ring_open(&second, other));
	ASSERT_EQ(0, ring_submit(&self->ring, 1));
	ASSERT_EQ(0, ring_wait(&self->ring, 1));
	/* Closing the file ends its rings; a mapping would keep it open. */
	ASSERT_EQ(0, ring_unmap(&self->ring));
	close(self->fd);
	self->fd = other;
	ASSERT_EQ(0, ring_open(&second, other));
	ASSERT_EQ(0, ring_free(&second));
	assert_works();
}

TEST_F(refused, the_ring_of_another_file)
{
	int other = open(self->node.path, O_RDWR | O_CLOEXEC);
	struct ring theirs;

	ASSERT_LE(0, other);
	self->ring.setup = good_setup();
	ASSERT_EQ(0, ring_open(&self->ring, self->fd));
	theirs = self->ring;
	theirs.fd = other;
	ASSERT_EQ(-ENOENT, ring_kick(&theirs));
	ASSERT_EQ(-ENOENT, ring_free(&theirs));
	ASSERT_EQ(MAP_FAILED, ring_mmap(other, &theirs.setup));
	ASSERT_EQ(EINVAL, errno);
	ASSERT_EQ(0, ring_submit(&self->ring, 1));
	ASSERT_EQ(0, ring_wait(&self->ring, 1));
	close(other);
}

/* The same call with one thing changed; the ring moves data afterwards. */
#define assert_enter_refused(error, change) do {			\
	struct usbpipe_ring_enter __enter = {				\
		.endpoint = REFDEV_IN, .timeout_ms = DEADLINE_MS,	\
		.wait_for = self->ring.submitted, .completed = POISON,	\
	};								\
									\
	__enter.change;							\
	ASSERT_EQ(-(error), ring_ioctl(self->fd, USBPIPE_IOC_RING_ENTER, &__enter)) { \
		TH_LOG("%s", #change);					\
	}								\
	ASSERT_EQ(0, ring_submit(&self->ring, 1));			\
	ASSERT_EQ(0, ring_wait(&self->ring, self->ring.submitted));	\
} while (0)

TEST_F(refused, enter)
{
	struct usbpipe_ring_enter enter = { .endpoint = REFDEV_IN };

	self->ring.setup = good_setup();
	ASSERT_EQ(0, ring_open(&self->ring, self->fd));
	assert_enter_refused(ENOENT, endpoint = REFDEV_OUT);
	assert_enter_refused(ENOENT, endpoint = 0x8f);
	assert_enter_refused(EINVAL, flags = 2);
	assert_enter_refused(EINVAL, flags = 0x80);
	assert_enter_refused(EINVAL, reserved0 = 1);
	assert_enter_refused(EINVAL, reserved = 1);
	assert_enter_refused(EINVAL, timeout_ms = USBPIPE_MAX_TIMEOUT + 1);
	assert_enter_refused(EINVAL, wait_for++);
	assert_enter_refused(EINVAL, wait_for += 1u << 30);
	ASSERT_EQ(-EFAULT, ring_ioctl(self->fd, USBPIPE_IOC_RING_ENTER, nowhere));
	/* Without a time to wait, nothing is waited for. */
	enter.wait_for = self->ring.submitted + 1;
	ASSERT_EQ(0, ring_ioctl(self->fd, USBPIPE_IOC_RING_ENTER, &enter));
	ASSERT_EQ(self->ring.submitted, enter.completed);
}

TEST_F(refused, free)
{
	uint32_t endpoint = REFDEV_OUT;

	self->ring.setup = good_setup();
	ASSERT_EQ(0, ring_open(&self->ring, self->fd));
	ASSERT_EQ(-ENOENT, ring_ioctl(self->fd, USBPIPE_IOC_RING_FREE, &endpoint));
	endpoint = 0x100 | REFDEV_IN;
	ASSERT_EQ(-ENOENT, ring_ioctl(self->fd, USBPIPE_IOC_RING_FREE, &endpoint));
	ASSERT_EQ(-EFAULT, ring_ioctl(self->fd, USBPIPE_IOC_RING_FREE, nowhere));
	ASSERT_EQ(0, ring_submit(&self->ring, 1));
	ASSERT_EQ(0, ring_wait(&self->ring, 1));
}

/* A mapping that differs in one thing from one that is possible. */
#define assert_map_refused(length, protection, flags, offset) do {	\
	ASSERT_EQ(MAP_FAILED, mmap(NULL, length, protection, flags, self->fd, offset)); \
	ASSERT_EQ(EINVAL, errno);					\
} while (0)

TEST_F(refused, mmap)
{
	int both = PROT_READ | PROT_WRITE;
	long page = sysconf(_SC_PAGESIZE);
	size_t length;
	off_t offset;
	void *again;

	self->ring.setup = good_setup();
	ASSERT_EQ(0, ring_open(&self->ring, self->fd));
	length = self->ring.setup.map_length;
	offset = self->ring.setup.map_offset;
	assert_map_refused(length - page, both, MAP_SHARED, offset);
	assert_map_refused(length + page, both, MAP_SHARED, offset);
	assert_map_refused(length, both, MAP_SHARED, offset + page);
	assert_map_refused(length, both, MAP_SHARED, 0);
	assert_map_refused(length, both, MAP_PRIVATE, offset);
	assert_map_refused(length, PROT_READ, MAP_PRIVATE, offset);
	again = mmap(NULL, length, PROT_READ, MAP_SHARED, self->fd, offset);
	ASSERT_NE(MAP_FAILED, again);
	ASSERT_EQ(0, munmap(again, length));
	ASSERT_EQ(0, ring_submit(&self->ring, 1));
	ASSERT_EQ(0, ring_wait(&self->ring, 1));
	ASSERT_EQ(0, ring_free(&self->ring));
	assert_map_refused(length, both, MAP_SHARED, offset);
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
