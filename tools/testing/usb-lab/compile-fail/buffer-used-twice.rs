// SPDX-License-Identifier: GPL-2.0

//! Two transfers cannot share a buffer.
//@ error: E0382
//@ says: use of moved value: `buffer`

use kernel::{prelude::*, usb};

struct Received;

impl usb::Handler<usb::Bulk, usb::In> for Received {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result {
    let buffer = usb::Buffer::new(512, GFP_KERNEL)?;
    let first = usb::Urb::new(endpoint, buffer, Received)?;
    #[cfg(not(misuse))]
    let buffer = usb::Buffer::new(512, GFP_KERNEL)?;
    let second = usb::Urb::new(endpoint, buffer, Received)?;
    drop((first, second));
    Ok(())
}
