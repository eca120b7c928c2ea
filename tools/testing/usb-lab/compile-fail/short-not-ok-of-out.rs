// SPDX-License-Identifier: GPL-2.0

//! Only what the device sends can be short.
//@ error: E0277
//@ says: `ShortNotOk` means nothing for `Interrupt` transfers in direction `Out`
//@ says: `ZeroPacket` is for bulk and interrupt OUT

use kernel::usb;

struct Done;

impl usb::Handler<usb::Interrupt, usb::Out> for Done {
    fn complete(done: usb::Completed<usb::Interrupt, usb::Out, Self>) {
        drop(done);
    }
}

fn prepare(urb: &mut usb::Urb<usb::Interrupt, usb::Out, Done>) {
    #[cfg(misuse)]
    urb.set_flag(usb::ShortNotOk);
    #[cfg(not(misuse))]
    urb.set_flag(usb::ZeroPacket);
}
