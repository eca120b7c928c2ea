// SPDX-License-Identifier: GPL-2.0
/*
 * Reads through a ring, to standard output: ring_example NODE ENDPOINT BYTES
 *
 * Documentation/usb/usbpipe.rst quotes from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/usb/usbpipe.h>

#define SLOTS 16
#define SLOT_SIZE (64 * 1024)
#define PATIENCE_MS 10000

struct ring {
	int fd;
	struct usbpipe_ring_setup setup;
	struct usbpipe_ring *shared;
	struct usbpipe_slot *slots;
	char *data;
	/* Our own counters: slots that we have submitted, and that we have dealt with. */
	uint32_t submitted;
	uint32_t taken;
};

static int ring_open(struct ring *ring, int fd, uint8_t endpoint)
{
	char *memory;

	*ring = (struct ring) {
		.fd = fd,
		.setup = { .endpoint = endpoint, .slots = SLOTS, .slot_size = SLOT_SIZE },
	};
	if (ioctl(fd, USBPIPE_IOC_RING_SETUP, &ring->setup))
		return -1;
	memory = mmap(NULL, ring->setup.map_length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      ring->setup.map_offset);
	if (memory == MAP_FAILED)
		return -1;
	ring->shared = (struct usbpipe_ring *)memory;
	ring->slots = (struct usbpipe_slot *)(memory + ring->setup.slots_offset);
	ring->data = memory + ring->setup.data_offset;
	return 0;
}

static int ring_enter(struct ring *ring, uint8_t flags, uint32_t wait_for, uint32_t timeout_ms)
{
	struct usbpipe_ring_enter enter = {
		.endpoint = ring->setup.endpoint,
		.flags = flags,
		.wait_for = wait_for,
		.timeout_ms = timeout_ms,
	};

	return ioctl(ring->fd, USBPIPE_IOC_RING_ENTER, &enter);
}

/* Submits slots; what they ask for, usbpipe_slot.length, is there. */
static int ring_submit(struct ring *ring, uint32_t count)
{
	ring->submitted += count;
	__atomic_store_n(&ring->shared->submitted, ring->submitted, __ATOMIC_RELEASE);
	/* Either the driver sees the counter, or we see the flag. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&ring->shared->flags, __ATOMIC_RELAXED) & USBPIPE_RING_NEED_KICK)
		return ring_enter(ring, 0, 0, 0);
	return 0;
}

static int ring_is_empty(struct ring *ring)
{
	return __atomic_load_n(&ring->shared->completed, __ATOMIC_ACQUIRE) == ring->taken;
}

/* The next slot that was completed; NULL if there is none, and the ring has stopped. */
static struct usbpipe_slot *ring_take(struct ring *ring)
{
	if (ring_is_empty(ring) && ring_enter(ring, 0, ring->taken + 1, PATIENCE_MS) &&
	    ring_is_empty(ring))
		return NULL;
	return &ring->slots[ring->taken % SLOTS];
}

/* Gives the slot that was taken back. */
static int ring_put(struct ring *ring)
{
	ring->taken++;
	return ring_submit(ring, 1);
}

static int ring_read(struct ring *ring, uint64_t wanted)
{
	/* Lengths are 0: as much as there is room for. */
	int err = ring_submit(ring, SLOTS);

	while (wanted > 0) {
		struct usbpipe_slot *slot = err ? NULL : ring_take(ring);

		if (slot) {
			uint32_t index = ring->taken % SLOTS;
			uint32_t length = slot->actual < wanted ? slot->actual : wanted;

			fwrite(ring->data + (size_t)index * ring->setup.stride, length, 1, stdout);
			wanted -= length;
			err = ring_put(ring);
		} else {
			/* After a halt the ring goes on; there are errors for which it does not. */
			if (errno != EPIPE)
				return -1;
			err = ring_enter(ring, USBPIPE_RING_ENTER_RESTART, 0, 0);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct ring ring;
	int fd;

	if (argc != 4)
		return 2;
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	if (ring_open(&ring, fd, strtoul(argv[2], NULL, 0))) {
		perror("making a ring");
		return 1;
	}
	if (ring_read(&ring, strtoull(argv[3], NULL, 0))) {
		perror("reading");
		return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
