/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the scenes are made of: calls, each with a line that says what came of it.
 */
#ifndef SKELETON_SCENES_CALLS_H
#define SKELETON_SCENES_CALLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What is written, and where it is read to. */
extern char bytes[8192];
/* The file that the scene begins with; -1 once the scene has closed it. */
extern int node;

long now_ms(void);
void pause_ms(long ms);
/* A return value, or the negative error number that came with it. */
long got(long result);
void say(const char *what, long result);

int open_node(int flags);
void nonblocking(bool on);
void say_read(size_t count);
/* What a read without blocking returns other than EAGAIN, within some time. */
void say_read_soon(size_t count);
void say_write(size_t count);
void say_close(void);

/* What is done to the device without the driver. */
long reset(void);
/* Waits until the device has dealt with what was sent before: it is asked, and answers in turn. */
void settle(void);
/* Makes the device forget what it was sent. */
long empty(void);
/* The process that unplugs it was there before the node was opened: a later one would close it. */
int begin_helper(void);
void unplug(void);

/* A call in a thread of its own. */
struct call {
	long (*run)(struct call *call);
	int fd;
	const char *what;
	long result;
	volatile pid_t tid;
	pthread_t thread;
};

/* Returns when it sleeps, and has done so for a while. */
void call_block(struct call *call);
/* Says what came of it, or that it blocks. Returns whether it has ended. */
bool call_say(struct call *call);
/* Ends it by a signal; it must sleep. */
void call_interrupt(struct call *call);
void catch_signals(int number, void (*handler)(int), int flags);

/* Takes just what the scenes send, so that nothing is read ahead. */
long run_read_5(struct call *call);
long run_read(struct call *call);
long run_write(struct call *call);
long run_close(struct call *call);
long run_reset(struct call *call);

/* Begins a call while a read blocks; ends the read by a signal if need be. */
void behind_reader(struct call *second);

#endif /* SKELETON_SCENES_CALLS_H */
