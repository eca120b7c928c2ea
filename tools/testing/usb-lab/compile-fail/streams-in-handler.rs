// SPDX-License-Identifier: GPL-2.0

//! Bulk streams end with the binding, and a handler may run later.
//@ error: lifetime
//@ says: must outlive `'static`

use kernel::{device::Bound, prelude::*, usb};

#[cfg(misuse)]
struct Done(usb::Streams<'static>);
#[cfg(not(misuse))]
struct Done(u16);

impl usb::Handler<usb::Bulk, usb::In> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(interface: &usb::Interface<Bound>, buffer: usb::Buffer) -> Result {
    let endpoint = interface
        .find_endpoint::<usb::Bulk, usb::In>()
        .ok_or(ENXIO)?;
    let streams = interface.alloc_streams(&[endpoint.address()], 4)?;
    #[cfg(not(misuse))]
    let streams = streams.count();
    drop(usb::Urb::new(&endpoint, buffer, Done(streams))?);
    Ok(())
}
