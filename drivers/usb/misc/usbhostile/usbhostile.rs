// SPDX-License-Identifier: GPL-2.0

//! A driver that misbehaves in every way that safe code can.
//!
//! What it does in probe is chosen by the module parameter `probe`; what it does later, by the
//! name of a crime that a program writes to `/dev/usbhostileN`, sends by `USBDEVFS_IOCTL` if it is one
//! for which the device has to be locked, or by io_uring if it is one with such a command. In every
//! other callback it starts transfers, and never does it end any. Its attributes in sysfs take long,
//! do I/O, and say too much; only `deeds`, which tells what was done so far, is what it seems.
//!
//! With the module parameter `careful` it does all this, but leaves nothing behind: what leaks then,
//! the abstractions have lost.
//!
//! What is missing does not compile: a handler cannot reset its device, since it has no interface
//! to do it with.

mod attributes;
mod crimes;
mod deeds;
mod driver;
mod node;
mod scene;

kernel::module_usb_driver! {
    type: driver::Hostile<'static>,
    name: "usbhostile",
    authors: ["The usbpipe developers"],
    description: "Hostile driver for tests of the Rust USB abstractions",
    license: "GPL",
    params: {
        probe: i32 {
            default: 0,
            description: "In probe: 0 behave, 1-3 resubmit, forget, drop and fail, 4 resubmit, 5-8 leave a queue, a pool, a claim, a work item and fail",
        },
        careful: i32 {
            default: 0,
            description: "1: where several crimes are committed at once, leave nothing behind",
        },
    },
}
