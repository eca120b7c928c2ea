// SPDX-License-Identifier: GPL-2.0

//! A handler says which memory it can handle.
//@ error: E0277
//@ says: `Done` cannot handle the completion of this kind of transfer
//@ says: implement `usb::Handler<

use kernel::{device::Bound, prelude::*, usb};

struct Done;

#[cfg(misuse)]
type Memory = usb::Buffer;
#[cfg(not(misuse))]
type Memory = usb::CoherentBuffer;

impl usb::Handler<usb::Interrupt, usb::In, Memory> for Done {
    fn complete(done: usb::Completed<usb::Interrupt, usb::In, Self, Memory>) {
        drop(done);
    }
}

type IntIn<'a> = usb::Endpoint<'a, usb::Interrupt, usb::In>;

fn prepare(interface: &usb::Interface<Bound>, endpoint: &IntIn<'_>) -> Result {
    let memory = usb::CoherentBuffer::new(interface, 8)?;
    drop(usb::Urb::new(endpoint, memory, Done)?);
    Ok(())
}
