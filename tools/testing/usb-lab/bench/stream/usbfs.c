// SPDX-License-Identifier: GPL-2.0
/*
 * usbfs with URBs in flight, as libusb does it: each one is submitted with one system call and
 * collected with another. Either the kernel copies to and from the program's buffers, or the buffers
 * are memory of the kernel that the program maps.
 */
#include "stream.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>

static int file;
static struct endpoints endpoints;
static struct usbdevfs_urb *urbs;

/* One descriptor after the other: the first bulk endpoint in each direction. */
static void find_endpoints(const uint8_t *at, const uint8_t *end, struct endpoints *found)
{
	for (; at < end && at[0] >= 2 && at[0] <= end - at; at += at[0]) {
		if (at[1] != USB_DT_ENDPOINT || (at[3] & USB_ENDPOINT_XFERTYPE_MASK) != USB_ENDPOINT_XFER_BULK)
			continue;
		if (at[2] & USB_DIR_IN)
			found->in = found->in ?: at[2];
		else
			found->out = found->out ?: at[2];
	}
}

int usbfs_open(const char *node, struct endpoints *found)
{
	uint8_t descriptors[1024];
	int opened = open(node, O_RDWR | O_CLOEXEC);
	ssize_t length = opened < 0 ? -1 : read(opened, descriptors, sizeof(descriptors));

	if (length < 0)
		err(1, "%s", node);
	find_endpoints(descriptors, descriptors + length, found);
	return opened;
}

static void usbfs_begin(struct stream *stream, char *data)
{
	uint8_t endpoint = stream->in ? endpoints.in : endpoints.out;
	unsigned int interface = 0;

	if (ioctl(file, USBDEVFS_CLAIMINTERFACE, &interface))
		err(1, "USBDEVFS_CLAIMINTERFACE");
	urbs = calloc(stream->depth, sizeof(*urbs));
	if (!urbs)
		err(1, "%u URBs", stream->depth);
	for (uint32_t i = 0; i < stream->depth; i++) {
		urbs[i].type = USBDEVFS_URB_TYPE_BULK;
		urbs[i].endpoint = endpoint;
		urbs[i].buffer = data + (size_t)i * stream->length;
		urbs[i].buffer_length = stream->length;
		data_fill(stream, urbs[i].buffer, stream->length);
	}
}

static void usbfs_open_copy(struct stream *stream)
{
	file = usbfs_open(stream->node, &endpoints);
	usbfs_begin(stream, data_buffer((size_t)stream->depth * stream->length));
}

static void usbfs_open_map(struct stream *stream)
{
	size_t length = (size_t)stream->depth * stream->length;
	char *data;

	file = usbfs_open(stream->node, &endpoints);
	data = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (data == MAP_FAILED)
		err(1, "mmap");
	usbfs_begin(stream, data);
}

static void usbfs_submit(struct usbdevfs_urb *urb)
{
	if (ioctl(file, USBDEVFS_SUBMITURB, urb))
		err(1, "USBDEVFS_SUBMITURB");
}

static struct usbdevfs_urb *usbfs_reap(void)
{
	struct usbdevfs_urb *urb;

	if (ioctl(file, USBDEVFS_REAPURB, &urb))
		err(1, "USBDEVFS_REAPURB");
	if (urb->status) {
		errno = -urb->status;
		err(1, "URB");
	}
	return urb;
}

static void usbfs_pump(struct stream *stream, uint32_t count, take_fn take)
{
	uint32_t submitted = 0;

	for (; submitted < count && submitted < stream->depth; submitted++)
		usbfs_submit(&urbs[submitted]);
	for (uint32_t taken = 0; taken < count; taken++) {
		struct usbdevfs_urb *urb = usbfs_reap();

		take(stream, urb->buffer, urb->actual_length);
		if (submitted < count) {
			usbfs_submit(urb);
			submitted++;
		}
	}
}

static void usbfs_send(const void *data, uint32_t length)
{
	struct usbdevfs_bulktransfer transfer = {
		.ep = endpoints.out,
		.len = length,
		.timeout = PATIENCE_MS,
		.data = (void *)data,
	};

	if (ioctl(file, USBDEVFS_BULK, &transfer) != (int)length)
		err(1, "USBDEVFS_BULK");
}

const struct arm usbfs_copy_arm = { "usbfs-copy", usbfs_open_copy, usbfs_pump, usbfs_send };
const struct arm usbfs_map_arm = { "usbfs-map", usbfs_open_map, usbfs_pump, usbfs_send };
