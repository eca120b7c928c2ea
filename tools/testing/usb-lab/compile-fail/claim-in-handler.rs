// SPDX-License-Identifier: GPL-2.0

//! A handler that owns a claim cannot use it: it may not sleep, and has no bound interface.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: a completion handler has none, since it must not sleep
//@ says: leave the rest to a `usb::Work`

use kernel::usb;

struct Received(usb::Claim);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        #[cfg(misuse)]
        let number = done
            .handler()
            .0
            .with(done.interface(), |data| data.number());
        #[cfg(not(misuse))]
        let number = done.handler().0.number();
        let _ = number;
    }
}
