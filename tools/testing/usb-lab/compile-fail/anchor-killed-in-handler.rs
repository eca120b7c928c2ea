// SPDX-License-Identifier: GPL-2.0

//! Cancelling what is anchored waits for handlers, so a handler cannot do it.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: a completion handler has none, since it must not sleep
//@ says: unlink by a `usb::Canceller` or `usb::Anchor`

use kernel::{device::Bound, sync::aref::ARef, usb};

struct Done {
    all: usb::Anchor,
    interface: ARef<usb::Interface>,
}

impl usb::Handler<usb::Bulk, usb::Out> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        #[cfg(misuse)]
        done.handler().all.kill(&done.handler().interface);
        #[cfg(not(misuse))]
        done.handler().all.unlink();
        drop(done);
    }
}

fn stop(done: &Done, interface: &usb::Interface<Bound>) {
    done.all.kill(interface);
}
