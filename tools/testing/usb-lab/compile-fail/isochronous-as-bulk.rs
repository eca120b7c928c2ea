// SPDX-License-Identifier: GPL-2.0

//! Isochronous transfers consist of packets, so they are allocated with a number of them.
//@ error: E0277
//@ says: this does not work for `Isochronous` endpoints
//@ says: isochronous transfers are made by `usb::Urb::isochronous`

use kernel::{prelude::*, usb};

struct Done;

impl usb::Handler<usb::Isochronous, usb::In> for Done {
    fn complete(done: usb::Completed<usb::Isochronous, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Isochronous, usb::In>) -> Result {
    let buffer = usb::Buffer::new(8 * 192, GFP_KERNEL)?;
    #[cfg(misuse)]
    let urb = usb::Urb::new(endpoint, buffer, Done);
    #[cfg(not(misuse))]
    let urb = usb::Urb::isochronous(endpoint, buffer, 8, 192, Done);
    urb.map(drop)
}
