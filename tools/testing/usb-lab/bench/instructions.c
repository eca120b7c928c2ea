// SPDX-License-Identifier: GPL-2.0
/*
 * instructions FILE TEXT...: writes each TEXT to FILE with one write(), and
 * prints for each how many instructions the CPU carried out meanwhile.
 *
 * For guests with one CPU whose time stamp counter counts instructions (QEMU's
 * -icount shift=0). The counter goes on while the CPU is idle; so it is never
 * let idle, by a thread whose instructions are known and subtracted.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <x86intrin.h>

#define INSTRUCTIONS_PER_TURN 2

static volatile uint64_t turns;

static void *spin(void *unused)
{
	const struct sched_param none = {};

	if (sched_setscheduler(0, SCHED_IDLE, &none))
		err(1, "SCHED_IDLE");
	for (;;)
		asm volatile("0: incq %0; jmp 0b" : "+m"(turns));
	return unused;
}

static uint64_t others(void)
{
	uint64_t before = __rdtsc();

	return before - INSTRUCTIONS_PER_TURN * turns;
}

int main(int argc, char **argv)
{
	pthread_t spinner;
	int file;

	if (argc < 3)
		errx(2, "usage: instructions FILE TEXT...");
	file = open(argv[1], O_WRONLY);
	if (file < 0)
		err(1, "%s", argv[1]);
	errno = pthread_create(&spinner, NULL, spin, NULL);
	if (errno)
		err(1, "pthread_create");
	while (!turns)
		usleep(1000);
	for (int i = 2; i < argc; i++) {
		size_t length = strlen(argv[i]);
		uint64_t before = others();
		ssize_t done = write(file, argv[i], length);
		uint64_t after = others();

		if (done != (ssize_t)length)
			err(1, "%s: %s", argv[1], argv[i]);
		printf("%llu\n", (unsigned long long)(after - before));
	}
	return 0;
}
