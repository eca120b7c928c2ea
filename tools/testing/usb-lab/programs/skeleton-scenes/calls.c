// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/usbdevice_fs.h>

#define NODE "/dev/skel0"

/* After this long a call is taken for one that does not end by itself. */
#define PATIENCE_MS 4000

/* Requests of the reference device: what comes back is what was sent; its status. */
#define SET_MODE 0x01
#define LOOPBACK 0
#define GET_STATUS 0x02

char bytes[8192];
int node;

long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

long got(long result)
{
	return result == -1 ? -errno : result;
}

void say(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s\n", what, strerrorname_np(-result));
	else
		printf("%s: %ld\n", what, result);
	fflush(stdout);
}

int open_node(int flags)
{
	return open(NODE, O_RDWR | O_CLOEXEC | flags);
}

void say_read(size_t count)
{
	say("read", got(read(node, bytes, count)));
}

void say_write(size_t count)
{
	say("write", got(write(node, bytes, count)));
}

void say_close(void)
{
	say("close", got(close(node)));
	node = -1;
}

void nonblocking(bool on)
{
	fcntl(node, F_SETFL, on ? O_NONBLOCK : 0);
}

void pause_ms(long ms)
{
	usleep(ms * 1000);
}

void say_read_soon(size_t count)
{
	long end = now_ms() + PATIENCE_MS;
	long result;

	nonblocking(true);
	while ((result = got(read(node, bytes, count))) == -EAGAIN && now_ms() < end)
		pause_ms(1);
	nonblocking(false);
	say("read", result);
}

static long usbfs(unsigned long request, void *argument)
{
	int fd = open(getenv("USB_NODE") ?: "", O_RDWR | O_CLOEXEC);
	long result = got(ioctl(fd, request, argument));

	close(fd);
	return result;
}

long reset(void)
{
	return usbfs(USBDEVFS_RESET, NULL);
}

void settle(void)
{
	char status[48];
	struct usbdevfs_ctrltransfer transfer = {
		.bRequestType = 0xc0, .bRequest = GET_STATUS,
		.wLength = sizeof(status), .timeout = PATIENCE_MS, .data = status,
	};

	if (usbfs(USBDEVFS_CONTROL, &transfer) < 0)
		say("settle", -errno);
	pause_ms(50);
}

static void *call_main(void *argument)
{
	struct call *call = argument;

	call->tid = gettid();
	call->result = call->run(call);
	return NULL;
}

static bool call_sleeps(struct call *call)
{
	char path[64], line[256] = "", *end;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", call->tid);
	stat = call->tid ? fopen(path, "r") : NULL;
	if (!stat)
		return false;
	if (!fgets(line, sizeof(line), stat))
		line[0] = 0;
	fclose(stat);
	end = strrchr(line, ')');
	return end && (end[2] == 'S' || end[2] == 'D');
}

static void call_begin(struct call *call)
{
	pthread_create(&call->thread, NULL, call_main, call);
}

void call_block(struct call *call)
{
	long end = now_ms() + PATIENCE_MS, since = 0;

	call_begin(call);
	while (now_ms() < end && (!since || now_ms() < since + 50)) {
		pause_ms(1);
		if (!call_sleeps(call))
			since = 0;
		else if (!since)
			since = now_ms();
	}
}

bool call_say(struct call *call)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_MS / 1000;
	if (pthread_timedjoin_np(call->thread, NULL, &end)) {
		printf("%s: blocks\n", call->what);
		return false;
	}
	say(call->what, call->result);
	return true;
}

static void on_signal(int number)
{
	(void)number;
}

void catch_signals(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(number, &action, NULL);
}

void call_interrupt(struct call *call)
{
	catch_signals(SIGUSR1, on_signal, 0);
	pthread_kill(call->thread, SIGUSR1);
}

long run_read(struct call *call)
{
	char room[64];

	return got(read(call->fd, room, sizeof(room)));
}

long run_read_5(struct call *call)
{
	char room[5];

	return got(read(call->fd, room, sizeof(room)));
}

long run_write(struct call *call)
{
	return got(write(call->fd, bytes, 5));
}

long run_close(struct call *call)
{
	return got(close(call->fd));
}

long run_reset(struct call *call)
{
	(void)call;
	return reset();
}

void behind_reader(struct call *second)
{
	struct call reader = { run_read_5, node, "blocked read" };

	call_block(&reader);
	call_begin(second);
	if (!call_say(second)) {
		call_interrupt(&reader);
		call_say(&reader);
		pthread_join(second->thread, NULL);
		say(second->what, second->result);
		/* What was written may come back to what the reader has left behind. */
		settle();
		return;
	}
	if (second->run != run_write && second->run != run_reset)
		say("write", got(write(node, bytes, 5)));
	call_say(&reader);
}

/* To and from the process that unplugs. */
static int helper;

int begin_helper(void)
{
	int ends[2];
	char status;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return -errno;
	helper = ends[0];
	if (fork())
		return close(ends[1]);
	close(ends[0]);
	while (read(ends[1], &status, 1) == 1) {
		status = system("unplug >&2") ? 1 : 0;
		if (write(ends[1], &status, 1) != 1)
			break;
	}
	_exit(0);
}

void unplug(void)
{
	char status = 0;

	if (write(helper, &status, 1) != 1 || read(helper, &status, 1) != 1 || status)
		say("unplug", -EIO);
}

long empty(void)
{
	struct usbdevfs_ctrltransfer transfer = {
		.bRequestType = 0x40, .bRequest = SET_MODE, .wValue = LOOPBACK,
		.timeout = PATIENCE_MS,
	};

	return usbfs(USBDEVFS_CONTROL, &transfer);
}
