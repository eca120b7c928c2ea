// SPDX-License-Identifier: GPL-2.0

//! An endpoint is of a bound interface, and handlers outlive the binding.
//@ error: lifetime
//@ says: must outlive `'static`

use kernel::{prelude::*, usb};

#[cfg(misuse)]
type Source = usb::Endpoint<'static, usb::Bulk, usb::In>;
#[cfg(not(misuse))]
type Source = usb::EndpointDescriptor;

struct Received(Source);

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done.handler().0.address());
    }
}

fn prepare(endpoint: usb::Endpoint<'_, usb::Bulk, usb::In>, buffer: usb::Buffer) -> Result {
    let interface = endpoint.interface();
    #[cfg(misuse)]
    let received = Received(interface.find_endpoint().ok_or(ENXIO)?);
    #[cfg(not(misuse))]
    let received = Received(*endpoint.descriptor());
    usb::Urb::new(&endpoint, buffer, received)?.submit(interface)?;
    Ok(())
}
