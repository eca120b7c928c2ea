// SPDX-License-Identifier: GPL-2.0

//! A transfer owns its memory: a slice of somebody else's will not do.
//@ error: E0277
//@ says: a host controller cannot transfer from or to `&[u8]`
//@ says: copy the data into a `usb::Buffer`, and move that into the URB

use kernel::{device::Bound, prelude::*, usb};

const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();

fn send(interface: &usb::Interface<Bound>, bytes: &[u8]) -> Result {
    let request = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 1, 0, 0);
    #[cfg(misuse)]
    let buffer = bytes;
    #[cfg(not(misuse))]
    let buffer = {
        let mut buffer = usb::Buffer::new(bytes.len(), GFP_KERNEL)?;
        buffer.copy_from_slice(bytes);
        buffer
    };
    interface.control(&request, buffer, SECOND)?.result?;
    Ok(())
}
