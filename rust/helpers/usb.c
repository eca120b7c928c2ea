// SPDX-License-Identifier: GPL-2.0

#include <linux/list.h>
#include <linux/usb.h>

__rust_helper struct usb_device *
rust_helper_interface_to_usbdev(struct usb_interface *intf)
{
	return interface_to_usbdev(intf);
}

__rust_helper unsigned int
rust_helper_usb_sndctrlpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_sndctrlpipe(dev, endpoint);
}

__rust_helper unsigned int
rust_helper_usb_rcvctrlpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_rcvctrlpipe(dev, endpoint);
}

__rust_helper unsigned int
rust_helper_usb_sndbulkpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_sndbulkpipe(dev, endpoint);
}

__rust_helper unsigned int
rust_helper_usb_rcvbulkpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_rcvbulkpipe(dev, endpoint);
}

__rust_helper unsigned int
rust_helper_usb_sndintpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_sndintpipe(dev, endpoint);
}

__rust_helper unsigned int
rust_helper_usb_rcvintpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_rcvintpipe(dev, endpoint);
}

__rust_helper unsigned int
rust_helper_usb_sndisocpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_sndisocpipe(dev, endpoint);
}

__rust_helper unsigned int
rust_helper_usb_rcvisocpipe(struct usb_device *dev, unsigned int endpoint)
{
	return usb_rcvisocpipe(dev, endpoint);
}

__rust_helper void rust_helper_list_del(struct list_head *entry)
{
	list_del(entry);
}

__rust_helper void rust_helper_list_move_tail(struct list_head *entry,
					      struct list_head *head)
{
	list_move_tail(entry, head);
}
