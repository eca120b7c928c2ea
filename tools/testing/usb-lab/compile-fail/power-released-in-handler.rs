// SPDX-License-Identifier: GPL-2.0

//! A handler lets a device sleep by dropping the guard, which does not suspend it at once.
//@ error: E0308
//@ says: expected `&Interface<Bound>`, found `&Interface`

use kernel::usb;

struct Received(usb::Power);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        let Ok(awake) = done.handler().0.hold() else {
            return;
        };
        #[cfg(misuse)]
        awake.release(done.interface());
        #[cfg(not(misuse))]
        drop(awake);
    }
}
