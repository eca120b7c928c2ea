// SPDX-License-Identifier: GPL-2.0
/*
 * stream [-cbvd] [-p PACKET] ARM NODE in|out LENGTH DEPTH COUNT: moves COUNT transfers of LENGTH bytes,
 * then three times as many, with DEPTH in flight. Prints, first of the former and then of the latter,
 * the nanoseconds that they took and the instructions that the CPU carried out for them:
 *	NANOSECONDS INSTRUCTIONS NANOSECONDS INSTRUCTIONS
 *
 * -c	the time stamp counter counts instructions (QEMU's -icount shift=0) of the only CPU. It goes on
 *	while the CPU is idle, so it is never let idle, by a thread whose instructions are subtracted.
 *	Without it, the instructions are 0.
 * -b	nobody looks at the data
 * -v	look at each byte; what it costs does not matter then
 * -d	the device is a disk
 * -p	the device sends packets of so many bytes that have a pattern
 */
#define _GNU_SOURCE
#include "stream.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define INSTRUCTIONS_PER_TURN 2

static const struct arm *const arms[] = {
	&ring_arm, &file_arm, &usbfs_copy_arm, &usbfs_map_arm, &usbtest_arm, &checksum_arm,
};

struct cost {
	uint64_t nanoseconds;
	uint64_t instructions;
};

static bool counted;
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

static void begin_to_count(void)
{
	pthread_t spinner;

	errno = pthread_create(&spinner, NULL, spin, NULL);
	if (errno)
		err(1, "pthread_create");
	while (!turns)
		usleep(1000);
}

static struct cost now(void)
{
	struct timespec time;
	uint64_t ticks;

	if (counted) {
		ticks = __rdtsc();
		return (struct cost) { ticks, ticks - INSTRUCTIONS_PER_TURN * turns };
	}
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (struct cost) { time.tv_sec * 1000000000ULL + time.tv_nsec, 0 };
}

static void move(struct stream *stream, uint32_t count)
{
	if (stream->disk)
		disk_read(stream, count);
	else
		stream->arm->pump(stream, count, data_take);
}

/* Where a profile begins and ends: scripts/bench/profile has QEMU look out for these. */
__attribute__((noipa))
void profile_begins(void)
{
}

__attribute__((noipa))
void profile_ends(void)
{
}

static void measure(struct stream *stream, uint32_t count)
{
	struct cost before = now(), after;

	profile_begins();
	move(stream, count);
	profile_ends();
	after = now();
	printf("%llu %llu ", (unsigned long long)(after.nanoseconds - before.nanoseconds),
	       (unsigned long long)(after.instructions - before.instructions));
}

static const struct arm *arm_of(const char *name)
{
	for (size_t i = 0; i < sizeof(arms) / sizeof(*arms); i++)
		if (!strcmp(arms[i]->name, name))
			return arms[i];
	errx(2, "no arm %s", name);
}

static void misused(void)
{
	errx(2, "usage: stream [-cbvd] [-p PACKET] ARM NODE in|out LENGTH DEPTH COUNT");
}

static void parse_options(struct stream *stream, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "cbvdp:")) >= 0) {
		switch (option) {
		case 'c':
			counted = true;
			break;
		case 'b':
			stream->blind = true;
			break;
		case 'v':
			stream->verify = true;
			break;
		case 'd':
			stream->disk = true;
			stream->pattern = PATTERN_WORDS;
			break;
		case 'p':
			stream->packet = atoi(optarg);
			break;
		default:
			misused();
		}
	}
}

/* Returns how many transfers are to be moved. */
static uint32_t parse(struct stream *stream, int argc, char **argv)
{
	parse_options(stream, argc, argv);
	if (argc - optind != 6)
		misused();
	argv += optind;
	stream->arm = arm_of(argv[0]);
	stream->node = argv[1];
	stream->in = !strcmp(argv[2], "in");
	stream->length = atoi(argv[3]);
	stream->depth = atoi(argv[4]);
	return atoi(argv[5]);
}

int main(int argc, char **argv)
{
	struct stream stream = { .packet = 1024, .pattern = PATTERN_PACKETS };
	uint32_t count = parse(&stream, argc, argv);

	if (mlockall(MCL_CURRENT))
		err(1, "mlockall");
	data_prepare(&stream);
	stream.arm->open(&stream);
	if (stream.disk)
		disk_begin(&stream);
	/* Once for what happens the first time only, and to learn what is sent. */
	move(&stream, count);
	if (counted)
		begin_to_count();
	measure(&stream, count);
	measure(&stream, 3 * count);
	puts("");
	return 0;
}
