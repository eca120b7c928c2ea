/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call that blocks, in a thread of its own, and signals that interrupt calls.
 */
#ifndef USBPIPE_TEST_BLOCKED_H
#define USBPIPE_TEST_BLOCKED_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "node.h"

struct blocked {
	/* Returns what the call returns, or a negative error number. */
	long (*call)(struct blocked *blocked);
	int fd;
	void *buffer;
	size_t length;
	short events;
	long result;
	volatile pid_t tid;
	pthread_t thread;
};

static inline void *blocked_main(void *argument)
{
	struct blocked *blocked = argument;

	blocked->tid = syscall(SYS_gettid);
	blocked->result = blocked->call(blocked);
	return NULL;
}

/* Does the thread sleep? */
static inline bool blocked_sleeps(struct blocked *blocked)
{
	char path[64], line[256] = "", *end;
	FILE *stat;

	if (!blocked->tid)
		return false;
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", blocked->tid);
	stat = fopen(path, "r");
	if (!stat)
		return false;
	if (!fgets(line, sizeof(line), stat))
		line[0] = 0;
	fclose(stat);
	end = strrchr(line, ')');
	return end && end[1] && end[2] == 'S';
}

/* Starts the call; returns when it sleeps. */
static inline int blocked_start(struct blocked *blocked)
{
	int err = pthread_create(&blocked->thread, NULL, blocked_main, blocked);

	if (err)
		return -err;
	return wait_until(blocked_sleeps(blocked)) ? 0 : -ETIME;
}

/* Has the call ended within the time? */
static inline bool blocked_ends_within(struct blocked *blocked, int ms)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	return !pthread_timedjoin_np(blocked->thread, NULL, &end);
}

static inline bool blocked_ends(struct blocked *blocked)
{
	return blocked_ends_within(blocked, DEADLINE_MS);
}

static inline long blocked_read(struct blocked *blocked)
{
	ssize_t count = read(blocked->fd, blocked->buffer, blocked->length);

	return count < 0 ? -errno : count;
}

static inline long blocked_write(struct blocked *blocked)
{
	ssize_t count = write(blocked->fd, blocked->buffer, blocked->length);

	return count < 0 ? -errno : count;
}

static inline long blocked_fsync(struct blocked *blocked)
{
	return fsync(blocked->fd) ? -errno : 0;
}

static inline long blocked_poll(struct blocked *blocked)
{
	return ready(blocked->fd, blocked->events);
}

static volatile sig_atomic_t alarms;
/* Called from the handler of the third alarm. */
static void (*third_alarm)(void);

static inline void on_alarm(int number)
{
	int old = errno;

	(void)number;
	if (++alarms == 3 && third_alarm)
		third_alarm();
	errno = old;
}

/* An alarm every 20 ms: one that comes before the call blocks does no harm. */
static inline int alarms_start(int flags)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
	struct itimerval timer = {
		.it_value.tv_usec = 20000,
		.it_interval.tv_usec = 20000,
	};

	alarms = 0;
	return sigaction(SIGALRM, &action, NULL) || setitimer(ITIMER_REAL, &timer, NULL);
}

static inline void alarms_stop(void)
{
	struct itimerval off = { 0 };

	setitimer(ITIMER_REAL, &off, NULL);
}

#endif /* USBPIPE_TEST_BLOCKED_H */
