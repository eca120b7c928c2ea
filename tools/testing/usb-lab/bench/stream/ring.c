// SPDX-License-Identifier: GPL-2.0
/* A ring of usbpipe: system calls only to wait. */
#include "stream.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/usb/usbpipe.h>

/*
 * What the device fills, and what the program looks at: as much data as stays in a cache, but
 * at least four slots for each transfer in flight.
 */
#define RING_BYTES		(1 << 20)
#define SLOTS_PER_TRANSFER	4

static int file;
static struct usbpipe_ring_setup setup;
static struct usbpipe_ring *ring;
static uint8_t *memory;

static struct usbpipe_slot *slot_at(uint32_t index)
{
	return (struct usbpipe_slot *)(memory + setup.slots_offset) + index;
}

static void *data_at(uint32_t index)
{
	return memory + setup.data_offset + (size_t)index * setup.stride;
}

static uint32_t power_of_two(uint32_t least)
{
	uint32_t power = 1;

	while (power < least)
		power *= 2;
	return power;
}

static uint32_t slots_for(const struct stream *stream)
{
	uint32_t slots = power_of_two(SLOTS_PER_TRANSFER * stream->depth);

	while (slots < USBPIPE_RING_MAX_SLOTS && 2 * slots * stream->length <= RING_BYTES)
		slots *= 2;
	return slots;
}

static void ring_open(struct stream *stream)
{
	struct usbpipe_info info;

	file = open(stream->node, O_RDWR | O_CLOEXEC);
	if (file < 0 || ioctl(file, USBPIPE_IOC_INFO, &info))
		err(1, "%s", stream->node);
	setup.endpoint = stream->in ? info.read_endpoint : info.write_endpoint;
	setup.depth = stream->depth;
	setup.slots = slots_for(stream);
	setup.slot_size = stream->length;
	if (ioctl(file, USBPIPE_IOC_RING_SETUP, &setup))
		err(1, "USBPIPE_IOC_RING_SETUP");
	memory = mmap(NULL, setup.map_length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, setup.map_offset);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	ring = (void *)memory;
	for (uint32_t i = 0; i < setup.slots; i++) {
		slot_at(i)->length = stream->length;
		if (!stream->in)
			data_fill(stream, data_at(i), stream->length);
	}
}

/* Kicks, and waits for a number of completed slots, if it is not there yet. */
static void ring_enter(uint32_t wait_for, uint32_t timeout_ms)
{
	struct usbpipe_ring_enter enter = {
		.endpoint = setup.endpoint,
		.wait_for = wait_for,
		.timeout_ms = timeout_ms,
	};

	if (ioctl(file, USBPIPE_IOC_RING_ENTER, &enter))
		err(1, "USBPIPE_IOC_RING_ENTER");
}

static uint32_t completed(void)
{
	return atomic_load_explicit((_Atomic uint32_t *)&ring->completed, memory_order_acquire);
}

/* Hands over all slots before this one. */
static void submit(uint32_t end)
{
	atomic_store_explicit((_Atomic uint32_t *)&ring->submitted, end, memory_order_release);
}

static bool needs_kick(void)
{
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load_explicit((_Atomic uint32_t *)&ring->flags, memory_order_relaxed) & USBPIPE_RING_NEED_KICK;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void check_slot(const struct usbpipe_slot *slot)
{
	if (slot->status) {
		errno = -slot->status;
		err(1, "slot");
	}
}

/* So many slots from one on, in their order. */
static void take_slots(struct stream *stream, uint32_t index, uint32_t count, take_fn take)
{
	const struct usbpipe_slot *slot = slot_at(index), *end = slot_at(setup.slots);
	const size_t stride = setup.stride;
	uint8_t *data = data_at(index);

	while (count--) {
		check_slot(slot);
		take(stream, data, slot->actual);
		data += stride;
		if (++slot == end) {
			slot = slot_at(0);
			data = data_at(0);
		}
	}
}

static void ring_pump(struct stream *stream, uint32_t count, take_fn take)
{
	uint32_t first = completed(), taken = 0, there = 0, batch = setup.slots / 2;

	while (taken != count) {
		submit(first + least(count, taken + setup.slots));
		there = completed() - first;
		if (there == taken) {
			ring_enter(first + least(count, taken + batch), PATIENCE_MS);
			there = completed() - first;
		} else if (needs_kick()) {
			ring_enter(0, 0);
		}
		take_slots(stream, (first + taken) & (setup.slots - 1), there - taken, take);
		taken = there;
	}
}

/* The endpoint in the other direction is that of write(). */
static void ring_send(const void *data, uint32_t length)
{
	if (write(file, data, length) != (ssize_t)length || fsync(file))
		err(1, "write");
}

const struct arm ring_arm = { "ring", ring_open, ring_pump, ring_send };
