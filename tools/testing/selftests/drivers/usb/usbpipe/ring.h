/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The program's side of a ring, and a device without anything left over from other tests.
 *
 * Functions return 0 or a count, or a negative error number.
 */
#ifndef USBPIPE_TEST_RING_H
#define USBPIPE_TEST_RING_H

#include "blocked.h"
#include "refdev.h"

/* A number of whole packets at every speed. */
#define BULK_PACKET 1024

struct ring {
	int fd;
	struct usbpipe_ring_setup setup;
	struct usbpipe_ring *head;
	struct usbpipe_slot *slots;
	struct usbpipe_packet *packets;
	uint8_t *data;
	/* The program's own counters: what it has submitted, and what it has dealt with. */
	uint32_t submitted;
	uint32_t taken;
	/* System calls since the ring was opened. */
	unsigned long calls;
};

static inline int ring_ioctl(int fd, unsigned long command, void *argument)
{
	return ioctl(fd, command, argument) ? -errno : 0;
}

static inline void *ring_mmap(int fd, const struct usbpipe_ring_setup *setup)
{
	return mmap(NULL, setup->map_length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    setup->map_offset);
}

/* Makes the ring that ring->setup describes, and maps it. */
static inline int ring_open(struct ring *ring, int fd)
{
	int err = ring_ioctl(fd, USBPIPE_IOC_RING_SETUP, &ring->setup);
	uint8_t *base;

	if (err)
		return err;
	base = ring_mmap(fd, &ring->setup);
	if (base == MAP_FAILED)
		return -errno;
	ring->fd = fd;
	ring->head = (void *)base;
	ring->slots = (void *)(base + ring->setup.slots_offset);
	ring->packets = (void *)(base + ring->setup.packets_offset);
	ring->data = base + ring->setup.data_offset;
	ring->submitted = 0;
	ring->taken = 0;
	ring->calls = 0;
	return 0;
}

static inline int ring_open_simple(struct ring *ring, int fd, uint8_t endpoint, uint32_t slots,
				   uint32_t size)
{
	ring->setup = (struct usbpipe_ring_setup) {
		.endpoint = endpoint, .slots = slots, .slot_size = size,
	};
	return ring_open(ring, fd);
}

static inline int ring_free(struct ring *ring)
{
	uint32_t endpoint = ring->setup.endpoint;

	return ring_ioctl(ring->fd, USBPIPE_IOC_RING_FREE, &endpoint);
}

static inline int ring_unmap(struct ring *ring)
{
	return munmap(ring->head, ring->setup.map_length) ? -errno : 0;
}

static inline uint32_t ring_index(const struct ring *ring, uint32_t number)
{
	return number & (ring->setup.slots - 1);
}

static inline struct usbpipe_slot *ring_slot(struct ring *ring, uint32_t number)
{
	return &ring->slots[ring_index(ring, number)];
}

static inline uint8_t *ring_data(struct ring *ring, uint32_t number)
{
	return ring->data + (size_t)ring_index(ring, number) * ring->setup.stride;
}

/* The packets of a slot. */
static inline struct usbpipe_packet *ring_packets(struct ring *ring, uint32_t number)
{
	return &ring->packets[ring_index(ring, number) * ring->setup.packets];
}

static inline uint32_t ring_completed(const struct ring *ring)
{
	return __atomic_load_n(&ring->head->completed, __ATOMIC_ACQUIRE);
}

static inline uint32_t ring_flags(const struct ring *ring)
{
	return __atomic_load_n(&ring->head->flags, __ATOMIC_RELAXED);
}

static inline int32_t ring_error(const struct ring *ring)
{
	return __atomic_load_n(&ring->head->error, __ATOMIC_RELAXED);
}

/* What a program that waits for nothing passes. */
static inline int ring_enter(struct ring *ring, uint8_t flags, uint32_t wait_for, uint32_t ms)
{
	struct usbpipe_ring_enter enter = {
		.endpoint = ring->setup.endpoint,
		.flags = flags, .wait_for = wait_for, .timeout_ms = ms,
	};

	ring->calls++;
	return ring_ioctl(ring->fd, USBPIPE_IOC_RING_ENTER, &enter);
}

static inline int ring_kick(struct ring *ring)
{
	return ring_enter(ring, 0, 0, 0);
}

static inline int ring_restart(struct ring *ring)
{
	return ring_enter(ring, USBPIPE_RING_ENTER_RESTART, 0, 0);
}

static inline int ring_wait(struct ring *ring, uint32_t wait_for)
{
	return ring_enter(ring, 0, wait_for, DEADLINE_MS);
}

/* Stores the counter without looking at the flags. */
static inline void ring_store(struct ring *ring, uint32_t submitted)
{
	ring->submitted = submitted;
	__atomic_store_n(&ring->head->submitted, submitted, __ATOMIC_RELEASE);
}

/* Submits @count slots, whose lengths are there; a system call only if the driver asks for it. */
static inline int ring_submit(struct ring *ring, uint32_t count)
{
	ring_store(ring, ring->submitted + count);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring_flags(ring) & USBPIPE_RING_NEED_KICK ? ring_kick(ring) : 0;
}

/* Submits all slots that there are, of a ring of an IN endpoint. */
static inline int ring_submit_all(struct ring *ring)
{
	return ring_submit(ring, ring->setup.slots - (ring->submitted - ring->taken));
}

/* The next slot that was completed, with a wait if there is none; NULL if none comes. */
static inline struct usbpipe_slot *ring_take(struct ring *ring)
{
	if (ring_completed(ring) == ring->taken && ring_wait(ring, ring->taken + 1) &&
	    /* A ring that has stopped meanwhile says so, whatever it has completed before. */
	    ring_completed(ring) == ring->taken)
		return NULL;
	return ring_slot(ring, ring->taken++);
}

/* Opens the node, with the device in @mode and holding nothing. */
static inline int ring_node(struct node *node, enum refdev_mode mode)
{
	static const uint32_t endpoints[] = { REFDEV_OUT, REFDEV_IN, REFDEV_INTERRUPT };
	int err = node_find(node);
	size_t i;
	int fd;

	if (err)
		return err;
	fd = open(node->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* A test that failed may have left a halt behind. */
	for (i = 0; i < ARRAY_SIZE(endpoints); i++)
		ioctl(fd, USBPIPE_IOC_CLEAR_HALT, &endpoints[i]);
	err = refdev_out(fd, REFDEV_SET_MODE, mode);
	if (err < 0)
		close(fd);
	return err < 0 ? err : fd;
}

static inline uint64_t pattern_word(uint64_t index)
{
	uint64_t word = index + 0x9e3779b97f4a7c15;

	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
	word = (word ^ word >> 27) * 0x94d049bb133111eb;
	return word ^ word >> 31;
}

/*
 * Are these the bytes that the source gives from @position on, with seed 0? Of each slot, only the
 * words at its ends and one in 64 are looked at: a slot that is lost, doubled or swapped shows.
 */
static inline bool pattern_matches(const uint8_t *bytes, size_t length, uint64_t position)
{
	size_t i, step = 64 * 8;

	if (position % 8 || length % 8)
		return false;
	for (i = 0; i < length; i += step) {
		uint64_t word;

		memcpy(&word, bytes + i, 8);
		if (le64toh(word) != pattern_word((position + i) / 8))
			return false;
	}
	if (length) {
		uint64_t word;

		memcpy(&word, bytes + length - 8, 8);
		return le64toh(word) == pattern_word((position + length) / 8 - 1);
	}
	return true;
}

#endif /* USBPIPE_TEST_RING_H */
