// SPDX-License-Identifier: GPL-2.0

//! A transfer that was submitted belongs to the host controller until its handler gets it.
//@ error: E0382
//@ says: borrow of moved value: `urb`
//@ says: submit` takes ownership of the receiver `self`, which moves `urb`

use kernel::{device::Bound, prelude::*, usb};

struct Sent;

impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

type Urb = usb::Urb<usb::Bulk, usb::Out, Sent>;

fn send(interface: &usb::Interface<Bound>, mut urb: Urb) -> Result {
    #[cfg(not(misuse))]
    urb.buffer_mut().fill(1);
    urb.submit(interface)?;
    #[cfg(misuse)]
    urb.buffer_mut().fill(1);
    Ok(())
}
