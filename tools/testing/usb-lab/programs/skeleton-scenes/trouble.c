// SPDX-License-Identifier: GPL-2.0
/*
 * Scenes with a device that fails, that never takes what is written, that is reset, or goes.
 */
#include "calls.h"
#include "scenes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Scenes with a device that fails: the first read, or the first write. */

void read_fails(void)
{
	say_write(5);
	say_read(5);
	say_write(5);
	say_read(5);
}

void write_fails(void)
{
	say_write(5);
	settle();
	say_write(5);
	say_write(5);
}

void write_fails_close(void)
{
	say_write(5);
	say_close();
	node = open_node(0);
	say_write(5);
}

void write_fails_read(void)
{
	say_write(5);
	settle();
	say_read(5);
	say_read(5);
}

/* Scenes with a device that never takes what is written. */

static void fill(int count)
{
	while (count--)
		say_write(5);
}

void credit(void)
{
	long begin = now_ms();

	nonblocking(true);
	fill(9);
	say_close();
	printf("that took %s\n", now_ms() - begin < 900 ? "no time" : "its time");
}

void credit_signal(void)
{
	struct call writer = { run_write, node, "blocked write" };

	fill(8);
	call_block(&writer);
	call_interrupt(&writer);
	call_say(&writer);
}

/* Who is killed has written it nevertheless. */
void killed(void)
{
	long begin = now_ms();
	pid_t child = fork();

	if (!child) {
		fill(1);
		raise(SIGKILL);
	}
	/* Its reference is not the last, but its closing is one. */
	waitpid(child, NULL, 0);
	printf("that took %s\n", now_ms() - begin < 900 ? "no time" : "its time");
}

void reset_writes(void)
{
	fill(3);
	say("reset", reset());
	say_write(5);
}

/* Whether it is the write that was held up, or the next, depends on who is faster. */
void reset_writer(void)
{
	struct call writer = { run_write, node, "blocked write" };

	fill(8);
	call_block(&writer);
	say("reset", reset());
	pthread_join(writer.thread, NULL);
	printf("reported: %s\n", writer.result == -EPIPE || run_write(&writer) == -EPIPE ? "yes" : "no");
	close(node);
	node = -1;
}

/* Scenes of resets. */

void reset_read(void)
{
	say("reset", reset());
	say_read(5);
	loop();
}

void reset_write(void)
{
	say("reset", reset());
	say_write(5);
	loop();
}

void reset_close(void)
{
	say("reset", reset());
	say_close();
	node = open_node(0);
	loop();
}

void reset_behind_reader(void)
{
	behind_reader(&(struct call){ run_reset, node, "reset" });
	say_write(5);
	say_write(5);
}

/* Scenes in which the device goes. */

void unplugged(void)
{
	unplug();
	say_read(5);
	say_write(5);
	say_read(5);
	say_close();
	say("open", got(open_node(0)));
}

void unplug_reader(void)
{
	struct call reader = { run_read_5, node, "blocked read" };

	call_block(&reader);
	unplug();
	call_say(&reader);
	say_read(5);
	say_write(5);
}

void unplug_writes(void)
{
	fill(3);
	unplug();
	say_write(5);
	say_write(5);
}

/* Whether what failed later is reported again, depends on who is faster: no word of that. */
void unplug_writer(void)
{
	struct call writer = { run_write, node, "blocked write" };

	fill(8);
	call_block(&writer);
	unplug();
	call_say(&writer);
	close(node);
	node = -1;
}
