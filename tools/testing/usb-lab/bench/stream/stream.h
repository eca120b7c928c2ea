/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stream: moves data through one USB device in one of many ways, and says what it cost.
 *
 * What is common to all ways: how much to move, and what happens to the data.
 */
#ifndef STREAM_H
#define STREAM_H

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds that anything may take. */
#define PATIENCE_MS	10000

struct arm;

/* Which bytes a device sends, and is to be sent. */
enum pattern {
	PATTERN_ANY,		/* the same again after a while */
	PATTERN_PACKETS,	/* each packet 0, 1, ... 62, 0, 1, ... */
	PATTERN_WORDS,		/* 0, 1, 2, ... in words of 64 bits, from the beginning for each command */
};

struct stream {
	const struct arm *arm;
	const char *node;
	bool in;
	/* Bytes of a transfer, and transfers in flight. */
	uint32_t length;
	uint32_t depth;
	/* Bytes of a packet. */
	uint32_t packet;
	enum pattern pattern;
	/* The device is a disk: each run of transfers is the data of a command. */
	bool disk;
	/* Nobody looks at the data. */
	bool blind;
	/* Look at each byte, instead of adding all up. */
	bool verify;
	/* There is data to look at. */
	bool look;
	/* Bytes since the beginning of the stream, or the command. */
	uint64_t position;
};

/* What has come with a transfer, or has to be put into the next one. */
typedef void (*take_fn)(struct stream *stream, void *data, uint32_t length);

/* A way to move data. */
struct arm {
	const char *name;
	void (*open)(struct stream *stream);
	/* Moves so many transfers, with no more than the stream's depth in flight. */
	void (*pump)(struct stream *stream, uint32_t count, take_fn take);
	/* Sends a command to a disk; may be missing. */
	void (*send)(const void *data, uint32_t length);
};

extern const struct arm ring_arm;
extern const struct arm file_arm;
extern const struct arm usbfs_copy_arm;
extern const struct arm usbfs_map_arm;
extern const struct arm usbtest_arm;
extern const struct arm checksum_arm;

/* data.c */
void data_prepare(struct stream *stream);
void data_fill(const struct stream *stream, void *data, uint32_t length);
void data_take(struct stream *stream, void *data, uint32_t length);
void *data_buffer(size_t length);

/* disk.c */
void disk_begin(struct stream *stream);
void disk_read(struct stream *stream, uint32_t count);

/* usbfs.c */
struct endpoints {
	uint8_t in;
	uint8_t out;
};

int usbfs_open(const char *node, struct endpoints *endpoints);

#endif /* STREAM_H */
