// SPDX-License-Identifier: GPL-2.0
/*
 * The cases 27 and 28 of usbtest: a loop within the kernel, whose data nobody sees. Beside it, what
 * seeing as much data takes.
 */
#include "stream.h"

#include <sys/ioctl.h>
#include <sys/time.h>

#include <linux/usbdevice_fs.h>

/* As drivers/usb/misc/usbtest.c takes it. */
struct usbtest_param {
	uint32_t test_num;
	uint32_t iterations;
	uint32_t length;
	uint32_t vary;
	uint32_t sglen;
	struct timeval duration;
};

#define USBTEST_REQUEST	_IOWR('U', 100, struct usbtest_param)
#define BULK_WRITE	27
#define BULK_READ	28

static int file;

static void usbtest_open(struct stream *stream)
{
	struct endpoints unused = {};

	file = usbfs_open(stream->node, &unused);
}

static void usbtest_pump(struct stream *stream, uint32_t count, take_fn unused)
{
	struct usbtest_param param = {
		.test_num = stream->in ? BULK_READ : BULK_WRITE,
		.iterations = count / stream->depth,
		.length = stream->length,
		.sglen = stream->depth,
	};
	struct usbdevfs_ioctl order = { 0, USBTEST_REQUEST, &param };

	(void)unused;
	if (count % stream->depth)
		errx(2, "%u transfers: not a multiple of %u", count, stream->depth);
	if (ioctl(file, USBDEVFS_IOCTL, &order))
		err(1, "usbtest %u", param.test_num);
}

const struct arm usbtest_arm = { "usbtest", usbtest_open, usbtest_pump, NULL };

static char *buffers;

static void checksum_open(struct stream *stream)
{
	buffers = data_buffer((size_t)stream->depth * stream->length);
}

static void checksum_pump(struct stream *stream, uint32_t count, take_fn take)
{
	for (uint32_t i = 0; i < count; i++)
		take(stream, buffers + (size_t)(i % stream->depth) * stream->length, stream->length);
}

const struct arm checksum_arm = { "checksum", checksum_open, checksum_pump, NULL };
