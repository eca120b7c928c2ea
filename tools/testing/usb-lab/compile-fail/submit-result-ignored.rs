// SPDX-License-Identifier: GPL-2.0

//! A submission may fail, and the transfer comes back then.
//@ error: unused_must_use
//@ says: Result` that must be used
//@ says: this `Result` may be an `Err` variant, which should be handled

#![deny(unused_must_use)]

use kernel::{device::Bound, prelude::*, usb};

struct Sent;

impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

type Urb = usb::Urb<usb::Bulk, usb::Out, Sent>;

fn send(interface: &usb::Interface<Bound>, urb: Urb) -> Result {
    #[cfg(misuse)]
    urb.submit(interface);
    #[cfg(not(misuse))]
    urb.submit(interface)?;
    Ok(())
}
