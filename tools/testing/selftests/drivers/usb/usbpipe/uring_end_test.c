// SPDX-License-Identifier: GPL-2.0
/*
 * The ends of commands of io_uring that are not just that of their transfer: errors, times that are
 * over, limits, and rings, threads and processes that go away.
 */
#include "kselftest_harness.h"

#include "blocked.h"
#include "commands.h"

/* What the default of the module's parameter device_memory_kb allows. */
#define DEVICE_MEMORY (16 << 20)

FIXTURE(end)
{
	struct node node;
	int fd;
	struct ring ring;
};

FIXTURE_SETUP(end)
{
	self->fd = open_idle(&self->node);
	assert_device(self->fd);
	ASSERT_EQ(0, ring_open(&self->ring, CROWD, 0));
}

FIXTURE_TEARDOWN(end)
{
	EXPECT_EQ(0, leave_idle(&self->node, self->fd, &self->ring));
}

TEST_F(end, a_halted_endpoint)
{
	uint8_t room[LENGTH];
	struct io_uring_cqe cqe;
	int i;

	assert_pending(&self->ring, self->fd, 2, room);
	ASSERT_EQ(0, refdev_out(self->fd, REFDEV_HALT, REFDEV_IN));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
		ASSERT_EQ(-EPIPE, cqe.res);
	}
}

TEST_F(end, interrupt_endpoints)
{
	uint8_t room[64] = { 0 };
	struct usbpipe_uring transfer = in_transfer(room, sizeof(room));
	struct io_uring_cqe cqe;
	int i;

	transfer.endpoint = REFDEV_INTERRUPT;
	ring_command(&self->ring, self->fd, 1, &transfer);
	ring_command(&self->ring, self->fd, 2, &transfer);
	ASSERT_EQ(2, ring_submit(&self->ring));
	ASSERT_EQ(-ETIME, ring_wait_within(&self->ring, &cqe, 50));
	for (i = 1; i <= 2; i++) {
		ASSERT_EQ(0, refdev_out(self->fd, REFDEV_TRIGGER_EVENT, 0x1234));
		ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
		ASSERT_EQ(i, cqe.user_data);
		ASSERT_EQ(REFDEV_EVENT_SIZE, cqe.res);
	}
	transfer.timeout_ms = 20;
	ASSERT_EQ(-ETIMEDOUT, ring_transfer(&self->ring, self->fd, &transfer));
}

TEST_F(end, a_time_that_is_over)
{
	uint8_t room[LENGTH], bytes[100];
	struct usbpipe_uring transfer = in_transfer(room, LENGTH);
	struct io_uring_cqe cqe;
	long begin = now_ms();

	/* QEMU's usb-redir does not go on with what is queued behind a transfer that is taken back. */
	if (getenv("USBPIPE_QUEUE_STOPS"))
		SKIP(return, "the host controller forgets what is queued");
	/* The one in front ends, and the one behind it stays. */
	transfer.timeout_ms = 50;
	ring_command(&self->ring, self->fd, 1, &transfer);
	transfer.timeout_ms = 0;
	ring_command(&self->ring, self->fd, 2, &transfer);
	ASSERT_EQ(2, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(1, cqe.user_data);
	ASSERT_EQ(-ETIMEDOUT, cqe.res);
	ASSERT_LE(50, now_ms() - begin);
	ASSERT_GT(DEADLINE_MS / 2, now_ms() - begin);
	transfer = out_transfer(bytes, sizeof(bytes));
	ring_command(&self->ring, self->fd, 3, &transfer);
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(100, cqe.res);
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(100, cqe.res);
}

/* What a TRANSFER says that waits while a command of @ring ends. */
static int wait_meanwhile(struct ring *ring, int fd)
{
	uint8_t room[2][64];
	struct usbpipe_uring command = in_transfer(room[0], sizeof(room[0]));
	struct usbpipe_transfer transfer = {
		.endpoint = REFDEV_INTERRUPT,
		.timeout_ms = 400,
		.length = sizeof(room[1]),
		.data = (uintptr_t)room[1],
	};
	struct io_uring_cqe cqe;
	int err;

	command.timeout_ms = 100;
	ring_command(ring, fd, 1, &command);
	if (ring_submit(ring) != 1)
		return -EIO;
	err = ioctl(fd, USBPIPE_IOC_TRANSFER, &transfer) ? -errno : 0;
	return ring_wait(ring, &cqe) || cqe.res != -ETIMEDOUT ? -EIO : err;
}

TEST_F(end, a_completion_interrupts_its_thread_unless_it_is_deferred)
{
	unsigned int flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
	struct ring deferred;

	ASSERT_EQ(0, ring_open(&deferred, 1, flags));
	ASSERT_EQ(-ETIMEDOUT, wait_meanwhile(&deferred, self->fd));
	ASSERT_EQ(-EINTR, wait_meanwhile(&self->ring, self->fd));
	ASSERT_EQ(0, ring_close(&deferred));
}

/* Those of transfers that end in time do nothing, and keep nothing. */
TEST_F(end, times_that_are_not_over)
{
	uint8_t bytes[512], room[512];
	struct usbpipe_uring send = out_transfer(bytes, sizeof(bytes));
	struct usbpipe_uring receive = in_transfer(room, sizeof(room));
	int i;

	send.timeout_ms = receive.timeout_ms = USBPIPE_MAX_TIMEOUT;
	for (i = 0; i < 200; i++) {
		fill(bytes, sizeof(bytes), i);
		ASSERT_EQ(512, ring_transfer(&self->ring, self->fd, &send));
		ASSERT_EQ(512, ring_transfer(&self->ring, self->fd, &receive));
		ASSERT_EQ(0, memcmp(bytes, room, 512));
	}
}

TEST_F(end, more_than_the_memory_of_a_device)
{
	static uint8_t room[USBPIPE_MAX_TRANSFER];
	struct usbpipe_uring transfer = in_transfer(room, sizeof(room));
	int i, limit = DEVICE_MEMORY / sizeof(room);
	struct io_uring_cqe cqe;

	for (i = 0; i <= limit; i++)
		ring_command(&self->ring, self->fd, i, &transfer);
	ASSERT_EQ(limit + 1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(limit, cqe.user_data);
	ASSERT_EQ(-ENOBUFS, cqe.res);
	ASSERT_EQ(-ETIME, ring_wait_within(&self->ring, &cqe, 50));
	/* What was cancelled gives it back. */
	ASSERT_EQ(0, ring_close(&self->ring));
	ASSERT_EQ(0, ring_open(&self->ring, CROWD, 0));
	transfer = out_transfer(room, sizeof(room));
	ASSERT_TRUE(wait_until(ring_transfer(&self->ring, self->fd, &transfer) ==
			       (int)sizeof(room)));
}

/*
 * io_uring cancels commands when a ring or a task goes away, but does not ask for it one by one. If
 * it comes to do so, the command has to end.
 */
TEST_F(end, cancelling_one)
{
	uint8_t room[LENGTH], bytes[100];
	struct usbpipe_uring transfer = out_transfer(bytes, sizeof(bytes));
	struct io_uring_cqe cqe;
	struct io_uring_sqe *sqe;

	assert_pending(&self->ring, self->fd, 1, room);
	sqe = ring_next(&self->ring);
	sqe->opcode = IORING_OP_ASYNC_CANCEL;
	sqe->addr = 0;
	sqe->user_data = 77;
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	if (cqe.user_data != 77) {
		ASSERT_EQ(-ECANCELED, cqe.res);
		return;
	}
	ASSERT_EQ(-ENOENT, cqe.res);
	ring_command(&self->ring, self->fd, 1, &transfer);
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(100, cqe.res);
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(100, cqe.res);
}

/* For a process of its own: begins what never ends, and ends. */
static void submit_and(struct node *node, void (*finish)(void))
{
	static uint8_t room[LENGTH];
	struct usbpipe_uring transfer = in_transfer(room, LENGTH);
	int i, fd = open(node->path, O_RDWR | O_CLOEXEC);
	struct ring ring;

	if (fd < 0 || ring_open(&ring, CROWD, 0))
		_exit(1);
	for (i = 0; i < CROWD; i++)
		ring_command(&ring, fd, i, &transfer);
	if (ring_submit(&ring) != CROWD)
		_exit(2);
	finish();
	_exit(3);
}

static void end_by_kill(void)
{
	kill(getpid(), SIGKILL);
}

static void end_by_exit(void)
{
	_exit(0);
}

static void end_by_exec(void)
{
	execl("/proc/self/exe", "uring_end_test", "--nothing", NULL);
}

/* Whatever the end of a process is, its commands end with it, and nothing is left of them. */
#define assert_ends(end, wanted) do {						\
	int __status;								\
	pid_t __child;								\
										\
	ASSERT_EQ(0, ring_close(&self->ring));					\
	ASSERT_EQ(0, close(self->fd));						\
	self->fd = -1;								\
	__child = fork();							\
	ASSERT_LE(0, __child);							\
	if (!__child)								\
		submit_and(&self->node, end);					\
	ASSERT_EQ(__child, waitpid(__child, &__status, 0));			\
	ASSERT_EQ(wanted, __status);						\
	ASSERT_TRUE(wait_until(module_uses() <= 0));				\
	self->fd = open(self->node.path, O_RDWR | O_CLOEXEC);			\
	ASSERT_LE(0, self->fd);							\
	ASSERT_EQ(0, ring_open(&self->ring, CROWD, 0));				\
	assert_works(&self->ring, self->fd);					\
} while (0)

TEST_F(end, a_process_that_exits)
{
	assert_ends(end_by_exit, 0);
}

TEST_F(end, a_process_that_executes_another_program)
{
	assert_ends(end_by_exec, 0);
}

TEST_F(end, a_process_that_is_killed)
{
	assert_ends(end_by_kill, SIGKILL);
}

TEST_F(end, a_process_that_is_killed_and_the_module_unloaded)
{
	int status;
	pid_t child;

	if (module_uses() < 0)
		SKIP(return, "usbpipe is no module");
	ASSERT_EQ(0, ring_close(&self->ring));
	ASSERT_EQ(0, close(self->fd));
	self->fd = -1;
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		submit_and(&self->node, end_by_kill);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_TRUE(wait_until(module_uses() == 0));
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load());
	ASSERT_TRUE(wait_until(!node_find(&self->node)));
	self->fd = open(self->node.path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ring_open(&self->ring, CROWD, 0));
	assert_works(&self->ring, self->fd);
}

static long submit_one(struct blocked *blocked)
{
	struct ring *ring = blocked->buffer;

	return ring_submit(ring);
}

/* What comes for a thread that is gone has nowhere to go; the ring is told of it nevertheless. */
TEST_F(end, a_thread_that_ends)
{
	uint8_t room[LENGTH] = { 0 }, bytes[100];
	struct usbpipe_uring transfer = in_transfer(room, LENGTH);
	struct blocked submitter = { .call = submit_one, .buffer = &self->ring };
	struct io_uring_cqe cqe;

	ring_command(&self->ring, self->fd, 1, &transfer);
	ASSERT_EQ(0, pthread_create(&submitter.thread, NULL, blocked_main, &submitter));
	ASSERT_TRUE(blocked_ends(&submitter));
	ASSERT_EQ(1, submitter.result);
	fill(bytes, sizeof(bytes), 1);
	transfer = out_transfer(bytes, sizeof(bytes));
	ring_command(&self->ring, self->fd, 2, &transfer);
	ASSERT_EQ(1, ring_submit(&self->ring));
	ASSERT_EQ(0, ring_wait(&self->ring, &cqe));
	ASSERT_EQ(0, cqe.user_data == 2 ? ring_wait(&self->ring, &cqe) : 0);
	ASSERT_EQ(1, cqe.user_data);
	ASSERT_EQ(-ECANCELED, cqe.res);
	ASSERT_EQ(0, room[0]);
}

/* Closing rings, and the end of transfers, at the same time. */
TEST_F(end, rings_that_close_while_transfers_end)
{
	static uint8_t room[LENGTH], bytes[LENGTH];
	struct usbpipe_uring in = in_transfer(room, 512);
	struct usbpipe_uring out = out_transfer(bytes, 512);
	int i, round;

	for (round = 0; round < 100; round++) {
		for (i = 0; i < 16; i++) {
			in.timeout_ms = i % 4;
			ring_command(&self->ring, self->fd, i, &in)->flags =
				i % 3 ? 0 : IOSQE_ASYNC;
			ring_command(&self->ring, self->fd, i, &out);
		}
		ASSERT_EQ(32, ring_submit(&self->ring));
		ASSERT_EQ(0, ring_close(&self->ring));
		ASSERT_EQ(0, ring_open(&self->ring, CROWD, 0));
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--nothing"))
		return 0;
	node_from_arguments(&argc, argv);
	return test_harness_run(argc, argv);
}
