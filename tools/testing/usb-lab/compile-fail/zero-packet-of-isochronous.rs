// SPDX-License-Identifier: GPL-2.0

//! Isochronous packets have lengths of their own.
//@ error: E0277
//@ says: `ZeroPacket` means nothing for `Isochronous` transfers in direction `Out`
//@ says: `ZeroPacket` is for bulk and interrupt OUT

use kernel::usb;

struct Done;

impl usb::Handler<usb::Isochronous, usb::Out> for Done {
    fn complete(done: usb::Completed<usb::Isochronous, usb::Out, Self>) {
        drop(done);
    }
}

fn prepare(urb: &mut usb::Urb<usb::Isochronous, usb::Out, Done>) {
    #[cfg(misuse)]
    urb.set_flag(usb::ZeroPacket);
    #[cfg(not(misuse))]
    urb.set_flag(usb::Asap);
}
