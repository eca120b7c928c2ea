// SPDX-License-Identifier: GPL-2.0

//! Memory for transfers is what `kernel::usb` knows to be DMA-able.
//@ error: E0277
//@ says: a host controller cannot transfer from or to `Frame`
//@ says: copy the data into a `usb::Buffer`, and move that into the URB

use kernel::{prelude::*, usb};

struct Frame([u8; 512]);

struct Done;

impl usb::Handler<usb::Bulk, usb::Out> for Done {
    fn complete(done: usb::Completed<usb::Bulk, usb::Out, Self>) {
        drop(done);
    }
}

fn prepare(endpoint: &usb::Endpoint<'_, usb::Bulk, usb::Out>, frame: Frame) -> Result {
    #[cfg(not(misuse))]
    let frame = {
        let mut buffer = usb::Buffer::new(frame.0.len(), GFP_KERNEL)?;
        buffer.copy_from_slice(&frame.0);
        buffer
    };
    drop(usb::Urb::new(endpoint, frame, Done)?);
    Ok(())
}
