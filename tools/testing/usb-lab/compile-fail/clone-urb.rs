// SPDX-License-Identifier: GPL-2.0

//! A transfer cannot be copied; a second one is allocated.
//@ error: E0599
//@ says: no method named `clone` found for struct `Urb<

use kernel::{prelude::*, usb};

#[derive(Clone)]
struct Sent;

impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

fn two(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::Out>) -> Result {
    let first = usb::Urb::new(endpoint, usb::Buffer::new(8, GFP_KERNEL)?, Sent)?;
    #[cfg(misuse)]
    let second = first.clone();
    #[cfg(not(misuse))]
    let second = usb::Urb::new(endpoint, usb::Buffer::new(8, GFP_KERNEL)?, Sent)?;
    drop((first, second));
    Ok(())
}
