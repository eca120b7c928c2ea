// SPDX-License-Identifier: GPL-2.0

//! A handler must not sleep: for what sleeps it lacks a bound interface.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: a completion handler has none, since it must not sleep: it can use `usb::Completed::resubmit()`

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb};

const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

struct Received(ARef<usb::Interface>);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        #[cfg(misuse)]
        let _ = done.handler().0.control_send(&reset(), &[], SECOND);
        let _ = done.resubmit();
    }
}

fn start(interface: &usb::Interface<Bound>) -> Result {
    Ok(interface.control_send(&reset(), &[], SECOND)?)
}

fn reset() -> usb::ControlRequest<usb::Out> {
    usb::ControlRequest::vendor(usb::Recipient::Device, 1, 0, 0)
}
