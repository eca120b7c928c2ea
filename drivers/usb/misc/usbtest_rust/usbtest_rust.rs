// SPDX-License-Identifier: GPL-2.0

//! Tests of host controllers, their drivers and `kernel::usb`, with a device made for that.
//!
//! What `drivers/usb/misc/usbtest.c` does: a program asks for one of 30 cases by an ioctl of usbfs
//! (`USBDEVFS_IOCTL`), the driver moves data of the kind that the case is about, and the program gets
//! an errno, or the time that it took. `tools/usb/testusb.c` is that program; it needs no
//! change. The device is one that provides and swallows data, such as Gadget Zero (g_zero).
//!
//! | file | what it is about |
//! | --- | --- |
//! | `driver.rs` | binding, the altsetting that cases begin in, and the ioctl |
//! | `models.rs` | the devices, and what is known of them |
//! | `pipes.rs` | the choice of endpoints |
//! | `request.rs` | the argument of the ioctl |
//! | `bench.rs` | what a case works with |
//! | `cases.rs` | the list of cases |
//! | `pattern.rs` | what is in the bytes |
//! | `memory.rs` | where they are |
//! | `way.rs` | what depends on the direction |
//! | `shuttle.rs` | a URB that goes to the device and comes back |
//! | `tally.rs` | what handlers count, for a case that waits |
//!
//! # Cases
//!
//! | number | what is done | where |
//! | --- | --- | --- |
//! | 0 | nothing | |
//! | 1, 2 | bulk transfers, OUT and IN (the same order below) | `simple.rs` |
//! | 3, 4 | the same, of several lengths | |
//! | 5, 6, 7, 8 | lists of pieces, of one length and of several | `list.rs` |
//! | 9 | standard requests, one after the other | `ch9.rs`, `judge.rs` |
//! | 10 | standard requests in a queue, some of which fail | `control_queue.rs`, `subcase.rs` |
//! | 11, 12 | cancelling IN and OUT | `unlink.rs` |
//! | 13 | halting endpoints, and ending that | `halt.rs` |
//! | 14, 21 | writing and reading back by control requests, at aligned and odd addresses | `ctrl_out.rs` |
//! | 15, 16, 22, 23 | isochronous transfers, at aligned and odd addresses | `stream.rs` |
//! | 17, 18, 19, 20 | as 1 and 2 at odd addresses, mapped for each transfer and once | `simple.rs` |
//! | 24 | cancelling two of a queue | `unlink_queue.rs` |
//! | 25, 26 | interrupt transfers | `simple.rs` |
//! | 27, 28 | queues of bulk transfers, for the throughput | `stream.rs` |
//! | 29 | packet sequences that begin anew | `halt.rs` |
//!
//! # One at a time
//!
//! usbfs holds the lock of the device while a case runs, which is what [`Core`] in the type of the
//! interface stands for. So cases for one device exclude each other, and the driver, which keeps
//! nothing between them, has no lock of its own. Cases for several devices run side by side.
//!
//! Whoever unplugs the device, unbinds the driver or resets the device waits for that lock, too.
//! What is unplugged answers with errors, so that the case ends soon. A case waits for 10 s at most
//! without any transfer ending, and a signal ends it, also the pseudo signal of a system that goes to
//! sleep; what is in flight then is cancelled, and fails with `EHOSTUNREACH` while the device sleeps.
//! Only cancelling itself has no limit: a host controller has to give a URB back.
//!
//! # Differences from the C driver
//!
//! What a program gets is the same, where the C driver does not do something wrong.
//!
//! | | C | here |
//! | --- | --- | --- |
//! | a signal while a case runs | has to wait for the end | `EINTR` |
//! | transfers in a queue (10, 15, 16, 22 to 24, 27, 28) or a cancelled one (11, 12) that never end | waits for ever | `ETIMEDOUT` after 10 s |
//! | 3 and 4 with a length of 0 | divides by zero | `EINVAL` |
//! | 7 and 8 with a length that is no `int` | lengths become negative | counts in 64 bits |
//! | 6 and 8 | don't look at what comes | `EINVAL` if it is wrong |
//! | reads that bring nothing new | were written over before the first transfer only | before each |
//! | 11 and 12 that fail half way | leak the URB | |
//! | 14 and 21, bytes in front of the memory | not looked at | `EBADMSG` |
//! | 13 and 14 with devices faster than 5 Gbit/s, 10 with those | lengths as for slow ones | as for 5 Gbit/s |
//! | 24 | all transfers share one memory | each has its own |
//! | a transfer that claims to have moved more than there is room for | reads behind its memory | `EOVERFLOW` |
//! | a request that should have failed in 10 and has not | the case may succeed | `EINVAL` |
//! | isochronous transfers of more than 1024 packets | possible | `EINVAL` |
//! | the interval of interrupt transfers | 1 ms or 1 microframe | that of the endpoint |
//! | `force_interrupt`, and endpoints that are not of that type | "BOGUS urb xfer" | `EOPNOTSUPP` |
//! | two devices of one model | share the altsetting of the last one that was found | don't |
//! | parameters `alt` and `pattern` while the module is loaded | can be changed | cannot: Rust modules have no such parameters yet |
//!
//! [`Core`]: kernel::device::Core

mod bench;
mod cases;
mod ch9;
mod control_queue;
mod ctrl_out;
mod driver;
mod halt;
mod judge;
mod list;
mod memory;
mod models;
mod pattern;
mod pipes;
mod request;
mod shuttle;
mod simple;
mod stream;
mod subcase;
mod tally;
mod unlink;
mod unlink_queue;
mod way;

kernel::module_usb_driver! {
    type: driver::UsbTest,
    name: "usbtest_rust",
    authors: ["The usbpipe developers"],
    description: "USB host and device testing driver, in Rust",
    license: "GPL",
    params: {
        alt: i32 {
            default: -1,
            description: "altsetting to use, if 0 or more, instead of the first one with endpoints",
        },
        pattern: u32 {
            default: 0,
            description: "contents of transfers: 0 zeros, 1 counting in each packet",
        },
        realworld: u32 {
            default: 1,
            description: "0 to demand all that the specification demands of a device",
        },
        force_interrupt: u32 {
            default: 0,
            description: "1 to use interrupt endpoints instead of bulk endpoints",
        },
        vendor: u16 {
            default: 0,
            description: "vendor of any other device to test",
        },
        product: u16 {
            default: 0,
            description: "product of it; 0 for all of that vendor",
        },
    },
}
