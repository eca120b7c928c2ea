// SPDX-License-Identifier: GPL-2.0

//! Who wants to talk to a device has to show that the driver is bound.
//@ error: E0277
//@ says: nothing says that the driver is bound to this `Interface`
//@ says: the callbacks of a driver get one

use kernel::{device::Bound, prelude::*, usb};

struct Sent;

impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

#[cfg(misuse)]
type Interface = usb::Interface;
#[cfg(not(misuse))]
type Interface = usb::Interface<Bound>;

fn send(interface: &Interface, urb: usb::Urb<usb::Bulk, usb::Out, Sent>) -> Result {
    urb.submit(interface)?;
    Ok(())
}
