// SPDX-License-Identifier: GPL-2.0

//! A vector need not be in memory that can be mapped for DMA.
//@ error: E0277
//@ says: a host controller cannot transfer from or to `Vec<u8, Vmalloc>`
//@ says: copy the data into a `usb::Buffer`, and move that into the URB

use kernel::{prelude::*, usb};

struct Done;

impl usb::Handler<usb::Bulk, usb::In> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result {
    #[cfg(misuse)]
    let memory = VVec::from_elem(0u8, 4096, GFP_KERNEL)?;
    #[cfg(not(misuse))]
    let memory = usb::Buffer::new(4096, GFP_KERNEL)?;
    drop(usb::Urb::new(endpoint, memory, Done)?);
    Ok(())
}
