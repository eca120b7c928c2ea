// SPDX-License-Identifier: GPL-2.0
/*
 * A loop of transfers in C: what the one in Rust, usbloop_rust.rs, is
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

enum way { IN, OUT, CONTROL, ISO };

struct usbloop {
	struct usb_device *udev;
	u8 in;
	u8 out;
	/* Of the isochronous OUT endpoint, if this is the interface with one. */
	u8 iso;
	int iso_interval;
	/* Asks for the device descriptor. */
	struct usb_ctrlrequest *setup;
};

/* Transfers of one length to one endpoint. */
struct run {
	struct usbloop *loop;
	enum way way;
	struct usb_anchor anchor;
	struct completion done;
	atomic_t in_flight;
	atomic64_t bytes;
	int error;
};

/* What becomes of one URB. */
struct transfer {
	struct run *run;
	struct urb *urb;
	/* How many times it is to be submitted again. */
	u32 left;
	u64 bytes;
};

static __always_inline void run_complete(struct urb *urb, bool anchor)
{
	struct transfer *transfer = urb->context;
	struct run *run = transfer->run;
	int error = urb->status;

	transfer->bytes += urb->actual_length;
	if (unlikely(error) || !transfer->left)
		goto ended;
	transfer->left--;
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
	atomic64_add(transfer->bytes, &run->bytes);
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

static void transfer_fill(struct transfer *transfer, void *buffer, u32 length)
{
	struct urb *urb = transfer->urb;
	struct run *run = transfer->run;
	usb_complete_t complete = anchored ? run_complete_anchored : run_complete_plain;
	struct usbloop *loop = run->loop;
	struct usb_device *udev = loop->udev;

	switch (run->way) {
	case IN:
		usb_fill_bulk_urb(urb, udev, usb_rcvbulkpipe(udev, loop->in),
				  buffer, length, complete, transfer);
		break;
	case OUT:
		usb_fill_bulk_urb(urb, udev, usb_sndbulkpipe(udev, loop->out),
				  buffer, length, complete, transfer);
		break;
	case CONTROL:
		usb_fill_control_urb(urb, udev, usb_rcvctrlpipe(udev, 0),
				     (void *)loop->setup, buffer, length,
				     complete, transfer);
		break;
	case ISO:
		usb_fill_bulk_urb(urb, udev, usb_sndisocpipe(udev, loop->iso),
				  buffer, length, complete, transfer);
		urb->interval = loop->iso_interval;
		urb->transfer_flags = URB_ISO_ASAP;
		urb->number_of_packets = 1;
		urb->iso_frame_desc[0].length = length;
		break;
	}
	urb->transfer_flags |= URB_FREE_BUFFER;
}

static int transfer_init(struct transfer *transfer, const void *content, u32 length)
{
	struct urb *urb = usb_alloc_urb(transfer->run->way == ISO, GFP_KERNEL);
	void *buffer = kzalloc(length, GFP_KERNEL);

	if (!urb || !buffer) {
		kfree(buffer);
		usb_free_urb(urb);
		return -ENOMEM;
	}
	if (content)
		memcpy(buffer, content, length);
	transfer->urb = urb;
	transfer_fill(transfer, buffer, length);
	return 0;
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
static int run_all(struct usbloop *loop, enum way way, const void *content,
		   u32 length, u32 depth, u32 count)
{
	struct transfer *transfers __free(kfree) = kcalloc(depth, sizeof(*transfers), GFP_KERNEL);
	struct run run = { .loop = loop, .way = way, .in_flight = ATOMIC_INIT(1) };
	u32 i;

	if (!transfers)
		return -ENOMEM;
	init_usb_anchor(&run.anchor);
	init_completion(&run.done);
	depth = min(depth, count);
	for (i = 0; i < depth && !run.error; i++) {
		transfers[i].run = &run;
		transfers[i].left = (count - i - 1) / depth;
		run.error = transfer_init(&transfers[i], content, length);
	}
	for (i = 0; i < depth && !run.error; i++)
		run_submit(&run, transfers[i].urb);
	if (!atomic_dec_and_test(&run.in_flight) &&
	    !wait_for_completion_timeout(&run.done, msecs_to_jiffies(LIMIT_MS)))
		run.error = -ETIMEDOUT;
	for (i = 0; i < depth; i++) {
		usb_kill_urb(transfers[i].urb);
		usb_free_urb(transfers[i].urb);
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
	return run_all(loop, OUT, cbw, sizeof(cbw), 1, 1);
}

static int receive_status(struct usbloop *loop)
{
	return run_all(loop, IN, NULL, CSW_SIZE, 1, 1);
}

/* Moves data in the middle of a command. */
static int obey_bulk(struct usbloop *loop, enum way way, u32 length, u32 depth, u32 count)
{
	u64 bytes = (u64)length * count;
	int error;

	if (bytes % BLOCK_SIZE || bytes / BLOCK_SIZE > U16_MAX)
		return -EINVAL;
	/* The first command after a reset fails, whatever it is. */
	error = send_command(loop, 0x00, false, 0);
	if (!error)
		error = receive_status(loop);
	if (!error)
		error = send_command(loop, way == IN ? 0x28 : 0x2a, way == IN, bytes);
	if (!error)
		error = run_all(loop, way, NULL, length, depth, count);
	return error ?: receive_status(loop);
}

static int obey(struct usbloop *loop, enum way way, u32 length, u32 depth, u32 count)
{
	if (!length || length > MAX_LENGTH || !depth || depth > MAX_DEPTH || !count ||
	    (way == ISO) != !!loop->iso)
		return -EINVAL;
	switch (way) {
	case CONTROL:
		loop->setup->wLength = cpu_to_le16(length);
		fallthrough;
	case ISO:
		return run_all(loop, way, NULL, length, depth, count);
	default:
		return obey_bulk(loop, way, length, depth, count);
	}
}

static ssize_t run_store(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t size)
{
	static const char * const ways[] = { "in", "out", "control", "iso" };
	struct usbloop *loop = usb_get_intfdata(to_usb_interface(dev));
	u32 length, depth, count;
	char word[8];
	int way, error;

	if (sscanf(buf, "%7s %u %u %u", word, &length, &depth, &count) != 4)
		return -EINVAL;
	way = match_string(ways, ARRAY_SIZE(ways), word);
	if (way < 0)
		return way;
	error = obey(loop, way, length, depth, count);
	return error ?: size;
}
static DEVICE_ATTR_WO(run);

static struct attribute *usbloop_attrs[] = {
	&dev_attr_run.attr,
	NULL
};
ATTRIBUTE_GROUPS(usbloop);

/* The endpoints of a storage device. */
static int find_bulk(struct usbloop *loop, struct usb_interface *intf)
{
	struct usb_endpoint_descriptor *in, *out;
	int error;

	error = usb_find_common_endpoints(intf->cur_altsetting, &in, &out, NULL, NULL);
	if (error)
		return error;
	loop->in = usb_endpoint_num(in);
	loop->out = usb_endpoint_num(out);
	return 0;
}

/* The endpoint of a loudspeaker: altsetting 1 has it, and plays at once. */
static int find_iso(struct usbloop *loop, struct usb_interface *intf)
{
	struct usb_endpoint_descriptor *out;
	int error;

	error = usb_set_interface(loop->udev, intf->cur_altsetting->desc.bInterfaceNumber, 1);
	if (error)
		return error;
	if (!intf->cur_altsetting->desc.bNumEndpoints)
		return -ENODEV;
	out = &intf->cur_altsetting->endpoint[0].desc;
	if (!usb_endpoint_is_isoc_out(out))
		return -ENODEV;
	loop->iso = usb_endpoint_num(out);
	loop->iso_interval = 1 << (out->bInterval - 1);
	return 0;
}

static int usbloop_probe(struct usb_interface *intf, const struct usb_device_id *id)
{
	struct usbloop *loop = devm_kzalloc(&intf->dev, sizeof(*loop), GFP_KERNEL);
	struct usb_ctrlrequest *setup = devm_kzalloc(&intf->dev, sizeof(*setup), GFP_KERNEL);
	int error;

	if (!loop || !setup)
		return -ENOMEM;
	setup->bRequestType = USB_DIR_IN;
	setup->bRequest = USB_REQ_GET_DESCRIPTOR;
	setup->wValue = cpu_to_le16(USB_DT_DEVICE << 8);
	loop->setup = setup;
	loop->udev = interface_to_usbdev(intf);
	error = id->driver_info ? find_iso(loop, intf) : find_bulk(loop, intf);
	if (error)
		return error;
	usb_set_intfdata(intf, loop);
	return 0;
}

/* The attribute is gone by now, and with it all that uses the device. */
static void usbloop_disconnect(struct usb_interface *intf)
{
}

static const struct usb_device_id usbloop_ids[] = {
	{ USB_DEVICE(0x46f4, 0x0001) },
	{ USB_DEVICE_INTERFACE_NUMBER(0x46f4, 0x0002, 1), .driver_info = 1 },
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
MODULE_DESCRIPTION("Loop of transfers in C");
MODULE_LICENSE("GPL");
