// SPDX-License-Identifier: GPL-2.0

//! usbpipe: vendor-class USB devices as `/dev/usbpipeN`.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `driver.rs` | binding: ids, probe |
//! | `pipe.rs` | one bound interface, and the operations of its node |
//! | `reader.rs` | from the first bulk IN endpoint to `read()` |
//! | `writer.rs` | from `write()` to the first bulk OUT endpoint |
//! | `recovery.rs` | what to do when a transfer failed |
//! | `info.rs` | `USBPIPE_IOC_INFO` |
//! | `request.rs` | `USBPIPE_IOC_CONTROL` |
//!
//! User's view: `Documentation/usb/usbpipe.rst`; its interface:
//! [`include/uapi/linux/usb/usbpipe.h`](srctree/include/uapi/linux/usb/usbpipe.h).

mod driver;
mod info;
mod pipe;
mod reader;
mod recovery;
mod request;
mod writer;

kernel::module_usb_driver! {
    type: driver::UsbPipe,
    name: "usbpipe",
    authors: ["The usbpipe developers"],
    description: "Vendor-class USB devices as /dev/usbpipeN",
    license: "GPL",
}
