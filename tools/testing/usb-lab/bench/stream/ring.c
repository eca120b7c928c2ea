// SPDX-License-Identifier: GPL-2.0
/* A ring of usbpipe: system calls only to wait. */
#include "stream.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/usb/usbpipe.h>

/* Slots for each transfer in flight: what the device fills, and what the program looks at. */
#define SLOTS_PER_TRANSFER	2

static int file;
static struct usbpipe_ring_setup setup;
static struct usbpipe_ring *ring;
static uint8_t *memory;

static struct usbpipe_slot *slot_at(uint32_t counter)
{
	struct usbpipe_slot *slots = (void *)(memory + setup.slots_offset);

	return &slots[counter & (setup.slots - 1)];
}

static void *data_at(uint32_t counter)
{
	return memory + setup.data_offset + (size_t)(counter & (setup.slots - 1)) * setup.stride;
}

static uint32_t power_of_two(uint32_t least)
{
	uint32_t power = 1;

	while (power < least)
		power *= 2;
	return power;
}

static void ring_open(struct stream *stream)
{
	struct usbpipe_info info;

	file = open(stream->node, O_RDWR | O_CLOEXEC);
	if (file < 0 || ioctl(file, USBPIPE_IOC_INFO, &info))
		err(1, "%s", stream->node);
	setup.endpoint = stream->in ? info.read_endpoint : info.write_endpoint;
	setup.depth = stream->depth;
	setup.slots = power_of_two(SLOTS_PER_TRANSFER * stream->depth);
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

static void take_slot(struct stream *stream, uint32_t counter, take_fn take)
{
	const struct usbpipe_slot *slot = slot_at(counter);

	if (slot->status) {
		errno = -slot->status;
		err(1, "slot %u", counter);
	}
	take(stream, data_at(counter), slot->actual);
}

static void ring_pump(struct stream *stream, uint32_t count, take_fn take)
{
	uint32_t first = completed(), taken = 0, there = 0, batch = (stream->depth + 1) / 2;

	while (taken != count) {
		submit(first + least(count, taken + setup.slots));
		there = completed() - first;
		if (there == taken) {
			ring_enter(first + least(count, taken + batch), PATIENCE_MS);
			there = completed() - first;
		} else if (needs_kick()) {
			ring_enter(0, 0);
		}
		for (; taken != there; taken++)
			take_slot(stream, first + taken, take);
	}
}

/* The endpoint in the other direction is that of write(). */
static void ring_send(const void *data, uint32_t length)
{
	if (write(file, data, length) != (ssize_t)length || fsync(file))
		err(1, "write");
}

const struct arm ring_arm = { "ring", ring_open, ring_pump, ring_send };
