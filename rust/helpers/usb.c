// SPDX-License-Identifier: GPL-2.0

#include <linux/completion.h>
#include <linux/io_uring/cmd.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
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

__rust_helper int rust_helper_list_empty(const struct list_head *head)
{
	return list_empty(head);
}

__rust_helper void rust_helper_list_del_init(struct list_head *entry)
{
	list_del_init(entry);
}

__rust_helper void rust_helper_reinit_completion(struct completion *x)
{
	reinit_completion(x);
}

__rust_helper void *rust_helper_page_address(const struct page *page)
{
	return page_address(page);
}

__rust_helper void rust_helper_sg_set_page(struct scatterlist *sg,
					   struct page *page, unsigned int len,
					   unsigned int offset)
{
	sg_set_page(sg, page, len, offset);
}

__rust_helper void rust_helper_usb_lock_device(struct usb_device *udev)
{
	usb_lock_device(udev);
}

__rust_helper int rust_helper_usb_trylock_device(struct usb_device *udev)
{
	return usb_trylock_device(udev);
}

__rust_helper void rust_helper_usb_unlock_device(struct usb_device *udev)
{
	usb_unlock_device(udev);
}

__rust_helper bool rust_helper_usb_interface_claimed(struct usb_interface *intf)
{
	return usb_interface_claimed(intf);
}

#ifndef CONFIG_PM
__rust_helper int
rust_helper_usb_autopm_get_interface(struct usb_interface *intf)
{
	return usb_autopm_get_interface(intf);
}

__rust_helper int
rust_helper_usb_autopm_get_interface_async(struct usb_interface *intf)
{
	return usb_autopm_get_interface_async(intf);
}

__rust_helper void
rust_helper_usb_autopm_get_interface_no_resume(struct usb_interface *intf)
{
	usb_autopm_get_interface_no_resume(intf);
}

__rust_helper void
rust_helper_usb_autopm_put_interface(struct usb_interface *intf)
{
	usb_autopm_put_interface(intf);
}

__rust_helper void
rust_helper_usb_autopm_put_interface_async(struct usb_interface *intf)
{
	usb_autopm_put_interface_async(intf);
}

__rust_helper void
rust_helper_usb_autopm_put_interface_no_suspend(struct usb_interface *intf)
{
	usb_autopm_put_interface_no_suspend(intf);
}

__rust_helper void rust_helper_usb_enable_autosuspend(struct usb_device *udev)
{
	usb_enable_autosuspend(udev);
}

__rust_helper void rust_helper_usb_disable_autosuspend(struct usb_device *udev)
{
	usb_disable_autosuspend(udev);
}
#endif

__rust_helper void rust_helper_usb_mark_last_busy(struct usb_device *udev)
{
	usb_mark_last_busy(udev);
}

__rust_helper const void *
rust_helper_io_uring_sqe_cmd(const struct io_uring_sqe *sqe)
{
	return io_uring_sqe_cmd(sqe, u8);
}

__rust_helper struct io_uring_cmd *
rust_helper_io_uring_cmd_from_tw(struct io_tw_req tw_req)
{
	return io_uring_cmd_from_tw(tw_req);
}

__rust_helper void
rust_helper_io_uring_cmd_complete_in_task(struct io_uring_cmd *ioucmd,
					  io_req_tw_func_t task_work_cb)
{
	io_uring_cmd_complete_in_task(ioucmd, task_work_cb);
}

__rust_helper void rust_helper_io_uring_cmd_done(struct io_uring_cmd *ioucmd,
						 s32 ret,
						 unsigned int issue_flags)
{
	io_uring_cmd_done(ioucmd, ret, issue_flags);
}

#ifndef CONFIG_IO_URING
__rust_helper void
rust_helper_io_uring_cmd_mark_cancelable(struct io_uring_cmd *cmd,
					 unsigned int issue_flags)
{
	io_uring_cmd_mark_cancelable(cmd, issue_flags);
}
#endif
