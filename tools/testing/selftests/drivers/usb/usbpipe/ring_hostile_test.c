// SPDX-License-Identifier: GPL-2.0
/*
 * Rings: programs that write nonsense, unmap, fork, and die.
 */
#include "kselftest_harness.h"

#include <sched.h>
#include <sys/wait.h>

#include "ring.h"

FIXTURE(hostile)
{
	struct node node;
	int fd;
	struct ring in;
	struct ring out;
};

FIXTURE_SETUP(hostile)
{
	self->fd = ring_node(&self->node, REFDEV_SINK);
	assert_device(self->fd);
	ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 8, 4096));
	ASSERT_EQ(0, ring_open_simple(&self->out, self->fd, REFDEV_OUT, 8, 4096));
}

FIXTURE_TEARDOWN(hostile)
{
	close(self->fd);
}

/* A ring that was made anew works. */
#define assert_works(ring, address) do {				\
	ASSERT_EQ(0, ring_free(ring));					\
	ASSERT_EQ(0, ring_open_simple(ring, self->fd, address, 4, 4096)); \
	ring_slot(ring, 0)->length = 4096;				\
	ASSERT_EQ(0, ring_submit(ring, 1));				\
	ASSERT_EQ(0, ring_wait(ring, 1));				\
	ASSERT_EQ(4096, ring_slot(ring, 0)->actual);			\
} while (0)

TEST_F(hostile, more_slots_than_there_are)
{
	static const uint32_t jumps[] = { 9, 1u << 30, 1u << 31, -1 };
	uint32_t completed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		completed = ring_completed(&self->in);
		__atomic_store_n(&self->in.head->submitted, completed + jumps[i], __ATOMIC_RELEASE);
		ASSERT_EQ(-EINVAL, ring_kick(&self->in));
		ASSERT_EQ(-EINVAL, ring_error(&self->in));
		ASSERT_EQ(USBPIPE_RING_STOPPED, ring_flags(&self->in) & USBPIPE_RING_STOPPED);
		/* Not before it was put right. */
		ASSERT_EQ(-EINVAL, ring_restart(&self->in));
		ring_store(&self->in, completed + 8);
		ASSERT_EQ(0, ring_restart(&self->in));
		ASSERT_EQ(0, ring_wait(&self->in, completed + 8));
		ASSERT_EQ(4096, ring_slot(&self->in, completed)->actual);
	}
}

/* While transfers are in flight it is their handlers that see it. */
TEST_F(hostile, more_slots_while_some_are_in_flight)
{
	struct ring ring;
	uint32_t i;

	ASSERT_EQ(0, ring_open_simple(&ring, self->fd, REFDEV_INTERRUPT, 4, 64));
	ASSERT_EQ(0, ring_submit_all(&ring));
	__atomic_store_n(&ring.head->submitted, 1u << 31, __ATOMIC_RELEASE);
	ASSERT_EQ(0, ring_flags(&ring));
	ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, 0));
	ASSERT_TRUE(wait_until(ring_flags(&ring) & USBPIPE_RING_STOPPED));
	ASSERT_EQ(-EINVAL, ring_error(&ring));
	ASSERT_EQ(1, ring_completed(&ring));
	/* Those that were cancelled are started again. */
	ring_store(&ring, 5);
	ASSERT_EQ(0, ring_restart(&ring));
	for (i = 1; i < 5; i++)
		ASSERT_LE(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, i));
	ASSERT_EQ(0, ring_wait(&ring, 5));
	for (i = 1; i < 5; i++)
		ASSERT_EQ(i, ring_data(&ring, i)[4]);
}

TEST_F(hostile, slots_that_are_too_long)
{
	static const uint32_t lengths[] = { 4097, 1u << 31, -1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint32_t number = self->out.submitted;

		ring_slot(&self->out, number)->length = 4096;
		ring_slot(&self->out, number + 1)->length = lengths[i];
		ring_store(&self->out, number + 2);
		ring_kick(&self->out);
		ASSERT_EQ(-EMSGSIZE, ring_wait(&self->out, number + 2));
		ASSERT_EQ(-EMSGSIZE, ring_error(&self->out));
		ASSERT_GE(number + 1, ring_completed(&self->out));
		ring_slot(&self->out, number + 1)->length = 10;
		ASSERT_EQ(0, ring_restart(&self->out));
		ASSERT_EQ(0, ring_wait(&self->out, number + 2));
		ASSERT_EQ(4096, ring_slot(&self->out, number)->actual);
		ASSERT_EQ(10, ring_slot(&self->out, number + 1)->actual);
	}
}

struct scribbler {
	struct ring *rings[2];
	volatile bool ends;
	pthread_t thread;
};

/* Writes anything to any word, and now and then something that makes sense. */
static void *scribble(void *argument)
{
	struct scribbler *scribbler = argument;
	uint64_t state = 0x5eed;

	while (!scribbler->ends) {
		struct ring *ring;
		uint32_t *words;
		size_t count;

		state = state * 6364136223846793005u + 1442695040888963407u;
		ring = scribbler->rings[state >> 63];
		words = (uint32_t *)ring->head;
		count = ring->setup.map_length / 4;
		if (state >> 60 & 1)
			words[(state >> 20) % count] = state >> 32;
		else if (state >> 61 & 1)
			words[(state >> 20) % 16] = state >> 56;
		else
			ring->head->submitted = ring->head->completed + (state >> 32) % 9;
	}
	return NULL;
}

TEST_F(hostile, everything_is_written_over_meanwhile)
{
	struct scribbler scribbler = { .rings = { &self->in, &self->out } };
	unsigned long done = 0;
	long end;

	ASSERT_EQ(0, pthread_create(&scribbler.thread, NULL, scribble, &scribbler));
	for (end = now_ms() + 3000; now_ms() < end; done++) {
		ring_enter(&self->in, done % 2, done, done % 3);
		ring_enter(&self->out, USBPIPE_RING_ENTER_RESTART, -done, done % 2);
		if (done % 64)
			continue;
		/* A ring that comes and goes in the same place. */
		ring_free(&self->out);
		ASSERT_EQ(0, ring_ioctl(self->fd, USBPIPE_IOC_RING_SETUP, &self->out.setup));
	}
	scribbler.ends = true;
	pthread_join(scribbler.thread, NULL);
	assert_works(&self->in, REFDEV_IN);
	assert_works(&self->out, REFDEV_OUT);
	ASSERT_LT(100, done);
}

TEST_F(hostile, pages_go_one_by_one)
{
	size_t page = sysconf(_SC_PAGESIZE), at;
	uint8_t *base = (uint8_t *)self->in.head;
	uint32_t *moved;

	ASSERT_EQ(0, ring_submit_all(&self->in));
	for (at = self->in.setup.data_offset; at < self->in.setup.map_length; at += 2 * page)
		ASSERT_EQ(0, munmap(base + at, page));
	ASSERT_EQ(0, ring_wait(&self->in, 8));
	/* What is left may move, and shrink, but not grow. */
	ASSERT_EQ(MAP_FAILED, mremap(base, page, 2 * self->in.setup.map_length, MREMAP_MAYMOVE));
	moved = mremap(base, page, page, MREMAP_MAYMOVE | MREMAP_FIXED,
		       base + self->in.setup.data_offset);
	ASSERT_NE(MAP_FAILED, moved);
	self->in.head = (void *)moved;
	ASSERT_EQ(8, ring_completed(&self->in));
	ring_store(&self->in, 16);
	ASSERT_EQ(0, ring_wait(&self->in, 16));
	ASSERT_EQ(0, munmap(moved, page));
	ASSERT_EQ(0, ring_kick(&self->in));
}

TEST_F(hostile, a_child_shares_the_mapping)
{
	int status;
	pid_t child;

	ASSERT_EQ(0, ring_submit_all(&self->in));
	ASSERT_EQ(0, ring_wait(&self->in, 8));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		/* It sees what comes, and may submit as well. */
		ring_store(&self->in, 12);
		if (ring_wait(&self->in, 12))
			_exit(1);
		_exit(ring_completed(&self->in) == 12 && self->in.slots[3].actual == 4096 ? 0 : 2);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_EQ(0, status);
	ASSERT_EQ(12, ring_completed(&self->in));
	ring_store(&self->in, 16);
	ASSERT_EQ(0, ring_wait(&self->in, 16));
}

/* A mapping keeps the file open, and with it the rings. */
TEST_F(hostile, a_mapping_keeps_the_ring)
{
	ASSERT_EQ(0, ring_submit_all(&self->in));
	close(self->fd);
	ASSERT_TRUE(wait_until(ring_completed(&self->in) == 8));
	ASSERT_EQ(0, ring_flags(&self->in) & USBPIPE_RING_GONE);
	self->fd = open(self->node.path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(-EBUSY, ring_ioctl(self->fd, USBPIPE_IOC_RING_SETUP, &self->in.setup));
	ASSERT_EQ(0, ring_unmap(&self->in));
	ASSERT_EQ(0, ring_unmap(&self->out));
	ASSERT_EQ(0, ring_open(&self->in, self->fd));
}

/* The last reference to the file is a child's. */
TEST_F(hostile, a_child_keeps_the_ring)
{
	int pipes[2], status;
	pid_t child;
	char byte = 0;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, ring_submit_all(&self->in));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		if (read(pipes[0], &byte, 1) != 1 || ring_wait(&self->in, 8))
			_exit(1);
		ring_store(&self->in, 12);
		_exit(-ring_wait(&self->in, 12));
	}
	close(self->fd);
	ASSERT_EQ(0, ring_unmap(&self->in));
	ASSERT_EQ(0, ring_unmap(&self->out));
	self->fd = open(self->node.path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(-EBUSY, ring_ioctl(self->fd, USBPIPE_IOC_RING_SETUP, &self->in.setup));
	ASSERT_EQ(1, write(pipes[1], &byte, 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_EQ(0, status);
	ASSERT_EQ(0, ring_open(&self->in, self->fd));
}

TEST_F(hostile, closed_with_transfers_in_flight)
{
	int round;

	for (round = 0; round < 20; round++) {
		ring_store(&self->in, 8);
		ASSERT_EQ(0, ring_kick(&self->in));
		ring_slot(&self->out, 0)->length = 4096;
		ring_store(&self->out, 8);
		ASSERT_EQ(0, ring_kick(&self->out));
		ring_unmap(&self->in);
		ring_unmap(&self->out);
		close(self->fd);
		/* Nothing of it is left. */
		self->fd = open(self->node.path, O_RDWR | O_CLOEXEC);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 8, 4096));
		ASSERT_EQ(0, ring_open_simple(&self->out, self->fd, REFDEV_OUT, 8, 4096));
	}
}

/* The memory of a ring that was freed with transfers in flight belongs to the program alone. */
TEST_F(hostile, freed_with_transfers_in_flight)
{
	uint32_t completed;
	int round;

	for (round = 0; round < 20; round++) {
		ring_store(&self->in, 8);
		ASSERT_EQ(0, ring_kick(&self->in));
		ASSERT_EQ(0, ring_free(&self->in));
		ASSERT_EQ(USBPIPE_RING_GONE, ring_flags(&self->in) & USBPIPE_RING_GONE);
		completed = ring_completed(&self->in);
		memset(self->in.data, 0x5a, self->in.setup.stride * 8);
		self->out = self->in;
		ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 8, 4096));
		ASSERT_EQ(0, ring_submit_all(&self->in));
		ASSERT_EQ(0, ring_wait(&self->in, 8));
		ASSERT_EQ(0x5a, self->out.data[0]);
		ASSERT_EQ(0x5a, self->out.data[self->in.setup.stride * 8 - 1]);
		ASSERT_EQ(completed, ring_completed(&self->out));
		ASSERT_EQ(0, ring_unmap(&self->out));
		ASSERT_EQ(0, ring_free(&self->in));
		ASSERT_EQ(0, ring_unmap(&self->in));
		ASSERT_EQ(0, ring_open_simple(&self->in, self->fd, REFDEV_IN, 8, 4096));
	}
}

TEST_F(hostile, killed_while_waiting)
{
	struct ring ring;
	int status, round;
	pid_t child;

	ASSERT_EQ(0, ring_free(&self->in));
	for (round = 0; round < 10; round++) {
		int ready[2];
		char byte;

		ASSERT_EQ(0, pipe(ready));
		child = fork();
		ASSERT_LE(0, child);
		if (!child) {
			int fd = open(self->node.path, O_RDWR | O_CLOEXEC);

			if (ring_open_simple(&ring, fd, REFDEV_INTERRUPT, 4, 64))
				_exit(1);
			ring_store(&ring, 4);
			ring_kick(&ring);
			write(ready[1], "", 1);
			ring_wait(&ring, 4);
			_exit(2);
		}
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		ASSERT_EQ(0, kill(child, SIGKILL));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));
		close(ready[0]);
		close(ready[1]);
	}
	ASSERT_EQ(0, ring_open_simple(&ring, self->fd, REFDEV_INTERRUPT, 4, 64));
}

int main(int argc, char **argv)
{
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
