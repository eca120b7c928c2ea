// SPDX-License-Identifier: GPL-2.0

//! The device ends what it sends, not the host.
//@ error: E0277
//@ says: `ZeroPacket` means nothing for `Bulk` transfers in direction `In`
//@ says: `ZeroPacket` is for bulk and interrupt OUT

use kernel::usb;

struct Done;

impl usb::Handler<usb::Bulk, usb::In> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(urb: &mut usb::Urb<usb::Bulk, usb::In, Done>) {
    #[cfg(misuse)]
    urb.set_flag(usb::ZeroPacket);
    #[cfg(not(misuse))]
    urb.set_flag(usb::ShortNotOk);
}
