// SPDX-License-Identifier: GPL-2.0

//! No reference into a buffer lives on while the host controller works on it.
//@ error: E0505
//@ says: cannot move out of `urb` because it is borrowed

use kernel::{device::Bound, prelude::*, usb};

struct Sent;

impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

type Urb = usb::Urb<usb::Bulk, usb::Out, Sent>;

fn send(interface: &usb::Interface<Bound>, mut urb: Urb) -> Result {
    let bytes = urb.buffer_mut();
    #[cfg(not(misuse))]
    bytes.fill(1);
    urb.submit(interface)?;
    #[cfg(misuse)]
    bytes.fill(1);
    Ok(())
}
