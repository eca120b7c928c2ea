// SPDX-License-Identifier: GPL-2.0
/*
 * A disk as a source of data: commands of the Bulk-Only Transport, of which one may have far more data
 * than a transfer (USB Mass Storage Class, Bulk-Only Transport, 5). Blocks are of 512 bytes.
 */
#include "stream.h"

#include <string.h>

#define BLOCK_SIZE	512
#define CBW_SIZE	31
#define CSW_SIZE	13
#define CSW_STATUS	12
#define TEST_UNIT_READY	0x00
#define READ_16		0x88

static void put(uint8_t *to, uint64_t value, int bytes, bool big_endian)
{
	for (int i = 0; i < bytes; i++)
		to[big_endian ? bytes - 1 - i : i] = value >> 8 * i;
}

static void send_command(struct stream *stream, uint8_t opcode, uint64_t bytes)
{
	uint8_t command[CBW_SIZE] = "USBC";

	put(command + 8, bytes, 4, false);
	command[12] = 0x80;
	command[14] = 16;
	command[15] = opcode;
	put(command + 15 + 10, bytes / BLOCK_SIZE, 4, true);
	stream->arm->send(command, sizeof(command));
}

static void take_any_status(struct stream *unused, void *data, uint32_t length)
{
	(void)unused;
	if (length != CSW_SIZE || memcmp(data, "USBS", 4))
		errx(1, "the disk does not answer");
}

static void take_status(struct stream *stream, void *data, uint32_t length)
{
	take_any_status(stream, data, length);
	if (((uint8_t *)data)[CSW_STATUS])
		errx(1, "the disk refuses to read");
}

void disk_begin(struct stream *stream)
{
	/* The first command after a reset fails, whatever it is. */
	send_command(stream, TEST_UNIT_READY, 0);
	stream->arm->pump(stream, 1, take_any_status);
}

/* Reads from the beginning of the disk. */
void disk_read(struct stream *stream, uint32_t count)
{
	uint64_t bytes = (uint64_t)count * stream->length;

	if (bytes % BLOCK_SIZE || bytes > UINT32_MAX)
		errx(2, "%u transfers: not one command", count);
	stream->position = 0;
	send_command(stream, READ_16, bytes);
	stream->arm->pump(stream, count, data_take);
	stream->arm->pump(stream, 1, take_status);
}
