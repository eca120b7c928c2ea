// SPDX-License-Identifier: GPL-2.0

//! A handler lets a device sleep by dropping the guard, which does not suspend it at once.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: a completion handler has none, since it must not sleep

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
