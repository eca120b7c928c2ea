// SPDX-License-Identifier: GPL-2.0

//! Waiting for a device to wake up is nothing for a handler; asking for it is.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: a completion handler has none, since it must not sleep
//@ says: have the device woken up by a `usb::Power`

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb};

struct Done {
    interface: ARef<usb::Interface>,
    power: usb::Power,
}

impl usb::Handler<usb::Bulk, usb::In> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        #[cfg(misuse)]
        let awake = done.handler().interface.keep_awake();
        #[cfg(not(misuse))]
        let awake = done.handler().power.request_awake();
        drop(awake);
    }
}

fn wake_up(interface: &usb::Interface<Bound>) -> Result<usb::PowerGuard> {
    interface.keep_awake()
}
