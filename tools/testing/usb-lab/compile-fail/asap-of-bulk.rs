// SPDX-License-Identifier: GPL-2.0

//! Only isochronous transfers have a time to start at.
//@ error: E0277
//@ says: `Asap` means nothing for `Bulk` transfers in direction `Out`
//@ says: `ZeroPacket` is for bulk and interrupt OUT

use kernel::usb;

struct Done;

impl usb::Handler<usb::Bulk, usb::Out> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

fn prepare(urb: &mut usb::Urb<usb::Bulk, usb::Out, Done>) {
    #[cfg(misuse)]
    urb.set_flag(usb::Asap);
    #[cfg(not(misuse))]
    urb.set_flag(usb::NoInterrupt);
}
