// SPDX-License-Identifier: GPL-2.0
/*
 * check-signal NODE UNBIND INTERFACE: who asks for signals gets them, with their reason, until the
 * last one says that the driver is gone. It is left unbound.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "check.h"

/* Longer than anything takes that works; how long to wait for nothing. */
#define LONG_S 10
#define SHORT_NS 200000000

static int await(int signal, siginfo_t *info, time_t seconds, long nanoseconds)
{
	struct timespec limit = { .tv_sec = seconds, .tv_nsec = nanoseconds };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	return sigtimedwait(&set, info, &limit);
}

/* A signal comes for this descriptor, and why. */
static void comes(int signal, int fd, int code, int band)
{
	siginfo_t info;

	EXPECT(await(signal, &info, LONG_S, 0) == signal);
	EXPECT(info.si_fd == fd);
	EXPECT(info.si_code == code);
	EXPECT((info.si_band & band) == band);
}

static void quiet(int signal)
{
	siginfo_t info;

	EXPECT(await(signal, &info, 0, SHORT_NS) == -1 && errno == EAGAIN);
}

static void ask(int fd, int signal)
{
	EXPECT(fcntl(fd, F_SETOWN, getpid()) == 0);
	EXPECT(fcntl(fd, F_SETSIG, signal) == 0);
	EXPECT(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC) == 0);
}

static void stop(int fd)
{
	EXPECT(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_ASYNC) == 0);
}

static void reasons(int by, int fd, int signal)
{
	say(by, "signal readable");
	comes(signal, fd, POLL_IN, POLLIN);
	say(by, "signal writable");
	comes(signal, fd, POLL_OUT, POLLOUT);
	say(by, "signal urgent");
	comes(signal, fd, POLL_PRI, POLLPRI);
	say(by, "signal error");
	comes(signal, fd, POLL_ERR, POLLERR);
	say(by, "signal nothing");
	quiet(signal);
}

int main(int argc, char **argv)
{
	int by, one, two, first = SIGRTMIN, second = SIGRTMIN + 1;
	sigset_t all;

	EXPECT(argc == 4);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	by = open_node(argv[1]);
	one = open_node(argv[1]);
	two = open_node(argv[1]);

	/* Nobody has asked yet. */
	say(by, "signal readable");
	quiet(SIGIO);
	ask(one, first);
	reasons(by, one, first);

	/* Each file has its own, and closing or taking back ends it. */
	ask(two, second);
	say(by, "tick");
	comes(first, one, POLL_IN, POLLIN);
	comes(second, two, POLL_IN, POLLIN);
	stop(one);
	say(by, "tick");
	comes(second, two, POLL_IN, POLLIN);
	quiet(first);
	close(two);
	say(by, "tick");
	quiet(second);

	/* Without another wish it is SIGIO. */
	ask(one, 0);
	say(by, "tick");
	EXPECT(await(SIGIO, NULL, LONG_S, 0) == SIGIO);

	ask(one, first);
	tell(argv[2], argv[3]);
	comes(first, one, POLL_HUP, POLLHUP);
	stop(one);
	REFUSED(ENODEV, fcntl(one, F_SETFL, fcntl(one, F_GETFL) | O_ASYNC));
	quiet(first);
	return 0;
}
