// SPDX-License-Identifier: GPL-2.0

//! An IN endpoint cannot be written to.
//@ error: E0277
//@ says: `Sent` cannot handle the completion of this kind of transfer
//@ says: pass an endpoint of the transfer type and direction that `Sent` handles, as from `interface.find_endpoint::<usb::Bulk, usb::Out>()`

use kernel::{device::Bound, prelude::*, usb};

struct Sent;

impl usb::Handler<usb::Bulk, usb::Out> for Sent {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

fn send(interface: &usb::Interface<Bound>, bytes: &[u8]) -> Result {
    #[cfg(misuse)]
    let endpoint = interface.find_endpoint::<usb::Bulk, usb::In>();
    #[cfg(not(misuse))]
    let endpoint = interface.find_endpoint::<usb::Bulk, usb::Out>();
    let mut buffer = usb::Buffer::new(bytes.len(), GFP_KERNEL)?;
    buffer.copy_from_slice(bytes);
    drop(usb::Urb::new(&endpoint.ok_or(ENXIO)?, buffer, Sent)?);
    Ok(())
}
