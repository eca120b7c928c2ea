// SPDX-License-Identifier: GPL-2.0

//! usbpipe: vendor-class USB devices as `/dev/usbpipeN`.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `driver.rs` | binding: ids, probe; suspend, resume and reset |
//! | `pipe.rs` | one bound interface, and the operations of its node |
//! | `file.rs` | one open file, and the endpoints it has chosen |
//! | `access.rs` | who has the node open |
//! | `lane.rs` | what each endpoint is used for |
//! | `budget.rs` | how much memory transfers take |
//! | `stream.rs` | the streams of a node, shared by its files |
//! | `share.rs` | what a stream takes: its endpoint, and memory |
//! | `reader.rs`, `news.rs` | from an IN endpoint to `read()` |
//! | `writer.rs`, `losses.rs` | from `write()` to an OUT endpoint, and what became of it |
//! | `recovery.rs` | what to do when a transfer failed |
//! | `poll.rs` | `poll()` |
//! | `command.rs` | which ioctls there are |
//! | `select.rs`, `event.rs`, `info.rs` | some of them |
//! | `filter.rs`, `request.rs` | control requests, and which are let through |
//! | `any_endpoint.rs`, `exchange.rs`, `room.rs`, `transfer.rs` | single transfers |
//! | `transact.rs`, `replies.rs`, `tag.rs`, `deadline.rs` | commands and replies |
//! | `ring.rs` | rings: memory that a program and the device share |
//! | `uring.rs` | commands of io_uring |
//! | `stats.rs`, `attributes.rs` | counters |
//! | `user.rs`, `layout.rs` | arguments of ioctls |
//!
//! User's view: `Documentation/usb/usbpipe.rst`; its interface:
//! [`include/uapi/linux/usb/usbpipe.h`](srctree/include/uapi/linux/usb/usbpipe.h).
//!
//! Locks are taken in this order: that of a file's choice, of the streams of a direction, of one
//! stream; spinlocks are innermost.

mod access;
mod any_endpoint;
mod attributes;
mod budget;
mod command;
mod deadline;
mod driver;
mod event;
mod exchange;
mod file;
mod filter;
mod info;
mod lane;
mod layout;
mod losses;
mod news;
mod pipe;
mod poll;
mod reader;
mod recovery;
mod replies;
mod request;
mod ring;
mod room;
mod select;
mod share;
mod stats;
mod stream;
mod tag;
mod transact;
mod transfer;
mod uring;
mod user;
mod writer;

kernel::module_usb_driver! {
    type: driver::UsbPipe,
    name: "usbpipe",
    authors: ["The usbpipe developers"],
    description: "Vendor-class USB devices as /dev/usbpipeN",
    license: "GPL",
    params: {
        memory_mb: u32 {
            default: 64,
            description: "MiB that the transfers of all nodes may take",
        },
        device_memory_kb: u32 {
            default: 16384,
            description: "KiB that the transfers of one node may take",
        },
        vendor: u16 {
            default: 0,
            description: "vendor of other devices to bind to",
        },
        product: u16 {
            default: 0,
            description: "product of them; 0 for all of that vendor",
        },
    },
}
