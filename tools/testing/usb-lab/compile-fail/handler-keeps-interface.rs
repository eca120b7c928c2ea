// SPDX-License-Identifier: GPL-2.0

//! A handler may run after everything else is gone, so it borrows nothing.
//@ error: lifetime
//@ says: must outlive `'static`

use kernel::{device::Bound, prelude::*, sync::aref::ARef, usb};

#[cfg(misuse)]
type Kept = &'static usb::Interface<Bound>;
#[cfg(not(misuse))]
type Kept = ARef<usb::Interface>;

struct Received(Kept);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::In>, buffer: usb::Buffer) -> Result {
    let interface = endpoint.interface();
    let received = Received(interface.into());
    usb::Urb::new(endpoint, buffer, received)?.submit(interface)?;
    Ok(())
}
