// SPDX-License-Identifier: GPL-2.0
/* read() and write() of a node, of whichever driver. A transfer is a buffer here. */
#include "stream.h"

#include <fcntl.h>
#include <unistd.h>

static int file;
static char *buffer;

static void file_open(struct stream *stream)
{
	file = open(stream->node, O_RDWR | O_CLOEXEC);
	if (file < 0)
		err(1, "%s", stream->node);
	buffer = data_buffer(stream->length);
	data_fill(stream, buffer, stream->length);
}

static void move_whole(bool in, uint32_t length)
{
	for (uint32_t moved = 0; moved != length;) {
		ssize_t done = in ? read(file, buffer + moved, length - moved) : write(file, buffer + moved, length - moved);

		if (done <= 0)
			err(1, in ? "read" : "write");
		moved += done;
	}
}

static void file_pump(struct stream *stream, uint32_t count, take_fn take)
{
	for (uint32_t i = 0; i < count; i++) {
		move_whole(stream->in, stream->length);
		take(stream, buffer, stream->length);
	}
	/* A driver without fsync() may still have a few writes to do. */
	if (!stream->in && fsync(file) && errno != EINVAL)
		err(1, "fsync");
}

const struct arm file_arm = { "file", file_open, file_pump, NULL };
