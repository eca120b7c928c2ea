// SPDX-License-Identifier: GPL-2.0

//! The stack is no memory for transfers.
//@ error: E0277
//@ says: a host controller cannot transfer from or to `[u8; 64]`
//@ says: copy the data into a `usb::Buffer`, and move that into the URB

use kernel::{prelude::*, usb};

struct Received;

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result {
    #[cfg(misuse)]
    let buffer = [0u8; 64];
    #[cfg(not(misuse))]
    let buffer = usb::Buffer::new(64, GFP_KERNEL)?;
    drop(usb::Urb::new(endpoint, buffer, Received)?);
    Ok(())
}
