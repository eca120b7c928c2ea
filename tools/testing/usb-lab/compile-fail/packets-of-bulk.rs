// SPDX-License-Identifier: GPL-2.0

//! A bulk transfer has no packets that could be looked at.
//@ error: E0308
//@ says: expected `&Endpoint<'_, Isochronous, In>`, found `&Endpoint<'_, Bulk, In>`

use kernel::{prelude::*, usb};

struct Done;

impl<T: usb::TransferType> usb::Handler<T, usb::In> for Done {
    fn complete(done: usb::Completed<T, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result {
    let buffer = usb::Buffer::new(8 * 512, GFP_KERNEL)?;
    #[cfg(misuse)]
    let urb = usb::Urb::isochronous(endpoint, buffer, 8, 512, Done);
    #[cfg(not(misuse))]
    let urb = usb::Urb::new(endpoint, buffer, Done);
    urb.map(drop)
}
