// SPDX-License-Identifier: GPL-2.0

//! Cancelling waits for the handler, so a handler cannot do it.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: a completion handler has none, since it must not sleep: it can use `usb::Completed::resubmit()`
//@ says: unlink by a `usb::Canceller`

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb};

struct Received {
    other: usb::Canceller,
    interface: ARef<usb::Interface>,
}

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        #[cfg(misuse)]
        let _ = done.handler().other.kill(&done.handler().interface);
        drop(done);
    }
}

fn stop(received: &Received, interface: &usb::Interface<Bound>) -> Result {
    received.other.kill(interface)
}
