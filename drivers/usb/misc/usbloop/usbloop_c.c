// SPDX-License-Identifier: GPL-2.0
/*
 * A loop of bulk transfers in C: what the one in Rust, usbloop_rust.rs, is
 * compared with. It is told what to do through the attribute "run" of the
 * interface; the format is described there.
 */

#include <linux/completion.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <linux/usb.h>

#define MAX_LENGTH	SZ_1M
#define MAX_DEPTH	1024
#define LIMIT_MS	60000

#define BLOCK_SIZE	4096
#define CBW_SIZE	31
#define CSW_SIZE	13

static bool anchored;
module_param(anchored, bool, 0644);
MODULE_PARM_DESC(anchored, "Keep the URBs in flight on an anchor");

struct usbloop {
	struct usb_device *udev;
	u8 in;
	u8 out;
};

/* Transfers of one length to one endpoint. */
struct run {
	struct usb_anchor anchor;
	struct completion done;
	/* How many times a URB that has completed is to be submitted again. */
	atomic_t left;
	atomic_t in_flight;
	atomic64_t bytes;
	int error;
};

static __always_inline void run_complete(struct urb *urb, bool anchor)
{
	struct run *run = urb->context;
	int error = urb->status;

	if (unlikely(error))
		goto ended;
	atomic64_add(urb->actual_length, &run->bytes);
	if (atomic_fetch_sub_relaxed(1, &run->left) <= 0)
		goto ended;
	if (anchor)
		usb_anchor_urb(urb, &run->anchor);
	error = usb_submit_urb(urb, GFP_ATOMIC);
	if (likely(!error))
		return;
	if (anchor)
		usb_unanchor_urb(urb);
ended:
	if (error)
		WRITE_ONCE(run->error, error);
	if (atomic_dec_and_test(&run->in_flight))
		complete(&run->done);
}

static void run_complete_plain(struct urb *urb)
{
	run_complete(urb, false);
}

static void run_complete_anchored(struct urb *urb)
{
	run_complete(urb, true);
}

static struct urb *run_urb(struct run *run, struct usb_device *udev,
			   unsigned int pipe, const void *content, u32 length)
{
	struct urb *urb = usb_alloc_urb(0, GFP_KERNEL);
	void *buffer = kzalloc(length, GFP_KERNEL);

	if (!urb || !buffer) {
		kfree(buffer);
		usb_free_urb(urb);
		return NULL;
	}
	if (content)
		memcpy(buffer, content, length);
	usb_fill_bulk_urb(urb, udev, pipe, buffer, length,
			  anchored ? run_complete_anchored : run_complete_plain,
			  run);
	urb->transfer_flags |= URB_FREE_BUFFER;
	return urb;
}

static void run_submit(struct run *run, struct urb *urb)
{
	int error;

	atomic_inc(&run->in_flight);
	if (anchored)
		usb_anchor_urb(urb, &run->anchor);
	error = usb_submit_urb(urb, GFP_KERNEL);
	if (error) {
		usb_unanchor_urb(urb);
		WRITE_ONCE(run->error, error);
		atomic_dec(&run->in_flight);
	}
}

/* Moves count buffers with depth of them in flight. */
static int run_all(struct usbloop *loop, unsigned int pipe, const void *content,
		   u32 length, u32 depth, u32 count)
{
	struct urb **urbs __free(kfree) = kcalloc(depth, sizeof(*urbs), GFP_KERNEL);
	struct run run = { .in_flight = ATOMIC_INIT(1) };
	u32 i;

	if (!urbs)
		return -ENOMEM;
	init_usb_anchor(&run.anchor);
	init_completion(&run.done);
	depth = min(depth, count);
	atomic_set(&run.left, count - depth);
	for (i = 0; i < depth; i++) {
		urbs[i] = run_urb(&run, loop->udev, pipe, content, length);
		if (!urbs[i])
			run.error = -ENOMEM;
	}
	for (i = 0; i < depth && !run.error; i++)
		run_submit(&run, urbs[i]);
	if (!atomic_dec_and_test(&run.in_flight) &&
	    !wait_for_completion_timeout(&run.done, msecs_to_jiffies(LIMIT_MS)))
		run.error = -ETIMEDOUT;
	for (i = 0; i < depth; i++) {
		usb_kill_urb(urbs[i]);
		usb_free_urb(urbs[i]);
	}
	if (!run.error && atomic64_read(&run.bytes) != (u64)length * count)
		run.error = -EIO;
	return run.error;
}

/* Sends a command of the Bulk-Only Transport, with bytes of data to follow. */
static int send_command(struct usbloop *loop, u8 opcode, bool in, u32 bytes)
{
	u8 cbw[CBW_SIZE] = {};

	memcpy(cbw, "USBC", 4);
	put_unaligned_le32(bytes, cbw + 8);
	cbw[12] = in ? USB_DIR_IN : USB_DIR_OUT;
	cbw[14] = 10;
	cbw[15] = opcode;
	put_unaligned_be16(bytes / BLOCK_SIZE, cbw + 22);
	return run_all(loop, usb_sndbulkpipe(loop->udev, loop->out), cbw, sizeof(cbw), 1, 1);
}

static int receive_status(struct usbloop *loop)
{
	return run_all(loop, usb_rcvbulkpipe(loop->udev, loop->in), NULL, CSW_SIZE, 1, 1);
}

static int obey(struct usbloop *loop, bool in, u32 length, u32 depth, u32 count)
{
	u64 bytes = (u64)length * count;
	unsigned int pipe;
	int error;

	if (!length || length > MAX_LENGTH || !depth || depth > MAX_DEPTH || !count ||
	    bytes % BLOCK_SIZE || bytes / BLOCK_SIZE > U16_MAX)
		return -EINVAL;
	/* The first command after a reset fails, whatever it is. */
	error = send_command(loop, 0x00, false, 0);
	if (!error)
		error = receive_status(loop);
	if (!error)
		error = send_command(loop, in ? 0x28 : 0x2a, in, bytes);
	if (error)
		return error;
	pipe = in ? usb_rcvbulkpipe(loop->udev, loop->in) :
		    usb_sndbulkpipe(loop->udev, loop->out);
	error = run_all(loop, pipe, NULL, length, depth, count);
	return error ?: receive_status(loop);
}

static ssize_t run_store(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t size)
{
	struct usbloop *loop = usb_get_intfdata(to_usb_interface(dev));
	u32 length, depth, count;
	char direction[4];
	int error;

	if (sscanf(buf, "%3s %u %u %u", direction, &length, &depth, &count) != 4)
		return -EINVAL;
	if (strcmp(direction, "in") && strcmp(direction, "out"))
		return -EINVAL;
	error = obey(loop, direction[0] == 'i', length, depth, count);
	return error ?: size;
}
static DEVICE_ATTR_WO(run);

static struct attribute *usbloop_attrs[] = {
	&dev_attr_run.attr,
	NULL
};
ATTRIBUTE_GROUPS(usbloop);

static int usbloop_probe(struct usb_interface *intf, const struct usb_device_id *id)
{
	struct usb_endpoint_descriptor *in, *out;
	struct usbloop *loop;
	int error;

	error = usb_find_common_endpoints(intf->cur_altsetting, &in, &out, NULL, NULL);
	if (error)
		return error;
	loop = devm_kzalloc(&intf->dev, sizeof(*loop), GFP_KERNEL);
	if (!loop)
		return -ENOMEM;
	loop->udev = interface_to_usbdev(intf);
	loop->in = usb_endpoint_num(in);
	loop->out = usb_endpoint_num(out);
	usb_set_intfdata(intf, loop);
	return 0;
}

/* The attribute is gone by now, and with it all that uses the device. */
static void usbloop_disconnect(struct usb_interface *intf)
{
}

static const struct usb_device_id usbloop_ids[] = {
	{ USB_DEVICE(0x46f4, 0x0001) },
	{ }
};
MODULE_DEVICE_TABLE(usb, usbloop_ids);

static struct usb_driver usbloop_driver = {
	.name = "usbloop_c",
	.probe = usbloop_probe,
	.disconnect = usbloop_disconnect,
	.id_table = usbloop_ids,
	.dev_groups = usbloop_groups,
};
module_usb_driver(usbloop_driver);

MODULE_AUTHOR("The usbpipe developers");
MODULE_DESCRIPTION("Loop of bulk transfers in C");
MODULE_LICENSE("GPL");
