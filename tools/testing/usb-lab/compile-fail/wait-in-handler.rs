// SPDX-License-Identifier: GPL-2.0

//! A handler does not wait for other transfers: its own may be one of them.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: a completion handler has none, since it must not sleep
//@ says: leave the rest to a `usb::Work`

use kernel::usb;

#[cfg(misuse)]
const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

struct Received(usb::Anchor);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        let others = &done.handler().0;
        #[cfg(misuse)]
        let is_empty = others.wait_empty(done.interface(), SECOND);
        #[cfg(not(misuse))]
        let is_empty = others.is_empty();
        let _ = is_empty;
    }
}
