// SPDX-License-Identifier: GPL-2.0
/*
 * pipe-sleep SCENE NODE DEVICE: streams of usbpipe through a device that falls asleep. DEVICE is its
 * directory in sysfs. It gives back what is sent to it.
 *
 * wakes     the device sleeps when nobody needs it, and what needs it wakes it up
 * writes    one that has no data to send sleeps between two writes, and keeps what it was told
 * listens   one that can wake the computer sleeps while somebody reads from it
 * system    the whole system sleeps in the middle of a stream, as far as devices can tell
 */
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "check.h"
#include "../../../../../include/uapi/linux/usb/usbpipe.h"

#define PATIENCE_MS 10000
#define MOMENT_MS 300
#define CHUNK 20000
#define TURNS 10

static const char *device;

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set(const char *name, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/power/%s", device, name);
	tell(path, value);
}

static bool is_suspended(void)
{
	char path[256], status[16] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/power/runtime_status", device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0 && read(fd, status, sizeof(status) - 1) > 0);
	close(fd);
	return !strncmp(status, "suspended", 9);
}

static bool suspends_within(int ms)
{
	long end = now_ms() + ms;

	while (!is_suspended() && now_ms() < end)
		poll(NULL, 0, 5);
	return is_suspended();
}

static int ready(int fd, short events)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	EXPECT(poll(&pollfd, 1, PATIENCE_MS) >= 0);
	return pollfd.revents;
}

static void fill(uint8_t *bytes, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = seed >> 56;
	}
}

/* Returns how many bytes there were when it was told of a reset, which is the end, or all. */
static size_t read_all(int fd, uint8_t *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t count = read(fd, bytes + done, length - done);

		if (count < 0 && errno == ECONNRESET)
			break;
		EXPECT(count > 0 || (count < 0 && errno == EAGAIN && ready(fd, POLLIN)));
		done += count > 0 ? count : 0;
	}
	return done;
}

static size_t write_all(int fd, const uint8_t *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t count = write(fd, bytes + done, length - done);

		if (count < 0 && errno == ECONNRESET)
			break;
		EXPECT(count > 0 || (count < 0 && errno == EAGAIN && ready(fd, POLLOUT)));
		done += count > 0 ? count : 0;
	}
	return done;
}

/* Ends the streams of a file. */
static void choose(int fd)
{
	struct usbpipe_select select = {
		.read_endpoint = USBPIPE_ENDPOINT_DEFAULT,
		.write_endpoint = USBPIPE_ENDPOINT_DEFAULT,
	};

	EXPECT(ioctl(fd, USBPIPE_IOC_SELECT, &select) == 0);
}

static struct usbpipe_stats stats(int fd)
{
	struct usbpipe_stats stats;

	EXPECT(ioctl(fd, USBPIPE_IOC_STATS, &stats) == 0);
	return stats;
}

static void wakes(int fd, int waiting)
{
	struct usbpipe_info info;
	struct usbpipe_event event = { 0 };
	uint8_t bytes[4];
	int count;

	EXPECT(suspends_within(PATIENCE_MS));
	EXPECT(stats(fd).suspends > 0);
	/* What does not ask the device leaves it alone. */
	EXPECT(ioctl(fd, USBPIPE_IOC_INFO, &info) == 0);
	REFUSED(ENOTTY, ioctl(fd, _IO(0xbb, 0xff)));
	EXPECT(is_suspended());
	/* The first look at a stream begins it: by read(), poll(), and FIONREAD. */
	REFUSED(EAGAIN, read(fd, bytes, sizeof(bytes)));
	EXPECT(!suspends_within(MOMENT_MS));
	choose(fd);
	EXPECT(suspends_within(PATIENCE_MS));
	EXPECT(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0) == 0);
	EXPECT(!suspends_within(MOMENT_MS));
	choose(fd);
	EXPECT(suspends_within(PATIENCE_MS));
	EXPECT(ioctl(fd, FIONREAD, &count) == 0 && count == 0);
	EXPECT(!suspends_within(MOMENT_MS));
	choose(fd);
	EXPECT(suspends_within(PATIENCE_MS));
	REFUSED(EAGAIN, ioctl(fd, USBPIPE_IOC_EVENT, &event));
	EXPECT(!suspends_within(MOMENT_MS));
	choose(fd);
	EXPECT(suspends_within(PATIENCE_MS));
	EXPECT(fsync(fd) == 0);
	write_all(waiting, (const uint8_t *)"word", 4);
	EXPECT(fsync(waiting) == 0);
	choose(waiting);
	EXPECT(suspends_within(PATIENCE_MS));
	read_all(waiting, bytes, 4);
	EXPECT(!memcmp(bytes, "word", 4));
}

static void writes(int fd)
{
	static uint8_t sent[TURNS * CHUNK], received[TURNS * CHUNK];
	uint64_t suspends = stats(fd).suspends;

	fill(sent, sizeof(sent), 1);
	for (int turn = 0; turn < TURNS; turn++) {
		EXPECT(suspends_within(PATIENCE_MS));
		write_all(fd, sent + turn * CHUNK, CHUNK);
		EXPECT(fsync(fd) == 0);
	}
	/* The first time may have been before it was counted. */
	EXPECT(stats(fd).suspends >= suspends + TURNS - 1);
	read_all(fd, received, sizeof(received));
	EXPECT(!memcmp(sent, received, sizeof(sent)));
	REFUSED(EAGAIN, read(fd, received, 1));
}

static void listens(int fd)
{
	static uint8_t sent[CHUNK], received[CHUNK];

	/* Long enough for what is written to come back: the device does not wake us for that. */
	set("autosuspend_delay_ms", "200");
	REFUSED(EAGAIN, read(fd, received, 1));
	for (int turn = 0; turn < TURNS; turn++) {
		EXPECT(suspends_within(PATIENCE_MS));
		fill(sent, sizeof(sent), turn + 1);
		write_all(fd, sent, sizeof(sent));
		read_all(fd, received, sizeof(received));
		EXPECT(!memcmp(sent, received, sizeof(sent)));
	}
}

/* A stream of bytes, until it is enough or the device was reset. */
struct stream {
	int fd;
	volatile bool enough;
	volatile uint64_t written;
	bool write_reset;
	bool read_reset;
};

static void *writer(void *argument)
{
	static uint8_t bytes[CHUNK];
	struct stream *stream = argument;

	while (!stream->enough && !stream->write_reset) {
		fill(bytes, sizeof(bytes), stream->written + 1);
		stream->write_reset = write_all(stream->fd, bytes, sizeof(bytes)) < sizeof(bytes);
		stream->written++;
	}
	return NULL;
}

/* What comes is what was written, with nothing missing and nothing twice. */
static void *reader(void *argument)
{
	static uint8_t wanted[CHUNK], bytes[CHUNK];
	struct stream *stream = argument;
	size_t count;

	for (uint64_t seed = 0; !stream->enough || seed < stream->written; seed++) {
		fill(wanted, sizeof(wanted), seed + 1);
		count = read_all(stream->fd, bytes, sizeof(bytes));
		EXPECT(!memcmp(wanted, bytes, count));
		stream->read_reset = count < sizeof(bytes);
		if (stream->read_reset)
			break;
	}
	return NULL;
}

static void moves(int fd)
{
	uint64_t before = stats(fd).read_bytes;
	long end = now_ms() + PATIENCE_MS;

	while (stats(fd).read_bytes < before + 10 * CHUNK && now_ms() < end)
		poll(NULL, 0, 5);
	EXPECT(stats(fd).read_bytes >= before + 10 * CHUNK);
}

/* If resuming takes a reset, both directions are told once, and begin anew. */
static void system_sleeps(int fd, int waiting)
{
	for (int turn = 0; turn < 3; turn++) {
		struct stream stream = { .fd = turn == 1 ? fd : waiting };
		struct usbpipe_stats before = stats(fd);
		pthread_t threads[2];
		bool reset;

		EXPECT(!pthread_create(&threads[0], NULL, writer, &stream));
		EXPECT(!pthread_create(&threads[1], NULL, reader, &stream));
		moves(fd);
		tell("/sys/module/suspend/parameters/pm_test_delay", "0");
		tell("/sys/power/pm_test", "devices");
		tell("/sys/power/state", "freeze");
		EXPECT(stats(fd).suspends == before.suspends + 1);
		reset = stats(fd).resets != before.resets;
		if (!reset)
			moves(fd);
		stream.enough = !reset;
		EXPECT(!pthread_join(threads[0], NULL) && !pthread_join(threads[1], NULL));
		EXPECT(stream.write_reset == reset && stream.read_reset == reset);
		printf("slept: %llu bytes, reset: %s\n", stats(fd).read_bytes, reset ? "yes" : "no");
	}
}

int main(int argc, char **argv)
{
	int fd, waiting;

	EXPECT(argc == 4);
	device = argv[3];
	fd = open(argv[2], O_RDWR | O_NONBLOCK | O_CLOEXEC);
	waiting = open_node(argv[2]);
	EXPECT(fd >= 0);
	if (!strcmp(argv[1], "system"))
		system_sleeps(fd, waiting);
	set("autosuspend_delay_ms", "0");
	set("control", "auto");
	if (!strcmp(argv[1], "wakes"))
		wakes(fd, waiting);
	else if (!strcmp(argv[1], "writes"))
		writes(fd);
	else if (!strcmp(argv[1], "listens"))
		listens(fd);
	set("control", "on");
	return 0;
}
