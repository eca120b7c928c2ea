// SPDX-License-Identifier: GPL-2.0
/*
 * Scenes with a device that does what it should.
 */
#define _GNU_SOURCE
#include "calls.h"
#include "scenes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

void the_node(void)
{
	struct stat stat;
	int other = open_node(0);

	say("second open", other < 0 ? -errno : 0);
	say("close", got(close(other)));
	fstat(node, &stat);
	printf("mode %o, major %u, minor %u\n", stat.st_mode, major(stat.st_rdev), minor(stat.st_rdev));
}

void nothing(void)
{
	say_read(0);
	say_write(0);
}

void loop(void)
{
	char room[10] = "";

	memcpy(bytes, "0123456789", 10);
	say_write(10);
	say("read", got(read(node, room, 10)));
	printf("%.10s\n", room);
}

void pieces(void)
{
	say_write(100);
	say_read(30);
	say_read(70);
}

void large(void)
{
	int i;

	say_write(sizeof(bytes));
	for (i = 0; i < 7; i++)
		say_read(512);
}

void left_over(void)
{
	say_write(10);
	say_read(4);
	say_close();
	node = open_node(0);
	say_read(6);
}

void nonblock(void)
{
	nonblocking(true);
	say_read(5);
	say_read(5);
	say_write(5);
	say_read_soon(5);
}

void read_ahead(void)
{
	say_write(10);
	say_read(100);
}

void close_reading(void)
{
	nonblocking(true);
	say_read(5);
	say_close();
	node = open_node(0);
	say_write(5);
	say_read(5);
}

void polls(void)
{
	struct pollfd pollfd = { .fd = node, .events = POLLIN | POLLOUT | POLLPRI };
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	say("poll", got(poll(&pollfd, 1, 0)));
	printf("events %#x\n", pollfd.revents);
	say("epoll_ctl", got(epoll_ctl(epoll, EPOLL_CTL_ADD, node, &event)));
	close(epoll);
}

void unsupported(void)
{
	struct iovec vector = { bytes, 5 };

	say("fsync", got(fsync(node)));
	say("fdatasync", got(fdatasync(node)));
	say("ioctl", got(ioctl(node, 0x5555, 0)));
	say("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, node, 0) == MAP_FAILED ? -errno : 0);
	say("O_ASYNC", got(fcntl(node, F_SETFL, O_ASYNC)));
	say("RWF_NOWAIT", got(preadv2(node, &vector, 1, -1, RWF_NOWAIT)));
	say("ftruncate", got(ftruncate(node, 0)));
}

void position(void)
{
	say("lseek", got(lseek(node, 5, SEEK_SET)));
	say("pwrite", got(pwrite(node, bytes, 5, 100)));
	/* With nothing to be had it would wait. */
	say_write(5);
	say("pread", got(pread(node, bytes, 5, 100)));
}

void vectors(void)
{
	struct iovec out[] = { { bytes, 3 }, { bytes + 3, 4 } };
	struct iovec in[] = { { bytes, 5 }, { bytes + 5, 2 } };

	say("writev", got(writev(node, out, 2)));
	settle();
	say("readv", got(readv(node, in, 2)));
}

void bad_memory(void)
{
	char *bad = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	say("bad write", got(write(node, bad, 5)));
	say_write(5);
	say("bad read", got(read(node, bad, 5)));
	say_read_soon(5);
}

void signal_read(void)
{
	struct call reader = { run_read_5, node, "blocked read" };

	call_block(&reader);
	call_interrupt(&reader);
	call_say(&reader);
	say_write(5);
	say_read(5);
}

static void write_on_alarm(int number)
{
	(void)number;
	if (write(node, bytes, 5) != 5)
		_exit(1);
}

/* In the handler of the signal the device gets what it will answer with. */
void restarted_read(void)
{
	catch_signals(SIGALRM, write_on_alarm, SA_RESTART);
	alarm(1);
	say_read(5);
}

void write_behind_reader(void)
{
	behind_reader(&(struct call){ run_write, node, "write" });
}

void nonblock_behind_reader(void)
{
	behind_reader(&(struct call){ run_read, open_node(O_NONBLOCK), "read without blocking" });
}

void close_behind_reader(void)
{
	behind_reader(&(struct call){ run_close, open_node(0), "close of another file" });
}
